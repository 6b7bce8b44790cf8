/*
 * reaper.h - ends the open transaction that a dead instance has left in a partition that is being restored.
 *
 * Where step 1 or 2 of the restore has been waiting for more than a second: the record at the last stable
 * offset of state[p], read uncommitted, is the Watermark of the open transaction (it is acknowledged
 * before anything else of its transaction), and names its writer. The committed Watermark may name an
 * older owner. When the writer is no member of the group any more, init_transactions under its name ends
 * the transaction and fences the zombie; a zombie that commits first is honoured. Without this the
 * partition would stand still for transaction.timeout.ms. One case at a time.
 */
#ifndef SCHEDULER_REAPER_H
#define SCHEDULER_REAPER_H

#include "bus/ends.h"
#include "scheduler/ownership.h"

enum reaper_state {
    REAPER_IDLE,
    REAPER_LOOKING, /* for the last stable offset */
    REAPER_READING, /* the record at the last stable offset */
    REAPER_ASKING,  /* whether its writer is a member of the group */
    REAPER_FENCING,
};

struct reaper {
    struct bus *bus;
    struct ownership *ownership;
    struct ends *ends;
    struct bus_consumer *uncommitted; /* without a group */
    struct bus_admin *admin;
    const char *instance;

    enum reaper_state state;
    int partition;
    uintptr_t epoch;
    int64_t stable_end;
    char *writer;
    struct bus_fence *fence;
    usec_t began;    /* monotonic: the fence's first step */
    usec_t *look_at; /* [partitions] monotonic: not before */
    int64_t *reaped; /* [partitions] last stable offset + 1 that was dealt with: once for each */
    long count;      /* transactions ended */
};

void reaper_init(struct reaper *r, struct ownership *o);
void reaper_clear(struct reaper *r);

/* Goes on; blocks for 2 ms while it fences, and never else. */
void reaper_step(struct reaper *r, usec_t mono);
void reaper_answer(struct reaper *r, const struct bus_answer *answer, usec_t mono);
bool reaper_is_busy(const struct reaper *r);

#endif
