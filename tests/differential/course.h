/*
 * course.h - a whole task by walking: some schedules, less what is filtered out, with jitter.
 */
#ifndef DIFFERENTIAL_COURSE_H
#define DIFFERENTIAL_COURSE_H

#include "base/uuid.h"
#include "differential/filter.h"
#include "differential/walk.h"

enum { WALKERS_MAX = 4 };

/* The answer of a search, which serves any other that starts between there and the answer. */
struct answer {
    bool known, any;
    usec_t start;
    struct occurrence found;
};

struct course {
    size_t count;
    struct walker walkers[WALKERS_MAX];
    struct filter filter;
    usec_t jitter;
    struct uuid task;
    int patience;   /* closed instants that one search looks at */
    usec_t horizon; /* and how far it looks behind the first of them */
    struct answer next[WALKERS_MAX], prev[WALKERS_MAX];
};

enum found {
    FOUND,
    FOUND_NONE,
    FOUND_NOT_YET, /* patience ran out: nothing between the start of the search and ret->at */
};

/* The next instant that is open; `due` is still `at`. */
enum found course_next(struct course *c, usec_t after, struct occurrence *ret);
enum found course_prev(struct course *c, usec_t before, struct occurrence *ret);

/* Is `at` an instant of one of the schedules, and open? */
bool course_has(const struct course *c, usec_t at, struct occurrence *ret);

/* Sets `due`. False when patience ran out before that was known. */
bool course_jitter(struct course *c, struct occurrence *o);

#endif
