#include "store/write.h"

#include <stdlib.h>
#include <string.h>

#include "store/params.h"

/* --- what is done with rows, as data --- */

enum op_kind { OP_COPY, OP_UPDATE, OP_DELETE, OP_INSERT, OP_MERGE };

struct op {
    const char *name; /* of the prepared statement */
    const struct row_type *type;
    enum op_kind kind;
    int groups;         /* columns that take part; 0 = all */
    const char *pick;   /* OP_INSERT: of several rows with one key, which; NULL: the first */
    const char *unless; /* OP_INSERT: when an existing row is replaced; NULL: never */
};

#define LIFE  (GROUP_KEY | GROUP_LIFE)
#define KNOWN (LIFE | GROUP_ORIGIN) /* what the fold has to know */

/* clang-format off */
static const struct op ops[STORE_OP_COUNT] = {
    [STORE_NEW_EXECUTIONS]  = {"new_executions",  &execution_type,     OP_COPY,   0,    NULL, NULL},
    [STORE_EXECUTION_LIVES] = {"execution_lives", &execution_type,     OP_UPDATE, LIFE, NULL, NULL},
    [STORE_EXECUTIONS]      = {"executions",      &execution_type,     OP_UPDATE, 0,    NULL, NULL},
    [STORE_NEW_STRAYS]      = {"new_strays",      &stray_type,         OP_COPY,   0,    NULL, NULL},
    [STORE_STRAYS]          = {"strays",          &stray_type,         OP_UPDATE, 0,    NULL, NULL},
    [STORE_STRAYS_MADE]     = {"strays_made",     &stray_type,         OP_DELETE, GROUP_KEY, NULL, NULL},
    [STORE_EVENTS]          = {"events",          &event_type,         OP_COPY,   0,    NULL, NULL},
    [STORE_EVENTS_JUDGED]   = {"events_judged",   &event_type,         OP_UPDATE, LIFE, NULL, NULL},
    [STORE_REPEATS]         = {"repeats",         &repeat_type,        OP_COPY,   0,    NULL, NULL},
    [STORE_REPEATS_JUDGED]  = {"repeats_judged",  &repeat_type,        OP_UPDATE, LIFE, NULL, NULL},
    [STORE_LOG_BATCHES]     = {"log_batches",     &log_batch_type,     OP_COPY,   0,    NULL, NULL},
    [STORE_NEW_WRITERS]     = {"new_writers",     &log_writer_type,    OP_COPY,   0,    NULL, NULL},
    [STORE_WRITERS]         = {"writers",         &log_writer_type,    OP_UPDATE, 0,    NULL, NULL},
    [STORE_ROLLUPS]         = {"rollups",         &rollup_type,        OP_MERGE,  0,    NULL, NULL},
    [STORE_ROLLUPS_ALL]     = {"rollups_all",     &rollup_all_type,    OP_MERGE,  0,    NULL, NULL},
    [STORE_TASKS]           = {"tasks",           &task_type,          OP_INSERT, 0,    "kafka_offset DESC", "t.kafka_offset IS NULL OR excluded.kafka_offset > t.kafka_offset"},
    [STORE_TASK_REVISIONS]  = {"task_revisions",  &task_revision_type, OP_INSERT, 0,    NULL, NULL},
    [STORE_COMMANDS]        = {"commands",        &command_type,       OP_INSERT, 0,    "misplaced, kafka_partition, kafka_offset",
        "t.kind IS NULL OR (excluded.misplaced, excluded.kafka_partition, excluded.kafka_offset) < (t.misplaced, t.kafka_partition, t.kafka_offset)"},
    [STORE_OUTCOMES]        = {"outcomes",        &outcome_type,       OP_INSERT, 0,    "outcome_misplaced, outcome_partition, outcome_offset",
        "t.result IS NULL OR (excluded.outcome_misplaced, excluded.outcome_partition, excluded.outcome_offset) < (t.outcome_misplaced, t.outcome_partition, t.outcome_offset)"},
    [STORE_SKIPS]           = {"skips",           &task_skip_type,     OP_INSERT, 0,    NULL, "excluded.outcome_offset > t.outcome_offset"},
    [STORE_SKIPS_OVER]      = {"skips_over",      &task_skip_type,     OP_DELETE, GROUP_KEY, NULL, NULL},
    [STORE_GAPS]            = {"gaps",            &gap_type,           OP_INSERT, 0,    NULL, NULL},
    [STORE_HEARTBEATS]      = {"heartbeats",      &heartbeat_type,     OP_INSERT, 0,    "received_at DESC", "excluded.received_at >= t.received_at"},
    [STORE_DEAD_LETTERS]    = {"dead_letters",    &dead_letter_type,   OP_INSERT, 0,    NULL, NULL},
};

#define AT(member) offsetof(struct execution_key, member)
static const struct column execution_key_columns[] = {
    {"execution_id", COLUMN_UUID, AT(execution_id), GROUP_KEY, false},
    {"task_id",      COLUMN_UUID, AT(task_id),      GROUP_KEY, false},
    {.name = NULL},
};
#undef AT
static const struct row_type execution_key_type = {NULL, execution_key_columns, sizeof(struct execution_key)};

/* What is read back of rows that exist, found by their keys. */
enum which_read { READ_EXECUTIONS, READ_STRAYS, READ_WRITERS, READ_EVENTS };

static const struct read {
    const char *name; /* of the prepared statement */
    const struct row_type *type, *key;
    int groups;
} reads[] = {
    [READ_EXECUTIONS] = {"read_executions", &execution_type,  &execution_key_type, KNOWN},
    [READ_STRAYS]     = {"read_strays",     &stray_type,      &execution_key_type, LIFE},
    [READ_WRITERS]    = {"read_writers",    &log_writer_type, &log_writer_type,    0},
    [READ_EVENTS]     = {"read_events",     &event_type,      &event_type,         GROUP_KEY},
};

static const char leaf_sql[] = "SELECT ensure_partition($1::text, $2::timestamptz)";
/* clang-format on */

const struct row_type *store_op_type(enum store_op op)
{
    return ops[op].type;
}

/* --- their SQL --- */

/* Appends the names of the columns in `groups`, each as `format` says (one %s, or two). */
static void list_columns(struct buf *sql, const struct column *columns, int groups,
                         const char *separator, const char *format)
{
    const char *between = "";

    for (const struct column *c = columns; c->name != NULL; c++) {
        if (!column_takes_part(c, groups))
            continue;
        buf_add_text(sql, between);
        between = separator;
        for (const char *f = format; *f != '\0'; f++) {
            if (*f == '@')
                buf_add_text(sql, c->name);
            else
                buf_add_char(sql, *f);
        }
    }
}

/* "unnest($1::uuid[], ...) u(execution_id, ...)" */
static void add_unnest(struct buf *sql, const struct column *columns, int groups)
{
    int n = 0;

    buf_add_text(sql, "unnest(");
    for (const struct column *c = columns; c->name != NULL; c++)
        if (column_takes_part(c, groups)) {
            n++;
            buf_printf(sql, "%s$%d::%s[]", n > 1 ? ", " : "", n, column_pg_type(c->type)->name);
        }
    buf_add_text(sql, ") u(");
    list_columns(sql, columns, groups, ", ", "@");
    buf_add_char(sql, ')');
}

static void copy_sql(struct buf *sql, const struct op *op)
{
    buf_printf(sql, "COPY %s (", op->type->table);
    list_columns(sql, op->type->columns, 0, ", ", "@");
    buf_add_text(sql, ") FROM STDIN BINARY");
}

static void update_sql(struct buf *sql, const struct op *op)
{
    const struct column *columns = op->type->columns;
    int changed = (op->groups == 0 ? ~0 : op->groups) & ~GROUP_KEY;

    buf_printf(sql, "UPDATE %s t SET ", op->type->table);
    list_columns(sql, columns, changed, ", ", "@ = u.@");
    buf_add_text(sql, " FROM ");
    add_unnest(sql, columns, op->groups);
    buf_add_text(sql, " WHERE ");
    list_columns(sql, columns, GROUP_KEY, " AND ", "t.@ = u.@");
}

static void delete_sql(struct buf *sql, const struct op *op)
{
    buf_printf(sql, "DELETE FROM %s t USING ", op->type->table);
    add_unnest(sql, op->type->columns, op->groups);
    buf_add_text(sql, " WHERE ");
    list_columns(sql, op->type->columns, GROUP_KEY, " AND ", "t.@ = u.@");
}

static void insert_sql(struct buf *sql, const struct op *op)
{
    const struct column *columns = op->type->columns;

    buf_printf(sql, "INSERT INTO %s AS t (", op->type->table);
    list_columns(sql, columns, 0, ", ", "@");
    buf_add_text(sql, ") SELECT ");
    if (op->pick != NULL) {
        buf_add_text(sql, "DISTINCT ON (");
        list_columns(sql, columns, GROUP_KEY, ", ", "u.@");
        buf_add_text(sql, ") ");
    }
    buf_add_text(sql, "u.* FROM ");
    add_unnest(sql, columns, 0);
    if (op->pick != NULL) {
        buf_add_text(sql, " ORDER BY ");
        list_columns(sql, columns, GROUP_KEY, ", ", "u.@");
        buf_printf(sql, ", %s", op->pick);
    }
    buf_add_text(sql, " ON CONFLICT (");
    list_columns(sql, columns, GROUP_KEY, ", ", "@");
    if (op->unless == NULL) {
        buf_add_text(sql, ") DO NOTHING");
        return;
    }
    buf_add_text(sql, ") DO UPDATE SET ");
    list_columns(sql, columns, ~GROUP_KEY, ", ", "@ = excluded.@");
    buf_printf(sql, " WHERE %s", op->unless);
}

static void merge_sql(struct buf *sql, const struct op *op)
{
    const struct column *columns = op->type->columns;

    buf_printf(sql, "MERGE INTO %s t USING ", op->type->table);
    add_unnest(sql, columns, 0);
    buf_add_text(sql, " ON ");
    list_columns(sql, columns, GROUP_KEY, " AND ", "t.@ = u.@");
    buf_add_text(
        sql,
        " WHEN MATCHED AND t.count + u.count = 0 AND t.run_ms + u.run_ms = 0 THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET count = t.count + u.count, run_ms = t.run_ms + u.run_ms"
        " WHEN NOT MATCHED THEN INSERT (");
    list_columns(sql, columns, 0, ", ", "@");
    buf_add_text(sql, ") VALUES (");
    list_columns(sql, columns, 0, ", ", "u.@");
    buf_add_char(sql, ')');
}

/* Without a condition on the table itself, so that there is one plan: the index, once for each key. */
static void read_sql(struct buf *sql, const struct row_type *type, int groups,
                     const struct row_type *key)
{
    buf_add_text(sql, "SELECT ");
    list_columns(sql, type->columns, groups, ", ", "t.@");
    buf_add_text(sql, " FROM ");
    add_unnest(sql, key->columns, GROUP_KEY);
    buf_printf(sql, " JOIN %s t ON ", type->table);
    list_columns(sql, key->columns, GROUP_KEY, " AND ", "t.@ = u.@");
}

/* The server sorts, on disk if need be. */
static void reports_sql(struct buf *sql)
{
    static const struct row_type *const types[] = {&event_type, &repeat_type};

    buf_add_text(sql, "DECLARE reports NO SCROLL CURSOR FOR ");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        buf_printf(sql, "%sSELECT *, %s FROM (", i > 0 ? " UNION ALL " : "",
                   i > 0 ? "true" : "false");
        read_sql(sql, types[i], KNOWN, &execution_key_type);
        buf_add_text(sql, ") r");
    }
    buf_add_text(sql, " ORDER BY execution_id, task_id, kafka_offset");
}

static enum rc prepare_op(struct store *s, const struct op *op, struct error *err)
{
    static void (*const writers[])(struct buf *, const struct op *) = {
        [OP_COPY] = copy_sql,     [OP_UPDATE] = update_sql, [OP_DELETE] = delete_sql,
        [OP_INSERT] = insert_sql, [OP_MERGE] = merge_sql,
    };
    SCOPED_BUF sql = {0};

    if (op->kind == OP_COPY)
        return RC_OK; /* cannot be prepared */
    writers[op->kind](&sql, op);
    return pg_prepare(s, op->name, buf_text(&sql), err);
}

static enum rc prepare_read(struct store *s, const struct read *read, struct error *err)
{
    SCOPED_BUF sql = {0};

    read_sql(&sql, read->type, read->groups, read->key);
    return pg_prepare(s, read->name, buf_text(&sql), err);
}

static enum rc prepare_reports(struct store *s, struct error *err)
{
    SCOPED_BUF sql = {0};

    reports_sql(&sql);
    TRY(pg_prepare(s, "open_reports", buf_text(&sql), err));
    buf_reset(&sql);
    buf_printf(&sql, "FETCH %d FROM reports", REPORTS_AT_ONCE);
    return pg_prepare(s, "next_reports", buf_text(&sql), err);
}

enum rc store_prepare(struct store *s, struct error *err)
{
    for (size_t i = 0; i < STORE_OP_COUNT; i++)
        TRY(prepare_op(s, &ops[i], err));
    for (size_t i = 0; i < ARRAY_LEN(reads); i++)
        TRY(prepare_read(s, &reads[i], err));
    TRY(prepare_reports(s, err));
    TRY(positions_prepare(s, err));
    return pg_prepare(s, "leaf", leaf_sql, err);
}

/* --- reading --- */

static enum rc read_row(const PGresult *r, int i, const struct row_type *type, int groups,
                        struct arena *memory, void *row, struct error *err)
{
    int n = 0;

    for (const struct column *c = type->columns; c->name != NULL; c++)
        if (column_takes_part(c, groups))
            TRY(value_get(c, pg_value(r, i, n++), memory, row, err));
    return RC_OK;
}

static enum rc read_rows(struct store *s, enum which_read which, struct row_list keys,
                         struct arena *memory, struct row_list *ret, struct error *err)
{
    const struct read *read = &reads[which];
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED_PARAMS p = {.count = 0};
    char *rows;

    params_add_rows(&p, read->key, GROUP_KEY, keys.items, keys.count);
    TRY(pg_run(s, read->name, p.items, p.count, &r, err));
    rows = arena_alloc(memory, (size_t)PQntuples(r) * read->type->size);
    for (int i = 0; i < PQntuples(r); i++)
        TRY(read_row(r, i, read->type, read->groups, memory, rows + (size_t)i * read->type->size,
                     err));
    *ret = (struct row_list){rows, (size_t)PQntuples(r)};
    return RC_OK;
}

enum rc store_read_executions(struct store *s, struct row_list keys, struct arena *memory,
                              struct row_list *ret, struct error *err)
{
    return read_rows(s, READ_EXECUTIONS, keys, memory, ret, err);
}

enum rc store_read_strays(struct store *s, struct row_list keys, struct arena *memory,
                          struct row_list *ret, struct error *err)
{
    return read_rows(s, READ_STRAYS, keys, memory, ret, err);
}

enum rc store_read_writers(struct store *s, struct row_list keys, struct arena *memory,
                           struct row_list *ret, struct error *err)
{
    return read_rows(s, READ_WRITERS, keys, memory, ret, err);
}

enum rc store_read_events(struct store *s, struct row_list keys, struct arena *memory,
                          struct row_list *ret, struct error *err)
{
    return read_rows(s, READ_EVENTS, keys, memory, ret, err);
}

enum rc store_open_reports(struct store *s, struct row_list keys, struct error *err)
{
    SCOPED_PARAMS p = {.count = 0};

    params_add_rows(&p, &execution_key_type, GROUP_KEY, keys.items, keys.count);
    return params_run(s, "open_reports", &p, err);
}

enum rc store_next_reports(struct store *s, struct arena *memory, struct row_list *ret,
                           struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    struct event_row *rows;

    TRY(pg_run(s, "next_reports", NULL, 0, &r, err));
    rows = arena_alloc(memory, (size_t)PQntuples(r) * sizeof *rows);
    for (int i = 0; i < PQntuples(r); i++) {
        TRY(read_row(r, i, &event_type, KNOWN, memory, &rows[i], err));
        rows[i].is_repeat = *PQgetvalue(r, i, PQnfields(r) - 1) != 0;
    }
    *ret = (struct row_list){rows, (size_t)PQntuples(r)};
    return RC_OK;
}

/* --- writing --- */

/* Ends a COPY, well or not, so that the connection can be used again. */
static enum rc finish_copy(struct store *s, const char *table, struct error *err)
{
    SCOPED(text) char *what = xasprintf("copy into %s", table);
    enum rc rc = RC_OK;
    PGresult *r;

    while ((r = PQgetResult(s->conn)) != NULL) {
        if (PQresultStatus(r) == PGRES_COPY_IN) /* only when the data could not be sent */
            (void)PQputCopyEnd(s->conn, "given up");
        else if (rc == RC_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
            rc = pg_fail(s->conn, r, what, err);
        PQclear(r);
        if (PQstatus(s->conn) == CONNECTION_BAD && rc == RC_OK)
            rc = pg_fail(s->conn, NULL, what, err);
    }
    return rc;
}

static enum rc run_copy(struct store *s, const struct op *op, struct row_list rows,
                        struct error *err)
{
    enum { CHUNK = 256 * 1024 };
    SCOPED_BUF sql = {0};
    SCOPED_BUF data = {0};
    SCOPED(pg_result) PGresult *r = NULL;
    bool sent = true;

    copy_sql(&sql, op);
    r = PQexec(s->conn, buf_text(&sql));
    if (PQresultStatus(r) != PGRES_COPY_IN)
        return pg_fail(s->conn, r, "begin a copy", err);
    copy_put_head(&data);
    for (size_t i = 0; i < rows.count && sent; i++) {
        copy_put_row(&data, op->type, (const char *)rows.items + i * op->type->size);
        if (data.len >= CHUNK) {
            sent = PQputCopyData(s->conn, data.data, (int)data.len) == 1;
            buf_reset(&data);
        }
    }
    copy_put_tail(&data);
    if (sent && PQputCopyData(s->conn, data.data, (int)data.len) == 1)
        (void)PQputCopyEnd(s->conn, NULL);
    return finish_copy(s, op->type->table, err);
}

static enum rc run_op(struct store *s, const struct op *op, struct row_list rows, struct error *err)
{
    SCOPED_PARAMS p = {.count = 0};

    if (rows.count == 0)
        return RC_OK;
    if (op->kind == OP_COPY)
        return run_copy(s, op, rows, err);
    params_add_rows(&p, op->type, op->groups, rows.items, rows.count);
    return params_run(s, op->name, &p, err);
}

enum rc store_rows_write(struct store *s, const struct store_rows *rows, struct error *err)
{
    for (size_t i = 0; i < STORE_OP_COUNT; i++)
        TRY(run_op(s, &ops[i], rows->of[i], err));
    return RC_OK;
}

enum rc store_make_leaf(struct store *s, struct leaf leaf, struct error *err)
{
    SCOPED_PARAMS p = {.count = 0};

    params_add(&p, COLUMN_TEXT, &leaf.parent);
    params_add(&p, COLUMN_TIME, &leaf.at);
    if (params_run(s, "leaf", &p, err) == RC_OK)
        return RC_OK;
    return error_prefix(err, "could not make the leaf of %s", leaf.parent);
}
