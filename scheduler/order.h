/*
 * order.h - a command in hand: what its handlers share. For commands.c and requests.c.
 */
#ifndef SCHEDULER_ORDER_H
#define SCHEDULER_ORDER_H

#include "scheduler/plan.h"

struct order {
    const struct command *command;
    struct task *task; /* a ghost when there is none yet */
    usec_t at;         /* broker time */
    bool waits;        /* it cannot be decided now: nothing was done */
    struct command_outcome outcome;
    char text[640]; /* why it is rejected, or what it has come to */
};

/* These answer RC_OK: a rejection is an answer too. */
enum rc order_reject(struct order *o, enum outcome_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);
enum rc order_accept(struct order *o, enum outcome_code code);

/* Whether the task has undecided instants up to then: deciding them would fire, and the clock is not to be trusted. */
bool order_would_fire(const struct plan *p, const struct order *o, usec_t until);

/* The queue does not exist: the order is rejected, or waits while it is younger than 300 ms. A topic that was made just before
   it is known to one broker after the other, so that a newer list may lack it as well. Nothing else may have been done for the order. */
bool order_lacks_queue(struct plan *p, struct order *o, const char *queue);

#endif
