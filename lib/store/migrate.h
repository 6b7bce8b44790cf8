/*
 * migrate.h - bringing the tables to the form that this program knows (schemas/sql, embedded).
 *
 * In the store's schema: the files say `cronobs`, and are applied with the word replaced where it is another one; so a file names
 * the schema as a word of its own, in functions too. Under an advisory lock, each file in one transaction with its line in schema_migration. A file whose text changed after
 * it was applied is refused: what is applied is never edited. A database that is newer than the program is refused too.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

typedef void (*migrated_fn)(void *ctx, int version, const char *name);

/* Applies what is missing; `applied` (may be NULL) is told of each file. */
MUST_CHECK enum rc store_migrate(struct store *s, migrated_fn applied, void *ctx,
                                 struct error *err);

/* One at a time in a database: whoever changes the form of its tables. */
MUST_CHECK enum rc store_migration_lock(struct store *s, struct error *err);
void store_migration_unlock(struct store *s);

/* RC_FATAL unless all files, and no others, are applied unchanged. */
MUST_CHECK enum rc store_check_schema(struct store *s, struct error *err);

#endif
