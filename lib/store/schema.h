/*
 * schema.h - whole sets of tables: dropping one, giving one another name.
 *
 * A set of tables is a schema that store_migrate filled. The live one is STORE_SCHEMA; a rebuild fills a second one beside it.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/store.h"

/* Is there any schema of this name? */
MUST_CHECK enum rc store_schema_exists(struct store *s, const char *name, bool *ret,
                                       struct error *err);

/* Drops a set of tables, leaf by leaf, each in a transaction of its own (all at once would need a lock for each). None of that
   name: RC_OK. RC_INVALID when the schema holds something else than tables of ours. */
MUST_CHECK enum rc store_schema_drop(struct store *s, const char *name, struct error *err);

/* Renames a set of tables, and the name inside its functions. In one transaction, or in the one that is open. */
MUST_CHECK enum rc store_schema_rename(struct store *s, const char *from, const char *to,
                                       struct error *err);

/* Collects statistics, which fresh tables lack. */
MUST_CHECK enum rc store_schema_analyze(struct store *s, const char *name, struct error *err);

#endif
