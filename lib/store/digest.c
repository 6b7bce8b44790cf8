#include "store/digest.h"

#include <stdlib.h>
#include <string.h>

#include "store/pg.h"

static const struct digest_table {
    const char *name, *query;
} digest_tables[] = {
    {"task", "SELECT * FROM task ORDER BY task_id"},
    {"task_revision", "SELECT * FROM task_revision ORDER BY task_id, revision"},
    {"command", "SELECT * FROM command ORDER BY command_id"},
    {"schedule_gap", "SELECT * FROM schedule_gap ORDER BY task_id, revision, from_at, reason"},
    {"execution", "SELECT * FROM execution ORDER BY execution_id"},
    {"execution_event", "SELECT * FROM execution_event ORDER BY execution_id, event_id"},
    {"execution_rollup", "SELECT * FROM execution_rollup ORDER BY task_id, bucket, status"},
    {"rollup_all", "SELECT * FROM rollup_all ORDER BY bucket, kafka_partition, status"},
    {"log_batch", "SELECT * FROM log_batch ORDER BY execution_id, attempt, writer, first_seq, day"},
    {"log_writer", "SELECT * FROM log_writer ORDER BY execution_id, attempt, writer"},
    {"dead_letter",
     "SELECT * FROM dead_letter WHERE topic <> 'heartbeats' ORDER BY topic COLLATE \"C\", part, kafka_offset"},
};

static const char begin_sql[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
    "SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;"
    "SET LOCAL search_path = cronobs, pg_temp";
static const char offsets_sql[] =
    "SELECT topic, part, next_offset FROM kafka_offset WHERE topic <> 'heartbeats' ORDER BY topic COLLATE \"C\", part";

const char *store_digest_query(size_t index, const char **ret_name)
{
    if (index >= ARRAY_LEN(digest_tables))
        return NULL;
    *ret_name = digest_tables[index].name;
    return digest_tables[index].query;
}

static enum rc sum_rows(struct store *s, struct sha256 *sum, int64_t *ret_bytes, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    char *line = NULL;
    int len;

    while ((len = PQgetCopyData(s->conn, &line, 0)) > 0) {
        sha256_add(sum, line, (size_t)len);
        *ret_bytes += len;
        PQfreemem(line);
    }
    r = PQgetResult(s->conn);
    if (len == -2 || PQresultStatus(r) != PGRES_COMMAND_OK)
        return pg_fail(s->conn, r, "read a table", err);
    PQclear(PQgetResult(s->conn)); /* NULL: the end */
    return RC_OK;
}

static enum rc sum_table(struct store *s, const struct digest_table *table,
                         struct table_digest *ret, struct error *err)
{
    SCOPED(text) char *sql = xasprintf("COPY (%s) TO STDOUT", table->query);
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    SCOPED(pg_result) PGresult *r = PQexec(s->conn, sql);
    uint8_t digest[SHA256_SIZE];

    if (PQresultStatus(r) != PGRES_COPY_OUT)
        return pg_fail(s->conn, r, "read a table", err);
    TRY(sum_rows(s, sum, &ret->bytes, err));
    sha256_finish(sum, digest);
    (void)sha256_to_text(digest, ret->digest);
    ret->name = table->name;
    return RC_OK;
}

static enum rc read_offsets(struct store *s, struct arena *memory, struct store_digest *ret,
                            struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_query(s, offsets_sql, &r, err));
    ret->offset_count = (size_t)PQntuples(r);
    ret->offsets = arena_alloc(memory, ret->offset_count * sizeof *ret->offsets);
    for (int i = 0; i < PQntuples(r); i++) {
        ret->offsets[i].topic = arena_strdup(memory, PQgetvalue(r, i, 0));
        ret->offsets[i].part = (int32_t)strtol(PQgetvalue(r, i, 1), NULL, 10);
        ret->offsets[i].next_offset = strtoll(PQgetvalue(r, i, 2), NULL, 10);
    }
    return RC_OK;
}

static void sum_total(struct store_digest *d)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];

    for (size_t i = 0; i < d->table_count; i++) {
        sha256_add(sum, d->tables[i].name, strlen(d->tables[i].name));
        sha256_add(sum, " ", 1);
        sha256_add(sum, d->tables[i].digest, strlen(d->tables[i].digest));
        sha256_add(sum, "\n", 1);
    }
    sha256_finish(sum, digest);
    (void)sha256_to_text(digest, d->total);
}

static enum rc read_snapshot(struct store *s, struct arena *memory, struct store_digest *ret,
                             struct error *err)
{
    TRY(pg_exec(s, begin_sql, err));
    TRY(read_offsets(s, memory, ret, err));
    for (size_t i = 0; i < ret->table_count; i++)
        TRY(sum_table(s, &digest_tables[i], &ret->tables[i], err));
    return pg_exec(s, "COMMIT", err);
}

enum rc store_digest_read(struct store *s, struct arena *memory, struct store_digest *ret,
                          struct error *err)
{
    struct store_digest d = {.table_count = ARRAY_LEN(digest_tables)};
    struct error ignored;
    enum rc rc;

    d.tables = arena_alloc(memory, d.table_count * sizeof *d.tables);
    rc = read_snapshot(s, memory, &d, err);
    if (rc != RC_OK) {
        (void)!pg_exec(s, "ROLLBACK", &ignored);
        return rc;
    }
    sum_total(&d);
    *ret = d;
    return RC_OK;
}
