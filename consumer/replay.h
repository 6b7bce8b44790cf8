/*
 * replay.h - reading the topics again into fresh tables, by the same batches as the consumer.
 */
#ifndef CONSUMER_REPLAY_H
#define CONSUMER_REPLAY_H

#include <stdio.h>

#include "consumer/db.h"
#include "consumer/spans.h"

/* What the topics of the projection hold now, heartbeats left out; read up to their ends. */
MUST_CHECK enum rc replay_survey(const struct db_config *config, struct arena *memory,
                                 struct spans *ret, struct error *err);

struct replay_job {
    const struct db_config *config;
    const char *schema; /* of the tables */
    const struct spans *spans;
    FILE *out;
    /* a partition ends before its first record of a later broker time; 0: none does */
    usec_t until;
};

/* Says which beginnings are gone, and where a topic ends before what was read of it. */
void replay_tell_losses(const struct spans *spans, FILE *out);

/* Reads on from where the tables stand up to the ends, and no further; a beginning that is gone is recorded in lost_range. */
MUST_CHECK enum rc replay_run(const struct replay_job *job, uint64_t *ret_records,
                              struct error *err);

#endif
