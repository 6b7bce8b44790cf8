package cronobs

import (
	"context"
	"sync"
	"time"

	"cronobs.io/sdk/internal/bridge"
	"cronobs.io/sdk/internal/ids"
)

func init() {
	bridge.Run = func(ctx context.Context, handler any, spec bridge.Spec) bridge.Ran {
		return runAlone(ctx, handler.(Handler), spec)
	}
}

// runAlone runs a handler to its end, without a worker: for cronobstest.
func runAlone(ctx context.Context, handler Handler, spec bridge.Spec) bridge.Ran {
	now := time.Now().UnixMicro()
	e := &execution{
		executionID: ids.Random(), taskID: ids.Random(), taskKey: spec.Task, project: "default", revision: 1, attempt: int32(spec.Attempt),
		maxAttempts: int32(spec.MaxAttempts), trigger: "MANUAL", scheduledAt: now, dueAt: now, payload: spec.Payload, labels: spec.Labels,
		traceparent: spec.Traceparent,
	}
	if spec.ContentType != "" {
		e.contentType = &spec.ContentType
	}
	heard := &recorder{}
	job := newJob(ctx, e, "test", heard)
	if spec.CancelAfter >= 0 {
		timer := time.AfterFunc(spec.CancelAfter, func() { job.tell(spec.Cause) })
		defer timer.Stop()
	}
	o := performAlone(job, handler)
	job.close()
	heard.lock.Lock()
	defer heard.lock.Unlock()
	ran := bridge.Ran{Status: o.status, Reason: o.reason, Message: text(o.message), Result: o.result, Lines: heard.lines, Progress: heard.told}
	if o.exitCode != nil {
		ran.ExitCode = new(int(*o.exitCode))
	}
	return ran
}

// performAlone in a goroutine of its own, which a handler may end.
func performAlone(job *Job, handler Handler) outcome {
	done := make(chan outcome, 1)
	go perform(job, handler, func(o outcome) { done <- o })
	o := <-done
	job.cancel(context.Canceled)
	return o
}

// A recorder takes the words of a job.
type recorder struct {
	lock  sync.Mutex
	lines []bridge.Line
	told  []bridge.Progress
}

func (r *recorder) line(level string, lines []line) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, l := range lines {
		r.lines = append(r.lines, bridge.Line{Level: level, Text: l.message})
	}
}

func (r *recorder) progress(percent *int32, note *string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	told := bridge.Progress{Percent: -1, Note: text(note)}
	if percent != nil {
		told.Percent = int(*percent)
	} else if len(r.told) > 0 {
		told.Percent = r.told[len(r.told)-1].Percent
	}
	r.told = append(r.told, told)
}

func (r *recorder) contactLost() bool { return false }
