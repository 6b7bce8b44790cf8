#include "store/schema.h"

#include "store/pg.h"

/* Their own words in all that names a schema in SQL; names are checked to need no quotes. */

static const char leaves_sql[] =
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relispartition ORDER BY 1";

static const char tables_sql[] =
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1";

/* A function that names its schema was made under the old name. */
static const char functions_sql[] =
    "SELECT regexp_replace(pg_get_functiondef(p.oid), '\\m' || $2 || '\\M', $1, 'g')"
    " FROM pg_proc p WHERE p.pronamespace = $1::regnamespace";

enum rc store_schema_exists(struct store *s, const char *name, bool *ret, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query_text(s, "SELECT FROM pg_namespace WHERE nspname = $1", &name, 1, &r, err));
    *ret = PQntuples(r) > 0;
    return RC_OK;
}

/* Ours, or begun by us: its owner is, and whatever is in it has been made by a migration. */
static enum rc check_ours(struct store *s, const char *name, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query_text(
        s, "SELECT FROM pg_namespace WHERE nspname = $1 AND nspowner = 'cronobs_owner'::regrole",
        &name, 1, &r, err));
    if (PQntuples(r) > 0)
        return RC_OK;
    return error_set(err, RC_INVALID, "schema %s is not one of ours: cronobs_owner does not own it",
                     name);
}

/* Runs `format` with the schema and each name that `list` finds. */
static enum rc for_each(struct store *s, const char *list, const char *name, const char *verb,
                        struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query_text(s, list, &name, 1, &r, err));
    for (int i = 0; i < PQntuples(r); i++) {
        SCOPED(text) char *sql = xasprintf("%s %s.%s", verb, name, PQgetvalue(r, i, 0));

        TRY(pg_exec(s, sql, err));
    }
    return RC_OK;
}

enum rc store_schema_drop(struct store *s, const char *name, struct error *err)
{
    SCOPED(text) char *rest = xasprintf("DROP SCHEMA %s CASCADE", name);
    bool exists = false;

    TRY(store_schema_exists(s, name, &exists, err));
    if (!exists)
        return RC_OK;
    TRY(check_ours(s, name, err));
    TRY(for_each(s, leaves_sql, name, "DROP TABLE", err));
    return pg_exec(s, rest, err);
}

enum rc store_schema_rename(struct store *s, const char *from, const char *to, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED(text) char *sql = xasprintf("ALTER SCHEMA %s RENAME TO %s", from, to);
    const char *params[] = {to, from};

    TRY(pg_exec(s, sql, err));
    TRY(pg_query_text(s, functions_sql, params, 2, &r, err));
    for (int i = 0; i < PQntuples(r); i++)
        TRY(pg_exec(s, PQgetvalue(r, i, 0), err));
    return RC_OK;
}

enum rc store_schema_analyze(struct store *s, const char *name, struct error *err)
{
    return for_each(s, tables_sql, name, "ANALYZE", err);
}
