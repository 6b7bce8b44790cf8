package cronobs

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

const worldPartitions = 3 // of status and of the queue

// A world is an engine with a port that only remembers, and a clock that is set by hand.
type world struct {
	t        *testing.T
	engine   *engine
	sent     []sentRecord // without an answer yet
	begun    []*run
	told     []string
	notices  []string
	commits  []*commit // without an answer yet
	located  []map[int32]bool
	spots    []spot
	room     int // that is asked for
	scans    [][]int32
	releases int
	hasLeft  bool
	ids      int
}

type sentRecord struct {
	output *output
	run    *run
}

func newWorld(t *testing.T, change ...func(l *limits)) *world {
	w := &world{t: t}
	l := limits{queueTopic: "executions.q", controlTopic: "control", group: "work-q", concurrency: 16, backlog: day, drain: 25 * time.Second}
	for _, f := range change {
		f(&l)
	}
	from := origin{name: "worker", incarnation: "931c68c2-dd45-494e-8ae7-78f29a4cf900", newID: w.newID}
	w.engine = newEngine(l, from, w, newRoom(unsentMax))
	w.engine.now = 1_800_000_000_000_000
	return w
}

func (w *world) newID() string {
	w.ids++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids)
}

func (w *world) locate(_ int, partitions map[int32]bool) { w.located = append(w.located, partitions) }
func (w *world) begin(_ int, spots []spot)               { w.spots = append(w.spots, spots...) }
func (w *world) read(room int)                           { w.room = room }
func (w *world) release()                                { w.releases++ }
func (w *world) store(c *commit)                         { w.commits = append(w.commits, c) }
func (w *world) leave()                                  { w.hasLeft = true }
func (w *world) scan(_ int, partitions []int32, _ int64) { w.scans = append(w.scans, partitions) }
func (w *world) stopScan()                               {}
func (w *world) send(o *output, r *run)                  { w.sent = append(w.sent, sentRecord{o, r}) }
func (w *world) start(runs []*run)                       { w.begun = append(w.begun, runs...) }
func (w *world) close(*run)                              {}
func (w *world) notice(_ slog.Level, text string)        { w.notices = append(w.notices, text) }
func (w *world) tell(r *run)                             { w.told = append(w.told, r.execution.executionID+": "+r.cause.Error()) }

// passes so much time.
func (w *world) passes(d time.Duration) {
	w.engine.tick += d
	w.engine.now += d.Microseconds()
	w.engine.step()
}

// reads: the worker is a member, its partition begins at 0, control is read.
func (w *world) reads() {
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.controlIsRead()
	w.isAssigned(spot{partition: 0, stored: 0, oldest: unknown, end: 0})
}

func (w *world) isAssigned(spots ...spot) {
	var numbers []int32
	for _, s := range spots {
		numbers = append(numbers, s.partition)
	}
	w.engine.assigned(numbers)
	w.engine.step()
	w.engine.located(w.engine.inbox.generation, spots)
	w.engine.step()
}

func (w *world) isRevoked() (isOver bool) {
	w.engine.revoking(func() { isOver = true })
	w.engine.step()
	return isOver
}

// fetched messages of partition 0.
func (w *world) fetched(messages ...message) {
	w.engine.fetched(w.engine.inbox.generation, messages, nil)
	w.engine.step()
}

// answers of the brokers to all that was sent; what it was.
func (w *world) answers() []any {
	sent := w.sent
	w.sent = nil
	var said []any
	for _, s := range sent {
		said = append(said, w.recordIn(s.output))
		if s.output.topic == topicHeartbeats {
			w.engine.beatAnswered(s.run, nil)
		} else {
			w.engine.answered(s.run, nil, false)
		}
	}
	w.engine.step()
	return said
}

func (w *world) recordIn(o *output) any {
	w.t.Helper()
	name := [...]string{topicStatus: "ExecutionStatus", topicLogs: "LogBatch", topicHeartbeats: "Heartbeat"}[o.topic]
	into := newRecord(name)
	if err := decode(o.value, name, into); err != nil {
		w.t.Fatal(err)
	}
	return into
}

// statuses of what was answered; of lines and signs of life the name of the record.
func statuses(said []any) []string {
	words := []string{}
	for _, one := range said {
		switch one := one.(type) {
		case *status:
			words = append(words, one.status)
		case *logBatch:
			words = append(words, "LogBatch")
		case *heartbeat:
			words = append(words, "Heartbeat")
		}
	}
	return words
}

// stores answers the commit that waits for it.
func (w *world) stores(outcome storeOutcome) map[int32]int64 {
	w.t.Helper()
	if len(w.commits) != 1 {
		w.t.Fatalf("%d commits wait for an answer", len(w.commits))
	}
	c := w.commits[0]
	w.commits = nil
	var why error
	if outcome != storeMade {
		why = fmt.Errorf("because")
	}
	w.engine.stored(c, outcome, why)
	w.engine.step()
	return c.positions
}

// runs brings messages to their handlers.
func (w *world) runs(messages ...message) []*run {
	w.t.Helper()
	before := len(w.begun)
	w.fetched(messages...)
	w.answers()
	w.stores(storeMade)
	return w.begun[before:]
}

func (w *world) ends(r *run, o outcome) {
	w.engine.ended(r, o)
	w.engine.step()
}

var succeeded = outcome{status: "SUCCEEDED", reason: "NONE"}

// says a line of a run.
func (w *world) says(r *run, text string) {
	if r.log.add("INFO", linesOf(text), w.engine.now, func() tick { return w.engine.tick }) {
		w.engine.logged(r)
	}
	w.engine.step()
}

func (w *world) expectStatuses(said []any, expected ...string) {
	w.t.Helper()
	if found := statuses(said); !slices.Equal(found, expected) {
		w.t.Errorf("said %v, not %v", found, expected)
	}
}

func (w *world) expectNotice(words string) {
	w.t.Helper()
	if !slices.ContainsFunc(w.notices, func(n string) bool { return strings.Contains(n, words) }) {
		w.t.Errorf("no notice says '%s': %q", words, w.notices)
	}
}

// queued makes a message at an offset with an execution of its own.
func (w *world) queued(offset int64, change ...func(e *execution)) message {
	w.t.Helper()
	e := &execution{
		executionID: fmt.Sprintf("01a20dc8-e780-84a3-82a6-%012d", offset), taskID: "25863586-ab2e-5a4d-ae75-e2f830b9b6e4", taskKey: "backup",
		project: "default", revision: 1, attempt: 1, maxAttempts: 1, trigger: "MANUAL", statusPartition: 2,
	}
	for _, f := range change {
		f(e)
	}
	frame, err := encode("ExecutionCreated", e)
	if err != nil {
		w.t.Fatal(err)
	}
	return message{partition: 0, offset: offset, at: w.engine.now, value: frame}
}

// cancelOf an execution that was queued.
func (w *world) cancelOf(m message, change ...func(s *signal)) message {
	w.t.Helper()
	var e execution
	if err := decode(m.value, "ExecutionCreated", &e); err != nil {
		w.t.Fatal(err)
	}
	s := &signal{executionID: e.executionID, taskID: e.taskID, attempt: e.attempt, signal: "CANCEL"}
	for _, f := range change {
		f(s)
	}
	frame, err := encode("ExecutionSignal", s)
	if err != nil {
		w.t.Fatal(err)
	}
	return message{value: frame}
}
