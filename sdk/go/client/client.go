// Package client calls the HTTP API of Cron Observer, with nothing but the standard library.
//
//	api, err := client.New("http://127.0.0.1:8080")
//	report := api.Task("daily-report")
//	_, err = report.Put(ctx, map[string]any{"queue": "reports", "schedules": []any{map[string]any{"expression": "0 3 * * *"}}})
//	outcome, err := report.Trigger(ctx, map[string]any{"parts": []string{"a", "b"}})
//	ended, err := api.Execution(outcome.ExecutionID).Wait(ctx)
//
// Answers are the API's own, as structs; docs/http-api.md says what they mean. What it refuses is an *Error; so is an API
// that does not answer (status 0).
//
// Writes wait for their outcome, 10 s unless Wait says otherwise; where it is not known by then, its Result is PENDING. Each carries
// an Idempotency-Key, so it is sent again after a broken connection or a 503 and has one effect.
//
// Reads wait until what this client has written can be seen, 10 s at most. While nobody carries it out they are 503 therefore; another
// client sees what there is.
package client

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// DefaultURL is asked where neither a URL nor CRONOBS_URL is given.
const DefaultURL = "http://127.0.0.1:8080"

// A Client asks one installation. Safe to be used by many goroutines.
type Client struct{ session *session }

// An Option of a client.
type Option func(o *options)

type options struct {
	headers http.Header
	within  time.Duration
}

// Timeout of a call with all its repeats, beside its Wait: 30 s unless it is given.
func Timeout(d time.Duration) Option { return func(o *options) { o.within = d } }

// Header is sent with every request, for a proxy that wants a token.
func Header(name, value string) Option { return func(o *options) { o.headers.Set(name, value) } }

// New has a URL, or else that of CRONOBS_URL, or else DefaultURL; it may have a user and the path of a proxy.
func New(url string, more ...Option) (*Client, error) {
	o := options{headers: http.Header{"Accept": {"application/json"}}, within: callWithin}
	for _, option := range more {
		option(&o)
	}
	t, err := newTransport(cmp.Or(url, os.Getenv("CRONOBS_URL"), DefaultURL), o.headers, o.within)
	if err != nil {
		return nil, err
	}
	return &Client{&session{transport: t, commands: map[string]string{}}}, nil
}

// Close closes the connections that are kept; the next request makes new ones.
func (c *Client) Close() { c.session.transport.http.CloseIdleConnections() }

// Task by the key of one in the project default, or project~key. It asks nothing: the task need not be there.
func (c *Client) Task(key string) *TaskHandle {
	project, rest, ok := strings.Cut(key, "~")
	if !ok {
		return c.TaskOf("default", key)
	}
	return c.TaskOf(project, rest)
}

// TaskOf a project.
func (c *Client) TaskOf(project, key string) *TaskHandle {
	return newTaskHandle(c.session, project, key)
}

// Execution by its id.
func (c *Client) Execution(id string) *ExecutionHandle {
	return &ExecutionHandle{ID: id, session: c.session, path: "/v1/executions/" + url.PathEscape(id)}
}

// Tasks by project and key; active and paused ones unless state says otherwise. Parameters: q, project, queue, state, label, include, limit (of a
// page).
func (c *Client) Tasks(ctx context.Context, query Query) iter.Seq2[Task, error] {
	return items[Task](ctx, c.session, "/v1/tasks", paged(query, 100), "")
}

// Executions, the newest first, all that there are: choose, or stop. Parameters: task (project~key), queue, status, reason, trigger, day, tz, from, to, order,
// include, limit (of a page).
func (c *Client) Executions(ctx context.Context, query Query) iter.Seq2[Execution, error] {
	return items[Execution](ctx, c.session, "/v1/executions", paged(query, 100), "")
}

// Upcoming: when tasks are due next, all of them in one list. Parameters: project, from, to, limit.
func (c *Client) Upcoming(ctx context.Context, query Query) ([]Planned, error) {
	var found Upcoming
	err := c.session.read(ctx, "/v1/upcoming", query, "", &found)
	return found.Items, err
}

// Explain what an expression means and when it fires, without saving anything. more: zone, dialect, dst_gap, dst_overlap, task, from, count.
func (c *Client) Explain(ctx context.Context, expression string, more Query) (*Explained, error) {
	asked := members{"expression": expression}
	for name, value := range more {
		asked[name] = value
	}
	var found Explained
	if err := c.session.ask(ctx, "POST", "/v1/schedules:explain", asked.bare(), &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Command says what became of a write whose outcome was not known in time.
func (c *Client) Command(ctx context.Context, id string) (*Command, error) {
	var found Command
	if err := c.session.get(ctx, "/v1/commands/"+url.PathEscape(id), nil, &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Queues: what is open in each, and who reads it.
func (c *Client) Queues(ctx context.Context) ([]Queue, error) {
	var found QueueList
	err := c.session.read(ctx, "/v1/queues", nil, "", &found)
	return found.Items, err
}

// Workers of a queue: what each runs, and when it was last heard of.
func (c *Client) Workers(ctx context.Context, queue string) (*QueueWorkers, error) {
	var found QueueWorkers
	if err := c.session.read(ctx, "/v1/queues/"+url.PathEscape(queue)+"/workers", nil, "", &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Get reads any other resource that answers JSON into a value: Get(ctx, "/v1/days", Query{"tz": "Europe/Berlin"}, &days).
func (c *Client) Get(ctx context.Context, path string, query Query, into any) error {
	return c.session.read(ctx, path, query, "", into)
}

// paged: a query with the size of a page, unless it has one.
func paged(query Query, size int) Query {
	asked := Query{"limit": size}
	for name, value := range query {
		asked[name] = value
	}
	return asked
}
