/*
 * store.h - a blocking connection to PostgreSQL, for the consumer and the db commands (the API has its own: read.h).
 *
 * Every failure is one of enum rc as store/pg.h says. A connection that failed with RC_RETRY is of no further use:
 * free it and open another. One thread at a time.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"

struct store;

enum store_role {
    STORE_AS_LOGIN,  /* as whoever the connection string names */
    STORE_AS_OWNER,  /* rebuild, retention */
    STORE_AS_WRITER, /* the consumer: may not change logs and events */
};

struct store_config {
    const char *database;    /* libpq connection string or URI */
    const char *application; /* application_name */
    enum store_role role;
    int statement_timeout_ms; /* 0 = none */
};

MUST_CHECK enum rc store_open(const struct store_config *config, struct store **ret,
                              struct error *err);
void store_free(struct store *s); /* NULL is fine */

/* Creates the database that the connection string names, by way of database `postgres`; an existing one is fine. */
MUST_CHECK enum rc store_create_database(const char *database, struct error *err);

/* True while a consumer runs (shared) or a rebuild (exclusive), for as long as the connection lives.
   RC_CONFLICT when the other kind is there. */
MUST_CHECK enum rc store_lock_projection(struct store *s, bool exclusive, struct error *err);

/* Takes the name for as long as the connection lives; RC_CONFLICT: another connection has it. */
MUST_CHECK enum rc store_lock_instance(struct store *s, const char *instance, struct error *err);

/* RC_FATAL while a rebuild that was begun is not finished. */
MUST_CHECK enum rc store_check_rebuilt(struct store *s, struct error *err);

/* A text value of the server's settings or a query without parameters: for tests and messages; *ret is owned. */
MUST_CHECK enum rc store_scalar(struct store *s, const char *sql, char **ret, struct error *err);
/* Runs statements; for tests and set-up. */
MUST_CHECK enum rc store_exec(struct store *s, const char *sql, struct error *err);

DEFINE_SCOPED(store, struct store, store_free)

#endif
