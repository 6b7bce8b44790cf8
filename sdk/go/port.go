package cronobs

import (
	"log/slog"
	"time"
)

// What passes between the engine and the world.

// limits are those settings that the engine goes by.
type limits struct {
	queueTopic, controlTopic, group string
	concurrency                     int
	backlog, drain                  time.Duration
	stopWhenLost                    bool
}

type message struct {
	partition   int32
	offset      int64
	at          int64 // microseconds, the broker's clock
	value       []byte
	traceparent string
}

// A spot is where reading of a partition is to begin.
type spot struct {
	partition int32
	stored    int64 // the group's position; unknown: it has none
	oldest    int64 // without one: the first message of the backlog; unknown: there is none
	end       int64 // of what may be read now
}

// A port is what the engine does to the world. None of it waits.
type port interface {
	locate(generation int, partitions map[int32]bool) // located or notLocated answers; true: the group's position is gone from the topic
	begin(generation int, spots []spot)               // these partitions are read, too, from stored on
	read(room int)                                    // so many messages at most, waiting for the first; fetched answers
	release()                                         // nothing of the assignment is read any more
	store(c *commit)                                  // stored answers
	leave()                                           // left answers
	scan(scan int, partitions []int32, since int64)   // status from that instant to its ends: reported and then scanned
	stopScan()
	send(o *output, r *run) // answered or, of heartbeats, beatAnswered
	start(runs []*run)      // their handlers; ended answers
	tell(r *run)            // its handler, the cause
	close(r *run)           // what its handler says from now on is for nobody
	notice(level slog.Level, text string)
}
