package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	cronobs "cronobs.io/sdk"
)

const look = 20 * time.Millisecond

var levels = map[string]slog.Level{"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "ERROR": slog.LevelError}

var lines = slog.New(cronobs.LogHandler(nil))

// A script interprets one payload.
type script struct {
	ctx      context.Context
	job      *cronobs.Job
	count    int
	isCaused bool
	byMethod bool // every second one logs by the job's own call
}

func newScript(ctx context.Context, job *cronobs.Job) *script {
	last, _ := strconv.ParseInt(job.ExecutionID[len(job.ExecutionID)-1:], 16, 8)
	return &script{ctx: ctx, job: job, byMethod: last%2 == 1}
}

var errScript = errors.New("the script cannot be read")

// A step has its arguments as JSON.
type step []json.RawMessage

func (s step) name() string { return s.text(0) }

func (s step) text(at int) (text string) {
	s.read(at, &text)
	return text
}

func (s step) number(at int) (number int) {
	s.read(at, &number)
	return number
}

func (s step) span(at int) time.Duration { return time.Duration(s.number(at)) * time.Millisecond }

func (s step) read(at int, into any) {
	if at < len(s) {
		if err := json.Unmarshal(s[at], into); err != nil {
			panic(err)
		}
	}
}

func (s *script) run() (any, error) {
	var steps []step
	if err := json.Unmarshal(s.job.Payload, &steps); err != nil {
		return nil, fmt.Errorf("%w: %w", errScript, err)
	}
	for _, step := range steps {
		switch step.name() {
		case "return":
			var value any
			step.read(1, &value)
			return value, nil
		case "return_bytes":
			return []byte(strings.Repeat("x", step.number(1))), nil
		}
		if err := s.take(step); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *script) howOf(err error) string {
	var failed *cronobs.Failed
	switch {
	case err == nil:
		return "returned"
	case errors.As(err, &failed):
		return "failed"
	case s.ctx.Err() != nil && errors.Is(err, s.ctx.Err()):
		return "cause"
	}
	return "threw"
}

func (s *script) take(step step) error {
	switch step.name() {
	case "sleep":
		return s.wait(step.span(1))
	case "gate":
		return s.gate(step.text(1))
	case "stubborn":
		s.stubborn(step.span(1))
	case "block":
		s.block(step.span(1))
	case "watch_contact":
		return s.watchContact(step.span(1))
	case "fill":
		return s.fill(step.number(1))
	case "fail":
		return failure(step)
	case "throw":
		panic(step.text(1))
	default:
		s.say(step)
	}
	return nil
}

// say takes the steps that log, or tell how far it is.
func (s *script) say(step step) {
	switch step.name() {
	case "log":
		for range step.number(1) {
			s.count++
			s.log("INFO", fmt.Sprintf("line %d", s.count))
		}
	case "line":
		s.log(step.text(1), step.text(2))
	case "raw":
		data, err := base64.StdEncoding.DecodeString(step.text(2))
		if err != nil {
			panic(err)
		}
		s.log(step.text(1), string(data))
	case "progress":
		percent := -1
		step.read(1, &percent)
		s.job.Progress(percent, step.text(2))
	case "late":
		time.AfterFunc(step.span(1), func() {
			s.job.Log(slog.LevelInfo, step.text(2))
			journal("said", s.job, nil)
		})
	case "thread":
		s.inThread(s.job.Context(context.Background()), s.byMethod, step)
	case "outside":
		s.inThread(context.Background(), false, step)
	default:
		panic("no step " + step.name())
	}
}

func (s *script) log(level, text string) {
	if s.byMethod {
		s.job.Log(levels[level], text)
	} else {
		lines.Log(s.ctx, levels[level], text)
	}
}

func (s *script) inThread(ctx context.Context, byMethod bool, of step) {
	var steps []step
	of.read(1, &steps)
	var group sync.WaitGroup
	group.Go(func() {
		other := &script{ctx: ctx, job: s.job, count: s.count, byMethod: byMethod}
		for _, step := range steps {
			other.say(step)
		}
		s.count = other.count
		journal("said", s.job, nil)
	})
	group.Wait()
}

func failure(step step) error {
	failed := &cronobs.Failed{Message: step.text(1)}
	step.read(2, &failed.ExitCode)
	step.read(3, &failed.Result)
	return failed
}

// --- waiting ---

var causes = map[error]string{cronobs.ErrCancelled: "CANCEL", cronobs.ErrTimeout: "TIMEOUT", cronobs.ErrShutdown: "SHUTDOWN", cronobs.ErrLost: "LOST"}

// caused journals a cause once.
func (s *script) caused() {
	if s.ctx.Err() != nil && !s.isCaused {
		s.isCaused = true
		journal("cause", s.job, map[string]any{"cause": causes[context.Cause(s.ctx)]})
	}
}

func (s *script) wait(d time.Duration) error {
	select {
	case <-s.ctx.Done():
		s.caused()
		return s.ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (s *script) gate(name string) error {
	for {
		if _, err := os.Stat(filepath.Join(os.Getenv("CONFORMANCE_GATES"), name)); err == nil {
			return nil
		}
		if err := s.wait(look); err != nil {
			return err
		}
	}
}

func (s *script) stubborn(d time.Duration) {
	<-s.ctx.Done()
	s.caused()
	time.Sleep(d)
}

func (s *script) block(d time.Duration) { time.Sleep(d) }

func (s *script) watchContact(d time.Duration) error {
	wasLost := false
	for until := time.Now().Add(d); time.Now().Before(until); {
		if isLost := s.job.ContactLost(); isLost != wasLost {
			wasLost = isLost
			journal("contact", s.job, map[string]any{"lost": isLost})
		}
		if err := s.wait(look); err != nil {
			return err
		}
	}
	return nil
}

// fill journals the first call that waits for room, while it waits, and when it goes on.
func (s *script) fill(n int) error {
	wasFull, isTold := false, false
	for number := range n {
		waiting := time.AfterFunc(500*time.Millisecond, func() { journal("full", s.job, nil) })
		text := fmt.Sprintf("%08d", number)
		s.log("INFO", text+strings.Repeat(".", 1024-len(text)))
		if !waiting.Stop() {
			wasFull = true
		}
		if err := s.ctx.Err(); err != nil {
			s.caused()
			return err
		}
		if wasFull && !isTold {
			isTold = true
			journal("room", s.job, nil)
		}
	}
	return nil
}
