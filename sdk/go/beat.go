package cronobs

import (
	"math"
	"time"
)

// Ticks are times of a clock that never jumps, since some instant.
type tick = time.Duration

const (
	never  = tick(math.MaxInt64)
	atOnce = tick(math.MinInt64)
)

const (
	shortestBeat, longestBeat = time.Second, 24 * time.Hour // whatever an execution asks for
	newsEvery                 = time.Second                 // progress is told so often
	lostAfter                 = 3                           // intervals; the scheduler waits for four
)

// A beat is the signs of life of one execution: when the next is due, and what it says. Pure. One at a time is on its way, so that none heap
// up while the brokers are away (the last word waits for none); one that gets lost is not repeated, but what is known of
// the progress is in the next.
type beat struct {
	every     time.Duration // 0: only when there is news
	lostAfter time.Duration // 0: nobody asks for them
	percent   *int32
	note      *string
	nextAt    tick
	newsAt    tick // not before
	toldAt    tick // when the brokers had the last one; at first when it began
	inFlight  int  // one, and the last one beside it
	hasNews   bool
	isFresh   bool // the news were never sent
}

// newBeat is for an execution that asks for one every so many milliseconds. It goes twice as often: a late one is not a missed one.
func newBeat(heartbeat *int64) beat {
	if heartbeat == nil || *heartbeat <= 0 {
		return beat{nextAt: never}
	}
	interval := min(max(milliseconds(*heartbeat), shortestBeat), longestBeat)
	return beat{every: interval / 2, lostAfter: lostAfter * interval, nextAt: never}
}

// milliseconds of the wire, which may be more than a Duration holds.
func milliseconds(number int64) time.Duration {
	return time.Duration(min(number, 1_000_000_000_000)) * time.Millisecond
}

// start: from now on.
func (b *beat) start(at tick) {
	b.toldAt = at
	b.nextAt = b.after(at)
}

func (b *beat) after(at tick) tick {
	if b.every == 0 {
		return never
	}
	return at + b.every
}

// say tells how far it is. percent nil: as it was said last.
func (b *beat) say(percent *int32, note *string) {
	if percent != nil {
		b.percent = percent
	}
	b.note = note
	b.hasNews, b.isFresh = true, true
}

// wake is when one is due. The last word is not held back.
func (b *beat) wake(isEnding bool) tick {
	switch {
	case b.isFresh && isEnding:
		return atOnce
	case b.inFlight > 0:
		return never // the answer wakes us
	case b.hasNews:
		return min(b.nextAt, b.newsAt)
	}
	return b.nextAt
}

func (b *beat) sent(at tick) {
	b.inFlight++
	b.hasNews, b.isFresh = false, false
	b.nextAt = b.after(at)
	b.newsAt = at + newsEvery
}

func (b *beat) answered(isDelivered bool, at tick) {
	b.inFlight--
	if isDelivered {
		b.toldAt = at
	} else if b.percent != nil || b.note != nil {
		b.hasNews = true
	}
}

// lostAt is when the brokers will have had none for three times as long as is asked for.
func (b *beat) lostAt() tick {
	if b.lostAfter == 0 {
		return never
	}
	return b.toldAt + b.lostAfter
}
