package cronobs

import (
	"fmt"
	"sync"
	"time"
)

// Lines that are to be sent: of one execution, and how much of all of them may wait. The only state that handlers and the engine share; one
// lock for all executions of a worker. Whoever logs while 16 MiB wait is held until there is room, or until the execution is told to stop: then
// what finds no room is left out, and counted.

const (
	unsentMax  = 16 << 20
	batchLines = 1000
	batchBytes = 256 << 10
	batchWait  = 200 * time.Millisecond // a line waits no longer than this for company
	besideLine = 32                     // bytes that a line takes beside its text: time, level, stream
)

type entry struct {
	at    int64 // shown in the history, microseconds
	level string
	line  line
}

func (e *entry) weight() int { return besideLine + len(e.line.message) }

type batch struct {
	entries []entry
	weight  int
}

// A room is what all executions of a worker may leave unsent together.
type room struct {
	lock    sync.Mutex
	changed *sync.Cond
	limit   int
	unsent  int
}

func newRoom(limit int) *room {
	r := &room{limit: limit}
	r.changed = sync.NewCond(&r.lock)
	return r
}

func (r *room) sent(weight int) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.unsent -= weight
	r.changed.Broadcast() // also where there was much room: one text may want all of it
}

func (r *room) fits(weight int) bool { return r.unsent == 0 || r.unsent+weight <= r.limit }

// A log is the lines of one execution: its handler adds, the engine takes. The room's lock guards it.
type log struct {
	room                *room
	entries             []entry
	weight              int
	isStopped, isClosed bool
	leftOut             int
	since               tick // when the oldest was added
}

// add lines in any goroutine. True: the engine is to be woken, to start a batch's clock or to send one that is full.
func (l *log) add(level string, lines []line, at int64, now func() tick) bool {
	weight := 0
	for _, line := range lines {
		weight += besideLine + len(line.message)
	}
	l.room.lock.Lock()
	defer l.room.lock.Unlock()
	for !l.isStopped && !l.isClosed && !l.room.fits(weight) {
		l.room.changed.Wait()
	}
	if l.isClosed {
		return false
	}
	if !l.room.fits(weight) {
		l.leftOut += len(lines)
		return false
	}
	return l.append(level, lines, weight, at, now())
}

func (l *log) append(level string, lines []line, weight int, at int64, now tick) bool {
	wasFull, wasEmpty := l.isFull(), len(l.entries) == 0
	if wasEmpty {
		l.since = now
	}
	l.room.unsent += weight
	l.weight += weight
	for _, line := range lines {
		l.entries = append(l.entries, entry{at, level, line})
	}
	return wasEmpty || (l.isFull() && !wasFull)
}

// stop: the execution is told to stop, nobody waits for room any more.
func (l *log) stop() {
	l.room.lock.Lock()
	defer l.room.lock.Unlock()
	l.isStopped = true
	l.room.changed.Broadcast()
}

// close: it is over, what is added from now on is for nobody.
func (l *log) close(at int64, now tick) {
	l.room.lock.Lock()
	defer l.room.lock.Unlock()
	l.isClosed = true
	if l.leftOut > 0 {
		text := fmt.Sprintf("%d lines were left out here: the brokers did not take those before", l.leftOut)
		l.append("WARN", []line{{message: text}}, besideLine+len(text), at, now)
	}
	l.room.changed.Broadcast()
}

// dueAt is when a batch is to be sent.
func (l *log) dueAt() tick {
	l.room.lock.Lock()
	defer l.room.lock.Unlock()
	switch {
	case len(l.entries) == 0:
		return never
	case l.isFull():
		return atOnce
	}
	return l.since + batchWait
}

func (l *log) isFull() bool { return len(l.entries) >= batchLines || l.weight >= batchBytes }

// take the oldest, as many as make one batch; none: nothing waits.
func (l *log) take(now tick) batch {
	l.room.lock.Lock()
	defer l.room.lock.Unlock()
	count, weight := 0, 0
	for count < len(l.entries) && count < batchLines {
		more := l.entries[count].weight()
		if count > 0 && weight+more > batchBytes {
			break
		}
		weight += more
		count++
	}
	taken := batch{l.entries[:count:count], weight}
	l.entries = l.entries[count:]
	l.weight -= weight
	l.since = now
	return taken
}
