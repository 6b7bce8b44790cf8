// Package cronobstest runs handlers in tests: as a worker would, without Kafka.
//
//	out := cronobstest.Run(t, dailyReport, map[string]any{"parts": []string{"a", "b"}})
//	if out.Status != "SUCCEEDED" || out.Lines[0].Text != "loading part=a" { ... }
package cronobstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	cronobs "cronobs.io/sdk"
	"cronobs.io/sdk/internal/bridge"
)

// A Line of the execution's log: its level (DEBUG, INFO, WARN, ERROR) and its text; one over 16 KiB comes in pieces.
type Line = bridge.Line

// A Progress that the handler has told; Percent is negative where none was told yet.
type Progress = bridge.Progress

// Ran is what a worker would have published.
type Ran struct {
	Status      string // SUCCEEDED, FAILED or CANCELLED
	Reason      string // NONE, WORKER_ERROR, EXIT_CODE, RUN_TIMEOUT, WORKER_SHUTDOWN
	Message     string // "": none
	ExitCode    *int   // nil: none
	Result      any    // bytes and text as they were returned, all else as encoding/json reads it again; nil: none
	ResultBytes []byte // as it is published; nil: none
	Lines       []Line
	Progress    []Progress
}

// An Option of Run.
type Option func(s *bridge.Spec)

// Task is the task's key: "test" unless it is given.
func Task(key string) Option { return func(s *bridge.Spec) { s.Task = key } }

// Attempt is which one of how many it is.
func Attempt(attempt, of int) Option {
	return func(s *bridge.Spec) { s.Attempt, s.MaxAttempts = attempt, of }
}

// Labels of the task.
func Labels(labels map[string]string) Option { return func(s *bridge.Spec) { s.Labels = labels } }

// ContentType of the payload.
func ContentType(of string) Option { return func(s *bridge.Spec) { s.ContentType = of } }

// Traceparent of the message.
func Traceparent(of string) Option { return func(s *bridge.Spec) { s.Traceparent = of } }

// EndAfter tells the handler to end after so long, by that cause: cronobs.ErrCancelled, ErrTimeout, ErrShutdown or ErrLost.
func EndAfter(after time.Duration, cause error) Option {
	return func(s *bridge.Spec) { s.CancelAfter, s.Cause = after, cause }
}

// Run calls a handler as a worker would. payload: bytes and text as they are, nil is none, all else as JSON.
//
// What it logs by slog in its context is seen: slog's default handler is put behind cronobs.LogHandler, unless it is one already.
func Run(t testing.TB, handler cronobs.Handler, payload any, options ...Option) Ran {
	t.Helper()
	out, err := run(t.Context(), handler, payload, options)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func run(ctx context.Context, handler cronobs.Handler, payload any, options []Option) (Ran, error) {
	spec := bridge.Spec{Task: "test", Attempt: 1, MaxAttempts: 1, CancelAfter: -1}
	for _, option := range options {
		option(&spec)
	}
	data, err := bytesOf(payload)
	if err != nil {
		return Ran{}, fmt.Errorf("the payload is no JSON: %w", err)
	}
	spec.Payload = data
	seeLines()
	var returned any
	found := bridge.Run(ctx, cronobs.Handler(func(ctx context.Context, job *cronobs.Job) (any, error) {
		value, err := handler(ctx, job)
		returned = value
		if failed, ok := errors.AsType[*cronobs.Failed](err); ok {
			returned = failed.Result
		}
		return value, err
	}), spec)
	out := Ran{
		Status: found.Status, Reason: found.Reason, Message: found.Message, ExitCode: found.ExitCode, ResultBytes: found.Result, Lines: found.Lines,
		Progress: found.Progress,
	}
	out.Result = valueOf(found.Result, returned)
	return out, nil
}

func bytesOf(payload any) ([]byte, error) {
	switch payload := payload.(type) {
	case nil:
		return nil, nil
	case []byte:
		return payload, nil
	case string:
		return []byte(payload), nil
	}
	return json.Marshal(payload)
}

func valueOf(result []byte, returned any) any {
	if result == nil {
		return nil
	}
	switch returned.(type) {
	case []byte:
		return result
	case string:
		return string(result)
	}
	var value any
	if json.Unmarshal(result, &value) != nil {
		return result
	}
	return value
}

var seeing sync.Mutex

func seeLines() {
	seeing.Lock()
	defer seeing.Unlock()
	next := slog.Default().Handler()
	switch fmt.Sprintf("%T", next) {
	case "*cronobs.logHandler":
		return
	case "*slog.defaultHandler": // writes by the package log, which slog.SetDefault makes write by slog
		next = slog.NewTextHandler(os.Stderr, nil)
	}
	slog.SetDefault(slog.New(cronobs.LogHandler(next)))
}
