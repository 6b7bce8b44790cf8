/*
 * figures.h - what lib/cron costs, measured; and the tables of it for docs/benchmarks.md.
 */
#ifndef BENCH_CRON_FIGURES_H
#define BENCH_CRON_FIGURES_H

#include "bench/cron/peers.h"
#include "cron/schedule.h"

struct figures { /* of ours, nanoseconds */
    double next[CASES_MAX][ZONES], prev[CASES_MAX][ZONES], parse[CASES_MAX];
    struct answers answers[CASES_MAX][ZONES];
};

void figures_measure(const struct cron_cases *cases, struct zoneset *zoneset, struct figures *ret);

/* Summaries, as lines "B1 what: figure | reference". */
void figures_summary(const struct cron_cases *cases, const struct figures *f);
/* Each case beside each peer, as tables in Markdown. */
void figures_tables(const struct cron_cases *cases, const struct figures *f);

/* Lines of what goes around schedules: walking on, timelines, zones. */
void parts_measure(struct zoneset *zoneset);

/* `cronobs next --batch` beside a peer that answers the same lines. */
void batch_measure(void);

#endif
