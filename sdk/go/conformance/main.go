// The subject of the conformance suite: sdk/conformance/README.md is its contract.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	cronobs "cronobs.io/sdk"
	"cronobs.io/sdk/cronobstest"
)

func main() {
	mode, rest := os.Args[1], os.Args[2:]
	switch mode {
	case "worker":
		os.Exit(cronobs.ExitCode(work()))
	case "observe":
		observe(rest[0], rest[1])
	case "client":
		callAPI(rest[0])
	case "testing":
		test(rest[0])
	}
}

// say writes a line of JSON to standard output.
func say(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

// journal appends a line; about nil: of no job.
func journal(what string, about *cronobs.Job, more map[string]any) {
	path := os.Getenv("CONFORMANCE_JOURNAL")
	if path == "" {
		return
	}
	line := map[string]any{"what": what, "at": time.Now().UnixMicro(), "pid": os.Getpid()}
	if about != nil {
		line["execution_id"], line["attempt"] = about.ExecutionID, about.Attempt
	}
	for name, value := range more {
		line[name] = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	file.Write(append(text, '\n'))
}

// words writes the worker's own ones to standard error, each on one line.
type words struct{}

func (words) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (w words) WithAttrs([]slog.Attr) slog.Handler             { return w }
func (w words) WithGroup(string) slog.Handler                  { return w }
func (words) Handle(_ context.Context, record slog.Record) error {
	text := strings.Join(strings.FieldsFunc(record.Message, func(c rune) bool { return c == '\n' || c == '\r' }), " ")
	_, err := fmt.Fprintf(os.Stderr, "cronobs %s %s\n", record.Level, text)
	return err
}

func config() cronobs.Config {
	var kafka map[string]string // of Kafka's clients in other languages: franz-go has no such property
	return cronobs.Config{Kafka: kafka, Logger: slog.New(words{}), StopWhenLost: os.Getenv("CONFORMANCE_HEARTBEAT_LOST") == "1"}
}

func work() error {
	worker, err := cronobs.New(config())
	if err != nil {
		slog.New(words{}).Error(err.Error())
		return err
	}
	tasks := os.Getenv("CONFORMANCE_TASKS")
	if tasks == "" {
		tasks = "*"
	}
	for task := range strings.SplitSeq(tasks, ",") {
		worker.Task(task, handle)
	}
	journal("start", nil, nil)
	return worker.Run(context.Background())
}

func handle(ctx context.Context, job *cronobs.Job) (any, error) {
	journal("begin", job, map[string]any{
		"task": job.Task, "bytes": len(job.Payload), "traceparent": orNull(job.Traceparent), "content_type": orNull(job.ContentType), "labels": labels(job),
	})
	how := "threw"
	defer func() { journal("end", job, map[string]any{"how": how}) }()
	s := newScript(ctx, job)
	value, err := s.run()
	how = s.howOf(err)
	return value, err
}

func labels(job *cronobs.Job) map[string]string {
	if job.Labels == nil {
		return map[string]string{}
	}
	return job.Labels
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func observe(key, text string) {
	defer func() {
		if recover() != nil {
			os.Exit(1)
		}
	}()
	observer := cronobs.Observer{Config: config()}
	err := observer.Observe(context.Background(), key, func(ctx context.Context, job *cronobs.Job) error {
		say(map[string]any{"execution_id": job.ExecutionID})
		job.Payload = []byte(text)
		_, err := newScript(ctx, job).run()
		return err
	})
	if err != nil {
		os.Exit(1)
	}
}

func test(text string) {
	out := cronobstest.Run(alone{}, handle, text)
	lines, progress := [][2]string{}, [][2]any{}
	for _, line := range out.Lines {
		lines = append(lines, [2]string{line.Level, line.Text})
	}
	for _, told := range out.Progress {
		progress = append(progress, [2]any{told.Percent, orNull(told.Note)})
	}
	var result any
	if out.ResultBytes != nil {
		result = base64.StdEncoding.EncodeToString(out.ResultBytes)
	}
	say(map[string]any{
		"status": out.Status, "reason": out.Reason, "message": orNull(out.Message), "exit_code": out.ExitCode, "result": result, "lines": lines,
		"progress": progress,
	})
}
