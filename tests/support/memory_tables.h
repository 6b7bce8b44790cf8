/*
 * memory_tables.h - the projection's tables in memory, by the rules that store/write.h gives them in SQL.
 *
 * A double for unit tests of the projector; that PostgreSQL does the same is the integration tests' business.
 */
#ifndef SUPPORT_MEMORY_TABLES_H
#define SUPPORT_MEMORY_TABLES_H

#include "base/buf.h"
#include "consumer/projector.h"

struct memory_tables;

struct memory_tables *memory_tables_new(void);
void memory_tables_free(struct memory_tables *t);

/* Folds a batch of messages, as consumer/batch.h does: once more, carefully, when some new row was there already. */
void memory_tables_store(struct memory_tables *t, const struct message *messages, size_t count,
                         int partitions);
/* The row of an execution that is made; false when there is none. */
bool memory_tables_execution(const struct memory_tables *t, struct uuid execution, struct uuid task,
                             struct execution_row *ret);

/* Up to which instant those of the task are to be skipped; 0: none is. */
usec_t memory_tables_skip(const struct memory_tables *t, struct uuid task);

/* Every row of the tables that `db verify` digests, one a line, sorted. */
void memory_tables_dump(struct memory_tables *t, struct buf *out);
size_t memory_tables_count(const struct memory_tables *t, const char *table);

#endif
