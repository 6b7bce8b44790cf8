/*
 * tally.h - counts the firings of a population by the minutes of a day, step by step. Pure but for the zones it reads.
 *
 * An instant of a timing counts for all its tasks at once. Bounded by TALLY_INSTANTS_MAX instants that are looked at.
 */
#ifndef API_RESOURCES_TALLY_H
#define API_RESOURCES_TALLY_H

#include "api/resources/minutes.h"

enum { TALLY_INSTANTS_MAX = 50000000 };

struct tally_ask { /* texts are borrowed */
    const struct population *population;
    const char *project, *queue; /* NULL: any */
    usec_t from, to;             /* the day, [from, to) */
    usec_t since;                /* instants that are due earlier do not count */
    struct arena *memory;        /* of what is counted */
};

struct tally;

struct tally *tally_new(const struct tally_ask *ask);
void tally_free(struct tally *t); /* NULL is fine */
/* One step of a few milliseconds at most; false: all is counted. */
bool tally_step(struct tally *t, struct zoneset *zones);

struct tally_sums {
    int64_t firings, tasks, paused; /* tasks: that are active */
    int64_t due;                    /* of those: that fire on that day */
    bool is_complete;
};

const struct minutes *tally_minutes(const struct tally *t);
struct tally_sums tally_sums(const struct tally *t);

DEFINE_SCOPED(tally, struct tally, tally_free)

#endif
