/*
 * expressions.h - random expressions in all forms, zones with odd clocks and instants near their changes.
 */
#ifndef DIFFERENTIAL_EXPRESSIONS_H
#define DIFFERENTIAL_EXPRESSIONS_H

#include "cron/schedule.h"
#include "differential/dice.h"
#include "differential/zones.h"

/* What is asked of both. */
struct question {
    char text[256];
    struct schedule_options options; /* the zone is a name of `places` */
    struct place *place;
    usec_t seam; /* an instant near a clock change, whose hour the expression likes */
};

/* The names of one half of the places (`part` of `parts`) are asked for; all of them with parts = 1. */
struct expressions {
    struct places *places;
    size_t part, parts;
};

/* A place; half of the time one of those whose clocks did odd things. */
struct place *random_place(const struct expressions *e, struct dice *d);

/* An expression. One in fifty is broken on purpose. */
void random_question(const struct expressions *e, struct dice *d, struct question *ret);

/* An instant of 1970-2199, mostly near a clock change of the place. */
usec_t random_instant(const struct place *table, struct dice *d);

#endif
