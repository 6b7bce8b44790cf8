/*
 * past.h - the tale as the log of an installation: what its topics would hold had it run for STORY_DAYS days.
 *
 * Nothing is decided here: the scheduler's own core (scheduler/core.h) reads the commands of the tale and decides each instant,
 * by a clock that goes from then to now in steps. What it decides is written down, workers of the tale report on it, and the core
 * reads that again. So the records are those of a scheduler that stopped a moment ago, its `state` among them: the real one
 * goes on where this one ends, and whatever holds of an honest log holds of this one (docs/decisions/0148).
 *
 * Pure but for the files of zones. It has no transactions, so the offsets of each topic follow each other from 0: they stand in
 * the records, and the topics must be empty.
 */
#ifndef CLI_DEMO_PAST_H
#define CLI_DEMO_PAST_H

#include "bus/bus.h"
#include "cli/demo/story.h"
#include "cron/zoneset.h"

/* Takes the next record of its topic and partition, its time in `at`. */
typedef enum rc (*past_write_fn)(void *ctx, const struct bus_record *record, struct error *err);

struct past_env {
    const char *prefix; /* of topics */
    int partitions;
    usec_t until; /* now */
    struct zoneset *zones;
    past_write_fn write;
    void *ctx;
};

struct past_totals {
    long executions, records, lines;
};

/* Fails only as `write` does, or where a zone of the tale is missing. */
MUST_CHECK enum rc past_tell(const struct past_env *env, struct past_totals *ret,
                             struct error *err);

#endif
