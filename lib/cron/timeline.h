/*
 * timeline.h - when a task is due: the union of its schedules.
 *
 * Pure and immutable. The same instant from two schedules is one instant; it is told as the first of
 * them, in the order given, tells it. No schedules: never due.
 */
#ifndef CRON_TIMELINE_H
#define CRON_TIMELINE_H

#include "cron/schedule.h"

enum {
    TIMELINE_SCHEDULES_MAX = 16,
    TIMELINE_COUNT_MAX = 10000,
};

struct timeline;

/* Takes over `count` schedules (not the array), at most TIMELINE_SCHEDULES_MAX. */
struct timeline *timeline_new(struct schedule *const *schedules, size_t count);
void timeline_free(struct timeline *t); /* frees its schedules; NULL is fine */

size_t timeline_schedules(const struct timeline *t);
const struct schedule *timeline_schedule(const struct timeline *t, size_t index);

/* First instant strictly after, last instant strictly before; RC_NOT_FOUND when there is none. */
MUST_CHECK enum rc timeline_next(const struct timeline *t, usec_t after, struct occurrence *ret);
MUST_CHECK enum rc timeline_prev(const struct timeline *t, usec_t before, struct occurrence *ret);

/*
 * How many instants lie in (from, to]. Counts to `cap` (at most TIMELINE_COUNT_MAX), then stops and sets *ret_more:
 * bounded however long the range is.
 */
size_t timeline_count(const struct timeline *t, usec_t from, usec_t to, size_t cap, bool *ret_more);

/*
 * The newest `limit` instants of (from, to], oldest first, into out; answers how many. Works back from the
 * end, so it costs what it returns, not what the range holds.
 */
size_t timeline_newest(const struct timeline *t, usec_t from, usec_t to, size_t limit,
                       struct occurrence *out);

DEFINE_SCOPED(timeline, struct timeline, timeline_free)

#endif
