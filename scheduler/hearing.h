/*
 * hearing.h - makes sure that a core has heard everything, when it wants to know who is silent.
 *
 * Where a core listens for signs of life (core_listens_at) and the time has come, this asks where heartbeats[p] and status[p] end, by
 * fetches at their ends that nobody waits for (bus/ends.h), and tells the core once both have been read up to there, and the statuses decided (of a long backlog they are decided turn by turn). What is
 * asked for is the end, not the last stable offset: behind somebody's open transaction lie signs and claims that cannot be read yet, and
 * until they can nobody is silent. Of status too, since it says whose signs count.
 */
#ifndef SCHEDULER_HEARING_H
#define SCHEDULER_HEARING_H

#include "bus/ends.h"
#include "scheduler/clock_guard.h"
#include "scheduler/ownership.h"

struct hearing {
    struct ownership *ownership;
    struct ends *ends;
    uintptr_t epoch;   /* of the ownership that `of` is about */
    usec_t difference; /* of the two clocks, as last seen */
    usec_t ask_at;     /* monotonic: no further question before */
    usec_t give_up_at;
    struct heard {
        usec_t since; /* by the realtime clock: when its ends were asked for; 0 = they were not */
        int64_t status, heartbeats; /* the ends; -1 = not known yet */
        int64_t taken;              /* of statuses when both had been read; -1 = not yet */
    } * of;                         /* [partitions] */
};

void hearing_init(struct hearing *h, struct ownership *o);
void hearing_clear(struct hearing *h);

/* Goes on as far as possible without waiting. A clock that was set has everybody listened to anew. */
void hearing_step(struct hearing *h, struct moment now);

#endif
