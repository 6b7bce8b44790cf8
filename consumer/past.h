/*
 * past.h - `cronobs db rebuild --until`: the tables as they were at an instant, in a schema of their own beside the live ones.
 *
 * "As of T" is the beginning of each partition before its first record with a broker time later than T. Folds see whole
 * beginnings and nothing else, so any two rebuilds of one T give the same bytes, whatever was written since. Broker times only
 * grow in a partition, but for a change of its leader to a broker whose clock is behind: a record that such a broker stamped with T
 * or earlier after one later than T is left out (docs/decisions/0091).
 *
 * The live tables, consumers and readers have no part in it. Heartbeats are not read.
 */
#ifndef CONSUMER_PAST_H
#define CONSUMER_PAST_H

#include "consumer/db.h"

/* Into config->schema; NULL: "cronobs_at_20261129t021500z". RC_INVALID: an instant to come; RC_CONFLICT: the schema exists. */
MUST_CHECK enum rc past_build(const struct db_config *config, FILE *out, struct error *err);

/* `cronobs db drop`: drops such tables. RC_INVALID for the live ones and for what is not ours; RC_NOT_FOUND. */
MUST_CHECK enum rc past_drop(const struct db_config *config, FILE *out, struct error *err);

#endif
