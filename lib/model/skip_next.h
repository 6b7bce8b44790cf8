/*
 * skip_next.h - instants of a task's schedules that somebody has asked to leave out: those up to a mark, `skip_until`; 0: none. Pure.
 *
 * SkipNext moves the mark on by one instant, an edit to where as many of the new schedules' instants lie before it, a deletion takes it
 * away; nothing else moves it (scheduler/commands.c). It is about what is not decided yet: what is past has its execution, whatever the mark says. The scheduler skips
 * by it, each CommandOutcome says it, and whoever shows what is to come asks here. What was triggered, retried, backfilled or set off by another
 * task is of no schedule, and leaves it alone.
 */
#ifndef MODEL_SKIP_NEXT_H
#define MODEL_SKIP_NEXT_H

#include "cron/timeline.h"

/* Is an instant that is scheduled then, and not decided, to be skipped? */
bool skip_next_covers(usec_t skip_until, usec_t scheduled_at);

/* How many instants after `after` are to be skipped; TIMELINE_COUNT_MAX: that many or more. */
size_t skip_next_count(const struct timeline *t, usec_t after, usec_t skip_until);

/* The first instant after `after` that is not to be skipped; RC_NOT_FOUND: there is none. */
MUST_CHECK enum rc skip_next_find(const struct timeline *t, usec_t after, usec_t skip_until,
                                  struct occurrence *ret);

#endif
