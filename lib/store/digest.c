#include "store/digest.h"

#include <stdlib.h>
#include <string.h>

#include "store/pg.h"

#define ROLLUP true

/* clang-format off */
static const struct digest_table digest_tables[] = {
    /* name               only what               in the order of                                            is it a sum? */
    {"task",             "",                     "task_id",                                                 false},
    {"task_revision",    "",                     "task_id, revision",                                       false},
    {"command",          "",                     "command_id, task_id",                                              false},
    {"task_skip",        "",                     "task_id",                                                 false},
    {"schedule_gap",     "",                     "task_id, revision, from_at, reason",                      false},
    {"execution",        "",                     "execution_id, task_id",                                            false},
    {"stray_execution",  "",                     "execution_id, task_id",                                   false},
    {"execution_event",  "",                     "execution_id, task_id, event_id, attempt, status",                                  false},
    {"execution_repeat", "",                     "execution_id, task_id, kafka_offset",                                  false},
    {"execution_rollup", "",                     "task_id, bucket, status",                                 ROLLUP},
    {"rollup_all",       "",                     "bucket, kafka_partition, status",                         ROLLUP},
    {"log_batch",        "",                     "execution_id, task_id, attempt, writer, first_seq, day",           false},
    {"log_writer",       "",                     "execution_id, task_id, attempt, writer",                           false},
    {"dead_letter",      "topic <> 'heartbeats'", "topic COLLATE \"C\", part, kafka_offset",                false},
};
/* clang-format on */

static const char begin_sql[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
    "SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1";
static const char offsets_sql[] =
    "SELECT topic, part, next_offset, 0 FROM kafka_offset WHERE topic <> 'heartbeats' ORDER BY topic COLLATE \"C\", part";
static const char lost_sql[] =
    "SELECT topic, part, to_offset, from_offset FROM lost_range ORDER BY topic COLLATE \"C\", part, from_offset";

const struct digest_table *store_digest_table(size_t index)
{
    return index < ARRAY_LEN(digest_tables) ? &digest_tables[index] : NULL;
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
    SCOPED(text)
    char *sql = xasprintf("COPY (SELECT * FROM %s%s%s ORDER BY %s) TO STDOUT", table->name,
                          *table->only == '\0' ? "" : " WHERE ", table->only, table->order);
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

/* Rows of topic, part, next_offset, first_offset. */
static enum rc read_offsets(struct store *s, const char *sql, struct arena *memory,
                            struct offset_row **ret, size_t *ret_count, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    struct offset_row *rows;

    TRY(pg_query(s, sql, &r, err));
    rows = arena_alloc(memory, (size_t)PQntuples(r) * sizeof *rows);
    for (int i = 0; i < PQntuples(r); i++) {
        rows[i].topic = arena_strdup(memory, PQgetvalue(r, i, 0));
        rows[i].part = (int32_t)strtol(PQgetvalue(r, i, 1), NULL, 10);
        rows[i].next_offset = strtoll(PQgetvalue(r, i, 2), NULL, 10);
        rows[i].first_offset = strtoll(PQgetvalue(r, i, 3), NULL, 10);
    }
    *ret = rows;
    *ret_count = (size_t)PQntuples(r);
    return RC_OK;
}

enum rc store_offsets_read(struct store *s, struct arena *memory, struct offset_row **ret,
                           size_t *ret_count, struct error *err)
{
    return read_offsets(s, offsets_sql, memory, ret, ret_count, err);
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
    TRY(read_offsets(s, offsets_sql, memory, &ret->offsets, &ret->offset_count, err));
    TRY(read_offsets(s, lost_sql, memory, &ret->lost, &ret->lost_count, err));
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
