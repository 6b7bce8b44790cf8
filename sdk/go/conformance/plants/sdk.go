//go:build planted

// Faults to see the suite red: laid over package cronobs by build.py, which gives the functions that are replaced here the name genuine...
package cronobs

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

func isPlanted(name string) bool { return os.Getenv("CONFORMANCE_PLANT") == name }

// For the position alone RUNNING is taken for acknowledged: the handler waits for both, as ever.
func (b *inbox) commit() *commit {
	if !isPlanted("commit-first") {
		return b.genuineCommit()
	}
	var early []*claim
	for _, c := range b.turn {
		if c.state == claiming {
			early = append(early, c)
			c.state = claimed
		}
	}
	found := b.genuineCommit()
	for _, c := range early {
		c.state = claiming
	}
	return found
}

func (b *inbox) unanswered(c *commit) {
	if isPlanted("claim-dropped") {
		b.refused(c)
	} else {
		b.genuineUnanswered(c)
	}
}

func readerOptions(level kgo.IsolationLevel) []kgo.Opt {
	if isPlanted("uncommitted") {
		level = kgo.ReadUncommitted()
	}
	return genuineReaderOptions(level)
}

// Blocked has the ids of executions whose handlers hold their goroutines.
var Blocked sync.Map

func (r *run) beatDue() tick {
	if _, isBlocked := Blocked.Load(r.execution.executionID); isBlocked && isPlanted("beats-in-handler") {
		return never
	}
	return r.genuineBeatDue()
}

var newest atomic.Pointer[Job]

func newJob(parent context.Context, e *execution, queue string, v voice) *Job {
	j := genuineNewJob(parent, e, queue, v)
	newest.Store(j)
	return j
}

// Log of the job that began last.
func (j *Job) Log(level slog.Level, text string) {
	if last := newest.Load(); isPlanted("line-astray") && last != nil {
		j = last
	}
	j.genuineLog(level, text)
}
