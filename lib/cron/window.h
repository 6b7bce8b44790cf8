/*
 * window.h - when a task is active: between two instants, and in the same hours of each day.
 *
 * Pure and immutable once made. The hours are of the wall clock of the window's own zone, whatever the zones
 * of the task's schedules are; what a clock change skips is never open, what it repeats is open twice. Outside the
 * years 1970-2199, where nothing is ever due, it is closed.
 */
#ifndef CRON_WINDOW_H
#define CRON_WINDOW_H

#include "cron/zoneset.h"

struct window;

/* All zero: open always. */
struct window_options {
    usec_t from, until;     /* open if from <= t < until; 0: no such limit */
    const char *daily_from; /* "HH:MM"; both or none of these, NULL or "": none */
    const char *daily_to;   /* itself left out; overnight if it is earlier; "24:00" is allowed */
    const char *zone;       /* of the daily hours; NULL or "": UTC */
};

/* RC_INVALID: err's pointer is "/daily_to" and so on, the member at fault; its text starts with the member's name. */
MUST_CHECK enum rc window_new(const struct window_options *options, struct zoneset *zones,
                              struct window **ret, struct error *err);
void window_free(struct window *w); /* NULL is fine */

bool window_holds(const struct window *w, usec_t at);

/* The first instant >= at that it holds (USEC_MAX: none), the last one <= at (USEC_MIN: none), to the microsecond. */
usec_t window_first(const struct window *w, usec_t at);
usec_t window_last(const struct window *w, usec_t at);

/* The daily hours at an instant, on the clock of UTC: seconds of the day; they may run past midnight. */
struct window_hours {
    int32_t from, length;
    int64_t start, end; /* UTC seconds: the hours are these in [start, end) */
};

struct window_hours window_hours_at(const struct window *w, usec_t at);

DEFINE_SCOPED(window, struct window, window_free)

#endif
