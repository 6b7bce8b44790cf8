/*
 * aside.h - work that takes longer than a step may, and cannot be cut into steps: on a thread of its own, one job after the other.
 *
 * `work` runs on that thread and touches nothing that the loop has; `done` runs on the loop's.
 */
#ifndef API_EXCHANGE_ASIDE_H
#define API_EXCHANGE_ASIDE_H

#include "loop/loop.h"

struct aside;

MUST_CHECK enum rc aside_new(struct loop *loop, struct aside **ret, struct error *err);
/* Jobs are done first, within this call. NULL is fine. */
void aside_free(struct aside *a);
/* Without it (NULL) both run within this call. */
void aside_run(struct aside *a, loop_fn work, loop_fn done, void *ctx);

DEFINE_SCOPED(aside, struct aside, aside_free)

#endif
