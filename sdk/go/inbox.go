package cronobs

import (
	"maps"
	"slices"
)

// Executions that were read and not yet handed out, and how far each partition's position may go.
//
// Pure: no clock, no network, no lock; the engine's goroutine owns it. Times are wall clock microseconds and arguments.
//
// An execution is claimed in three steps that each wait for the one before: RUNNING is in the log; the group's position is past the
// execution; the handler has it. Killed between the first two, the execution is run by whoever reads it next; killed after them, it is
// one that was RUNNING when its worker died. Claims go in turns: as many as there are free places, all acknowledgements, one
// commit, hand out.
//
// Invariant: the position to commit in a partition is the offset of its first execution that is not announced or, when there is none, the
// offset to read next. So what was not announced is read again by whoever owns the partition next, and what was is not. A commit that was
// refused counts for nothing: it is made again, and when the assignment goes, so do its claims. One without an answer may have been made:
// when the assignment goes, its claims are handed out all the same. They may run twice, but nobody else might run them at all.
//
// A partition of which the group has no position gets its first one when all that lay there is settled: until then whoever comes next must
// look through status as we did, so what is announced there is handed out without a commit. From when the first one is asked for it may stand,
// and be read from: hand-out waits for it as for any other, unless it is refused. Where the partition goes meanwhile, what is announced is handed
// out all the same.
type inbox struct {
	concurrency int  // places: claims that were begun and are not done
	room        int  // executions read ahead, not yet claimed
	generation  int  // one more with each assignment, and when one goes
	cancelsLost int  // cancellations that are not remembered any more
	isPaused    bool // full: nothing more is to be read. An assignment begins unpaused

	knowsCancels bool
	partitions   map[int32]*partition
	waiting      []*claim // in the order they were read
	turn         []*claim // claiming and claimed
	running      map[runKey]*claim
	pending      *commit // asked for, without an answer
	seen         *ordered[string, int32]
	cancelled    *ordered[cancelKey, struct{}]
}

const (
	inboxRoom  = 500
	seenMax    = 16_384  // executions that were taken on, remembered with their highest attempt
	cancelsMax = 524_288 // cancellations that are remembered
	unknown    = -1      // an offset
)

type runKey struct {
	executionID string
	attempt     int32
}

type cancelKey struct {
	executionID, taskID string
	attempt             int32
}

type claimState uint8

const (
	claimWaiting claimState = iota // read, not yet claimed
	claiming                       // RUNNING is on its way
	claimed                        // the log has RUNNING; the position is to be committed
	handedOut                      // its handler may run
	claimGone                      // done, or forgotten: another worker reads it
)

// A claim is an execution that was read from the queue.
type claim struct {
	execution *execution
	partition int32
	offset    int64 // unknown: it needs no commit, nobody else will read it
	state     claimState
	run       *run // the engine's
}

func (c *claim) key() runKey { return runKey{c.execution.executionID, c.execution.attempt} }

// A commit has positions to commit: of a partition the offset to be read next. It belongs to one assignment: for a later one it is no answer.
type commit struct{ positions map[int32]int64 }

// leftovers are what became of the claims of an assignment that is over. Claims that stay need no commit any more: those that
// are still being announced, where there was no position.
type leftovers struct {
	handed    []*claim // to be run: nobody else might
	forgotten []*claim // others read them; whoever waits for one is to be woken
}

type partition struct {
	next          int64 // to be read next; unknown: not known yet
	committed     int64 // what the group's position is known to be
	maybe         int64 // what it may be: the commit had no answer
	end           int64 // where what lay there ended, when its end was reached for the first time
	hasNoPosition bool  // the group knows none, or one that is gone
	oldest        int64 // with it: what is older is passed over
}

func newPartition() *partition {
	return &partition{next: unknown, committed: unknown, maybe: unknown, end: unknown}
}

func newInbox(concurrency, room int) *inbox {
	return &inbox{
		concurrency: concurrency, room: room, partitions: map[int32]*partition{}, running: map[runKey]*claim{},
		seen: newOrdered[string, int32](seenMax), cancelled: newOrdered[cancelKey, struct{}](cancelsMax),
	}
}

// --- the assignment ---

// assign begins a new assignment, with positions that nobody knows yet; the one before is over.
func (b *inbox) assign(partitions []int32) leftovers {
	gone := b.revoke()
	for _, number := range partitions {
		b.partitions[number] = newPartition()
	}
	return gone
}

// revoke: the assignment is over, or the client starts anew.
func (b *inbox) revoke() leftovers {
	if b.pending != nil {
		b.unanswered(b.pending)
	}
	for _, p := range b.partitions {
		p.committed = max(p.committed, p.maybe)
	}
	for _, c := range b.turn {
		if b.isAlone(c) {
			c.offset = unknown
		}
	}
	gone := leftovers{handed: b.handOut()}
	var staying []*claim
	for _, c := range b.turn {
		if c.offset == unknown {
			staying = append(staying, c)
		} else {
			c.state = claimGone
			delete(b.running, c.key())
			gone.forgotten = append(gone.forgotten, c)
		}
	}
	b.turn, b.waiting, b.partitions = staying, nil, map[int32]*partition{}
	b.generation++
	b.isPaused = false
	return gone
}

// begin tells the group's position in a partition of ours. unknown: it has none, or one that is gone from the topic: reading begins with
// the backlog, and what is older than oldest is passed over.
func (b *inbox) begin(number int32, stored, oldest int64) {
	p := b.partitions[number]
	if p == nil {
		return
	}
	if stored == unknown {
		p = newPartition()
		p.next, p.hasNoPosition, p.oldest = 0, true, oldest
		b.partitions[number] = p
	} else {
		p.next, p.committed = stored, stored
	}
	b.leaveBehind(number)
}

// leaveBehind: what was read there before its position was gone is to be committed no more.
func (b *inbox) leaveBehind(number int32) {
	for _, c := range slices.Concat(b.waiting, b.turn) {
		if c.partition == number {
			c.offset = unknown
		}
	}
	if b.pending != nil {
		delete(b.pending.positions, number)
	}
}

// --- reading ---

// take: a message was read, written at `at` by the broker's clock; execution nil: nobody can use it.
// False: the partition is not ours (any more), or where to begin is not known yet.
func (b *inbox) take(number int32, offset int64, execution *execution, at int64) bool {
	p := b.partitions[number]
	if p == nil || p.next == unknown {
		return false
	}
	p.next = offset + 1
	if execution != nil && (!p.hasNoPosition || at >= p.oldest) {
		b.waiting = append(b.waiting, &claim{execution: execution, partition: number, offset: offset})
		b.lookForRoom()
	}
	return true
}

// reached: the end of what may be read was reached; the next message will have that offset or a higher one.
func (b *inbox) reached(number int32, offset int64) {
	p := b.partitions[number]
	if p == nil || p.next == unknown {
		return
	}
	p.next = max(p.next, offset)
	if p.end == unknown {
		p.end = p.next
	}
}

func (b *inbox) lookForRoom() {
	if len(b.waiting) >= b.room {
		b.isPaused = true
	} else if len(b.waiting) <= b.room/2 {
		b.isPaused = false
	}
}

// --- cancellations ---

// cancel: an attempt is cancelled, it is not claimed any more. Returns the claim when it has one, whose handler is to be told.
func (b *inbox) cancel(executionID, taskID string, attempt int32) *claim {
	if _, isGone := b.cancelled.put(cancelKey{executionID, taskID, attempt}, struct{}{}); isGone {
		b.cancelsLost++
	}
	c := b.running[runKey{executionID, attempt}]
	if c != nil && c.execution.taskID == taskID {
		return c
	}
	return nil
}

// cancelsAreKnown: control was read to its end once; nothing is claimed before.
func (b *inbox) cancelsAreKnown() { b.knowsCancels = true }

// --- claims ---

// busy is how many places are taken.
func (b *inbox) busy() int { return len(b.running) }

// isClaiming: a turn is under way, with claims that are neither handed out nor forgotten.
func (b *inbox) isClaiming() bool { return len(b.turn) > 0 }

// claim begins a turn: those for which RUNNING is to be published. None while another one is under way.
func (b *inbox) claim(now int64) []*claim {
	if b.isClaiming() || !b.knowsCancels {
		return nil
	}
	for len(b.waiting) > 0 && b.busy() < b.concurrency {
		c := b.waiting[0]
		b.waiting[0] = nil
		b.waiting = b.waiting[1:]
		if b.mustSkip(c, now) {
			c.state = claimGone
			continue
		}
		c.state = claiming
		b.turn = append(b.turn, c)
		b.running[c.key()] = c
	}
	b.lookForRoom()
	return slices.Clone(b.turn)
}

func (b *inbox) mustSkip(c *claim, now int64) bool {
	e := c.execution
	isTooLate := e.startBy != nil && *e.startBy < now
	_, runs := b.running[c.key()]
	highest, _ := b.seen.get(e.executionID)
	_, isCancelled := b.cancelled.get(cancelKey{e.executionID, e.taskID, e.attempt})
	return isTooLate || runs || highest >= e.attempt || isCancelled
}

// isAnnouncing: RUNNING is on its way for claims whose partition has no position; whoever has it next must find that in status.
func (b *inbox) isAnnouncing() bool {
	return slices.ContainsFunc(b.turn, func(c *claim) bool { return c.state == claiming && b.isAlone(c) })
}

// announced: the log has its RUNNING. False: it was forgotten meanwhile.
func (b *inbox) announced(c *claim) bool {
	if c.state != claiming {
		return false
	}
	c.state = claimed
	return true
}

// handOut gives those announced that the group's position is past, or that need no commit: their handlers may run.
func (b *inbox) handOut() []*claim {
	var ready, rest []*claim
	for _, c := range b.turn {
		if !b.isReady(c) {
			rest = append(rest, c)
			continue
		}
		c.state = handedOut
		b.note(c.execution.executionID, c.execution.attempt)
		ready = append(ready, c)
	}
	b.turn = rest
	return ready
}

func (b *inbox) isReady(c *claim) bool {
	if c.state != claimed {
		return false
	}
	if c.offset == unknown {
		return true
	}
	p := b.partitions[c.partition]
	return p.committed > c.offset || (p.hasNoPosition && !b.mayHaveOne(c.partition))
}

// isAlone: once it is announced, whoever has the partition next may leave it alone, and nobody else run it.
func (b *inbox) isAlone(c *claim) bool {
	return c.offset == unknown || b.partitions[c.partition].hasNoPosition
}

// mayHaveOne: a first position was asked for and not refused; whoever has the partition next may read from there, whatever status says.
func (b *inbox) mayHaveOne(number int32) bool {
	if b.pending != nil {
		if _, isAskedFor := b.pending.positions[number]; isAskedFor {
			return true
		}
	}
	return b.partitions[number].maybe != unknown
}

// done: its handler has ended, the place is free.
func (b *inbox) done(c *claim) {
	c.state = claimGone
	if b.running[c.key()] == c { // else it was forgotten, and maybe read again
		delete(b.running, c.key())
	}
}

// note: that attempt, and those before it, are not taken on again.
func (b *inbox) note(executionID string, attempt int32) {
	highest, _ := b.seen.get(executionID)
	b.seen.put(executionID, max(attempt, highest))
}

// --- positions ---

// commit gives positions that are to be committed now, to be answered by one of the three below; nil: none, or there is no answer yet.
func (b *inbox) commit() *commit {
	if b.pending != nil || !b.mayCommit() {
		return nil
	}
	moved := b.positions()
	maps.DeleteFunc(moved, func(number int32, at int64) bool { return at <= b.partitions[number].committed })
	if len(moved) == 0 {
		return nil
	}
	b.pending = &commit{moved}
	return b.pending
}

func (b *inbox) mayCommit() bool {
	if b.isClaiming() {
		return !slices.ContainsFunc(b.turn, func(c *claim) bool { return c.state != claimed })
	}
	for _, p := range b.partitions {
		if p.hasNoPosition && p.end != unknown {
			return true
		}
	}
	return false
}

// positions to be committed, moved or not. Where a first one would stand before the end of what lay there, there is none.
func (b *inbox) positions() map[int32]int64 {
	found := map[int32]int64{}
	for number, p := range b.partitions {
		if p.next != unknown {
			found[number] = p.next
		}
	}
	for _, claims := range [][]*claim{b.waiting, b.turn} {
		for _, c := range claims {
			if c.offset != unknown && c.state != claimed {
				found[c.partition] = min(found[c.partition], c.offset)
			}
		}
	}
	maps.DeleteFunc(found, func(number int32, at int64) bool { return !b.partitions[number].mayStand(at) })
	return found
}

func (p *partition) mayStand(position int64) bool {
	return !p.hasNoPosition || (p.end != unknown && position >= p.end)
}

// committed: it was made.
func (b *inbox) committed(c *commit) {
	if !b.isAnswer(c) {
		return
	}
	for number, position := range c.positions {
		p := b.partitions[number]
		p.committed, p.hasNoPosition = position, false
	}
}

// refused: a rebalance is going on, the generation is an older one, the group does not know us; nothing was committed. Commit again after a
// while; the client will say soon that the assignment is over.
func (b *inbox) refused(c *commit) { b.isAnswer(c) }

// unanswered: it may have been made. Commit again after a while.
func (b *inbox) unanswered(c *commit) {
	if !b.isAnswer(c) {
		return
	}
	for number, position := range c.positions {
		p := b.partitions[number]
		p.maybe = max(p.maybe, position)
	}
}

func (b *inbox) isAnswer(c *commit) bool {
	isOurs := c == b.pending
	if isOurs {
		b.pending = nil
	}
	return isOurs
}
