package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cronobs.io/sdk/internal/ids"
)

// What all calls share: JSON, parameters, pages, the conditions of a write, and reading what oneself has written.

// A Query is parameters of a request; texts, []string, times, numbers and booleans. What is nil or "" is left out.
type Query map[string]any

// members of a body; what is nil or "" is left out.
type members map[string]any

func (m members) bare() members {
	maps.DeleteFunc(m, func(_ string, value any) bool { return parameter(value) == "" })
	return m
}

// parameter as the API takes it: lists between commas, instants in RFC 3339, booleans as words.
func parameter(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case []string:
		return strings.Join(value, ",")
	case time.Time:
		if value.IsZero() {
			return ""
		}
		return value.Format(time.RFC3339Nano)
	case int:
		return strconv.Itoa(value)
	case bool:
		return strconv.FormatBool(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

func targetOf(path string, query Query) string {
	values := url.Values{}
	for name, value := range query {
		if text := parameter(value); text != "" {
			values.Set(name, text)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// A WriteOption of what changes something.
type WriteOption func(t *terms)

type terms struct {
	wait    time.Duration
	ifMatch int64
	onlyNew bool
	key     string
	reason  string
}

// Wait so long for the outcome, 60 s at most, in whole seconds; 10 s unless it is given.
func Wait(d time.Duration) WriteOption { return func(t *terms) { t.wait = d } }

// NoWait does not wait for the outcome.
func NoWait() WriteOption { return Wait(0) }

// IfMatch: the task must be at that revision, else 412.
func IfMatch(revision int64) WriteOption { return func(t *terms) { t.ifMatch = revision } }

// OnlyNew: 412 where the task is there.
func OnlyNew() WriteOption { return func(t *terms) { t.onlyNew = true } }

// IdempotencyKey of at most 200 characters: the same write under the same key has one effect, also over a restart of your program.
func IdempotencyKey(key string) WriteOption { return func(t *terms) { t.key = key } }

// Because is the reason that the history shows.
func Because(reason string) WriteOption { return func(t *terms) { t.reason = reason } }

func termsOf(options []WriteOption) *terms {
	t := &terms{wait: 10 * time.Second, ifMatch: -1}
	for _, option := range options {
		option(t)
	}
	if t.key == "" {
		t.key = ids.Random()
	}
	return t
}

func (t *terms) headers() map[string]string {
	found := map[string]string{"Idempotency-Key": t.key}
	if t.wait >= time.Second {
		found["Prefer"] = "wait=" + strconv.Itoa(int(t.wait.Seconds()))
	}
	if t.ifMatch >= 0 {
		found["If-Match"] = strconv.Quote(strconv.FormatInt(t.ifMatch, 10))
	}
	if t.onlyNew {
		found["If-None-Match"] = "*"
	}
	return found
}

// payloadMembers: bytes and texts as they are, anything else as JSON; nil: none.
func payloadMembers(payload any) (members, error) {
	switch payload := payload.(type) {
	case nil:
		return members{}, nil
	case []byte:
		return members{"payload_base64": base64.StdEncoding.EncodeToString(payload)}, nil
	case string:
		return members{"payload": payload}, nil
	}
	text, err := json.Marshal(payload)
	return members{"payload": string(text)}, err
}

const unseenMax = 256 // tasks; what was written longer ago has been seen by then

// A session is safe to be used by many goroutines. It knows the last command of each task that was written to and not been read since, so
// that a client reads its own writes: the tables follow the log by some milliseconds.
type session struct {
	transport *transport
	lock      sync.Mutex
	tasks     []string          // the latest at the end
	commands  map[string]string // by task
}

func (s *session) wrote(task, command string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.tasks = append(slices.DeleteFunc(s.tasks, func(t string) bool { return t == task }), task)
	s.commands[task] = command // commands of one task are carried out in their order: the last one stands for all
	if len(s.tasks) > unseenMax {
		delete(s.commands, s.tasks[0])
		s.tasks = s.tasks[1:]
	}
}

func (s *session) saw(command string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.tasks = slices.DeleteFunc(s.tasks, func(t string) bool {
		if s.commands[t] != command {
			return false
		}
		delete(s.commands, t)
		return true
	})
}

func (s *session) unseen(task string) []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	var found []string
	for _, t := range s.tasks {
		if task == "" || t == task {
			found = append(found, s.commands[t])
		}
	}
	return found
}

// unseenOf gives the command to wait for; "": none. Of whatever task it is the latest: a request waits for one, so the others are waited for here.
func (s *session) unseenOf(ctx context.Context, task string) (string, error) {
	commands := s.unseen(task)
	if len(commands) == 0 {
		return "", nil
	}
	last := len(commands) - 1
	for _, command := range commands[:last] {
		var skipped any
		if err := s.get(ctx, "/v1/commands/"+command, Query{"after_command": command}, &skipped); err != nil {
			return "", err
		}
		s.saw(command)
	}
	return commands[last], nil
}

// get as things are: whatever has been written may not be seen yet.
func (s *session) get(ctx context.Context, path string, query Query, into any) error {
	return s.call(ctx, &request{method: "GET", target: targetOf(path, query)}, into)
}

func (s *session) call(ctx context.Context, r *request, into any) error {
	found, err := s.transport.call(ctx, r)
	if err != nil {
		return err
	}
	if json.Unmarshal(found.body, into) != nil {
		return problemOf(found)
	}
	return nil
}

// read behind what was written here to the task with this id; "": to whatever task.
func (s *session) read(ctx context.Context, path string, query Query, task string, into any) error {
	command, err := s.unseenOf(ctx, task)
	if err != nil {
		return err
	}
	asked := Query{"after_command": command}
	maps.Copy(asked, query)
	if err := s.get(ctx, path, asked, into); err != nil {
		return err
	}
	if command != "" {
		s.saw(command)
	}
	return nil
}

// items of all pages of a list; each is asked for when it is needed.
func items[T any](ctx context.Context, s *session, path string, query Query, task string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		asked := maps.Clone(query)
		for {
			var page struct {
				Items []T    `json:"items"`
				Next  string `json:"next"`
			}
			if err := s.read(ctx, path, asked, task, &page); err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			asked["cursor"] = page.Next
		}
	}
}

// ask sends what has a body and changes nothing.
func (s *session) ask(ctx context.Context, method, target string, body, into any) error {
	r, err := bodied(method, target, body)
	if err != nil {
		return err
	}
	return s.call(ctx, r, into)
}

// write returns what its answer says: carried out, or PENDING.
func (s *session) write(ctx context.Context, method, target string, body any, t *terms) (*Outcome, error) {
	r, err := bodied(method, target, body)
	if err != nil {
		return nil, err
	}
	maps.Copy(r.headers, t.headers())
	r.wait = t.wait
	var found Outcome
	if err := s.call(ctx, r, &found); err != nil {
		return nil, err
	}
	s.wrote(found.TaskID, found.CommandID)
	return &found, nil
}

func bodied(method, target string, body any) (*request, error) {
	r := &request{method: method, target: target, headers: map[string]string{}}
	if body == nil {
		return r, nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r.body = text
	r.headers["Content-Type"] = "application/json"
	if method == "PATCH" {
		r.headers["Content-Type"] = "application/merge-patch+json"
	}
	return r, nil
}

// behindWrites is where to send what looks at a task, or at whatever there is, before it answers or writes.
func (s *session) behindWrites(ctx context.Context, path string, query Query, task string) (string, error) {
	command, err := s.unseenOf(ctx, task)
	if err != nil {
		return "", err
	}
	asked := Query{"after_command": command}
	maps.Copy(asked, query)
	return targetOf(path, asked), nil
}
