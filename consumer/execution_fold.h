/*
 * execution_fold.h - what one record does to the row of its execution. Pure.
 */
#ifndef CONSUMER_EXECUTION_FOLD_H
#define CONSUMER_EXECUTION_FOLD_H

#include "consumer/intake.h"
#include "store/rows.h"

enum execution_change { /* bits */
                        EXECUTION_SAME = 0,
                        EXECUTION_LIFE = 1,      /* columns that statuses change */
                        EXECUTION_DESCRIBED = 2, /* any others, and perhaps these, too */
};

/* A row of which nothing is known but that it is there: PENDING. */
struct execution_row execution_stub(struct uuid execution, struct uuid task);

/* Whether somebody who may has made it: the scheduler, by ExecutionCreated or the report that it was born with, or a worker
   that reports on a run of somebody else's (trigger EXTERNAL). All else is a report on nothing. */
bool execution_is_made(const struct execution_row *row);

/* Describes the row, unless a lower attempt already has. Which reports count may be others then: the caller folds those again
   that are known (execution_begin_anew, execution_fold_event). */
int execution_fold_created(struct execution_row *row, const struct intake *in,
                           struct arena *memory);

/* What the report says of the row itself: one that makes an execution (a birth) describes it, and its life begins there. */
int execution_fold_birth(struct execution_row *row, const struct intake *in);

/* Nothing has been reported yet. */
void execution_begin_anew(struct execution_row *row);

/* Folds one report, in the order of offsets, by lifecycle_apply: sets event->moved; answers which columns of the row it changes.
   A report below row->status_from is not about this execution. */
int execution_fold_event(struct execution_row *row, struct event_row *event);

struct event_row execution_event_of(const struct intake *in);

#endif
