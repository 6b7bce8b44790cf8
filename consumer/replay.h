/*
 * replay.h - reading the topics again, up to given positions, into emptied tables (by the same batches as the consumer).
 */
#ifndef CONSUMER_REPLAY_H
#define CONSUMER_REPLAY_H

#include <stdio.h>

#include "consumer/db.h"
#include "store/rebuild.h"

/* The ends of all topics of the projection, as committed now. */
MUST_CHECK enum rc replay_ends(const struct db_config *config, struct arena *memory,
                               struct rebuild_targets *ret, struct error *err);

/* Reads every position up to its target and no further. */
MUST_CHECK enum rc replay_run(const struct db_config *config, const struct rebuild_targets *targets,
                              FILE *out, struct error *err);

#endif
