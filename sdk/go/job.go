package cronobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// A Job is one attempt of one execution: what a handler is given. All of it may be used from any goroutine; after the handler's end nothing is
// sent any more.
type Job struct {
	ExecutionID string // the same in every attempt and every delivery: make the work repeatable with it
	Attempt     int    // 1, 2, ... of MaxAttempts
	MaxAttempts int
	Task        string // the task's key
	Project     string // the project's key
	TaskID      string
	Revision    int    // the task's
	Queue       string // where it came from
	Trigger     string // SCHEDULED, CATCH_UP, BACKFILL, MANUAL, RETRY, CHAIN, EXTERNAL
	Payload     []byte // empty where there is none
	ContentType string // of the payload; "": none is told
	Labels      map[string]string
	Traceparent string // of the message's header, as W3C Trace Context writes it; "": there was none

	ScheduledAt  time.Time     // the instant that the schedule names, or that of the command
	DueAt        time.Time     // ScheduledAt with jitter
	NominalLocal time.Time     // the wall time that the schedule names, as if its zone were UTC; zero: started by hand
	Zone         string        // the schedule's; "": none
	StartBy      time.Time     // zero: none
	FinishBy     time.Time     // it is not tried again after this; zero: none
	RunTimeout   time.Duration // 0: none
	Heartbeat    time.Duration // how often the task wants a sign of life, which the worker gives by itself; 0: it wants none

	voice    voice
	ctx      context.Context
	cancel   context.CancelCauseFunc
	isClosed atomic.Bool
}

// A voice is where a job's words go.
type voice interface {
	line(level string, lines []line)
	progress(percent *int32, note *string)
	contactLost() bool
}

type jobKey struct{}

// newJob has a context of its own in which it is the job.
func newJob(parent context.Context, e *execution, queue string, v voice) *Job {
	j := &Job{
		ExecutionID: e.executionID, Attempt: int(e.attempt), MaxAttempts: int(e.maxAttempts), Task: e.taskKey, Project: e.project, TaskID: e.taskID,
		Revision: int(e.revision), Queue: queue, Trigger: e.trigger, Payload: e.payload, ContentType: text(e.contentType), Labels: e.labels,
		Traceparent: e.traceparent, ScheduledAt: instant(&e.scheduledAt), DueAt: instant(&e.dueAt), NominalLocal: instant(e.nominalLocal),
		Zone: text(e.zone), StartBy: instant(e.startBy), FinishBy: instant(e.finishBy), RunTimeout: span(e.runTimeout), Heartbeat: span(e.heartbeat),
		voice: v,
	}
	ctx, cancel := context.WithCancelCause(parent)
	j.cancel = cancel
	j.ctx = j.Context(ctx)
	return j
}

func text(of *string) string {
	if of == nil {
		return ""
	}
	return *of
}

func instant(microseconds *int64) time.Time {
	if microseconds == nil {
		return time.Time{}
	}
	return time.UnixMicro(*microseconds).UTC()
}

func span(number *int64) time.Duration {
	if number == nil || *number <= 0 {
		return 0
	}
	return milliseconds(*number)
}

// Text is the payload as a text.
func (j *Job) Text() string { return string(j.Payload) }

// JSON reads the payload into a value.
func (j *Job) JSON(into any) error {
	if err := json.Unmarshal(j.Payload, into); err != nil {
		return fmt.Errorf("the payload cannot be read: %w", err)
	}
	return nil
}

// Log adds a line to the execution's log, or several. Bytes that are no UTF-8 become \xHH. It waits while 16 MiB of lines are unsent.
func (j *Job) Log(level slog.Level, text string) {
	if !j.isClosed.Load() {
		j.voice.line(levelName(level), linesOf(text))
	}
}

// Progress says how far the work is, 0-100 (negative: as it was said last), and what it is doing, at most 4 KiB (""): nothing. The
// newest is told once a second.
func (j *Job) Progress(percent int, note string) {
	if j.isClosed.Load() {
		return
	}
	var told *int32
	var words *string
	if percent >= 0 {
		told = new(int32(min(percent, 100)))
	}
	if note != "" {
		words = new(cut(note, messageMax))
	}
	j.voice.progress(told, words)
}

// ContactLost: the brokers have had no sign of life for three times as long as the task asks for; soon it is taken for dead, and another worker may
// begin it. It may end again.
func (j *Job) ContactLost() bool { return j.voice.contactLost() }

// Context gives one in which the job's lines are logged, to be carried where the handler's own does not reach.
func (j *Job) Context(parent context.Context) context.Context {
	return context.WithValue(parent, jobKey{}, j)
}

// JobOf is the job in whose context this code runs; nil: none.
func JobOf(ctx context.Context) *Job {
	j, _ := ctx.Value(jobKey{}).(*Job)
	return j
}

// cause is why the worker wants the handler to end; nil: it does not.
func (j *Job) cause() error {
	if found := context.Cause(j.ctx); slices.Contains(causes[:], found) {
		return found
	}
	return nil
}

// tell that the job is to end.
func (j *Job) tell(cause error) { j.cancel(cause) }

// close: it has ended, what is said from now on is for nobody.
func (j *Job) close() { j.isClosed.Store(true) }
