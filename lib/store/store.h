/*
 * store.h - a blocking connection to PostgreSQL, for the consumer and the db commands (the API has its own: read.h).
 *
 * Every failure is one of enum rc as store/pg.h says. A connection that failed with RC_RETRY is of no further use:
 * free it and open another. One thread at a time.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"

#define STORE_SCHEMA "cronobs" /* where the live tables are */

struct store;

enum store_role {
    STORE_AS_LOGIN,  /* as whoever the connection string names */
    STORE_AS_OWNER,  /* retention */
    STORE_AS_WRITER, /* the consumer: may not change logs and events */
};

struct store_config {
    const char *database;    /* libpq connection string or URI */
    const char *application; /* application_name */
    const char *schema;      /* of the tables; NULL: STORE_SCHEMA */
    enum store_role role;
    int statement_timeout_ms; /* 0 = none */
};

MUST_CHECK enum rc store_open(const struct store_config *config, struct store **ret,
                              struct error *err);
void store_free(struct store *s); /* NULL is fine */

/* A name that needs no quotes: [a-z][a-z0-9_]*, at most 63. RC_INVALID, with the rule. */
MUST_CHECK enum rc store_check_schema_name(const char *name, struct error *err);

/* Creates the database that the connection string names, by way of database `postgres`; an existing one is fine. */
MUST_CHECK enum rc store_create_database(const char *database, struct error *err);

/* Takes the name for as long as the connection lives; RC_CONFLICT: another connection has it. */
MUST_CHECK enum rc store_lock_instance(struct store *s, const char *instance, struct error *err);

/* A text value of the server's settings or a query without parameters: for tests and messages; *ret is owned. */
MUST_CHECK enum rc store_scalar(struct store *s, const char *sql, char **ret, struct error *err);
/* Runs statements; for tests and set-up. */
MUST_CHECK enum rc store_exec(struct store *s, const char *sql, struct error *err);

DEFINE_SCOPED(store, struct store, store_free)

#endif
