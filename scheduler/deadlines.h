/*
 * deadlines.h - open executions: what their statuses did to them, and what the scheduler says when time is up.
 *
 * What it says (MISSED, TIMED_OUT, LOST, RETRYING, CANCELLING, CANCELLED) is a proposal: a record in status[p] like any other. The scheduler acts on one (frees
 * the slot, forgets the execution) only when it reads it back and the fold says that it won. One proposal
 * at a time is on its way; after a restore it may be repeated, which changes nothing (its event id is the same).
 */
#ifndef SCHEDULER_DEADLINES_H
#define SCHEDULER_DEADLINES_H

#include "scheduler/plan.h"

/* Whether a status message matters to this partition: of an open execution, or misplaced; and within the limits, since
   the projection folds no other. *ret_hurries is set where it may end an execution that others follow. */
bool statuses_matter(struct core *c, struct bytes value, bool *ret_hurries);

/* Folds the waiting statuses; copies misplaced ones to their partition. */
MUST_CHECK enum rc statuses_run(struct plan *p, struct error *err);

/*
 * Cancels an execution that nobody here remembers: it is PENDING or RUNNING, or over. CANCELLED ends it if it is not begun, else CANCELLING
 * moves it, and CANCELLED once more, after the grace, ends it then. What it is the history says.
 */
MUST_CHECK enum rc deadlines_cancel_unseen(struct plan *p, struct task *t, struct uuid id,
                                           usec_t at, struct error *err);

/* Proposes what is overdue at now. */
MUST_CHECK enum rc deadlines_run(struct plan *p, struct error *err);

#endif
