package cronobs

import (
	"strings"
	"testing"
	"time"
)

func now() tick { return 0 }

func TestABatchIsDueWhenItIsFullOrOld(t *testing.T) {
	l := log{room: newRoom(unsentMax)}
	if l.dueAt() != never {
		t.Error("due without a line")
	}
	if !l.add("INFO", linesOf("one"), 0, now) || l.dueAt() != batchWait {
		t.Errorf("due at %v", l.dueAt())
	}
	for range batchLines - 2 {
		if l.add("INFO", linesOf("more"), 0, now) {
			t.Fatal("woken before it is full")
		}
	}
	if !l.add("INFO", linesOf("last"), 0, now) || l.dueAt() != atOnce {
		t.Error("not due when it is full")
	}
}

func TestABatchHasAtMost256KiB(t *testing.T) {
	l := log{room: newRoom(unsentMax)}
	for range 20 {
		l.add("INFO", linesOf(strings.Repeat("a", lineMax)), 0, now)
	}
	first := l.take(0)
	if len(first.entries) != 15 || first.weight > batchBytes {
		t.Errorf("%d lines of %d bytes", len(first.entries), first.weight)
	}
	if rest := l.take(0); len(rest.entries) != 5 {
		t.Errorf("%d lines are left", len(rest.entries))
	}
}

// hasEnded within a time in which a goroutine that is not held ends.
func hasEnded(done chan struct{}, within time.Duration) bool {
	select {
	case <-done:
		return true
	case <-time.After(within):
		return false
	}
}

func held(l *log, text string) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		l.add("INFO", linesOf(text), 0, now)
		close(done)
	}()
	return done
}

func TestWhoLogsWaitsUntilThereIsRoom(t *testing.T) {
	for _, c := range []struct{ limit, before, more int }{{100, 60, 4}, {1000, 300, 900}} { // also for all of it at once, beside little
		l := log{room: newRoom(c.limit)}
		l.add("INFO", linesOf(strings.Repeat("a", c.before)), 0, now)
		done := held(&l, strings.Repeat("b", c.more))
		if hasEnded(done, 20*time.Millisecond) {
			t.Fatal("there was no room")
		}
		l.room.sent(l.take(0).weight)
		if !hasEnded(done, 10*time.Second) {
			t.Errorf("%+v: it waits for ever", c)
		}
	}
}

func TestWhoIsToldToStopWaitsNoMoreAndWhatIsLeftOutIsCounted(t *testing.T) {
	l := log{room: newRoom(100)}
	l.add("INFO", linesOf(strings.Repeat("a", 60)), 0, now)
	done := held(&l, "more")
	l.stop()
	if !hasEnded(done, 10*time.Second) {
		t.Fatal("it waits for ever")
	}
	l.close(0, 0)
	entries := l.take(0).entries
	if last := entries[len(entries)-1]; last.level != "WARN" || !strings.HasPrefix(last.line.message, "1 lines were left out") {
		t.Errorf("%+v", last)
	}
}

func TestAfterTheEndNothingIsTaken(t *testing.T) {
	l := log{room: newRoom(unsentMax)}
	l.close(0, 0)
	l.add("INFO", linesOf("late"), 0, now)
	if len(l.take(0).entries) != 0 {
		t.Error("it was taken")
	}
}
