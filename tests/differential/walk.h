/*
 * walk.h - when an expression is due, by walking through time and looking at the wall clock.
 *
 * walk_due() decides one second, from the words of the specification. walk_next() and walk_prev() ask it
 * second by second; they pass over nothing but local months, days, hours and minutes that the expression does not
 * name, and never over the second in which a clock changes.
 */
#ifndef DIFFERENTIAL_WALK_H
#define DIFFERENTIAL_WALK_H

#include "cron/schedule.h"
#include "differential/meaning.h"
#include "differential/zones.h"

/* A schedule of the walk. */
struct walker {
    struct meaning meaning;
    const struct place *place;
};

/* Is it due at that second of span `span` of the place? `schedule` of the answer is 0. */
bool walk_due(const struct walker *w, int64_t second, size_t span, struct occurrence *ret);

/* First instant strictly after, last instant strictly before, in 1970-2199; false: none. */
bool walk_next(const struct walker *w, usec_t after, struct occurrence *ret);
bool walk_prev(const struct walker *w, usec_t before, struct occurrence *ret);

#endif
