/*
 * deadlines.h - open executions: what their statuses did to them, and what the scheduler says when time is up.
 *
 * MISSED and TIMED_OUT are proposals: a record in status[p] like any other. The scheduler acts on one (frees
 * the slot, forgets the execution) only when it reads it back and the fold says that it won. One proposal
 * at a time is on its way; after a restore it may be repeated, which changes nothing (its event id is the same).
 */
#ifndef SCHEDULER_DEADLINES_H
#define SCHEDULER_DEADLINES_H

#include "scheduler/plan.h"

/* Whether a status message matters to this partition: of an open execution, or misplaced; and within the limits, since
   the projection folds no other. */
bool statuses_matter(struct core *c, struct bytes value);

/* Folds the waiting statuses; copies misplaced ones to their partition. */
MUST_CHECK enum rc statuses_run(struct plan *p, struct error *err);

/* Proposes what is overdue at now. */
MUST_CHECK enum rc deadlines_run(struct plan *p, struct error *err);

#endif
