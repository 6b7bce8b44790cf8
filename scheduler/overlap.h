/*
 * overlap.h - what becomes of an execution while others of its task are unfinished, by the task's overlap policy.
 *
 * What of a backfill waits goes last and is in nobody's way but another backfill's. Where the newest may run whatever else does
 * (registry_is_backfill_apart) a backfill runs beside the others.
 */
#ifndef SCHEDULER_OVERLAP_H
#define SCHEDULER_OVERLAP_H

#include "scheduler/plan.h"

/* There is no slot for another one with that trigger; or others wait that go first, unless runs of the kind may overlap. */
bool overlap_must_wait(const struct task *t, enum trigger trigger);

/* The oldest unfinished execution where another one with that trigger has to wait for it; nil: it has not. */
struct uuid overlap_blocker(const struct task *t, enum trigger trigger);

/* Then it may, by the policy and as long as there is room to wait. */
bool overlap_may_queue(const struct task *t, enum trigger trigger);
bool overlap_is_full(const struct task *t, enum trigger trigger); /* there is no room */

/* Whoever waits gives way to a newer one, and so do as many of those that run as it needs; but for a backfill's. */
void overlap_cancel_others(struct plan *p, struct task *t);

#endif
