/*
 * moment.h - an instant as somebody writes it who asks about it: exactly, or as the clock of the task's zone shows it. Pure.
 */
#ifndef API_RESOURCES_MOMENT_H
#define API_RESOURCES_MOMENT_H

#include "base/error.h"
#include "cron/zone.h"

struct moment {
    usec_t at[2]; /* the second one where the clock shows the time twice */
    int count;
    /* [at, at + span) is meant: a day, a minute, a second or a millisecond, as far as it was written */
    usec_t span;
    bool is_in_gap; /* the clock skips the time; at[0] is the first instant after the gap */
    bool was_wall;  /* it was written as a wall time, `wall` */
    usec_t wall;    /* as if UTC */
};

/* RFC 3339, or "2026-11-29", "2026-11-29T14:20", "2026-11-29 14:20:05" on the zone's clock. RC_INVALID says how to write it. */
MUST_CHECK enum rc moment_parse(const char *text, const struct zone *zone, struct moment *ret,
                                struct error *err);

#endif
