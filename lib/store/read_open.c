#include "store/read_open.h"

#include "store/read_leaves.h"

#define AT(member)     offsetof(struct open_row, member)
#define SUMS(member)   offsetof(struct open_sums, member)
#define QUEUES(member) offsetof(struct open_queue_row, member)

/* clang-format off */
static const struct column open_columns[] = {
    {"execution_id", COLUMN_UUID, AT(execution_id), GROUP_KEY,  true},
    {"task_id",      COLUMN_UUID, AT(task_id),      GROUP_KEY,  true},
    {"started_at",   COLUMN_TIME, AT(started_at),   GROUP_REST, true},
    {"looked_at",    COLUMN_LONG, AT(looked_at),    GROUP_REST, false},
    {.name = NULL},
};
static const struct column sums_columns[] = {
    {"looked_at",     COLUMN_LONG, SUMS(looked_at),     GROUP_REST, false},
    {"late",          COLUMN_LONG, SUMS(late),          GROUP_REST, false},
    {"late_tasks",    COLUMN_LONG, SUMS(late_tasks),    GROUP_REST, false},
    {"oldest_due_at", COLUMN_TIME, SUMS(oldest_due_at), GROUP_REST, true},
    {"pending",       COLUMN_LONG, SUMS(pending),       GROUP_REST, false},
    {"waiting",       COLUMN_LONG, SUMS(waiting),       GROUP_REST, false},
    {"running",       COLUMN_LONG, SUMS(running),       GROUP_REST, false},
    {"cancelling",    COLUMN_LONG, SUMS(cancelling),    GROUP_REST, false},
    {"retrying",      COLUMN_LONG, SUMS(retrying),      GROUP_REST, false},
    {.name = NULL},
};
static const struct column queue_columns[] = {
    {"queue",         COLUMN_TEXT,  QUEUES(queue),         GROUP_KEY,  true},
    {"status",        COLUMN_SMALL, QUEUES(status),        GROUP_KEY,  false},
    {"count",         COLUMN_LONG,  QUEUES(count),         GROUP_REST, false},
    {"oldest_due_at", COLUMN_TIME,  QUEUES(oldest_due_at), GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type queue_type = {"execution", queue_columns,
                                           sizeof(struct open_queue_row)};
static const struct row_type open_type = {"execution", open_columns, sizeof(struct open_row)};
static const struct row_type sums_type = {"execution", sums_columns, sizeof(struct open_sums)};

struct open_ask {
    struct read_pool *pool;
    void (*ask)(struct open_ask *o, const char *rows); /* rows: SQL of the open executions */
    uint32_t statuses;
    usec_t late_before;
    const char *project;
    int limit; /* of rows that are looked at */
    struct read_reply reply;
};

/* Without any there is one row, without an execution: it says how many were looked at. */
static void started_rows(void *ctx, const struct read_page *page)
{
    const struct open_ask *o = ctx;
    const struct open_row *rows = page->rows;
    struct read_page found = *page;

    if (page->count > 0) {
        found.more = rows[0].looked_at > o->limit;
        found.count = uuid_is_nil(rows[0].execution_id) ? 0 : page->count;
    }
    o->reply.done(o->reply.ctx, &found);
}

static void ask_started(struct open_ask *o, const char *rows)
{
    struct read_query q = {0};

    buf_printf(&q.sql,
               "WITH e AS MATERIALIZED (%s) SELECT execution_id, task_id, started_at, looked_at"
               " FROM (SELECT count(*) AS looked_at FROM e) c LEFT JOIN e"
               " ON (1 << status) & $1 <> 0 AND started_at IS NOT NULL ORDER BY started_at",
               rows);
    query_add_int(&q, (int32_t)o->statuses);
    read_simple(o->pool, &q, &open_type, READ_OPEN_MAX,
                (struct read_reply){o->reply.memory, started_rows, o});
}

static void ask_sums(struct open_ask *o, const char *rows)
{
    struct read_query q = {0};

    buf_printf(
        &q.sql,
        "WITH e AS MATERIALIZED (%s), j AS (SELECT e.*, coalesce(status = 0 AND due_at < $1, false) AS is_late FROM e%s)"
        " SELECT (SELECT count(*) FROM e) AS looked_at, count(*) FILTER (WHERE is_late) AS late,"
        " count(DISTINCT task_id) FILTER (WHERE is_late) AS late_tasks, min(due_at) FILTER (WHERE is_late) AS oldest_due_at,"
        " count(*) FILTER (WHERE status = 0) AS pending, count(*) FILTER (WHERE status = 1) AS waiting,"
        " count(*) FILTER (WHERE status = 2) AS running, count(*) FILTER (WHERE status = 3) AS cancelling,"
        " count(*) FILTER (WHERE status = 4) AS retrying FROM j",
        rows, o->project == NULL ? "" : " JOIN task USING (task_id) WHERE project = $2");
    query_add_time(&q, o->late_before);
    if (o->project != NULL)
        query_add_text(&q, o->project);
    read_simple(o->pool, &q, &sums_type, 1, o->reply);
}

static void ask_queues(struct open_ask *o, const char *rows)
{
    struct read_query q = {0};

    buf_printf(&q.sql,
               "SELECT queue, status, count(*), min(due_at) AS oldest_due_at FROM (%s) e"
               " GROUP BY queue, status ORDER BY queue, status",
               rows);
    read_simple(o->pool, &q, &queue_type, SIZE_MAX / 2, o->reply);
}

/* One row more than is looked at tells that there are more. */
static void add_leaf(struct buf *sql, const char *leaf)
{
    buf_printf(sql, "%s(", sql->len > 0 ? " UNION ALL " : "SELECT * FROM (");
    query_open_queues(sql, leaf);
    buf_printf(sql,
               "SELECT execution_id, task_id, status, due_at, started_at, queue FROM %s"
               " WHERE queue = o.queue AND open ORDER BY execution_id LIMIT %d) one)",
               leaf, READ_OPEN_MAX + 1);
}

static void open_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct open_ask *o = ctx;
    struct read_page page = {0};
    SCOPED_BUF rows = {0};

    for (size_t i = 0; list != NULL && i < list->count; i++)
        add_leaf(&rows, list->items[i].name);
    if (list == NULL)
        page = (struct read_page){.rc = RC_RETRY, .err = *err};
    if (rows.len == 0) {
        o->reply.done(o->reply.ctx, &page);
        return;
    }
    buf_printf(&rows, ") leaves LIMIT %d", o->limit + 1);
    o->ask(o, buf_text(&rows));
}

static void ask_open(struct read_pool *p, const struct open_ask *ask)
{
    struct open_ask *o = arena_memdup(ask->reply.memory, ask, sizeof *ask);

    o->pool = p;
    o->limit = o->limit > 0 ? o->limit : READ_OPEN_MAX;
    leaves_find_open(p, (struct leaf_range){"execution", 0, USEC_MAX}, o->reply.memory, open_leaves,
                     o);
}

void read_started(struct read_pool *p, uint32_t statuses, struct read_reply reply)
{
    ask_open(p, &(struct open_ask){.ask = ask_started, .statuses = statuses, .reply = reply});
}

void read_open_sums(struct read_pool *p, usec_t late_before, const char *project,
                    struct read_reply reply)
{
    ask_open(p,
             &(struct open_ask){
                 .ask = ask_sums, .late_before = late_before, .project = project, .reply = reply});
}

void read_open_queues(struct read_pool *p, struct read_reply reply)
{
    ask_open(p,
             &(struct open_ask){.ask = ask_queues, .limit = READ_QUEUES_OPEN_MAX, .reply = reply});
}
