package cronobs

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A group is two workers of one partition that one of them owns at a time, with mishaps by chance.
type group struct {
	t        *testing.T
	chance   *rand.Rand
	workers  [2]*world
	owner    int
	messages []message
	next     int64 // to be read by the owner
	position int64 // of the group
	begun    map[string]int
	mayTwice bool // a commit had no answer: its claims may be run by both
}

func newGroup(t *testing.T, seed uint64, count int) *group {
	g := &group{t: t, chance: rand.New(rand.NewPCG(seed, 1)), begun: map[string]int{}}
	for number := range g.workers {
		w := newWorld(t, func(l *limits) { l.concurrency = 3 })
		w.engine.started(worldPartitions, worldPartitions)
		w.engine.controlIsRead()
		g.workers[number] = w
	}
	for offset := range count {
		g.messages = append(g.messages, g.workers[0].queued(int64(offset)))
	}
	g.assign()
	return g
}

func (g *group) assign() {
	g.next = g.position
	g.workers[g.owner].isAssigned(spot{partition: 0, stored: g.position, oldest: unknown, end: g.position})
}

// move the partition to the other worker; a commit on its way is answered before, by chance.
func (g *group) move() {
	w := g.workers[g.owner]
	isOver := false
	w.engine.revoking(func() { isOver = true })
	w.engine.step()
	for !isOver {
		g.store(w)
	}
	g.collect(w)
	g.owner = 1 - g.owner
	g.assign()
}

func (g *group) store(w *world) {
	if len(w.commits) == 0 {
		return
	}
	at := w.commits[0].positions[0]
	switch g.chance.IntN(4) {
	case 0:
		w.stores(storeRefused)
	case 1: // it was made, and nobody knows
		g.position = at
		w.stores(storeUnanswered)
	case 2: // it was not made, and nobody knows
		g.mayTwice = true
		w.stores(storeUnanswered)
	default:
		g.position = at
		w.stores(storeMade)
	}
}

// answer a record that is on its way, or say that it has failed.
func (g *group) answer(w *world) {
	if len(w.sent) == 0 {
		return
	}
	number := g.chance.IntN(len(w.sent))
	s := w.sent[number]
	w.sent = append(w.sent[:number:number], w.sent[number+1:]...)
	var err error
	if g.chance.IntN(5) == 0 {
		err = errors.New("away")
	}
	w.engine.answered(s.run, err, false)
	w.engine.step()
}

func (g *group) read(w *world) {
	count := min(int64(g.chance.IntN(4)), int64(len(g.messages))-g.next)
	if w != g.workers[g.owner] || count == 0 {
		return
	}
	w.fetched(g.messages[g.next : g.next+count]...)
	g.next += count
}

// collect those whose handlers begin, and end them.
func (g *group) collect(w *world) {
	for len(w.begun) > 0 {
		r := w.begun[0]
		w.begun = w.begun[1:]
		g.begun[r.execution.executionID]++
		w.ends(r, succeeded)
	}
}

func (g *group) step() {
	w := g.workers[g.chance.IntN(2)]
	switch g.chance.IntN(12) {
	case 0:
		g.move()
	case 1, 2, 3:
		g.read(w)
	case 4, 5, 6:
		g.store(w)
	default:
		g.answer(w)
	}
	w.passes(retryAfter)
	g.collect(w)
}

func TestWhateverHappensEveryExecutionIsRun(t *testing.T) {
	const count = 25
	for seed := range uint64(300) {
		g := newGroup(t, seed, count)
		for steps := 0; len(g.begun) < count; steps++ {
			if steps > 20_000 {
				t.Fatalf("seed %d: %d of %d were run, the position is %d", seed, len(g.begun), count, g.position)
			}
			g.step()
		}
		for id, times := range g.begun {
			if times > 1 && !g.mayTwice {
				t.Errorf("seed %d: %s was run %d times", seed, id, times)
			}
		}
	}
}
