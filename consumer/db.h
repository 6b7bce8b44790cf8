/*
 * db.h - `cronobs db migrate | verify | rebuild`.
 *
 * Each prints for people on `out`. verify: one line per table, "<table> <SHA-256> <bytes>", then "offsets <topic>[<partition>] <next>"
 * lines, then "total <SHA-256>" (store/digest.h says over what). rebuild: remembers the digest and the positions, empties the tables
 * leaf by leaf, replays the topics up to those positions and compares; it refuses while a consumer runs. Cut off half way, it
 * goes on with the same targets when it is called again, and no consumer starts before it has finished.
 */
#ifndef CONSUMER_DB_H
#define CONSUMER_DB_H

#include <stdio.h>

#include "base/error.h"

struct db_config {
    const char *database, *brokers, *topic_prefix;
    int partitions;
    const char *
        expect; /* rebuild, verify: the total that must come out; NULL: what the tables held before */
    int batch_records; /* rebuild: 0 = 20,000 */
};

/* Creates the database if there is none, then applies what is missing. */
MUST_CHECK enum rc db_migrate(const struct db_config *config, FILE *out, struct error *err);
/* RC_CONFLICT when the total is not the expected one. */
MUST_CHECK enum rc db_verify(const struct db_config *config, FILE *out, struct error *err);
/* Ends with "digest equal" (RC_OK) or, on RC_CONFLICT, with the tables that differ. In an empty database it reads to the ends
   of the topics and has nothing to compare with but `expect`. */
MUST_CHECK enum rc db_rebuild(const struct db_config *config, FILE *out, struct error *err);

#endif
