/*
 * cases.h - what is measured: the expressions of tests/bench/cron_cases.tsv, three zones, and the instants asked from.
 *
 * Instant number i is START + i * STEP mod SPAN: spread evenly over ten years, neighbours more than six years apart, so
 * that neither caches nor branch prediction help as they would where each call goes on from the answer before it. The
 * programs of cron_peers/ count them the same way.
 */
#ifndef BENCH_CRON_CASES_H
#define BENCH_CRON_CASES_H

#include "base/util.h"

#define INSTANTS_START INT64_C(1704067200) /* 2024-01-01 */
#define INSTANTS_SPAN  INT64_C(315360000)  /* seconds */
#define INSTANTS_STEP  INT64_C(194903201)

enum { CASES_MAX = 64, ZONES = 3, INSTANTS = 1000 };

extern const char *const zones[ZONES];

struct cron_case {
    char *class, *expression, *quartz;
};

struct cron_cases {
    size_t count;
    struct cron_case list[CASES_MAX];
};

extern usec_t instants[INSTANTS]; /* made by cases_read, so that no figure holds their making */
usec_t instant_of(size_t i);

/* Reads the table; a file that is none ends the program. */
void cases_read(const char *path, struct cron_cases *ret);
void cases_clear(struct cron_cases *cases);

#endif
