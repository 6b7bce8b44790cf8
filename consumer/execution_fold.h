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
                        EXECUTION_DESCRIBED = 2, /* any others */
};

/* A row of which nothing is known but that it is there: PENDING. */
struct execution_row execution_stub(struct uuid execution, struct uuid task);

/* Whether somebody who may has made it: the scheduler, by ExecutionCreated or the report that it was born with, or a worker
   that reports on a run of somebody else's (trigger EXTERNAL). All else is a report on nothing. */
bool execution_is_made(const struct execution_row *row);

/* Describes the row, unless a lower attempt already has. Never touches the status. */
int execution_fold_created(struct execution_row *row, const struct intake *in,
                           struct arena *memory);

/* The status's effect by lifecycle_apply, and which columns it changes. */
enum lifecycle_effect execution_fold_status(struct execution_row *row, const struct intake *in,
                                            int *changes);
/* Marks the row; answers what that changes. */
int execution_contradict(struct execution_row *row);

struct event_row execution_event_of(const struct intake *in, bool moved);

#endif
