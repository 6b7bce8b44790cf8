/*
 * peers.h - the same figures of other libraries: the programs of tests/bench/cron_peers, run one after another.
 *
 * Each is started as `$CRONOBS_BENCH_PEERS/NAME/run next CASES` (tests/bench/cron_peers/prepare makes it) and prints
 *
 *     version <tab> text                                    what it is
 *     next <tab> case <tab> zone <tab> ns <tab> answers     answers: 20 instants, in seconds, "-" for none, "," between
 *     parse <tab> case <tab> ns                             cases and zones are counted from 0
 *
 * and no line for a case that the library refuses.
 */
#ifndef BENCH_CRON_PEERS_H
#define BENCH_CRON_PEERS_H

#include "bench/cron/cases.h"

enum { PEERS = 4, ANSWERS = 20 };

struct peer {
    const char *folder, *name; /* "go", "robfig/cron (Go)" */
    char version[80];          /* "robfig/cron v3.0.1, go1.26" */
    bool present;
    double next[CASES_MAX][ZONES], parse[CASES_MAX]; /* ns; 0: it cannot do the case */
    int differs[CASES_MAX][ZONES];                   /* answers that are not ours */
};

extern struct peer peers[PEERS];

struct answers {
    int64_t list[ANSWERS]; /* seconds; -1: none */
};

/* Runs one peer, `ours` are our own answers; of several runs the least figures stay. A peer that is not there, or fails, says so on stderr. */
void peer_run(struct peer *p, const char *cases, struct answers ours[CASES_MAX][ZONES]);

/* How long `run batch` takes to answer the lines of a file: seconds; 0: it is not there. `ret_cpu`: CPU seconds. */
double peer_batch(const char *command, const char *lines, const char *out, double *ret_cpu);

#endif
