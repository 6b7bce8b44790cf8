/*
 * random_log.h - a history that a seed makes: messages of all topics of the projection, sane and insane.
 *
 * Executions with and without ExecutionCreated, in two queues; statuses that are legal, late, repeated, of other attempts,
 * misplaced; log batches that jump, repeat and overlap; commands and outcomes, some twice; revisions, gaps, heartbeats; bytes
 * that are no record. The order within one topic partition is what it says; that between them is up to random_log_shuffle.
 */
#ifndef SUPPORT_RANDOM_LOG_H
#define SUPPORT_RANDOM_LOG_H

#include "consumer/intake.h"

enum { RANDOM_LOG_PARTITIONS = 4 };

struct random_log {
    struct message *items; /* offsets count from 0 in each topic partition */
    size_t count, capacity;
};

/* Everything lives in `memory`, but for items: release with random_log_clear. */
struct random_log random_log_make(uint64_t seed, int executions, struct arena *memory);
void random_log_clear(struct random_log *log);

/* Another interleaving of the topic partitions; each keeps its own order. */
void random_log_shuffle(struct random_log *log, uint64_t seed);

uint64_t random_next(uint64_t *state);
int random_below(uint64_t *state, int limit);

#endif
