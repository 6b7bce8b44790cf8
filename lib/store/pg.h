/*
 * pg.h - what the files of lib/store share: a connection, and the one place where libpq's failures become enum rc.
 *
 * RC_RETRY     connection gone, server stopping, disk full, time-out, lock, deadlock: repeat later on a fresh connection
 * RC_CONFLICT  unique violation, no leaf for a row: run the transaction again
 * RC_INVALID   the data was refused (class 22, 23, 54): the same rows will fail again
 * RC_NOT_FOUND the database does not exist
 * RC_FATAL     anything else: wrong schema, missing right, a bug
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <libpq-fe.h>

#include "store/store.h"
#include "store/values.h"

struct store {
    PGconn *conn;
    char *schema;
};

/* Says what went wrong with `result` (may be NULL: the connection itself). Not for results that are fine. */
enum rc pg_fail(PGconn *conn, const PGresult *result, const char *what, struct error *err);

/*
 * A connection string that can be read. libpq quotes parts of one that cannot in its message, and the server the whole of one
 * that looks like a database's name to both: with the password in it. So RC_INVALID says that it is wrong, not where.
 */
MUST_CHECK enum rc pg_check_string(const char *database, struct error *err);

/* A binary parameter, or NULL. */
struct pg_param {
    struct bytes value;
    bool is_null;
};

/* Parameters of a statement: columns of the widest table, and more. tests/unit/store/values_test.c */
enum { MOST_PARAMS = 64 };

/* Runs SQL without parameters, any number of statements, results dropped. */
MUST_CHECK enum rc pg_exec(struct store *s, const char *sql, struct error *err);
/* As pg_exec for one statement, with its result (text form). */
MUST_CHECK enum rc pg_query(struct store *s, const char *sql, PGresult **ret, struct error *err);
/* One statement with text parameters; the result in text form. */
MUST_CHECK enum rc pg_query_text(struct store *s, const char *sql, const char *const *params,
                                 int count, PGresult **ret, struct error *err);
MUST_CHECK enum rc pg_prepare(struct store *s, const char *name, const char *sql,
                              struct error *err);
/* Binary parameters, binary result. */
MUST_CHECK enum rc pg_run(struct store *s, const char *name, const struct buf *params, int count,
                          PGresult **ret, struct error *err);

static inline struct bytes pg_value(const PGresult *r, int row, int column)
{
    if (PQgetisnull(r, row, column))
        return (struct bytes){NULL, 0};
    return (struct bytes){PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)};
}

DEFINE_SCOPED(pg_result, PGresult, PQclear)

#endif
