package cronobs

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
)

// Where the engine begins to read.

func (e *engine) located(generation int, spots []spot) {
	if generation != e.inbox.generation {
		return
	}
	e.locating = false
	var ready []spot
	for _, s := range spots {
		delete(e.toLocate, s.partition)
		if e.beginAt(&s) {
			ready = append(ready, s)
		}
	}
	if len(ready) > 0 {
		e.begin(ready)
	}
	if len(e.afterScan) > 0 {
		e.port.notice(slog.LevelInfo, fmt.Sprintf("the group %s has no position in %d partitions of %s: takes what came in the last %s, and of that what"+
			" no worker has reported on", e.limits.group, len(e.afterScan), e.limits.queueTopic, durationText(e.limits.backlog)))
		e.scanning++
		e.port.scan(e.scanning, e.statusPartitions(), max(e.backlogStart()-scanBefore, 0))
	}
}

func (e *engine) begin(spots []spot) {
	e.hasBegun = true
	e.port.begin(e.inbox.generation, spots)
}

// beginAt is true where nothing is to be looked through before.
func (e *engine) beginAt(s *spot) bool {
	if s.stored != unknown {
		e.inbox.begin(s.partition, s.stored, 0)
		return true
	}
	e.inbox.begin(s.partition, unknown, e.backlogStart())
	e.beginnings.begin(s.partition)
	if s.oldest == unknown {
		s.stored = s.end // whatever lies there is older
		return true
	}
	s.stored = s.oldest
	e.afterScan[s.partition] = *s
	return false
}

func (e *engine) notLocated(generation int, why error) {
	if generation != e.inbox.generation {
		return
	}
	e.locating = false
	e.locateAt = e.tick + retryAfter
	e.port.notice(slog.LevelWarn, fmt.Sprintf("could not ask for the group's positions: %v", why))
}

// positionLost: its records were deleted, or the topic was made anew.
func (e *engine) positionLost(generation int, partition int32) {
	if generation == e.inbox.generation {
		e.toLocate[partition] = true
	}
}

func (e *engine) backlogStart() int64 { return max(e.now-e.limits.backlog.Microseconds(), 0) }

// statusPartitions are those to look through: all, where the queue's do not match them one by one.
func (e *engine) statusPartitions() []int32 {
	if e.queuePartitions == e.origin.partitions {
		return slices.Sorted(maps.Keys(e.afterScan))
	}
	all := make([]int32, e.origin.partitions)
	for number := range all {
		all[number] = int32(number)
	}
	return all
}

type reported struct {
	status    status
	partition int32
	offset    int64
	at        int64
}

// reported: of status. scan: as it was begun.
func (e *engine) reported(scan int, reports []reported) {
	if scan != e.scanning {
		return
	}
	for i := range reports {
		r := &reports[i]
		e.beginnings.take(&r.status, r.partition, r.offset, r.at, e.origin.partitions)
	}
}

func (e *engine) scanned(scan int) {
	if scan != e.scanning {
		return
	}
	e.begin(slices.Collect(maps.Values(e.afterScan)))
	clear(e.afterScan)
}

// notScanned: it is begun anew. The group is not asked again: the position that is gone may still stand there.
func (e *engine) notScanned(scan int, why error) {
	if scan != e.scanning {
		return
	}
	e.port.notice(slog.LevelWarn, why.Error())
	for partition := range e.afterScan {
		e.toLocate[partition] = true
	}
	clear(e.afterScan)
	e.locateAt = e.tick + retryAfter
}

func (e *engine) tellWhatWasLeftOut() {
	b := e.beginnings
	if !b.isOver() {
		return
	}
	if b.leftOut > 0 {
		e.port.notice(slog.LevelInfo, fmt.Sprintf("left out %d executions of %s that were reported on or are older", b.leftOut, e.limits.queueTopic))
	}
	if b.unknown > 0 {
		e.port.notice(slog.LevelWarn, fmt.Sprintf("left out %d executions of %s, since reports as old as they had no room: those still PENDING never ran"+
			" (cronobs execution list, cronobs task trigger)", b.unknown, e.limits.queueTopic))
	}
	b.leftOut, b.unknown = 0, 0
}
