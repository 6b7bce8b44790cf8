#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/pg.h"

/* Plans of the writer must never depend on what a leaf held when it was analysed: always by index. */
static const char writer_settings[] =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET jit = off";
static const char common_settings_sql[] =
    "SET search_path = %s, pg_temp; SET client_min_messages = warning; SET timezone = 'UTC'";

/* --- failures --- */

static bool starts_with_any(const char *state, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++)
        if (text_starts(state, *prefixes))
            return true;
    return false;
}

static enum rc rc_of_state(const char *state)
{
    static const char *const again[] = {"23505", "23514", NULL};
    static const char *const refused[] = {"22", "23", "54", NULL};
    static const char *const later[] = {"08", "25", "40", "53", "55", "57", "58", NULL};

    if (text_equal(state, "3D000"))
        return RC_NOT_FOUND;
    if (starts_with_any(state, again))
        return RC_CONFLICT;
    if (starts_with_any(state, refused))
        return RC_INVALID;
    return starts_with_any(state, later) ? RC_RETRY : RC_FATAL;
}

/* libpq's messages end in a newline and may have several lines: the first one says it. */
static int first_line(const char *text)
{
    return (int)strcspn(text, "\n");
}

enum rc pg_fail(PGconn *conn, const PGresult *result, const char *what, struct error *err)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *message = text != NULL ? text : PQerrorMessage(conn);

    if (state != NULL)
        return error_set(err, PQstatus(conn) == CONNECTION_BAD ? RC_RETRY : rc_of_state(state),
                         "could not %s: %.*s (SQLSTATE %s)", what, first_line(message), message,
                         state);
    if (strstr(message, "does not exist") != NULL && PQstatus(conn) == CONNECTION_BAD &&
        strstr(message, "database \"") != NULL)
        return error_set(err, RC_NOT_FOUND, "could not %s: %.*s", what, first_line(message),
                         message);
    return error_set(err, RC_RETRY, "could not %s: %.*s", what, first_line(message), message);
}

/* --- running statements --- */

static enum rc take_result(struct store *s, PGresult *result, const char *what, PGresult **ret,
                           struct error *err)
{
    SCOPED(pg_result) PGresult *r = result;
    ExecStatusType status = PQresultStatus(r);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return pg_fail(s->conn, r, what, err);
    *ret = TAKE(r);
    return RC_OK;
}

enum rc pg_query(struct store *s, const char *sql, PGresult **ret, struct error *err)
{
    return take_result(s, PQexec(s->conn, sql), "run a statement", ret, err);
}

enum rc pg_exec(struct store *s, const char *sql, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    return pg_query(s, sql, &r, err);
}

enum rc pg_query_text(struct store *s, const char *sql, const char *const *params, int count,
                      PGresult **ret, struct error *err)
{
    return take_result(s, PQexecParams(s->conn, sql, count, NULL, params, NULL, NULL, 0),
                       "run a statement", ret, err);
}

enum rc pg_prepare(struct store *s, const char *name, const char *sql, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    if (take_result(s, PQprepare(s->conn, name, sql, 0, NULL), "prepare a statement", &r, err) ==
        RC_OK)
        return RC_OK;
    return error_prefix(err, "%s", name);
}

enum rc pg_run(struct store *s, const char *name, const struct buf *params, int count,
               PGresult **ret, struct error *err)
{
    const char *values[MOST_PARAMS];
    int lengths[MOST_PARAMS], formats[MOST_PARAMS];
    char what[64];

    if (count > MOST_PARAMS)
        return error_set(err, RC_FATAL, "could not run %s: %d parameters are more than %d", name,
                         count, MOST_PARAMS);
    for (int i = 0; i < count; i++) {
        values[i] = params[i].data;
        lengths[i] = (int)params[i].len;
        formats[i] = 1;
    }
    (void)snprintf(what, sizeof what, "run statement %s", name);
    return take_result(s, PQexecPrepared(s->conn, name, count, values, lengths, formats, 1), what,
                       ret, err);
}

/* --- connections --- */

static void drop_notice(void *ctx UNUSED, const char *text UNUSED)
{
} /* libpq would print it; what matters comes back as an error */

/* What libpq reads as a connection string; all else is a database's name to it. */
static bool is_string(const char *database)
{
    return text_starts(database, "postgresql://") || text_starts(database, "postgres://") ||
           strchr(database, '=') != NULL;
}

/*
 * "postgresql://user:pass/word@host/name": what is left of the password is taken for a port and a name; with a second @ it may be
 * taken for anything.
 */
static bool is_option_odd(const PQconninfoOption *o, bool is_url)
{
    if (o->val == NULL)
        return false;
    if (strcmp(o->keyword, "port") == 0)
        return o->val[strspn(o->val, "0123456789,")] != '\0';
    return is_url && strcmp(o->keyword, "dbname") == 0 && strpbrk(o->val, "@/") != NULL;
}

static bool has_two_ats(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && strchr(at + 1, '@') != NULL;
}

static bool is_readable(const char *database)
{
    PQconninfoOption *options;
    bool is_fine, is_url = strstr(database, "://") != NULL;

    if (!is_string(database))
        return strpbrk(database, "/@:") == NULL;
    if (is_url && has_two_ats(database))
        return false;
    options = PQconninfoParse(database, NULL);
    is_fine = options != NULL;
    for (PQconninfoOption *o = options; is_fine && o->keyword != NULL; o++)
        is_fine = !is_option_odd(o, is_url);
    PQconninfoFree(options);
    return is_fine;
}

enum rc pg_check_string(const char *database, struct error *err)
{
    if (is_readable(database))
        return RC_OK;
    (void)error_set(err, RC_INVALID,
                    "could not connect to the database: the connection string cannot be read");
    return error_hint(err,
                      "as in postgresql://user:password@host:5432/name; other characters of a "
                      "password than letters and digits as %%2F");
}

static PGconn *connect_to(const char *database, const char *application, const char *other_name)
{
    const char *const names[] = {"dbname",
                                 "connect_timeout",
                                 "client_encoding",
                                 "tcp_user_timeout",
                                 "keepalives_idle",
                                 "application_name",
                                 other_name != NULL ? "dbname" : NULL,
                                 NULL};
    const char *const values[] = {database, "5",         "UTF8",     "30000",
                                  "10",     application, other_name, NULL};

    PGconn *conn = PQconnectdbParams(names, values, 1);

    (void)PQsetNoticeProcessor(conn, drop_notice, NULL);
    return conn;
}

static enum rc set_up(struct store *s, const struct store_config *config, struct error *err)
{
    static const char *const roles[] = {
        [STORE_AS_LOGIN] = NULL,
        [STORE_AS_OWNER] = "SET ROLE cronobs_owner",
        [STORE_AS_WRITER] = "SET ROLE cronobs_writer",
    };
    SCOPED(text) char *common = xasprintf(common_settings_sql, s->schema);
    char timeout[64];

    TRY(pg_exec(s, common, err));
    if (roles[config->role] != NULL && pg_exec(s, roles[config->role], err) != RC_OK) {
        (void)error_prefix(err, "could not become %s (has `cronobs db migrate` run?)",
                           roles[config->role] + strlen("SET ROLE "));
        return err != NULL ? err->rc : RC_FATAL;
    }
    if (config->role == STORE_AS_WRITER)
        TRY(pg_exec(s, writer_settings, err));
    (void)snprintf(timeout, sizeof timeout, "SET statement_timeout = %d",
                   config->statement_timeout_ms);
    return pg_exec(s, timeout, err);
}

enum rc store_check_schema_name(const char *name, struct error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t len = strlen(name);

    if (len > 0 && len <= 63 && strspn(name, letters) == len && *name >= 'a' && *name <= 'z' &&
        !text_starts(name, "pg_"))
        return RC_OK;
    return error_set(err, RC_INVALID,
                     "'%s' is no name for a schema: a letter a-z, then letters, digits and _, at "
                     "most 63 in all; not pg_...",
                     strpbrk(name, "@=:/?") != NULL ? "***" : name);
}

enum rc store_open(const struct store_config *config, struct store **ret, struct error *err)
{
    SCOPED(store) struct store *s = xcalloc(1, sizeof *s);

    s->schema = xstrdup(config->schema != NULL ? config->schema : STORE_SCHEMA);
    TRY(store_check_schema_name(s->schema, err));
    TRY(pg_check_string(config->database, err));
    s->conn = connect_to(config->database, config->application, NULL);
    if (s->conn == NULL || PQstatus(s->conn) != CONNECTION_OK)
        return pg_fail(s->conn, NULL, "connect to the database", err);
    TRY(set_up(s, config, err));
    *ret = TAKE(s);
    return RC_OK;
}

void store_free(struct store *s)
{
    if (s == NULL)
        return;
    PQfinish(s->conn);
    free(s->schema);
    free(s);
}

/* The name in a connection string; owned. */
static char *database_name(const char *database)
{
    PQconninfoOption *options = PQconninfoParse(database, NULL);
    char *name = NULL;

    for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
        if (strcmp(o->keyword, "dbname") == 0 && o->val != NULL)
            name = xstrdup(o->val);
    PQconninfoFree(options);
    return name;
}

static enum rc database_exists(struct store *s, const char *name, bool *ret, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query_text(s, "SELECT FROM pg_database WHERE datname = $1", &name, 1, &r, err));
    *ret = PQntuples(r) > 0;
    return RC_OK;
}

static enum rc create_database(struct store *s, const char *name, struct error *err)
{
    char *quoted = PQescapeIdentifier(s->conn, name, strlen(name));
    SCOPED(text) char *sql = xasprintf("CREATE DATABASE %s", quoted != NULL ? quoted : "");
    bool exists = false;
    enum rc rc;

    PQfreemem(quoted);
    TRY(database_exists(s, name, &exists, err));
    if (exists)
        return RC_OK;
    rc = pg_exec(s, sql, err);
    if (rc != RC_OK) /* was somebody faster? */
        TRY(database_exists(s, name, &exists, NULL));
    return exists ? RC_OK : rc;
}

enum rc store_create_database(const char *database, struct error *err)
{
    SCOPED(text) char *name = database_name(database);
    SCOPED(store) struct store *s = xcalloc(1, sizeof *s);

    TRY(pg_check_string(database, err));
    if (name == NULL)
        return error_set(err, RC_INVALID,
                         "could not create the database: the connection string names none");
    s->conn = connect_to(database, "cronobs", "postgres");
    if (s->conn == NULL || PQstatus(s->conn) != CONNECTION_OK)
        return pg_fail(s->conn, NULL, "connect to database postgres", err);
    return create_database(s, name, err);
}

enum rc store_lock_instance(struct store *s, const char *instance, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query_text(s,
                      "SELECT pg_try_advisory_lock(hashtextextended('cronobs instance ' || $1, 0))",
                      &instance, 1, &r, err));
    if (*PQgetvalue(r, 0, 0) == 't')
        return RC_OK;
    return error_set(err, RC_CONFLICT, "another process is connected as instance %s", instance);
}

enum rc store_scalar(struct store *s, const char *sql, char **ret, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query(s, sql, &r, err));
    if (PQntuples(r) == 0)
        return error_set(err, RC_NOT_FOUND, "no row");
    *ret = xstrdup(PQgetvalue(r, 0, 0));
    return RC_OK;
}

enum rc store_exec(struct store *s, const char *sql, struct error *err)
{
    return pg_exec(s, sql, err);
}
