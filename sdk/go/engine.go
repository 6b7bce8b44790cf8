package cronobs

import (
	"fmt"
	"log/slog"
	"maps"
	"time"
)

// What a worker does, and when: pure. No clock, no network, no lock; one goroutine owns it.
//
// Whatever happens comes in as a call (a message was read, a record was acknowledged, a handler has ended); then step does what can be done,
// by way of its port. wake says when there is something to do without anything having happened.
//
// franz-go keeps the membership alive by itself, so the queue is read only while the inbox has room. An assignment is over
// when revoking has been answered: an answer to a commit that is on its way comes before it. Where the group has no position whoever comes next
// looks through status: so the answers to what is being announced there come before it, too, within two seconds.

const (
	afterShutdown = 3 * time.Second  // from ErrShutdown until FAILED is said
	lastReports   = 5 * time.Second  // for what is unsent then
	tellAgain     = 10 * time.Second // of what is passed over
	letGoAfter    = 2 * time.Second  // that the end of an assignment waits for what is being announced
	scanBefore    = 60_000_000       // microseconds before the backlog that status is read from
)

type engine struct {
	now  int64 // of this turn: wall clock microseconds,
	tick tick  // and a clock that never jumps

	inbox                           *inbox
	isDraining, isBroken, hasLeft   bool
	broken                          error
	runs                            map[runKey]*run
	limits                          limits
	port                            port
	room                            *room
	origin                          *origin
	queuePartitions                 int32
	beginnings                      *beginnings
	isStarted, isReading, isLeaving bool
	hasBegun                        bool // something of the assignment is read

	revoked   []func() // to be called when the assignment is over
	letGoAt   tick     // at the latest, but for a commit
	storing   *commit
	storeAt   tick // not before
	toLocate  map[int32]bool
	locating  bool
	locateAt  tick
	afterScan map[int32]spot
	scanning  int // the number of the last scan

	due   []*run
	later runHeap

	passedOver    int // what cannot be used
	toldAt        tick
	toldOfCancels bool

	shutdownAt, failAt, overAt tick
}

func newEngine(l limits, from origin, p port, r *room) *engine {
	return &engine{
		inbox: newInbox(l.concurrency, inboxRoom), runs: map[runKey]*run{}, limits: l, port: p, room: r, origin: &from, beginnings: newBeginnings(),
		storeAt: atOnce, locateAt: atOnce, toLocate: map[int32]bool{}, afterScan: map[int32]spot{}, toldAt: atOnce, shutdownAt: never,
		failAt: never, overAt: never,
	}
}

// --- the group ---

// started: the topics are there, and the group is being joined. partitions: of status.
func (e *engine) started(partitions, queuePartitions int32) {
	from := *e.origin
	from.partitions = partitions
	e.origin = &from
	e.queuePartitions = queuePartitions
	e.isStarted = true
}

func (e *engine) assigned(partitions []int32) {
	e.takeLeave(e.inbox.assign(partitions))
	for _, partition := range partitions {
		e.toLocate[partition] = false
	}
}

// revoking: the assignment is about to be over; done is called when it is.
func (e *engine) revoking(done func()) {
	if len(e.revoked) == 0 {
		e.letGoAt = e.tick + letGoAfter
	}
	e.revoked = append(e.revoked, done)
}

// finishRevoking behind the answer to a commit, and behind those to reports that the next owner is to find in status.
func (e *engine) finishRevoking() {
	if len(e.revoked) == 0 || e.storing != nil || (e.inbox.isAnnouncing() && e.tick < e.letGoAt) {
		return
	}
	e.takeLeave(e.inbox.revoke())
	for _, done := range e.revoked {
		done()
	}
	e.revoked = nil
}

func (e *engine) takeLeave(gone leftovers) {
	e.scanning++ // whatever is under way is of no use
	e.port.stopScan()
	e.port.release()
	e.isReading, e.locating, e.hasBegun = false, false, false
	clear(e.toLocate)
	clear(e.afterScan)
	for _, c := range gone.forgotten {
		c.run.phase = phaseGone
		e.mark(c.run)
	}
	e.startRuns(gone.handed)
	e.beginnings.forget()
	e.tellWhatWasLeftOut()
}

func (e *engine) left() {
	e.hasLeft = true
	e.takeLeave(e.inbox.revoke())
}

// broke: the worker cannot go on.
func (e *engine) broke(why error) {
	if !e.isBroken {
		e.port.notice(slog.LevelError, why.Error())
		e.broken = why
	}
	e.isBroken = true
	e.drain()
}

// --- reading ---

// fetched is what was read, and where the end of what lay there was reached.
func (e *engine) fetched(generation int, messages []message, ends map[int32]int64) {
	if generation != e.inbox.generation {
		return
	}
	e.isReading = false
	e.take(messages, ends)
}

// reached: there is nothing to be read where reading begins.
func (e *engine) reached(generation int, ends map[int32]int64) {
	if generation == e.inbox.generation {
		e.take(nil, ends)
	}
}

func (e *engine) take(messages []message, ends map[int32]int64) {
	for i := range messages {
		e.takeMessage(&messages[i])
	}
	for partition, offset := range ends {
		e.inbox.reached(partition, offset)
	}
}

func (e *engine) takeMessage(m *message) {
	if m.value == nil && m.at == markerOfTransaction {
		e.inbox.take(m.partition, m.offset, nil, 0)
		return
	}
	x, err := e.usable(m)
	if err != nil {
		e.passOver(e.limits.queueTopic, m, err)
	}
	if x != nil && e.beginnings.leavesOut(x, m.partition, m.at, e.oldestOf(m.partition)) {
		x = nil
	}
	e.inbox.take(m.partition, m.offset, x, m.at)
}

// markerOfTransaction is the time of what is no record, but has an offset.
const markerOfTransaction = -1

func (e *engine) oldestOf(number int32) int64 {
	if p := e.inbox.partitions[number]; p != nil {
		return p.oldest
	}
	return 0
}

func (e *engine) usable(m *message) (*execution, error) {
	x := &execution{traceparent: m.traceparent}
	if err := decode(m.value, "ExecutionCreated", x); err != nil {
		return nil, err
	}
	if err := checkExecution(x, e.origin.partitions); err != nil {
		return nil, err
	}
	return x, nil
}

// passOver counts what nobody can use and tells it, not each by itself: there may be millions.
func (e *engine) passOver(topic string, m *message, why error) {
	e.passedOver++
	if e.toldAt != atOnce && e.tick < e.toldAt+tellAgain {
		return
	}
	e.toldAt = e.tick
	e.port.notice(slog.LevelError, fmt.Sprintf("passed over %s[%d] at %d: %v (%d so far)", topic, m.partition, m.offset, why, e.passedOver))
}

// signalled: of control.
func (e *engine) signalled(messages []message) {
	for i := range messages {
		var s signal
		if err := decode(messages[i].value, "ExecutionSignal", &s); err != nil {
			e.passOver(e.limits.controlTopic, &messages[i], err)
		} else if s.signal == "CANCEL" {
			e.cancel(&s)
		}
	}
}

func (e *engine) cancel(s *signal) {
	e.inbox.cancel(s.executionID, s.taskID, s.attempt)
	r := e.runs[runKey{s.executionID, s.attempt}]
	if r != nil && r.execution.taskID == s.taskID {
		e.tell(r, ErrCancelled)
	}
	if e.inbox.cancelsLost > 0 && !e.toldOfCancels {
		e.toldOfCancels = true
		e.port.notice(slog.LevelWarn, e.limits.controlTopic+" holds more cancellations than are remembered: what the oldest of them are about is run"+
			" if it still waits in the queue")
	}
}

// controlIsRead: to its end, once.
func (e *engine) controlIsRead() { e.inbox.cancelsAreKnown() }

// --- answers of the brokers ---

type storeOutcome uint8

const (
	storeMade storeOutcome = iota
	storeRefused
	storeUnanswered
)

func (e *engine) stored(c *commit, outcome storeOutcome, why error) {
	e.storing = nil
	switch outcome {
	case storeMade:
		e.inbox.committed(c)
		e.beginnings.committed(c.positions)
		e.tellWhatWasLeftOut()
		return
	case storeRefused:
		e.inbox.refused(c)
	case storeUnanswered:
		e.inbox.unanswered(c)
	}
	e.storeAt = e.tick + retryAfter
	e.port.notice(slog.LevelWarn, fmt.Sprintf("will commit the position again: %v", why))
}

// answered: of a record in a run's queue; err nil: the brokers have it.
func (e *engine) answered(r *run, err error, isHopeless bool) {
	if err != nil && isHopeless {
		e.port.notice(slog.LevelError, fmt.Sprintf("dropped a record of execution %s: %v", r.execution.executionID, err))
	} else if err != nil {
		e.port.notice(slog.LevelWarn, fmt.Sprintf("will publish it again: %v", err))
	}
	if weight := r.answered(err == nil || isHopeless, e.tick); weight > 0 {
		e.room.sent(weight)
	}
	if r.phase == phaseClaimed {
		e.inbox.announced(r.claim)
	}
	e.mark(r)
}

// beatAnswered: of a sign of life, which is not sent again.
func (e *engine) beatAnswered(r *run, err error) {
	if err != nil {
		e.port.notice(slog.LevelWarn, fmt.Sprintf("a sign of life was lost: %v", err))
	}
	r.beatAnswered(err == nil, e.tick)
	e.mark(r)
}

// --- handlers ---

// logged: there are lines to be sent.
func (e *engine) logged(r *run) { e.mark(r) }

func (e *engine) progressed(r *run, percent *int32, note *string) {
	if r.phase == phaseWorking {
		r.beat.say(percent, note)
		e.mark(r)
	}
}

// ended: the handler is done.
func (e *engine) ended(r *run, o outcome) {
	e.inbox.done(r.claim)
	if r.phase == phaseWorking {
		e.end(r, o)
	}
}

func (e *engine) end(r *run, o outcome) {
	e.port.close(r)
	r.end(o, e.now, e.tick)
	e.mark(r)
}

// tell a run that it is to end.
func (e *engine) tell(r *run, cause error) {
	if r.cause != nil || r.phase > phaseWorking {
		return
	}
	r.told(cause, e.tick)
	e.mark(r)
	if r.phase == phaseWorking {
		e.port.tell(r)
	}
}

// --- the end ---

// drain claims nothing more, leaves the group, lets handlers go on for a while.
func (e *engine) drain() {
	if !e.isDraining {
		e.isDraining = true
		e.shutdownAt = e.tick + e.limits.drain
	}
}

// hurry: as if the time for handlers were over.
func (e *engine) hurry() {
	e.drain()
	e.shutdownAt = min(e.shutdownAt, e.tick)
}

// isOver: all is reported, or the time for it is over.
func (e *engine) isOver() bool {
	return e.isDraining && ((e.hasLeft && len(e.runs) == 0) || e.tick >= e.overAt)
}

func (e *engine) shutDown() {
	if e.tick >= e.shutdownAt {
		e.shutdownAt, e.failAt = never, e.tick+afterShutdown
		for _, r := range e.runs {
			e.tell(r, ErrShutdown)
		}
	}
	if e.tick < e.failAt && (e.failAt == never || e.works()) {
		return
	}
	e.failAt, e.overAt = never, min(e.overAt, e.tick+lastReports)
	for _, r := range e.runs {
		if r.phase == phaseWorking {
			e.end(r, outcome{status: "FAILED", reason: "WORKER_SHUTDOWN", message: new(ErrShutdown.Error())})
		}
	}
}

func (e *engine) works() bool {
	for _, r := range e.runs {
		if r.phase == phaseWorking {
			return true
		}
	}
	return false
}

// --- a turn ---

// step does what can be done now.
func (e *engine) step() {
	e.shutDown()
	e.finishRevoking()
	e.claim()
	e.commit()
	e.handOut()
	e.claim() // where that was the end of a turn: maybe nothing else happens for long
	e.attend()
	e.useReader()
}

// wake is when there is something to do.
func (e *engine) wake() tick {
	if len(e.due) > 0 {
		return atOnce
	}
	wake := min(e.shutdownAt, e.failAt, e.overAt)
	if len(e.later) > 0 {
		wake = min(wake, e.later[0].waitsFor)
	}
	if e.storing == nil && e.storeAt > e.tick {
		wake = min(wake, e.storeAt)
	}
	if e.storing == nil && len(e.revoked) > 0 {
		wake = min(wake, e.letGoAt)
	}
	if len(e.toLocate) > 0 && !e.locating && !e.isLeaving {
		wake = min(wake, e.locateAt)
	}
	return wake
}

func (e *engine) claim() {
	if e.isDraining || len(e.revoked) > 0 {
		return
	}
	for _, c := range e.inbox.claim(e.now) {
		r := newRun(c, e.origin, e.room, e.limits.stopWhenLost)
		c.run = r
		e.runs[c.key()] = r
		e.mark(r)
	}
}

func (e *engine) commit() {
	if e.storing != nil || e.tick < e.storeAt || e.hasLeft || len(e.revoked) > 0 {
		return
	}
	if e.storing = e.inbox.commit(); e.storing != nil {
		e.port.store(e.storing)
	}
}

func (e *engine) handOut() { e.startRuns(e.inbox.handOut()) }

func (e *engine) startRuns(claims []*claim) {
	var begun []*run
	for _, c := range claims {
		r := c.run
		r.start(e.tick)
		if r.cause != nil {
			e.inbox.done(c)
			e.end(r, unbegun(r.cause))
		} else {
			begun = append(begun, r)
		}
		e.mark(r)
	}
	if len(begun) > 0 {
		e.port.start(begun)
	}
}

// unbegun is how one ends that was told to before its handler had it.
func unbegun(cause error) outcome {
	switch cause {
	case ErrCancelled:
		return outcome{status: "CANCELLED", reason: "NONE", message: new("it was cancelled before it began")}
	case ErrTimeout:
		return outcome{status: "FAILED", reason: "RUN_TIMEOUT", message: new(ErrTimeout.Error())}
	}
	return outcome{status: "FAILED", reason: "WORKER_SHUTDOWN", message: new("the worker was shut down before it began")}
}

func (e *engine) useReader() {
	switch {
	case e.hasLeft || e.isLeaving:
	case e.isDraining && !e.inbox.isClaiming() && e.storing == nil:
		e.isLeaving = true
		e.port.leave()
	case !e.isStarted:
	case len(e.toLocate) > 0 && !e.locating && e.tick >= e.locateAt:
		e.locating = true
		e.port.locate(e.inbox.generation, maps.Clone(e.toLocate))
	}
	if e.hasBegun && !e.isDraining && !e.isReading && !e.inbox.isPaused && len(e.inbox.waiting) < e.inbox.room {
		e.isReading = true
		e.port.read(e.inbox.room - len(e.inbox.waiting))
	}
}
