package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cronobs.io/sdk/internal/ids"
)

// A reply is one of the recorded API's, to one request.
type reply struct {
	status  int // 0: 200
	body    string
	headers map[string]string
	breaks  bool // the connection, without an answer
}

type asked struct {
	method, target, body string
	headers              http.Header
}

// A recorded API answers what it was told, one answer a request, and remembers what it was asked.
type recorded struct {
	lock    sync.Mutex
	replies []reply
	asked   []asked
	url     string
}

func answers(t *testing.T, replies ...reply) (*recorded, *Client) {
	t.Helper()
	r := &recorded{replies: replies}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	c, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return r, c
}

func (r *recorded) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.lock.Lock()
	r.asked = append(r.asked, asked{request.Method, request.RequestURI, string(body), request.Header})
	if len(r.replies) == 0 {
		r.lock.Unlock()
		http.Error(w, "nothing more was expected", http.StatusTeapot)
		return
	}
	next := r.replies[0]
	r.replies = r.replies[1:]
	r.lock.Unlock()
	if next.breaks {
		panic(http.ErrAbortHandler)
	}
	for name, value := range next.headers {
		w.Header().Set(name, value)
	}
	if next.status != 0 {
		w.WriteHeader(next.status)
	}
	io.WriteString(w, next.body)
}

func outcome(number int) reply {
	return reply{body: fmt.Sprintf(`{"command_id": "c%d", "task_id": "%s", "result": "ACCEPTED", "execution_id": "e%d"}`, number, ids.Task("default", "a"), number)}
}

func (r *recorded) targets() []string {
	var found []string
	for _, a := range r.asked {
		found = append(found, a.method+" "+a.target)
	}
	return found
}

func (r *recorded) expect(t *testing.T, targets ...string) {
	t.Helper()
	if !slices.Equal(r.targets(), targets) {
		t.Errorf("asked for %q, not %q", r.targets(), targets)
	}
}

func TestAListGoesOnOverEmptyPagesUntilThereIsNoNext(t *testing.T) {
	r, c := answers(t, reply{body: `{"items": [{"key": "a"}], "next": "1"}`}, reply{body: `{"items": [], "next": "2"}`}, reply{body: `{"items": [{"key": "b"}]}`})
	var keys []string
	for task, err := range c.Tasks(t.Context(), Query{"queue": "q", "limit": 1, "state": []string{"ACTIVE", "PAUSED"}}) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, task.Key)
	}
	if !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("%q", keys)
	}
	const first = "GET /v1/tasks?"
	r.expect(t, first+"limit=1&queue=q&state=ACTIVE%2CPAUSED", first+"cursor=1&limit=1&queue=q&state=ACTIVE%2CPAUSED", first+"cursor=2&limit=1&queue=q&state=ACTIVE%2CPAUSED")
}

func TestAPageIsAskedForWhenItIsNeeded(t *testing.T) {
	r, c := answers(t, reply{body: `{"items": [{"key": "a"}, {"key": "b"}], "next": "1"}`})
	for range c.Tasks(t.Context(), nil) {
		break
	}
	r.expect(t, "GET /v1/tasks?limit=100")
}

func TestAWriteIsSentAgainUnderItsKeyAndAsItWas(t *testing.T) {
	for name, fault := range map[string]reply{"503": {status: 503}, "a broken connection": {breaks: true}} {
		t.Run(name, func(t *testing.T) {
			r, c := answers(t, fault, outcome(1))
			found, err := c.Task("a").Trigger(t.Context(), map[string]any{"n": 1}, Because("why"))
			if err != nil || found.ExecutionID != "e1" {
				t.Fatalf("%+v, %v", found, err)
			}
			first, second := r.asked[0], r.asked[1]
			if first.body != `{"payload":"{\"n\":1}","reason":"why"}` || second.body != first.body {
				t.Errorf("%s, then %s", first.body, second.body)
			}
			key := first.headers.Get("Idempotency-Key")
			if len(key) != 36 || second.headers.Get("Idempotency-Key") != key || first.headers.Get("Prefer") != "wait=10" ||
				first.headers.Get("Content-Type") != "application/json" {
				t.Errorf("%v, then %v", first.headers, second.headers)
			}
		})
	}
}

func TestWhatIsRefusedIsNotSentAgainAndSaysWhereAndTheWayOut(t *testing.T) {
	r, c := answers(t, reply{status: 412, body: `{"title": "Precondition Failed", "detail": "it is at revision 2", "code": "STALE_REVISION",
		"pointer": "/revision", "column": 3, "hint": "read it again"}`})
	_, err := c.Task("a").Put(t.Context(), map[string]any{"queue": "q"}, IfMatch(1), NoWait())
	found, ok := errors.AsType[*Error](err)
	if !ok || found.Status != 412 || found.Code != "STALE_REVISION" || found.Pointer != "/revision" || found.Column != 3 || found.Hint != "read it again" {
		t.Fatalf("%+v", err)
	}
	if err.Error() != "it is at revision 2 (read it again)" {
		t.Errorf("%v", err)
	}
	r.expect(t, "PUT /v1/tasks/default~a")
	if headers := r.asked[0].headers; headers.Get("If-Match") != `"1"` || headers.Get("Prefer") != "" {
		t.Errorf("%v", headers)
	}
}

func TestAnAnswerThatIsNotTheAPIsIsAnError(t *testing.T) {
	for _, body := range []string{"<html>hello", `{"other": 1}`} {
		_, c := answers(t, reply{status: 404, body: body})
		_, err := c.Task("a").Get(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "not an answer of the API, but of status 404: ") {
			t.Errorf("%v", err)
		}
	}
	_, c := answers(t, reply{body: "<html>"})
	if _, err := c.Task("a").Get(t.Context()); err == nil {
		t.Error("it was taken")
	}
}

func TestAnAPIThatIsNotThereIsStatus0WithTheReasonAndNoPassword(t *testing.T) {
	c, err := New("http://me:secret@127.0.0.1:1", Timeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Queues(t.Context())
	found, ok := errors.AsType[*Error](err)
	if !ok || found.Status != 0 || found.Unwrap() == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("%v", err)
	}
}

func TestARequestEndsWithItsContext(t *testing.T) {
	_, c := answers(t, reply{status: 503}, reply{status: 503}, reply{status: 503})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Queues(ctx); err == nil {
		t.Error("it had an answer")
	}
}

func TestPausesDoubleUpToTwoSecondsAndHeedRetryAfter(t *testing.T) {
	for _, c := range []struct {
		tries      int
		retryAfter string
		chance     float64
		expected   time.Duration
	}{{1, "", 0, 100 * time.Millisecond}, {2, "", 1, 300 * time.Millisecond}, {50, "", 0, 2 * time.Second}, {1, "7", 0, 7 * time.Second},
		{1, "tomorrow", 0, 100 * time.Millisecond}} {
		if found := pauseAfter(c.tries, c.retryAfter, c.chance); found != c.expected {
			t.Errorf("%+v: %v", c, found)
		}
	}
}

func TestAReadWaitsForTheLastWriteToItsTaskAndOnce(t *testing.T) {
	r, c := answers(t, outcome(1), outcome(2), reply{body: `{"key": "a"}`}, reply{body: `{"key": "a"}`}, reply{body: `{"key": "b"}`})
	task := c.Task("a")
	for range 2 {
		if _, err := task.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, handle := range []*TaskHandle{c.Task("b"), task, task} {
		if _, err := handle.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.expect(t, "POST /v1/tasks/default~a:pause", "POST /v1/tasks/default~a:pause", "GET /v1/tasks/default~b",
		"GET /v1/tasks/default~a?after_command=c2", "GET /v1/tasks/default~a")
}

func TestAReadOfAllWaitsForEveryWrite(t *testing.T) {
	other := reply{body: `{"command_id": "c9", "task_id": "other", "result": "ACCEPTED"}`}
	r, c := answers(t, outcome(1), other, reply{body: `{}`}, reply{body: `{"items": []}`})
	c.Task("a").Pause(t.Context())
	c.Task("b").Pause(t.Context())
	if _, err := c.Queues(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := r.targets()[2:]; !slices.Equal(found, []string{"GET /v1/commands/c1?after_command=c1", "GET /v1/queues?after_command=c9"}) {
		t.Errorf("%q", found)
	}
}

func TestSoManyTasksAtMostAreRememberedTheLatest(t *testing.T) {
	s := &session{commands: map[string]string{}}
	for number := range unseenMax + 1 {
		s.wrote(fmt.Sprint("t", number), fmt.Sprint("c", number))
	}
	if len(s.unseen("")) != unseenMax || len(s.unseen("t0")) != 0 || len(s.unseen(fmt.Sprint("t", unseenMax))) != 1 {
		t.Errorf("%d", len(s.unseen("")))
	}
}

func TestEveryWriteSaysWhatItShould(t *testing.T) {
	at := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		write        func(c *Client, ctx context.Context) error
		target, body string
	}{
		{func(c *Client, ctx context.Context) error {
			_, err := c.Task("p~a").Delete(ctx, Because("old"))
			return err
		},
			"DELETE /v1/tasks/p~a?reason=old", ""},
		{func(c *Client, ctx context.Context) error { _, err := c.Task("a b").PauseUntil(ctx, at); return err },
			"POST /v1/tasks/default~a%20b:pause", `{"until":"2026-11-24T13:00:00Z"}`},
		{func(c *Client, ctx context.Context) error { _, err := c.Task("a").Resume(ctx, "LAST"); return err },
			"POST /v1/tasks/default~a:resume", `{"gap":"LAST"}`},
		{func(c *Client, ctx context.Context) error {
			_, err := c.Task("a").TriggerAnyway(ctx, []byte{0, 255})
			return err
		},
			"POST /v1/tasks/default~a:trigger", `{"ignore_overlap":true,"payload_base64":"AP8="}`},
		{func(c *Client, ctx context.Context) error { _, err := c.Task("a").SkipNext(ctx); return err }, "POST /v1/tasks/default~a:skip-next", `{}`},
		{func(c *Client, ctx context.Context) error { _, err := c.Task("a").Backfill(ctx, at, at); return err },
			"POST /v1/tasks/default~a:backfill", `{"from":"2026-11-24T13:00:00Z","to":"2026-11-24T13:00:00Z"}`},
		{func(c *Client, ctx context.Context) error {
			_, err := c.Task("a").Patch(ctx, map[string]any{"title": nil})
			return err
		}, "PATCH /v1/tasks/default~a", `{"title":null}`},
		{func(c *Client, ctx context.Context) error {
			_, err := c.Execution("e").Cancel(ctx, Because("x"))
			return err
		},
			"POST /v1/executions/e:cancel", `{"reason":"x"}`},
		{func(c *Client, ctx context.Context) error { _, err := c.Execution("e").Retry(ctx, "text"); return err },
			"POST /v1/executions/e:retry", `{"payload":"text"}`},
	} {
		r, api := answers(t, outcome(1))
		if err := c.write(api, t.Context()); err != nil {
			t.Error(err)
		}
		r.expect(t, c.target)
		if r.asked[0].body != c.body {
			t.Errorf("%s: %s", c.target, r.asked[0].body)
		}
	}
}

func TestLogsGoOnByNextWhileThereAreMore(t *testing.T) {
	r, c := answers(t, reply{body: `{"items": [{"message": "one"}], "next": "n1", "more": true}`}, reply{body: `{"items": [{"message": "two"}], "next": "n2", "more": false}`})
	var messages []string
	for line, err := range c.Execution("e").Logs(t.Context(), Query{"attempt": 1, "limit": 1}) {
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, line.Message)
	}
	if !slices.Equal(messages, []string{"one", "two"}) {
		t.Errorf("%q", messages)
	}
	r.expect(t, "GET /v1/executions/e/logs?attempt=1&limit=1", "GET /v1/executions/e/logs?after=n1&limit=1")
}

func TestWaitingForAnExecutionGoesOnWhileAnAttemptFollows(t *testing.T) {
	for text, expected := range map[string]bool{
		`{"status": "RUNNING"}`: false, `{"status": "SUCCEEDED"}`: true, `{"status": "FAILED", "next_attempt_at": "2026-11-24T13:00:00Z"}`: false,
	} {
		var found Execution
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			t.Fatal(err)
		}
		if hasEnded(&found) != expected {
			t.Errorf("%s", text)
		}
	}
}

func TestAProxyGetsItsPathUserAndHeaders(t *testing.T) {
	r, _ := answers(t, reply{body: `{"items": []}`})
	c, err := New(strings.Replace(r.url, "http://", "http://me:se%40cret@", 1)+"/cron/", Header("X-Token", "t"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Queues(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.expect(t, "GET /cron/v1/queues")
	request := http.Request{Header: r.asked[0].headers}
	if user, password, _ := request.BasicAuth(); user != "me" || password != "se@cret" || request.Header.Get("X-Token") != "t" {
		t.Errorf("%v", r.asked[0].headers)
	}
}

func TestAnAddressThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"localhost:8080", "ftp://me:secret@host", "http://", "http://me:secret@host/?x=1"} {
		if _, err := New(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestTheAddressComesFromTheEnvironmentUnlessGiven(t *testing.T) {
	t.Setenv("CRONOBS_URL", "http://there:1")
	c, err := New("")
	if err != nil || c.session.transport.base.Host != "there:1" {
		t.Errorf("%v", err)
	}
}
