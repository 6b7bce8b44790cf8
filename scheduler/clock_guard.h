/*
 * clock_guard.h - whether this machine's clock may decide that something is due.
 *
 * Closed at the start and whenever the realtime and the monotonic clock drift apart by more than 2 s
 * (somebody set the clock, the machine slept): nothing fires until the broker's time of a record that we
 * have just written agrees within 2 s. Only our own records can tell, since only of those do we know when
 * they were written; and the first one of every turn, the Watermark, comes at no cost: a turn that finds
 * the clocks apart is aborted before anything else is in it. Pure: all times are arguments.
 */
#ifndef SCHEDULER_CLOCK_GUARD_H
#define SCHEDULER_CLOCK_GUARD_H

#include "base/util.h"

struct moment { /* one reading of both clocks */
    usec_t real, mono;
};

struct clock_guard {
    bool is_open;
    bool has_reading;
    usec_t difference; /* real - mono, as last seen */
    usec_t asked_at;   /* mono of the last record that did not agree; 0 = none */
};

/* To be called with every reading. Answers whether the guard has just closed. */
bool clock_guard_look(struct clock_guard *g, struct moment now);

/* A record of ours has the broker's time `broker`, and was acknowledged at `acked` (mono): opens the guard when the reading
   that decided what is due agrees, or says no. However long the acknowledgement took, that reading was then at most 2 s
   ahead: it may make us late, but not early. */
bool clock_guard_ask(struct clock_guard *g, usec_t broker, struct moment decided, usec_t acked);

/* While it is closed: may a turn be tried already (once a second)? */
bool clock_guard_may_ask(const struct clock_guard *g, struct moment now);

#endif
