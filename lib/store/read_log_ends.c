#include "store/read_log_ends.h"

#include "store/read_leaves.h"

static const char end_columns[] = "w.execution_id, w.task_id, w.attempt, w.writer, w.next_seq";

void read_next_log(struct read_pool *p, const struct log_name *after, struct read_reply reply)
{
    struct read_query q = {0};
    struct leaf leaf;

    leaf_of("log_writer", execution_id_ms(after->execution) * USEC_PER_MS, &leaf);
    buf_printf(&q.sql, "SELECT %s FROM %s w WHERE execution_id = $1 AND task_id = ", end_columns,
               leaf.name);
    query_made_task(&q.sql, after->execution);
    buf_add_text(&q.sql, " AND (attempt, writer) > ($2, $3) ORDER BY attempt, writer LIMIT 1");
    query_add_uuid(&q, after->execution);
    query_add_int(&q, after->attempt);
    query_add_uuid(&q, after->writer);
    read_simple(p, &q, &log_writer_type, 1, reply);
}

struct ends {
    struct read_pool *pool;
    const struct log_name *logs; /* of the caller's memory */
    size_t count;
    struct read_reply reply;
    struct leaf_list executions;
};

static bool has_month(const struct leaf_list *list, usec_t from)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].from == from)
            return true;
    return false;
}

static bool is_wanted(const struct ends *e, const struct leaf *leaf)
{
    for (size_t i = 0; i < e->count; i++) {
        usec_t t = execution_id_ms(e->logs[i].execution) * USEC_PER_MS;

        if (t >= leaf->from && t < leaf->to)
            return true;
    }
    return false;
}

/* A log whose execution nobody made has no end, as it has no lines. */
static void add_ends_of(struct buf *sql, const struct leaf *leaf)
{
    struct leaf executions;

    leaf_of("execution", leaf->from, &executions);
    buf_printf(
        sql,
        "%sSELECT %s FROM unnest($1, $2, $3) k(execution_id, attempt, writer), LATERAL (SELECT * FROM %s"
        " WHERE execution_id = k.execution_id AND attempt = k.attempt AND writer = k.writer"
        " AND task_id = (SELECT e.task_id FROM %s e WHERE e.execution_id = k.execution_id"
        " ORDER BY e.created_attempt IS NULL, e.trigger = %d, e.task_id LIMIT 1)) w",
        sql->len == 0 ? "" : " UNION ALL ", end_columns, leaf->name, executions.name,
        TRIGGER_EXTERNAL);
}

static void ends_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct ends *e = ctx;
    struct read_page page = {.rc = RC_OK};
    struct read_query q = {0};

    for (size_t i = 0; list != NULL && i < list->count; i++)
        if (has_month(&e->executions, list->items[i].from) && is_wanted(e, &list->items[i]))
            add_ends_of(&q.sql, &list->items[i]);
    if (q.sql.len == 0) {
        if (list == NULL)
            page = (struct read_page){.rc = RC_RETRY, .err = *err};
        e->reply.done(e->reply.ctx, &page);
        return;
    }
    query_add_array(&q, COLUMN_UUID, &e->logs[0].execution, e->count, sizeof *e->logs);
    query_add_array(&q, COLUMN_INT, &e->logs[0].attempt, e->count, sizeof *e->logs);
    query_add_array(&q, COLUMN_UUID, &e->logs[0].writer, e->count, sizeof *e->logs);
    read_simple(e->pool, &q, &log_writer_type, e->count, e->reply);
}

static void execution_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct ends *e = ctx;

    if (list == NULL) {
        ends_leaves(e, NULL, err);
        return;
    }
    e->executions = *list;
    leaves_find(e->pool, (struct leaf_range){"log_writer", 0, USEC_MAX}, e->reply.memory,
                ends_leaves, e);
}

void read_log_ends(struct read_pool *p, const struct log_name *logs, size_t count,
                   struct read_reply reply)
{
    struct ends *e = arena_alloc(reply.memory, sizeof *e);

    *e = (struct ends){.pool = p, .logs = logs, .count = count, .reply = reply};
    leaves_find(p, (struct leaf_range){"execution", 0, USEC_MAX}, reply.memory, execution_leaves,
                e);
}
