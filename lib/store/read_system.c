#include "store/read_system.h"

#include "store/read_executions.h"
#include "store/read_leaves.h"

#define AT(member) offsetof(struct system_row, member)

/* clang-format off */
static const struct column system_columns[] = {
    {"fired",        COLUMN_LONG, AT(fired),        GROUP_REST, false},
    {"p50_us",       COLUMN_LONG, AT(p50_us),       GROUP_REST, true},
    {"p99_us",       COLUMN_LONG, AT(p99_us),       GROUP_REST, true},
    {"dead_letters", COLUMN_LONG, AT(dead_letters), GROUP_REST, false},
    {"dead_at",      COLUMN_TIME, AT(dead_at),      GROUP_REST, true},
    {"schema",       COLUMN_INT,  AT(schema),       GROUP_REST, false},
    {"server",       COLUMN_TEXT, AT(server),       GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type system_type = {"execution", system_columns, sizeof(struct system_row)};

struct system_ask {
    struct read_pool *pool;
    usec_t since, until;
    usec_t history_from, logs_from;
    struct read_reply reply;
};

static void fail(struct system_ask *a, const struct error *err)
{
    a->reply.done(a->reply.ctx, &(struct read_page){.rc = RC_RETRY, .err = *err});
}

static void on_row(void *ctx, const struct read_page *page)
{
    struct system_ask *a = ctx;
    struct system_row *row = page->rows;

    if (page->count > 0) {
        row->history_from = a->history_from;
        row->logs_from = a->logs_from;
    }
    a->reply.done(a->reply.ctx, page);
}

/* The late ones of one leaf, newest first. */
static void add_leaf(struct buf *sql, const struct leaf *leaf)
{
    buf_printf(
        sql,
        "%s(SELECT execution_id, (extract(epoch FROM created_at - due_at) * 1000000)::int8 AS us FROM %s WHERE execution_id >= $1"
        " AND execution_id < $2 AND trigger = %d AND created_at IS NOT NULL AND due_at IS NOT NULL"
        " ORDER BY execution_id DESC LIMIT %d)",
        sql->len > 0 ? " UNION ALL " : "", leaf->name, TRIGGER_SCHEDULED, READ_LATENESS_MAX);
}

static void ask(struct system_ask *a, const struct leaf_list *list)
{
    struct read_query q = {0};
    SCOPED_BUF rows = {0};

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].to > a->since && list->items[i].from <= a->until)
            add_leaf(&rows, &list->items[i]);
    if (rows.len == 0)
        buf_add_text(&rows, "SELECT $1 AS execution_id, 0::int8 AS us WHERE $1 > $2");
    buf_printf(
        &q.sql,
        "SELECT l.*, (SELECT count(*) FROM (SELECT 1 FROM dead_letter LIMIT %d) d) AS dead_letters,"
        " (SELECT max(received_at) FROM (SELECT received_at FROM dead_letter"
        " ORDER BY coalesce(received_at, '1970-01-01 00:00:00+00'::timestamptz) DESC LIMIT 1) d) AS dead_at,"
        " (SELECT max(version) FROM schema_migration)::int4 AS schema, current_setting('server_version') AS server"
        " FROM (SELECT count(*) AS fired, percentile_disc(0.5) WITHIN GROUP (ORDER BY us) AS p50_us,"
        " percentile_disc(0.99) WITHIN GROUP (ORDER BY us) AS p99_us"
        " FROM (SELECT us FROM (%s) s ORDER BY execution_id DESC LIMIT %d) n) l",
        READ_DEAD_MAX + 1, buf_text(&rows), READ_LATENESS_MAX);
    query_add_uuid(&q, execution_id_floor(a->since));
    query_add_uuid(&q, execution_id_floor(a->until));
    read_simple(a->pool, &q, &system_type, 1, (struct read_reply){a->reply.memory, on_row, a});
}

static void on_executions(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct system_ask *a = ctx;

    if (list == NULL) {
        fail(a, err);
        return;
    }
    a->history_from = list->count > 0 ? list->items[0].from : 0;
    ask(a, list);
}

static void on_logs(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct system_ask *a = ctx;

    if (list == NULL) {
        fail(a, err);
        return;
    }
    a->logs_from = list->count > 0 ? list->items[0].from : 0;
    leaves_find(a->pool, (struct leaf_range){"execution", 0, USEC_MAX}, a->reply.memory,
                on_executions, a);
}

void read_system(struct read_pool *p, usec_t since, usec_t until, struct read_reply reply)
{
    struct system_ask *a = arena_alloc(reply.memory, sizeof *a);

    *a = (struct system_ask){.pool = p, .since = since, .until = until, .reply = reply};
    leaves_find(p, (struct leaf_range){"log_batch", 0, USEC_MAX}, reply.memory, on_logs, a);
}
