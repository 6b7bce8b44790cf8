package cronobs

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A group is two workers of one partition that one of them owns at a time, with mishaps by chance. At first it may have no position: then
// whoever gets the partition looks through status.
type group struct {
	t        *testing.T
	chance   *rand.Rand
	workers  [2]*world
	owner    int
	messages []message
	next     int64 // to be read by the owner
	position int64 // of the group; unknown: it has none
	status   []reported
	begun    map[string]int
	mayTwice bool // a commit had no answer, or RUNNING had none in time: its claims may be run by both
}

func newGroup(t *testing.T, seed uint64, count int, position int64) *group {
	g := &group{t: t, chance: rand.New(rand.NewPCG(seed, 1)), position: position, begun: map[string]int{}}
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
	w := g.workers[g.owner]
	g.next = max(g.position, 0)
	s := spot{partition: 0, stored: g.position, oldest: unknown, end: int64(len(g.messages))}
	if g.position == unknown {
		s.oldest = 0
	}
	w.isAssigned(s)
	if g.position == unknown {
		w.engine.reported(w.engine.scanning, g.status)
		w.engine.scanned(w.engine.scanning)
		w.engine.step()
	}
}

// move the partition to the other worker; what is on its way is answered before, by chance.
func (g *group) move() {
	w := g.workers[g.owner]
	isOver := false
	w.engine.revoking(func() { isOver = true })
	w.engine.step()
	for !isOver {
		g.store(w)
		g.answer(w)
		if !isOver {
			w.passes(retryAfter)
			g.mayTwice = g.mayTwice || w.engine.tick >= w.engine.letGoAt
		}
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
	if err == nil || g.chance.IntN(2) == 0 { // else it is there, and nobody knows
		g.status = append(g.status, reported{status: *w.recordIn(s.output).(*status), partition: s.output.partition, offset: int64(len(g.status))})
	}
	w.engine.answered(s.run, err, false)
	w.engine.step()
}

func (g *group) read(w *world) {
	count := min(int64(g.chance.IntN(12)), int64(len(g.messages))-g.next)
	if w != g.workers[g.owner] || count == 0 {
		return
	}
	var ends map[int32]int64
	messages := g.messages[g.next : g.next+count]
	if g.next += count; g.next == int64(len(g.messages)) {
		ends = map[int32]int64{0: g.next}
	}
	w.engine.fetched(w.engine.inbox.generation, messages, ends)
	w.engine.step()
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
	for _, position := range []int64{0, unknown} {
		for seed := range uint64(300) {
			runAll(t, seed, position)
		}
	}
}

func runAll(t *testing.T, seed uint64, position int64) {
	t.Helper()
	const count = 25
	g := newGroup(t, seed, count, position)
	for steps := 0; len(g.begun) < count; steps++ {
		if steps > 20_000 {
			t.Fatalf("seed %d, position %d: %d of %d were run, the position is %d", seed, position, len(g.begun), count, g.position)
		}
		g.step()
	}
	for id, times := range g.begun {
		if times > 1 && !g.mayTwice {
			t.Errorf("seed %d, position %d: %s was run %d times", seed, position, id, times)
		}
	}
}
