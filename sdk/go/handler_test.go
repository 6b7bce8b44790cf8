package cronobs

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cronobs.io/sdk/internal/bridge"
)

// ran is what becomes of a handler, without a cause.
func ran(handler Handler) bridge.Ran {
	return runAlone(context.Background(), handler, bridge.Spec{Task: "test", Attempt: 1, MaxAttempts: 1, CancelAfter: -1})
}

// ranUntil is that of a handler that is told to end at once.
func ranUntil(cause error, handler Handler) bridge.Ran {
	return runAlone(context.Background(), func(ctx context.Context, job *Job) (any, error) {
		<-ctx.Done()
		return handler(ctx, job)
	}, bridge.Spec{Task: "test", Attempt: 1, MaxAttempts: 1, Cause: cause})
}

func TestWhatIsReturnedIsTheResult(t *testing.T) {
	for _, c := range []struct {
		value    any
		expected string
	}{{"text", "text"}, {[]byte{0, 1}, "\x00\x01"}, {map[string]any{"rows": 1}, `{"rows":1}`}, {0, "0"}, {"<&>", "<&>"}, {[]string{"<"}, `["<"]`}} {
		out := ran(func(context.Context, *Job) (any, error) { return c.value, nil })
		if out.Status != "SUCCEEDED" || string(out.Result) != c.expected || out.Message != "" {
			t.Errorf("%v: %+v", c.value, out)
		}
	}
	if out := ran(func(context.Context, *Job) (any, error) { return nil, nil }); out.Result != nil {
		t.Errorf("%+v", out)
	}
}

func TestAResultThatCannotBeSentIsLeftOutAndTheWorkIsDoneAllTheSame(t *testing.T) {
	for _, value := range []any{make(chan int), strings.Repeat("a", resultMax+1)} {
		out := ran(func(context.Context, *Job) (any, error) { return value, nil })
		if out.Status != "SUCCEEDED" || out.Result != nil || !strings.HasPrefix(out.Message, "the result is left out: ") {
			t.Errorf("%+v", out)
		}
	}
}

func TestAnErrorIsFailedWithItsText(t *testing.T) {
	out := ran(func(context.Context, *Job) (any, error) { return nil, errors.New("no such part") })
	if out.Status != "FAILED" || out.Reason != "WORKER_ERROR" || out.Message != "no such part" || len(out.Lines) != 0 {
		t.Errorf("%+v", out)
	}
}

func TestAPanicIsFailedWithItsStackFromTheHandlerOn(t *testing.T) {
	out := ran(func(context.Context, *Job) (any, error) { panic("no such part") })
	if out.Status != "FAILED" || out.Message != "panic: no such part" || len(out.Lines) < 3 {
		t.Fatalf("%+v", out)
	}
	if out.Lines[0] != (bridge.Line{Level: "ERROR", Text: "panic: no such part"}) || !strings.Contains(out.Lines[2].Text, "TestAPanicIs") {
		t.Errorf("%+v", out.Lines[:3])
	}
}

func TestAHandlerThatEndsItsGoroutineHasFailed(t *testing.T) {
	out := ran(func(context.Context, *Job) (any, error) { runtime.Goexit(); return nil, nil })
	if out.Status != "FAILED" || out.Message != errGoexit.Error() {
		t.Errorf("%+v", out)
	}
}

func TestFailedSetsAll(t *testing.T) {
	out := ran(func(context.Context, *Job) (any, error) { return nil, &Failed{"boom", new(3), "rest"} })
	if out.Status != "FAILED" || out.Reason != "EXIT_CODE" || out.Message != "boom" || *out.ExitCode != 3 || string(out.Result) != "rest" {
		t.Errorf("%+v", out)
	}
	out = ran(func(context.Context, *Job) (any, error) { return nil, &Failed{Message: "boom"} })
	if out.Reason != "WORKER_ERROR" || out.ExitCode != nil || out.Result != nil {
		t.Errorf("%+v", out)
	}
}

func TestCausesAreToldApart(t *testing.T) {
	for _, c := range []struct {
		cause                   error
		status, reason, message string
	}{
		{ErrCancelled, "CANCELLED", "NONE", ""}, {ErrTimeout, "FAILED", "RUN_TIMEOUT", "run timeout"},
		{ErrShutdown, "FAILED", "WORKER_SHUTDOWN", "the worker was shut down"},
		{ErrLost, "FAILED", "WORKER_ERROR", "no sign of life reached the brokers"},
	} {
		var seen error
		out := ranUntil(c.cause, func(ctx context.Context, _ *Job) (any, error) { seen = context.Cause(ctx); return nil, ctx.Err() })
		if out.Status != c.status || out.Reason != c.reason || out.Message != c.message || seen != c.cause {
			t.Errorf("%v: %+v", c.cause, out)
		}
		out = ranUntil(c.cause, func(context.Context, *Job) (any, error) { return nil, errors.New("half done") })
		if out.Status != c.status || out.Reason != c.reason || !strings.HasSuffix(out.Message, "half done") {
			t.Errorf("%v: %+v", c.cause, out)
		}
		out = ranUntil(c.cause, func(context.Context, *Job) (any, error) { return "done", nil })
		if out.Status != "SUCCEEDED" || string(out.Result) != "done" {
			t.Errorf("%v: %+v", c.cause, out)
		}
	}
}

func TestACancelledContextOfItsOwnIsNoCause(t *testing.T) {
	out := ran(func(context.Context, *Job) (any, error) { return nil, context.Canceled })
	if out.Status != "FAILED" || out.Reason != "WORKER_ERROR" || out.Message != "context canceled" {
		t.Errorf("%+v", out)
	}
}

func TestAHandlerThatThereIsNotIsToldWithThoseThatThereAre(t *testing.T) {
	o := noHandler("x", map[string]Handler{"b": nil, "a": nil})
	if *o.message != "no handler for task 'x' (has: a, b)" || o.reason != "WORKER_ERROR" {
		t.Errorf("%+v", o)
	}
}

func texts(lines []bridge.Line) []string {
	var found []string
	for _, l := range lines {
		found = append(found, l.Level+" "+l.Text)
	}
	return found
}

func TestLinesOfSlogAreThoseOfTheJobInWhoseContextTheyAreLogged(t *testing.T) {
	logger := slog.New(LogHandler(nil))
	out := ran(func(ctx context.Context, job *Job) (any, error) {
		logger.InfoContext(ctx, "loading", "part", "a b")
		logger.With("n", 1).WithGroup("g").WarnContext(ctx, "careful", "x", true)
		logger.Error("of nobody")
		logger.ErrorContext(job.Context(context.Background()), "carried\nin two lines")
		logger.DebugContext(ctx, "bare")
		return nil, nil
	})
	expected := []string{`INFO loading part="a b"`, "WARN careful n=1 g.x=true", "ERROR carried", "ERROR in two lines", "DEBUG bare"}
	if !slices.Equal(texts(out.Lines), expected) {
		t.Errorf("%q", texts(out.Lines))
	}
}

func TestWhatTheNextHandlerDoesNotLetThroughIsNoLine(t *testing.T) {
	var beside strings.Builder
	logger := slog.New(LogHandler(slog.NewTextHandler(&beside, nil)))
	out := ran(func(ctx context.Context, _ *Job) (any, error) {
		logger.DebugContext(ctx, "not this")
		logger.InfoContext(ctx, "this", "n", 1)
		return nil, nil
	})
	if !slices.Equal(texts(out.Lines), []string{"INFO this n=1"}) || !strings.Contains(beside.String(), "msg=this n=1") {
		t.Errorf("%q beside %q", texts(out.Lines), beside.String())
	}
}

func TestWhatIsSaidAfterTheEndIsForNobody(t *testing.T) {
	var late *Job
	out := ran(func(_ context.Context, job *Job) (any, error) { late = job; return nil, nil })
	late.Log(slog.LevelInfo, "too late")
	late.Progress(50, "")
	if len(out.Lines)+len(out.Progress) != 0 {
		t.Errorf("%+v", out)
	}
}

func TestProgressIsKeptWithin0And100(t *testing.T) {
	out := ran(func(_ context.Context, job *Job) (any, error) {
		job.Progress(-1, "begins")
		job.Progress(200, "a\x00b")
		job.Progress(-1, "")
		return nil, nil
	})
	expected := []bridge.Progress{{Percent: -1, Note: "begins"}, {Percent: 100, Note: `a\x00b`}, {Percent: 100}}
	if !slices.Equal(out.Progress, expected) {
		t.Errorf("%+v", out.Progress)
	}
}

func TestTheSameNoticeIsSaidOnceInTenSeconds(t *testing.T) {
	var said strings.Builder
	n := newNotices(slog.New(slog.NewTextHandler(&said, nil)))
	for range 3 {
		n.say(slog.LevelWarn, "one")
	}
	n.say(slog.LevelWarn, "two")
	if count := strings.Count(said.String(), "\n"); count != 2 {
		t.Errorf("said %d times: %s", count, said.String())
	}
	if !n.isNews("one", n.said["one"].Add(sameAfter)) {
		t.Error("not even after ten seconds")
	}
}

func TestAKeyHasItsPartitionAsEverywhere(t *testing.T) {
	if found := partitionOf("25863586-ab2e-5a4d-ae75-e2f830b9b6e4", 12); found != 2 {
		t.Error(found)
	}
}

func TestAHandlerIsRegisteredOnceAndBeforeTheStart(t *testing.T) {
	w, err := New(Config{Queue: "q"})
	if err != nil {
		t.Fatal(err)
	}
	w.Task("a", func(context.Context, *Job) (any, error) { return nil, nil })
	for name, register := range map[string]func(){
		"twice": func() { w.Task("a", func(context.Context, *Job) (any, error) { return nil, nil }) }, "nil": func() { w.Task("b", nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it was taken", name)
				}
			}()
			register()
		}()
	}
}
