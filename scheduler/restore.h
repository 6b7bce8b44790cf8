/*
 * restore.h - brings back the memory of partitions that have become ours: phases STABLE, STATE and ADD.
 *
 *  1. Ask for the group's offset of commands[p], requiring stable ones, until no transaction is pending
 *     on it: a former owner's turn that had sent its offsets is then decided, one way or the other.
 *  2. Read state[p] until the end-of-partition offset has reached the high watermark. The event alone
 *     comes at the last stable offset: a turn that has been decided, but whose markers are not written
 *     yet, would be lost.
 *  3. Add p to the consumer's assignment, at the positions that the Watermark names.
 *  4. (ownership.c) Read commands[p] and status[p] up to the high watermarks noted at the first fetch, or as far as can be read:
 *     somebody's open transaction there hides what lies behind it from everybody, and must not hold up what is due.
 *
 * Steps 1 and 2 may wait for a transaction that nobody will end: that is the reaper's business (reaper.h).
 */
#ifndef SCHEDULER_RESTORE_H
#define SCHEDULER_RESTORE_H

#include "scheduler/ownership.h"

struct restore {
    struct ownership *ownership;
    struct bus_consumer *reader; /* read_committed, no group */
    struct bus_admin *admin;
    bool *is_reading; /* [partitions]: state[p] is assigned to the reader */
    uintptr_t epoch;  /* of the ownership that is_reading is about */
    bool is_asking;
    usec_t ask_at; /* monotonic */
};

void restore_init(struct restore *r, struct ownership *o, struct bus_consumer *reader,
                  struct bus_admin *admin);
void restore_clear(struct restore *r);

/* Goes on as far as possible without waiting. */
MUST_CHECK enum rc restore_step(struct restore *r, usec_t mono, struct error *err);
/* The answer to its question of step 1. */
MUST_CHECK enum rc restore_answer(struct restore *r, const struct bus_answer *answer, usec_t mono,
                                  struct error *err);
bool restore_is_busy(const struct restore *r);

#endif
