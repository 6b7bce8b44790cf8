/*
 * turn.h - one turn = one transaction: what the cores decide goes into the log, whole or not at all.
 *
 * Order: begin; the Watermark of each touched partition; flush, so that no transaction is ever open whose
 * writer cannot be seen; all other records; the offsets of commands[p] of each touched partition (without
 * them the transaction would not be fenced); commit; only then memory changes. An abort leaves memory as
 * it was, and the same is planned again.
 *
 * One partition of one topic that cannot be written to (nobody leads it, too few replicas are in sync) stops the partition
 * whose records go there, and no other: where the list of topics tells, nothing is begun for it; where the list does not know
 * yet, the transaction that fails tells, and from then on what failed is tried in transactions of its own, short ones, between
 * those of the others.
 *
 * Pace: a turn begins when something is due or a command has come, but not before max(20 ms, 2 x the last commit's time), 100 ms at
 * most, after the last one; when only statuses wait, 1 s after it. What one turn cannot hold (10,000 records, 100 ms of planning, and
 * 100 ms more for what is due alone) follows at once. Commands make a quarter of it at most, and statuses another. What is due waits
 * for those that it left over for 300 ms; from then on it comes into its own in every turn, however long their backlog is (decision 175).
 *
 * Of what follows at once the part of other partitions is decided while the broker takes in the records before, by a reading of the
 * clock of its own; so where many have something, none takes more than a sixth of a turn. No partition has two plans: it is decided
 * again only after its commit. An abort drops both turns (decision 182).
 */
#ifndef SCHEDULER_TURN_H
#define SCHEDULER_TURN_H

#include "scheduler/clock_guard.h"
#include "scheduler/ownership.h"
#include "scheduler/queues.h"
#include "scheduler/tzdata.h"

struct turn_counters {
    long turns, aborts, records;
    struct core_counts decided;
    usec_t commit_max, commit_sum; /* from begin to the end of the commit */
};

struct planned { /* one partition's part of a turn */
    struct core *core;
    int partition;
    struct core_plan *plan;
};

struct waiting {   /* of one partition */
    long for_list; /* of topics, its number (queues.h): it was planned with an older one; 0 = not */
    usec_t until;  /* monotonic: not before */
    /* 0: nothing is wrong; else it could not be written: how long it waits before it is tried again */
    usec_t backoff;
    usec_t told_at; /* monotonic: when the log was told last; 0 = not since all was well */
    char told[256]; /* the topic that it named then */
};

struct turns {
    struct ownership *ownership;
    struct bus_txn *txn;
    struct queues *queues;
    struct tzdata *tzdata; /* told of each plan that is in the log; NULL: nobody */
    struct clock_guard guard;
    void (*read_clock)(struct moment *ret);
    const char *instance;

    struct planned *planned; /* [partitions]: of the turn under way */
    size_t planned_count;
    struct planned *ahead; /* [partitions]: of the next one; none between steps */
    size_t ahead_count;
    usec_t ahead_took;       /* to plan them, beside the turn under way */
    struct waiting *waiting; /* [partitions] */
    struct moment now;       /* by which this turn decides: one reading, judged by the guard */
    bool may_fire;           /* this turn decides what is due */
    bool more;               /* the last turn was cut off */
    bool is_replan;          /* the last one was aborted */
    bool is_trial;           /* this turn tries what could not be written, and nothing else */
    int flush_ms;            /* how long this turn waits for the broker */
    int first;               /* the partition that the next turn begins with */
    usec_t begun;            /* monotonic: this step; planned ahead is while it is young */
    usec_t ended;            /* monotonic: the last turn */
    usec_t took;             /* its commit */
    usec_t not_before;       /* monotonic: after an abort */
    struct turn_counters counters;
};

void turns_init(struct turns *t, struct ownership *o);
void turns_clear(struct turns *t);

/* Microseconds until the next turn should begin, as things are; 0 = now, USEC_MAX = nothing to do. */
usec_t turns_wait(const struct turns *t, struct moment now);

/* What the partition may plan in the turn of t->now whose planning has taken so long already, were it the first. */
struct core_room turns_room(const struct turns *t, int p, usec_t taken);

/* With every reading of the clock: by one that was set back nothing is due, and no turn would see that it jumped. */
void turns_look(struct turns *t, struct moment now);

/* One turn, and for 200 ms those that follow at once. RC_OK also when there was nothing to do or a transaction was aborted; else exit. */
MUST_CHECK enum rc turns_step(struct turns *t, struct error *err);

#endif
