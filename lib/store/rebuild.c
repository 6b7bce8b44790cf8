#include "store/rebuild.h"

#include <stdlib.h>

#include "store/pg.h"

/* Emptied; positions, targets, heartbeats and lost ranges are not among them. Leaves before their parents' siblings. */
static const char leaves_sql[] =
    "SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'cronobs' AND c.relkind = 'r'"
    " AND (c.relispartition OR c.relname IN ('task', 'task_revision', 'command', 'schedule_gap', 'rollup_all', 'dead_letter'))"
    " AND c.relname NOT LIKE 'execution_heartbeat%' ORDER BY c.relname";

static const char back_sql[] =
    "UPDATE kafka_offset SET next_offset = 0, epoch = epoch + 1, owner = 'rebuild' WHERE topic <> 'heartbeats'";

static enum rc read_offsets(struct store *s, struct arena *memory, struct rebuild_targets *ret,
                            struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query(
        s, "SELECT topic, part, next_offset FROM rebuild_target ORDER BY topic COLLATE \"C\", part",
        &r, err));
    if (PQntuples(r) == 0)
        return error_set(err, RC_NOT_FOUND, "no rebuild is under way");
    ret->offset_count = (size_t)PQntuples(r);
    ret->offsets = arena_alloc(memory, ret->offset_count * sizeof *ret->offsets);
    for (int i = 0; i < PQntuples(r); i++) {
        ret->offsets[i].topic = arena_strdup(memory, PQgetvalue(r, i, 0));
        ret->offsets[i].part = (int32_t)strtol(PQgetvalue(r, i, 1), NULL, 10);
        ret->offsets[i].next_offset = strtoll(PQgetvalue(r, i, 2), NULL, 10);
    }
    return RC_OK;
}

static enum rc read_digests(struct store *s, struct arena *memory, struct rebuild_targets *ret,
                            struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query(s, "SELECT name, digest FROM rebuild_digest ORDER BY name", &r, err));
    ret->table_count = (size_t)PQntuples(r);
    ret->tables = arena_alloc(memory, ret->table_count * sizeof *ret->tables);
    for (int i = 0; i < PQntuples(r); i++) {
        ret->tables[i].name = arena_strdup(memory, PQgetvalue(r, i, 0));
        (void)snprintf(ret->tables[i].digest, sizeof ret->tables[i].digest, "%s",
                       PQgetvalue(r, i, 1));
    }
    return RC_OK;
}

enum rc store_rebuild_read(struct store *s, struct arena *memory, struct rebuild_targets *ret,
                           struct error *err)
{
    struct rebuild_targets t = {NULL, 0, NULL, 0};

    TRY(read_offsets(s, memory, &t, err));
    TRY(read_digests(s, memory, &t, err));
    *ret = t;
    return RC_OK;
}

static enum rc note_offset(struct store *s, const struct offset_row *row, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED(text) char *part = xasprintf("%d", row->part);
    SCOPED(text) char *next = xasprintf("%jd", (intmax_t)row->next_offset);
    const char *params[] = {row->topic, part, next};

    return pg_query_text(
        s, "INSERT INTO rebuild_target (topic, part, next_offset) VALUES ($1, $2::int, $3::bigint)",
        params, 3, &r, err);
}

static enum rc note_digest(struct store *s, const struct table_digest *table, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    const char *params[] = {table->name, table->digest};

    return pg_query_text(s, "INSERT INTO rebuild_digest (name, digest) VALUES ($1, $2)", params, 2,
                         &r, err);
}

static enum rc note_targets(struct store *s, const struct rebuild_targets *targets,
                            struct error *err)
{
    TRY(pg_exec(s, "BEGIN", err));
    for (size_t i = 0; i < targets->offset_count; i++)
        TRY(note_offset(s, &targets->offsets[i], err));
    for (size_t i = 0; i < targets->table_count; i++)
        TRY(note_digest(s, &targets->tables[i], err));
    TRY(pg_exec(s, back_sql, err));
    return pg_exec(s, "COMMIT", err);
}

enum rc store_rebuild_begin(struct store *s, const struct rebuild_targets *targets,
                            struct error *err)
{
    struct error ignored;
    enum rc rc = note_targets(s, targets, err);

    if (rc != RC_OK)
        (void)!pg_exec(s, "ROLLBACK", &ignored);
    return rc;
}

enum rc store_rebuild_empty(struct store *s, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_exec(s, back_sql, err));
    TRY(pg_query(s, leaves_sql, &r, err));
    for (int i = 0; i < PQntuples(r); i++) {
        SCOPED(text) char *sql = xasprintf("TRUNCATE cronobs.%s", PQgetvalue(r, i, 0));

        TRY(pg_exec(s, sql, err));
    }
    return RC_OK;
}

enum rc store_rebuild_end(struct store *s, struct error *err)
{
    return pg_exec(s, "BEGIN; DELETE FROM rebuild_digest; DELETE FROM rebuild_target; COMMIT", err);
}
