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
	for len(e.later) > 0 && e.later[0].at <= e.tick {
		r := heap.Pop(&e.later).(later).run
		r.waitsFor = never
		e.mark(r)
	}
	for at := 0; at < len(e.due); at++ {
		r := e.due[at]
		r.isMarked = false
		e.attendTo(r)
		if r.isOver() {
			if e.runs[r.claim.key()] == r {
				delete(e.runs, r.claim.key())
			}
			continue
		}
		if wake := r.wake(); wake < r.waitsFor {
			r.waitsFor = wake
			heap.Push(&e.later, later{wake, r})
		}
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

// A later is a run that is to be looked at then; it may have been looked at meanwhile.
type later struct {
	at  tick
	run *run
}

type runHeap []later

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(later)) }
func (h *runHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = later{}
	*h = (*h)[:last]
	return x
}
