package cronobs

import (
	"container/heap"
	"fmt"
	"log/slog"
)

// The runs that the engine is to look at: those to which something has happened, and those whose time has come.

func (e *engine) mark(r *run) {
	if !r.isMarked {
		r.isMarked = true
		e.due = append(e.due, r)
	}
}

// attend to everybody who was marked, and to whose time has come.
func (e *engine) attend() {
	for len(e.later) > 0 && e.later[0].waitsFor <= e.tick {
		e.mark(heap.Pop(&e.later).(*run))
	}
	for at := 0; at < len(e.due); at++ {
		r := e.due[at]
		r.isMarked = false
		e.attendTo(r)
		if r.isOver() {
			e.later.put(r, never)
			if e.runs[r.claim.key()] == r {
				delete(e.runs, r.claim.key())
			}
			continue
		}
		e.later.put(r, r.wake())
	}
	clear(e.due)
	e.due = e.due[:0]
}

func (e *engine) attendTo(r *run) {
	if e.tick >= r.timeoutAt {
		e.tell(r, ErrTimeout)
	}
	if r.ignoresItsCause(e.tick) {
		e.port.notice(slog.LevelWarn, fmt.Sprintf("execution %s of task '%s' goes on 30 s after it was told to end (%v); it keeps its place",
			r.execution.executionID, r.execution.taskKey, r.cause))
	}
	if e.tick >= r.lostAt() {
		e.tell(r, ErrLost)
	}
	if r.beatDue() <= e.tick {
		r.beat.sent(e.tick)
		if o, err := r.heartbeat(e.now); err == nil {
			e.port.send(o, r)
		}
	}
	o, err := r.nextRecord(e.now, e.tick)
	if err != nil {
		e.answered(r, err, true)
	} else if o != nil {
		e.port.send(o, r)
	}
}

// A runHeap has the runs that are to be looked at later, the earliest first. Each knows its place in it, so that none is in it twice, or when it
// is over: most runs have a run timeout, which may be far away.
type runHeap []*run

// put a run where it is to be looked at then; never: nowhere.
func (h *runHeap) put(r *run, at tick) {
	isIn := r.place != nowhere
	r.waitsFor = at
	switch {
	case at == never && isIn:
		heap.Remove(h, r.place)
	case at == never:
	case isIn:
		heap.Fix(h, r.place)
	default:
		heap.Push(h, r)
	}
}

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return h[i].waitsFor < h[j].waitsFor }
func (h runHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *runHeap) Push(x any) {
	r := x.(*run)
	r.place = len(*h)
	*h = append(*h, r)
}

func (h *runHeap) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	r.place = nowhere
	return r
}
