/*
 * window.h - when a task is active: between two instants, and in the same hours of each day.
 *
 * Pure and immutable once made. The hours are of the wall clock of the window's own zone, whatever the zones
 * of the task's schedules are; what a clock change skips is never open, what it repeats is open twice.
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

DEFINE_SCOPED(window, struct window, window_free)

#endif
