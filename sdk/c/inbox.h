/*
 * inbox.h - executions that were read and not yet handed out, and how far each partition's position may go.
 *
 * Invariant: the position to commit in a partition is the offset of its first execution that is not claimed,
 * or, when there is none, the offset read next. So whatever was not announced is read again by whoever owns the
 * partition next, and what was is not. Also remembers what this process has already taken on: the log may
 * repeat a record. Pure.
 *
 * A partition of which the group has no position gets its first one when all that lay there is settled: until then
 * whoever comes next must look through `status` as we did, and what was announced is handed out without a commit. Once
 * the first one was asked for it may stand, and be read from: hand-out waits for the position as everywhere, unless
 * it was refused. It is past all that was handed out before.
 */
#ifndef SDK_INBOX_H
#define SDK_INBOX_H

#include "bus/bus.h"
#include "c/job.h"
#include "c/seen.h"

enum { INBOX_SEEN_MAX = 16384, INBOX_STUCK_US = 30 * 1000 * 1000 };

struct inbox_partition {
    int partition;
    /* to be read next; BUS_NONE: not known yet; BUS_BEGINNING: before the first message */
    int64_t next;
    int64_t committed;    /* what the group's position is known to be; -1 = not known */
    int64_t maybe;        /* what it may be: the commit had no answer; -1 = nothing of the kind */
    bool has_no_position; /* Kafka knows none, or one that is gone */
    bool must_wait;       /* with it: `status` is being looked through, nothing is read meanwhile */
    int64_t settled_at;   /* with it: where what lay there ends; INT64_MAX = not seen yet */
    bool was_behind;      /* for the watchdog: at the last look there was something at `watched`, */
    int64_t watched;      /* which was read next, */
    usec_t watched_since; /* and that for the first time then */
};

struct inbox_entry {
    struct cronobs_job *job;
    int partition;
    int64_t offset; /* BUS_NONE: it needs no commit, nobody else will read it */
};

struct inbox {
    struct inbox_partition *partitions;
    size_t partition_count;
    struct inbox_entry *entries; /* in the order they were read */
    size_t count, capacity;
    struct seen seen;
};

void inbox_clear(struct inbox *b); /* jobs in it are not freed: empty it first */

/* A new assignment, with positions that nobody knows yet. The inbox must be empty. */
void inbox_assign(struct inbox *b, const struct bus_position *positions, size_t count);
/* The group's position is known: an offset, or BUS_NONE. */
void inbox_begin(struct inbox_partition *p, int64_t stored);
/* The position is gone from the topic: where to begin is to be found out. What was read before is committed no more. */
void inbox_lose(struct inbox *b, struct inbox_partition *p);
/* The end of what may be read was reached. */
void inbox_end(struct inbox_partition *p, int64_t offset);
struct inbox_partition *inbox_partition(struct inbox *b, int partition); /* NULL: not ours */

/* A look of the watchdog: has it stood at the same place for INBOX_STUCK_US, while it held more? */
bool inbox_is_stuck(struct inbox_partition *p, int64_t end, usec_t tick);

/* A message at `offset` was read. job NULL: it needs nothing. Takes the job over; false: the partition is not
   ours (any more), or where to begin in it is being found out. */
bool inbox_take(struct inbox *b, int partition, int64_t offset, struct cronobs_job *job);

/* Was (execution, attempt) taken on before? inbox_note says that it is now. */
bool inbox_has_seen(const struct inbox *b, struct uuid execution_id, int attempt);
void inbox_note(struct inbox *b, struct uuid execution_id, int attempt);

/* The first job in that state, NULL when there is none. */
struct cronobs_job *inbox_first(const struct inbox *b, enum job_state state);
/* Is RUNNING on its way of any that whoever has its partition next must find in `status`? */
bool inbox_announces_alone(struct inbox *b);
/* Is the same attempt of the same execution being claimed, read at another offset? */
bool inbox_is_claiming(const struct inbox *b, const struct cronobs_job *job);
/* Takes it out, as if it had needed nothing. */
void inbox_remove(struct inbox *b, const struct cronobs_job *job);

/* Positions that have moved since they were last committed, into ret (room for partition_count); returns how many. */
size_t inbox_positions(const struct inbox *b, const char *topic, struct bus_position *ret);
/* Are there any such? */
bool inbox_has_moved(const struct inbox *b);
/* Has a partition without a position got one to be committed? */
bool inbox_has_settled(const struct inbox *b);
void inbox_committed(struct inbox *b, const struct bus_position *positions, size_t count);
/* The commit had no answer: it may have been made. */
void inbox_unanswered(struct inbox *b, const struct bus_position *positions, size_t count);
/* Partitions are given up with no answer: what may have been committed counts as committed, and where there was no position what is
   announced, or will be, needs none, since nobody else might run it. */
void inbox_assume(struct inbox *b);

/* A claimed job that the committed position covers, or that needs none, taken out; NULL when there is none. */
struct cronobs_job *inbox_pop_committed(struct inbox *b);

/* Any job, taken out; NULL when it is empty. Its partition had no position: *ret_alone, for nobody else would run it. */
struct cronobs_job *inbox_pop(struct inbox *b, bool *ret_alone);

#endif
