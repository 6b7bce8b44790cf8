package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"

	"cronobs.io/sdk/client"
)

// A call of the mode client has its name and arguments as JSON.
type call = step

// callAPI makes the calls of a script one after the other, each answered with a line.
func callAPI(script string) {
	var calls []call
	if err := json.Unmarshal([]byte(script), &calls); err != nil {
		panic(err)
	}
	api, err := client.New("")
	if err != nil {
		panic(err)
	}
	defer api.Close()
	for _, asked := range calls {
		value, err := ask(context.Background(), api, asked)
		if refused, ok := errors.AsType[*client.Error](err); ok {
			say(map[string]any{"error": map[string]any{
				"status": refused.Status, "code": orNull(refused.Code), "pointer": orNull(refused.Pointer), "hint": orNull(refused.Hint),
			}})
		} else if err != nil {
			panic(err)
		} else {
			say(map[string]any{"ok": value})
		}
	}
}

func ask(ctx context.Context, api *client.Client, asked call) (any, error) {
	if asked.name() == "tasks" {
		return summary(api.Tasks(ctx, client.Query{"limit": asked.number(1)}), func(t client.Task) string { return t.Key })
	}
	task := api.Task(asked.text(1))
	switch asked.name() {
	case "put":
		return put(ctx, task, asked)
	case "get":
		return task.Get(ctx)
	case "delete":
		return task.Delete(ctx)
	case "pause":
		return task.Pause(ctx)
	case "resume":
		return task.Resume(ctx, "")
	case "trigger":
		return trigger(ctx, api, task, asked)
	case "upcoming":
		return task.Upcoming(ctx, nil)
	case "explain":
		return api.Explain(ctx, asked.text(1), client.Query{"zone": asked.text(2)})
	}
	return list(ctx, api, task, asked)
}

func list(ctx context.Context, api *client.Client, task *client.TaskHandle, asked call) (any, error) {
	switch asked.name() {
	case "executions":
		found := api.Executions(ctx, client.Query{"task": task.String(), "limit": asked.number(2)})
		return summary(found, func(e client.Execution) string { return e.ExecutionID })
	case "logs":
		found := api.Execution(asked.text(1)).Logs(ctx, client.Query{"limit": asked.number(2)})
		return summary(found, func(l client.LogLine) string { return l.Message })
	}
	panic("no call " + asked.name())
}

func put(ctx context.Context, task *client.TaskHandle, asked call) (any, error) {
	var spec any
	asked.read(2, &spec)
	var options []client.WriteOption
	var revision *int64
	if asked.read(3, &revision); revision != nil {
		options = append(options, client.IfMatch(*revision))
	}
	if _, err := task.Put(ctx, spec, options...); err != nil {
		return nil, err
	}
	return task.Get(ctx)
}

func trigger(ctx context.Context, api *client.Client, task *client.TaskHandle, asked call) (any, error) {
	var payload any
	asked.read(2, &payload)
	outcome, err := task.Trigger(ctx, payload)
	if err != nil {
		return nil, err
	}
	return api.Execution(outcome.ExecutionID).Get(ctx)
}

func summary[T any](found iter.Seq2[T, error], name func(T) string) (any, error) {
	count, first, last := 0, "", ""
	for item, err := range found {
		if err != nil {
			return nil, err
		}
		if last = name(item); count == 0 {
			first = last
		}
		count++
	}
	return map[string]any{"count": count, "first": orNull(first), "last": orNull(last)}, nil
}
