#include "store/search_index.h"

#include "store/migrate.h"
#include "store/pg.h"

static const char find_sql[] =
    "SELECT FROM pg_class WHERE relname = '" SEARCH_INDEX "' AND relnamespace = $1::regnamespace";

/* Anyone who may create schemas in the database may: it is a trusted extension. Outside of our schema, with which it would go. */
static const char extension_sql[] =
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN"
    " CREATE EXTENSION pg_trgm SCHEMA public; END IF; END $$";

static const char index_sql[] =
    "BEGIN; SET LOCAL ROLE cronobs_owner;"
    "DO $$ BEGIN EXECUTE format('CREATE INDEX " SEARCH_INDEX
    " ON %s.task USING gin (search %%I.gin_trgm_ops)',"
    " (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'));"
    " END $$; COMMIT";

static enum rc make(struct store *s, struct error *err)
{
    SCOPED(pg_result) PGresult *found = NULL;
    SCOPED(text) char *index = xasprintf(index_sql, s->schema);
    const char *schema = s->schema;
    struct error ignored;
    enum rc rc;

    TRY(pg_query_text(s, find_sql, &schema, 1, &found, err));
    if (PQntuples(found) > 0)
        return RC_OK;
    TRY(pg_exec(s, extension_sql, err));
    rc = pg_exec(s, index, err);
    if (rc != RC_OK)
        (void)!pg_exec(s, "ROLLBACK", &ignored);
    return rc;
}

char *store_search_index(struct store *s)
{
    struct error err = {0};
    enum rc rc = store_migration_lock(s, &err);

    if (rc == RC_OK) {
        rc = make(s, &err);
        store_migration_unlock(s);
    }
    return rc == RC_OK ? NULL : xstrdup(err.text);
}
