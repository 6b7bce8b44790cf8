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

/* Hands the projector what it needs to know; events only when it is to be careful. */
void memory_tables_tell(struct memory_tables *t, struct projector *p, struct projector_needs needs);
/* False when a new row is there already: the batch has to be run again, carefully. Nothing has changed then. */
bool memory_tables_write(struct memory_tables *t, const struct store_rows *rows);

/* Every row of the tables that `db verify` digests, one a line, sorted. */
void memory_tables_dump(struct memory_tables *t, struct buf *out);
size_t memory_tables_count(const struct memory_tables *t, const char *table);

#endif
