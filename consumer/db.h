/*
 * db.h - `cronobs db migrate | verify | rebuild`.
 *
 * Each prints for people on `out`. verify: one line per table, "<table> <SHA-256> <bytes>", then "offsets <topic>[<partition>] <next>"
 * and "lost <topic>[<partition>] <from> <to>" lines, then "total <SHA-256>" (store/digest.h says over what). rebuild: consumer/rebuild.h.
 */
#ifndef CONSUMER_DB_H
#define CONSUMER_DB_H

#include <stdio.h>

#include "base/error.h"

struct db_config {
    const char *database, *brokers, *topic_prefix;
    const char
        *schema; /* verify: of the tables; rebuild: of those as of `until`; NULL: as is usual */
    int partitions;
    /* rebuild, verify: the total that must come out; NULL: what the tables held before */
    const char *expect;
    int batch_records; /* rebuild: 0 = 20,000 */
    bool accept_loss;  /* rebuild: go on when the topics hold less than the tables */
    usec_t until;      /* rebuild: as of then, in tables of their own; 0: the live ones */
};

/* Creates the database if there is none, then applies what is missing. */
MUST_CHECK enum rc db_migrate(const struct db_config *config, FILE *out, struct error *err);
/* RC_CONFLICT when the total is not the expected one. */
MUST_CHECK enum rc db_verify(const struct db_config *config, FILE *out, struct error *err);

#endif
