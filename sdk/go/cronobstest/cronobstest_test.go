package cronobstest

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	cronobs "cronobs.io/sdk"
)

func TestAHandlerIsRunAsByAWorker(t *testing.T) {
	out := Run(t, func(ctx context.Context, job *cronobs.Job) (any, error) {
		var in struct{ Parts []string }
		if err := job.JSON(&in); err != nil {
			return nil, err
		}
		slog.InfoContext(ctx, "loading", "part", in.Parts[0])
		job.Progress(10, "a")
		return map[string]int{"rows": 1234}, nil
	}, map[string]any{"parts": []string{"a", "b"}})
	if out.Status != "SUCCEEDED" || !reflect.DeepEqual(out.Result, map[string]any{"rows": 1234.0}) || string(out.ResultBytes) != `{"rows":1234}` {
		t.Errorf("%+v", out)
	}
	if !slices.Equal(out.Lines, []Line{{Level: "INFO", Text: "loading part=a"}}) || !slices.Equal(out.Progress, []Progress{{Percent: 10, Note: "a"}}) {
		t.Errorf("%+v", out)
	}
}

func TestAHandlerIsToldToEnd(t *testing.T) {
	out := Run(t, func(ctx context.Context, _ *cronobs.Job) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}, nil, EndAfter(time.Millisecond, cronobs.ErrCancelled))
	if out.Status != "CANCELLED" || out.Result != nil {
		t.Errorf("%+v", out)
	}
}

func TestWhatTheExecutionIsMadeOfIsTheTests(t *testing.T) {
	out := Run(t, func(_ context.Context, job *cronobs.Job) (any, error) {
		return []byte(job.Task + job.ContentType + job.Labels["team"] + job.Traceparent + job.Text()), nil
	}, "payload", Task("key"), ContentType("text/plain"), Labels(map[string]string{"team": "data"}), Traceparent("00-1"), Attempt(2, 3))
	if string(out.Result.([]byte)) != "keytext/plaindata00-1payload" {
		t.Errorf("%+v", out)
	}
}

func TestATextIsATextAgainAndAFailuresResultToo(t *testing.T) {
	out := Run(t, func(context.Context, *cronobs.Job) (any, error) {
		return nil, &cronobs.Failed{Message: "boom", ExitCode: new(3), Result: "rest"}
	}, nil)
	if out.Status != "FAILED" || out.Message != "boom" || *out.ExitCode != 3 || out.Result != "rest" {
		t.Errorf("%+v", out)
	}
}
