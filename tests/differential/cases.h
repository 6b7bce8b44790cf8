/*
 * cases.h - what a program of random cases is run with: its part of the zones, its seed, which cases.
 */
#ifndef DIFFERENTIAL_CASES_H
#define DIFFERENTIAL_CASES_H

#include "differential/expressions.h"

struct cases {
    struct places places;
    struct expressions expressions;
    struct zoneset *zones;
    uint64_t seed;
    uint64_t first, end; /* numbers of the cases: [first, end) */
};

/* Arguments PART PARTS, and the environment variables CRONOBS_DIFFERENTIAL_*; `count` cases unless they say else. */
void cases_init(struct cases *c, int argc, char **argv, uint64_t count);
void cases_clear(struct cases *c);

#endif
