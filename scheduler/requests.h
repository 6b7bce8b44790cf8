/*
 * requests.h - commands about single executions and instants: cancel, retry, skip the next, backfill, and what the end of another task sets off.
 */
#ifndef SCHEDULER_REQUESTS_H
#define SCHEDULER_REQUESTS_H

#include "scheduler/order.h"

MUST_CHECK enum rc request_cancel(struct plan *p, struct order *o, struct error *err);
MUST_CHECK enum rc request_retry(struct plan *p, struct order *o, struct error *err);
MUST_CHECK enum rc request_skip_next(struct plan *p, struct order *o, struct error *err);
MUST_CHECK enum rc request_backfill(struct plan *p, struct order *o, struct error *err);

/* The other side of chain.h: the task of the order follows. */
MUST_CHECK enum rc request_follow(struct plan *p, struct order *o, const struct chain_link *link,
                                  struct error *err);

#endif
