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

/* Describes the row, unless a lower attempt already has. Never touches the status. */
int execution_fold_created(struct execution_row *row, const struct intake *in,
                           struct arena *memory);

/* The status's effect by lifecycle_apply; *ret_moved: whether it moved something. */
int execution_fold_status(struct execution_row *row, const struct intake *in, bool *ret_moved);

struct event_row execution_event_of(const struct intake *in, bool moved);

#endif
