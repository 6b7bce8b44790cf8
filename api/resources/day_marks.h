/*
 * day_marks.h - what a calendar shows beside counts: instants to come, and those that were passed over.
 *
 * Both are of the task's schedules: instants to come of those it has now, a gap of those it had then. Worked out in slices
 * (exchange/slices.h), a span at a time.
 */
#ifndef API_RESOURCES_DAY_MARKS_H
#define API_RESOURCES_DAY_MARKS_H

#include "api/exchange/context.h"
#include "cron/timeline.h"
#include "store/rows.h"

enum { GAPS_SPLIT_MAX = 20000 }; /* of (gap, span), for all gaps together */

struct day_marks {
    const usec_t *bounds; /* of count spans, [bounds[i], bounds[i + 1]); ascending */
    size_t count;
    int32_t *planned;              /* TIMELINE_COUNT_MAX: that many or more; -1: nothing is said */
    int64_t (*gaps)[REASON_COUNT]; /* NULL: there are none */
};

struct marks_ask {
    struct api *api;
    const struct task_row *task;
    usec_t now;
    usec_t skip_until; /* what is to be skipped is not planned (model/skip_next.h) */
    const struct gap_row *gaps;
    size_t gap_count;
    const struct task_row
        *revisions; /* specs of those that gaps are of, as far as they are known */
    size_t revision_count;
    struct arena *memory; /* of what is worked out */
    void (*done)(void *ctx);
    void *ctx;
};

/* Fills planned and gaps of marks, whose bounds are set, then calls done. */
void day_marks_work_out(struct day_marks *marks, const struct marks_ask *ask);

/* The span that holds t; count: none does. Pure. */
size_t day_marks_find(const struct day_marks *m, usec_t t);

/* Counts a gap where its instants lie, by the schedules that it is of (NULL: not known): in the span that it ends in where they
   cannot be told apart. Answers how many spans it looked at. Pure. */
size_t day_marks_add_gap(struct day_marks *m, const struct gap_row *gap, const struct timeline *t);

#endif
