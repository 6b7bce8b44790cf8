package cronobs

// Partitions in which the group has no position: what is left out there. Pure.
//
// Reading from the end would lose executions, from the beginning it would run finished ones again. So reading begins with the backlog,
// without what a worker has reported on in status since then; that is looked through first. When the group gets its first position in such
// a partition is the inbox's to say: until then whoever comes next must look through status as we did
// (docs/decisions/0195-an-sdk-looks-through-status-too.md).
type beginnings struct {
	leftOut    int // executions passed over since they were reported on, or are older than the backlog
	unknown    int // ... since there was no room for reports as old as they are
	partitions map[int32]bool
	reports    *ordered[reportKey, *report]
	forgotten  int64 // when the newest report was written that had no room
}

const reportsMax = 524_288 // executions that were reported on, remembered

// What is said under another task's id is about nothing of ours.
type reportKey struct{ executionID, taskID string }

type report struct {
	attempt int32 // the highest
	offset  int64 // the highest
	at      int64 // when the first one was written
}

var saidOfRuns = map[string]bool{"RUNNING": true, "SUCCEEDED": true, "FAILED": true, "TIMED_OUT": true, "LOST": true, "CANCELLED": true,
	"MISSED": true, "SKIPPED": true}

func newBeginnings() *beginnings {
	return &beginnings{partitions: map[int32]bool{}, reports: newOrdered[reportKey, *report](reportsMax)}
}

// begin: the group has no position in it.
func (b *beginnings) begin(partition int32) { b.partitions[partition] = true }

// committed: the group has a position in them.
func (b *beginnings) committed(positions map[int32]int64) {
	for partition := range positions {
		delete(b.partitions, partition)
	}
	if len(b.partitions) == 0 {
		b.forget()
	}
}

// forget: the assignment is over. The counts stay, to be told.
func (b *beginnings) forget() {
	clear(b.partitions)
	if len(b.reports.values) > 0 {
		b.reports.clear()
	}
	b.forgotten = 0
}

func (b *beginnings) isOver() bool { return len(b.partitions) == 0 }

// take a report, written at `at` by the broker's clock in a partition of status, which has so many.
func (b *beginnings) take(s *status, partition int32, offset, at int64, partitions int32) {
	if !isOfWorker(s) || partition != partitionOf(s.taskID, partitions) {
		return
	}
	key := reportKey{s.executionID, s.taskID}
	if known, ok := b.reports.get(key); ok {
		known.attempt = max(known.attempt, s.attempt)
		known.offset = max(known.offset, offset)
		return
	}
	if gone, isGone := b.reports.put(key, &report{s.attempt, offset, at}); isGone {
		b.forgotten = max(b.forgotten, gone.at)
	}
}

// isOfWorker: it is a worker's, about a run, and within the limits under which it is taken in.
func isOfWorker(s *status) bool {
	return s.worker.value != nil && saidOfRuns[s.status] && s.attempt >= 1 && s.attempt <= attemptMax &&
		(s.message == nil || len(*s.message) <= messageMax) && len(s.result) <= resultMax
}

// leavesOut: the execution, written at `at`, must be left alone. oldest: where the backlog begins.
func (b *beginnings) leavesOut(e *execution, partition int32, at, oldest int64) bool {
	if !b.partitions[partition] {
		return false
	}
	known, ok := b.reports.get(reportKey{e.executionID, e.taskID})
	if at < oldest || (ok && known.attempt >= e.attempt && known.offset >= e.statusFrom) {
		b.leftOut++
		return true
	}
	if at > b.forgotten {
		return false
	}
	b.unknown++
	return true
}
