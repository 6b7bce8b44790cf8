/*
 * timeline.h - when a task is due: the union of its schedules, less what its calendars and its window leave
 * out, jittered.
 *
 * Pure and immutable; nothing is allocated once it is made. The same instant from two schedules is one
 * instant; it is told as the first of them that has it, in the order given, tells it. No schedules: never due.
 *
 * Calendars judge each instant by its actual local time in the zone of its schedule, the one a clock shows
 * when it is due, after a clock change moved it; the window judges the instant itself. An instant is left out
 * if a calendar of mode EXCLUDE holds it, or if there are calendars of mode ONLY and none of them holds it,
 * or if the window does not. What is closed is jumped over: it costs the same however many instants are in it.
 *
 * Jitter delays: due = at + hash mod min(jitter, gap to the next instant of the timeline), in microseconds;
 * after the last instant there is no gap to heed. The hash is FNV-1a with 64 bits (base/hash.h;
 * http://www.isthe.com/chongo/tech/comp/fnv/) over the 16 bytes of the task's id and the 8 of `at`, big-endian.
 * So it is the same on each node and in each replay, for ever; it keeps the order, an instant being due
 * before the next one is reached, and moves neither `at` nor what calendars and window say.
 */
#ifndef CRON_TIMELINE_H
#define CRON_TIMELINE_H

#include "cron/calendar.h"
#include "cron/schedule.h"
#include "cron/window.h"

enum {
    TIMELINE_SCHEDULES_MAX = 16,
    TIMELINE_CALENDARS_MAX = 16,
    TIMELINE_COUNT_MAX = 10000,
};

struct timeline;

/* All zero: each instant of the schedules is due when it is. */
struct timeline_options {
    /* Taken over, the array not; at most TIMELINE_CALENDARS_MAX. */
    struct calendar *const *calendars;
    size_t calendar_count;
    struct window *window; /* taken over; NULL: always open */
    usec_t jitter;         /* >= 0 */
    struct uuid task;      /* whose jitter it is */
};

/* Takes over `count` schedules (not the array), at most TIMELINE_SCHEDULES_MAX. NULL options are all zero. */
struct timeline *timeline_new(struct schedule *const *schedules, size_t count,
                              const struct timeline_options *options);
void timeline_free(struct timeline *t); /* frees all that it took over; NULL is fine */

size_t timeline_schedules(const struct timeline *t);
const struct schedule *timeline_schedule(const struct timeline *t, size_t index);

/* The zone of the schedule that tells an occurrence of this timeline. */
const char *timeline_zone(const struct timeline *t, const struct occurrence *o);

enum { TIMELINE_OPEN = -1, TIMELINE_WINDOW = TIMELINE_CALENDARS_MAX };

/* What keeps an instant of one of its schedules (schedule_next()) from being due: the number of a calendar, of those of mode
   EXCLUDE first, TIMELINE_WINDOW, or TIMELINE_OPEN: nothing does. Another schedule may have the same instant, and be left it. */
int timeline_left_out_by(const struct timeline *t, const struct occurrence *o);

/* The same of an instant that no schedule names. Calendars judge it by the clock of the first schedule's zone; without schedules by UTC. */
int timeline_shut_by(const struct timeline *t, usec_t at);

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
