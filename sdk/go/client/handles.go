package client

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"time"

	"cronobs.io/sdk/internal/ids"
)

const lookAgain = 500 * time.Millisecond // between two looks at what goes on

// --- a task ---

// A TaskHandle is a task by project and key, whether it is there or not.
type TaskHandle struct {
	Project, Key string
	ID           string
	session      *session
	path         string
}

func newTaskHandle(s *session, project, key string) *TaskHandle {
	t := &TaskHandle{Project: project, Key: key, ID: ids.Task(project, key).String(), session: s}
	t.path = "/v1/tasks/" + url.PathEscape(t.String())
	return t
}

// String is project~key.
func (t *TaskHandle) String() string { return t.Project + "~" + t.Key }

// Get the task.
func (t *TaskHandle) Get(ctx context.Context) (*Task, error) {
	var found Task
	if err := t.session.read(ctx, t.path, nil, t.ID, &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Put makes it, or replaces its whole specification; an equal one makes no new revision. spec: a TaskSpec, a map, or what else becomes that JSON.
func (t *TaskHandle) Put(ctx context.Context, spec any, options ...WriteOption) (*Outcome, error) {
	return t.session.write(ctx, "PUT", t.path, spec, termsOf(options))
}

// Draft says what would come of such a put: what changes, when it is due next, what calendars leave out. It writes nothing.
func (t *TaskHandle) Draft(ctx context.Context, spec any) (*Draft, error) {
	target, err := t.session.behindWrites(ctx, t.path, Query{"dry_run": true}, t.ID)
	if err != nil {
		return nil, err
	}
	var found Draft
	if err := t.session.ask(ctx, "PUT", target, spec, &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Patch changes some members of its specification; nil resets one to its default.
func (t *TaskHandle) Patch(ctx context.Context, changes any, options ...WriteOption) (*Outcome, error) {
	target, err := t.session.behindWrites(ctx, t.path, nil, t.ID)
	if err != nil {
		return nil, err
	}
	return t.session.write(ctx, "PATCH", target, changes, termsOf(options))
}

// Delete it; its history stays.
func (t *TaskHandle) Delete(ctx context.Context, options ...WriteOption) (*Outcome, error) {
	terms := termsOf(options)
	return t.session.write(ctx, "DELETE", targetOf(t.path, Query{"reason": terms.reason}), nil, terms)
}

// Pause: nothing more is fired until it is resumed.
func (t *TaskHandle) Pause(ctx context.Context, options ...WriteOption) (*Outcome, error) {
	return t.act(ctx, "pause", members{}, options)
}

// PauseUntil then.
func (t *TaskHandle) PauseUntil(ctx context.Context, until time.Time, options ...WriteOption) (*Outcome, error) {
	return t.act(ctx, "pause", members{"until": until}, options)
}

// Resume ends a pause. gap: which of the instants that passed are made up for, NONE, LAST or ALL; "": as its policy says.
func (t *TaskHandle) Resume(ctx context.Context, gap ResumeGap, options ...WriteOption) (*Outcome, error) {
	return t.act(ctx, "resume", members{"gap": gap}, options)
}

// Trigger one execution now, which ExecutionID names. payload: bytes, a text, or what becomes JSON; nil: the task's own.
func (t *TaskHandle) Trigger(ctx context.Context, payload any, options ...WriteOption) (*Outcome, error) {
	body, err := payloadMembers(payload)
	if err != nil {
		return nil, err
	}
	return t.act(ctx, "trigger", body, options)
}

// TriggerAnyway does it whatever else runs: the overlap policy is not asked.
func (t *TaskHandle) TriggerAnyway(ctx context.Context, payload any, options ...WriteOption) (*Outcome, error) {
	body, err := payloadMembers(payload)
	if err != nil {
		return nil, err
	}
	body["ignore_overlap"] = true
	return t.act(ctx, "trigger", body, options)
}

// SkipNext leaves out the next instant that is due; Message says which.
func (t *TaskHandle) SkipNext(ctx context.Context, options ...WriteOption) (*Outcome, error) {
	return t.act(ctx, "skip-next", members{}, options)
}

// Backfill runs each instant after from, up to to: 1,000 at most, in the past.
func (t *TaskHandle) Backfill(ctx context.Context, from, to time.Time, options ...WriteOption) (*Outcome, error) {
	return t.act(ctx, "backfill", members{"from": from, "to": to}, options)
}

// DraftBackfill says which instants such a backfill would run. It writes nothing.
func (t *TaskHandle) DraftBackfill(ctx context.Context, from, to time.Time) (*BackfillDraft, error) {
	target, err := t.session.behindWrites(ctx, t.path+":backfill", Query{"dry_run": true}, t.ID)
	if err != nil {
		return nil, err
	}
	var found BackfillDraft
	if err := t.session.ask(ctx, "POST", target, members{"from": from, "to": to}.bare(), &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Upcoming: when it is due next. Parameters: from, to, limit.
func (t *TaskHandle) Upcoming(ctx context.Context, query Query) ([]Planned, error) {
	var found Upcoming
	err := t.session.read(ctx, t.path+"/upcoming", query, t.ID, &found)
	return found.Items, err
}

// Why says whether it ran at an instant (parameter at, with tz; the last one unless given), and if not, why.
func (t *TaskHandle) Why(ctx context.Context, query Query) (*Why, error) {
	var found Why
	if err := t.session.read(ctx, t.path+":why", query, "", &found); err != nil {
		return nil, err
	}
	return &found, nil
}

// Revisions: what it was, newest first.
func (t *TaskHandle) Revisions(ctx context.Context) iter.Seq2[Revision, error] {
	return items[Revision](ctx, t.session, t.path+"/revisions", paged(nil, 100), t.ID)
}

// Gaps are instants that were not fired, and why, newest first.
func (t *TaskHandle) Gaps(ctx context.Context) iter.Seq2[Gap, error] {
	return items[Gap](ctx, t.session, t.path+"/gaps", paged(nil, 100), t.ID)
}

func (t *TaskHandle) act(ctx context.Context, verb string, body members, options []WriteOption) (*Outcome, error) {
	terms := termsOf(options)
	body["reason"] = terms.reason
	return t.session.write(ctx, "POST", t.path+":"+verb, body.bare(), terms)
}

// --- an execution ---

// An ExecutionHandle is an execution by its id.
type ExecutionHandle struct {
	ID      string
	session *session
	path    string
}

// Get it, with its payload and its last sign of life.
func (e *ExecutionHandle) Get(ctx context.Context) (*Execution, error) {
	var found Execution
	if err := e.session.read(ctx, e.path, nil, "", &found); err != nil {
		return nil, err
	}
	return &found, nil
}

var open = []Status{"PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "UNKNOWN"}

// hasEnded, and no attempt follows.
func hasEnded(found *Execution) bool {
	return !slices.Contains(open, found.Status) && found.NextAttemptAt == ""
}

// Wait until it has ended and no attempt follows, or ctx is done.
func (e *ExecutionHandle) Wait(ctx context.Context) (*Execution, error) {
	for {
		found, err := e.Get(ctx)
		if err != nil || hasEnded(found) {
			return found, err
		}
		select {
		case <-ctx.Done():
			return found, ctx.Err()
		case <-time.After(lookAgain):
		}
	}
}

// Events are all that was reported about it, in the order of the log.
func (e *ExecutionHandle) Events(ctx context.Context) iter.Seq2[ExecutionEvent, error] {
	return items[ExecutionEvent](ctx, e.session, e.path+"/events", paged(nil, 100), "")
}

// Logs are its lines in the order of their arrival; with attempt or writer those of one writer, by number. Parameters: level (leaves out what is
// less serious), stream, attempt, writer, limit (of a page).
func (e *ExecutionHandle) Logs(ctx context.Context, query Query) iter.Seq2[LogLine, error] {
	return e.logs(ctx, query, true)
}

// FollowLogs goes on until the execution has ended.
func (e *ExecutionHandle) FollowLogs(ctx context.Context, query Query) iter.Seq2[LogLine, error] {
	return e.logs(ctx, query, false)
}

func (e *ExecutionHandle) logs(ctx context.Context, query Query, isOver bool) iter.Seq2[LogLine, error] {
	return func(yield func(LogLine, error) bool) {
		asked := paged(query, 500)
		for {
			var page LogPage
			err := e.session.read(ctx, e.path+"/logs", asked, "", &page)
			for _, line := range page.Items {
				if !yield(line, nil) {
					return
				}
			}
			if err == nil && !page.More {
				if isOver {
					return
				}
				isOver, err = e.isOver(ctx) // the last lines may come behind the report of the end: one more look follows
			}
			if err != nil {
				yield(LogLine{}, err)
				return
			}
			delete(asked, "attempt")
			delete(asked, "writer")
			asked["after"] = page.Next
		}
	}
}

func (e *ExecutionHandle) isOver(ctx context.Context) (bool, error) {
	found, err := e.Get(ctx)
	if err != nil {
		return false, err
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(lookAgain):
		return hasEnded(found), nil
	}
}

// Cancel ends it: at once while nobody has begun it, else by a signal to its worker.
func (e *ExecutionHandle) Cancel(ctx context.Context, options ...WriteOption) (*Outcome, error) {
	return e.act(ctx, "cancel", members{}, options)
}

// Retry runs one that is over again, as an execution of its own. payload: as of Trigger; nil: the one that it had.
func (e *ExecutionHandle) Retry(ctx context.Context, payload any, options ...WriteOption) (*Outcome, error) {
	body, err := payloadMembers(payload)
	if err != nil {
		return nil, err
	}
	return e.act(ctx, "retry", body, options)
}

func (e *ExecutionHandle) act(ctx context.Context, verb string, body members, options []WriteOption) (*Outcome, error) {
	terms := termsOf(options)
	body["reason"] = terms.reason
	target, err := e.session.behindWrites(ctx, e.path+":"+verb, nil, "")
	if err != nil {
		return nil, err
	}
	return e.session.write(ctx, "POST", target, body.bare(), terms)
}
