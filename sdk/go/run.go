package cronobs

import (
	"sync/atomic"
	"time"
)

// One execution in this process: what is still to be published about it, in order. Pure: times are arguments.
//
// Its records form one queue: RUNNING, batches of log lines, the final status. At most one is on its way at a time, and the next one is made
// only when the brokers have the one before: so whatever is sent again keeps its place, with the same bytes. Heartbeats stand
// outside the queue.

const (
	retryAfter   = 200 * time.Millisecond // before a record is sent again
	timeoutAfter = time.Second            // behind the run timeout: the scheduler's TIMED_OUT comes first
	ignoresAfter = 30 * time.Second       // after which one that ignores its cause is named
)

const nowhere = -1 // the place of a run that is not to be looked at later

type phase uint8

const (
	phaseClaiming phase = iota // RUNNING is to be published
	phaseClaimed               // the brokers have it
	phaseWorking               // the handler has it
	phaseEnding                // what is left is being published
	phaseGone                  // nothing left to do
)

// An outcome is how an execution ended.
type outcome struct {
	status, reason string
	message        *string
	exitCode       *int32
	result         []byte
}

type topic uint8

const (
	topicStatus topic = iota
	topicLogs
	topicHeartbeats
)

// An output is a record on its way.
type output struct {
	topic     topic
	partition int32
	key       string
	value     []byte
}

// An origin is who publishes, and into how many partitions.
type origin struct {
	name, incarnation string
	partitions        int32
	newID             func() string
}

type run struct {
	claim     *claim
	execution *execution
	phase     phase
	beat      beat
	log       log
	outcome   outcome
	cause     error // why the handler was told to end
	job       *Job  // the handler's face of it

	timeoutAt tick
	waitsFor  tick // the engine's: when it will look at it,
	place     int  // and where it stands among those that it looks at later
	isMarked  bool // the engine's: it looks at it in this turn
	origin    *origin

	frame         *output // on its way, or to be sent again
	batch         *batch  // what is in it
	nextSeq       int64
	isInFlight    bool
	retryAt       tick
	namesAt       tick
	stopsWhenLost bool
	contactUntil  atomic.Int64 // a tick: what the handler is told of lostAt
}

func newRun(c *claim, from *origin, room *room, stopsWhenLost bool) *run {
	r := &run{
		claim: c, execution: c.execution, beat: newBeat(c.execution.heartbeat), log: log{room: room}, origin: from, nextSeq: 1,
		timeoutAt: never, waitsFor: never, place: nowhere, retryAt: atOnce, namesAt: never, stopsWhenLost: stopsWhenLost,
	}
	r.contactUntil.Store(int64(never))
	return r
}

// --- what becomes of it ---

// start: the handler has it.
func (r *run) start(at tick) {
	r.phase = phaseWorking
	r.beat.start(at)
	r.contactUntil.Store(int64(r.beat.lostAt()))
}

// beatAnswered: a heartbeat has come to the brokers, or will not.
func (r *run) beatAnswered(isDelivered bool, at tick) {
	r.beat.answered(isDelivered, at)
	r.contactUntil.Store(int64(r.beat.lostAt()))
}

// told: the handler is told to end.
func (r *run) told(cause error, at tick) {
	r.cause = cause
	r.timeoutAt = never
	r.namesAt = at + ignoresAfter
	r.log.stop()
}

// end: it is over; what is left is published, then how it ended.
func (r *run) end(o outcome, now int64, at tick) {
	r.outcome = o
	r.phase = phaseEnding
	r.timeoutAt, r.namesAt = never, never
	r.log.close(now, at)
}

// ignoresItsCause is true once, when the handler was told to end and goes on.
func (r *run) ignoresItsCause(at tick) bool {
	if at < r.namesAt {
		return false
	}
	r.namesAt = never
	return true
}

func (r *run) isOver() bool {
	return r.phase == phaseGone && !r.isInFlight && r.beat.inFlight == 0
}

// --- its queue of records ---

// wake is when there is something to do for it; never: not before something else happens.
func (r *run) wake() tick {
	return min(r.recordDue(), r.beatDue(), r.timeoutAt, r.namesAt, r.lostAt())
}

// lostAt is when the handler is to be told that nobody hears of it.
func (r *run) lostAt() tick {
	if !r.stopsWhenLost || r.phase != phaseWorking || r.cause != nil {
		return never
	}
	return r.beat.lostAt()
}

func (r *run) beatDue() tick {
	switch r.phase {
	case phaseWorking:
		return r.beat.wake(false)
	case phaseEnding:
		return r.beat.wake(true)
	}
	return never
}

func (r *run) recordDue() tick {
	switch {
	case r.isInFlight, r.phase == phaseGone:
		return never
	case r.frame != nil:
		return r.retryAt
	case r.phase == phaseClaiming, r.phase == phaseEnding:
		return atOnce
	}
	return r.log.dueAt()
}

// nextRecord gives what to publish now, marked as on its way; nil: nothing (yet). An error: it cannot be written, answered goes on.
func (r *run) nextRecord(now int64, at tick) (*output, error) {
	if r.isInFlight || r.phase == phaseGone {
		return nil, nil
	}
	if r.frame == nil {
		frame, err := r.make(now, at)
		if err != nil {
			return nil, err
		}
		r.frame = frame
	} else if at < r.retryAt {
		return nil, nil
	}
	r.isInFlight = r.frame != nil
	return r.frame, nil
}

// answered: the brokers have the record, or will never take it; not done: it is to be sent again. Returns the weight of the lines in it.
func (r *run) answered(isDone bool, at tick) int {
	r.isInFlight = false
	if !isDone {
		r.retryAt = at + retryAfter
		return 0
	}
	b := r.batch
	r.frame, r.batch = nil, nil
	if b != nil {
		return b.weight
	}
	switch r.phase {
	case phaseClaiming:
		r.acknowledged(at)
	case phaseEnding:
		r.phase = phaseGone
	}
	return 0
}

func (r *run) acknowledged(at tick) {
	r.phase = phaseClaimed
	if limit := r.execution.runTimeout; limit != nil && *limit > 0 && r.cause == nil {
		r.timeoutAt = at + milliseconds(*limit) + timeoutAfter
	}
}

func (r *run) make(now int64, at tick) (*output, error) {
	switch r.phase {
	case phaseClaiming:
		return r.status(outcome{status: "RUNNING", reason: "NONE"}, now)
	case phaseEnding:
		if taken := r.log.take(at); len(taken.entries) > 0 {
			return r.logs(&taken)
		}
		return r.status(r.outcome, now)
	}
	if r.log.dueAt() > at {
		return nil, nil
	}
	taken := r.log.take(at)
	return r.logs(&taken)
}

func (r *run) status(o outcome, now int64) (*output, error) {
	e := r.execution
	value := status{
		eventID: r.origin.newID(), executionID: e.executionID, taskID: e.taskID, attempt: e.attempt, status: o.status, reason: o.reason,
		occurredAt: now, message: o.message, exitCode: o.exitCode, result: o.result,
	}
	value.worker.value = &workerName{r.origin.name, r.origin.incarnation}
	if e.trigger == triggerExternal && o.status == "RUNNING" { // no ExecutionCreated tells of it
		value.trigger, value.scheduledAt = &e.trigger, &e.scheduledAt
	}
	frame, err := encode("ExecutionStatus", &value)
	return r.toTask(topicStatus, frame), err
}

const triggerExternal = "EXTERNAL"

func (r *run) logs(taken *batch) (*output, error) {
	r.batch = taken
	e := r.execution
	value := logBatch{executionID: e.executionID, taskID: e.taskID, attempt: e.attempt, writer: r.origin.incarnation, firstSeq: r.nextSeq}
	value.lines.items = make([]logLine, len(taken.entries))
	for number, entry := range taken.entries {
		value.lines.items[number] = logLine{entry.at, entry.level, "LOG", entry.line.message}
		if entry.line.unfinished || entry.line.escaped {
			value.marks.items = append(value.marks.items, logMark{int32(number) + 1, entry.line.unfinished, entry.line.escaped})
		}
	}
	r.nextSeq += int64(len(taken.entries))
	frame, err := encode("LogBatch", &value)
	return &output{topicLogs, partitionOf(e.executionID, r.origin.partitions), e.executionID, frame}, err
}

func (r *run) heartbeat(now int64) (*output, error) {
	e := r.execution
	value := heartbeat{
		executionID: e.executionID, taskID: e.taskID, attempt: e.attempt, worker: workerName{r.origin.name, r.origin.incarnation},
		occurredAt: now, progress: r.beat.percent, message: r.beat.note,
	}
	frame, err := encode("Heartbeat", &value)
	return r.toTask(topicHeartbeats, frame), err
}

func (r *run) toTask(to topic, frame []byte) *output {
	return &output{to, r.execution.statusPartition, r.execution.taskID, frame}
}
