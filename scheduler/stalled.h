/*
 * stalled.h - finds partitions in which nothing that is committed can be read any more.
 *
 * A single broker that is killed hard and restarted inside its session can lose abort markers for good:
 * the last stable offset then stands still for ever, and everybody who reads committed with it. A partition
 * whose last stable offset has stood still below its end for 2 x transaction.timeout is reported, with the
 * cure. One partition of one topic is asked about every 100 ms, so that no turn has to wait for it.
 */
#ifndef SCHEDULER_STALLED_H
#define SCHEDULER_STALLED_H

#include "scheduler/ownership.h"
#include "scheduler/queues.h"

struct stalled_place {
    char *topic;
    int partition;
    int64_t stable_end; /* -1: all of it is readable */
    usec_t since;       /* monotonic */
    usec_t told_at;     /* monotonic; 0 = not yet */
};

struct stalled {
    const struct ownership *ownership;
    const struct queues *queues;
    struct bus_consumer *committed, *uncommitted; /* without a group */
    usec_t limit;                                 /* 2 x transaction.timeout */
    struct stalled_place *places;
    size_t count, capacity;
    size_t turn;   /* which topic and partition is next */
    usec_t ask_at; /* monotonic */
};

void stalled_clear(struct stalled *s);
/* Asks when it is time; blocks for two questions, about 1 ms each. */
void stalled_step(struct stalled *s, usec_t mono);
/* One observation. Answers whether the place is to be reported now (at first and every 10 minutes). */
bool stalled_note(struct stalled *s, const struct bus_position *stable_end, bool is_below_end,
                  usec_t mono);

#endif
