#include "store/read_workers.h"

#include "base/clock.h"
#include "store/read_executions.h"
#include "store/read_leaves.h"
#include "store/read_open.h"

#define AT(member)  offsetof(struct worker_row, member)
#define RUN(member) offsetof(struct run_row, run.member)

struct run_row {
    struct execution_row run;
    int64_t looked_at; /* open ones; the same in each row */
};

/* clang-format off */
static const struct column worker_columns[] = {
    {"incarnation", COLUMN_UUID, AT(incarnation), GROUP_KEY,  true},
    {"worker",      COLUMN_TEXT, AT(worker),      GROUP_REST, true},
    {"since",       COLUMN_TIME, AT(since),       GROUP_REST, true},
    {"seen_at",     COLUMN_TIME, AT(seen_at),     GROUP_REST, true},
    {"finished",    COLUMN_LONG, AT(finished),    GROUP_REST, true},
    {"cut",         COLUMN_UUID, AT(cut),         GROUP_REST, true},
    {.name = NULL},
};
static const struct column run_columns[] = {
    {"execution_id",       COLUMN_UUID,  RUN(execution_id),       GROUP_KEY,  true},
    {"task_id",            COLUMN_UUID,  RUN(task_id),            GROUP_KEY,  true},
    {"worker_incarnation", COLUMN_UUID,  RUN(worker_incarnation), GROUP_REST, true},
    {"scheduled_at",       COLUMN_TIME,  RUN(scheduled_at),       GROUP_REST, true},
    {"started_at",         COLUMN_TIME,  RUN(started_at),         GROUP_REST, true},
    {"attempt",            COLUMN_SMALL, RUN(attempt),            GROUP_REST, true},
    {"status",             COLUMN_SMALL, RUN(status),             GROUP_REST, true},
    {"worker",             COLUMN_TEXT,  RUN(worker),             GROUP_REST, true},
    {"looked_at",          COLUMN_LONG,  offsetof(struct run_row, looked_at), GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type worker_type = {"execution", worker_columns, sizeof(struct worker_row)};
static const struct row_type run_type = {"execution", run_columns, sizeof(struct run_row)};

struct workers_ask {
    struct read_pool *pool;
    const char *queue;
    usec_t from;
    struct read_reply reply;
};

static void fail(const struct workers_ask *a, const struct error *err)
{
    const struct read_page page = {.rc = RC_RETRY, .err = *err};

    a->reply.done(a->reply.ctx, &page);
}

/* --- who there is --- */

/* Of each leaf one more than is looked at: the latest of these is where the whole was cut. */
static void add_recent(struct buf *sql, const struct leaf_list *list)
{
    buf_add_text(sql, "WITH recent AS MATERIALIZED (");
    for (size_t i = 0; i < list->count; i++)
        buf_printf(
            sql,
            "%s(SELECT %zu AS leaf, execution_id, queue, status, worker, worker_incarnation, started_at, finished_at"
            " FROM %s WHERE execution_id >= $1 ORDER BY execution_id DESC LIMIT %d)",
            i > 0 ? " UNION ALL " : "", i, list->items[i].name, READ_WORKER_ROWS_MAX + 1);
    buf_add_text(sql, "), c AS (SELECT greatest(");
    for (size_t i = 0; i < list->count; i++)
        buf_printf(sql,
                   "%s(SELECT execution_id FROM recent WHERE leaf = %zu"
                   " ORDER BY execution_id DESC OFFSET %d LIMIT 1)",
                   i > 0 ? ", " : "", i, READ_WORKER_ROWS_MAX);
    buf_add_text(sql, ") AS cut)");
}

/* What the scheduler said of its end is no sign of life. */
static void ask_workers(struct workers_ask *a, const struct leaf_list *list)
{
    struct uuid first = execution_id_floor(a->from);
    struct read_query q = {0};

    add_recent(&q.sql, list);
    buf_printf(
        &q.sql,
        ", said AS (SELECT worker_incarnation AS incarnation, worker, started_at,"
        " CASE WHEN status IN (%d, %d) THEN finished_at END AS finished_at"
        " FROM recent WHERE queue = $2 AND worker_incarnation IS NOT NULL),"
        " w AS (SELECT incarnation, max(worker) AS worker,"
        " min(coalesce(started_at, finished_at)) AS since, max(coalesce(finished_at, started_at)) AS seen_at,"
        " count(finished_at) AS finished FROM said GROUP BY incarnation"
        " ORDER BY max(coalesce(finished_at, started_at)) DESC NULLS LAST LIMIT %d)"
        " SELECT w.*, c.* FROM c LEFT JOIN w ON true ORDER BY worker, incarnation",
        STATUS_SUCCEEDED, STATUS_FAILED, READ_WORKERS_MAX);
    query_add_uuid(&q, first);
    query_add_text(&q, a->queue);
    read_simple(a->pool, &q, &worker_type, READ_WORKERS_MAX, a->reply);
}

/* Without leaves, or with an error, it is answered here. */
static bool has_leaves(struct workers_ask *a, const struct leaf_list *list, const struct error *err)
{
    const struct read_page nothing = {.rc = RC_OK};

    if (list == NULL)
        fail(a, err);
    else if (list->count == 0)
        a->reply.done(a->reply.ctx, &nothing);
    return list != NULL && list->count > 0;
}

static void worker_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    if (has_leaves(ctx, list, err))
        ask_workers(ctx, list);
}

static struct workers_ask *ask_new(struct read_pool *p, const char *queue,
                                   const struct read_reply *reply)
{
    struct workers_ask *a = arena_alloc(reply->memory, sizeof *a);

    *a = (struct workers_ask){
        .pool = p, .queue = arena_strdup(reply->memory, queue), .reply = *reply};
    return a;
}

void read_workers(struct read_pool *p, const char *queue, usec_t from, struct read_reply reply)
{
    struct workers_ask *a = ask_new(p, queue, &reply);

    a->from = from;
    leaves_find(p, (struct leaf_range){"execution", from, clock_realtime() + USEC_PER_DAY},
                reply.memory, worker_leaves, a);
}

/* --- what they run --- */

#define RUN_COLUMNS \
    "execution_id, task_id, worker_incarnation, scheduled_at, started_at, attempt, status, worker"

/* Without any there is one row, without an execution: it says how many were looked at. */
static void run_rows(void *ctx, const struct read_page *page)
{
    const struct workers_ask *a = ctx;
    const struct run_row *rows = page->rows;
    struct execution_row *runs = arena_alloc(a->reply.memory, (page->count + 1) * sizeof *runs);
    struct read_page found = *page;

    found.rows = runs;
    found.count = 0;
    for (size_t i = 0; i < page->count; i++)
        if (!uuid_is_nil(rows[i].run.execution_id))
            runs[found.count++] = rows[i].run;
    found.more = page->more || (page->count > 0 && rows[0].looked_at > READ_OPEN_MAX);
    a->reply.done(a->reply.ctx, &found);
}

/* Of each leaf one more than is looked at. */
static void ask_runs(struct workers_ask *a, const struct leaf_list *list)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "WITH e AS MATERIALIZED (");
    for (size_t i = 0; i < list->count; i++)
        buf_printf(&q.sql,
                   "%s(SELECT " RUN_COLUMNS
                   " FROM %s WHERE queue = $1 AND open ORDER BY queue, execution_id LIMIT %d)",
                   i > 0 ? " UNION ALL " : "", list->items[i].name, READ_OPEN_MAX + 1);
    buf_printf(&q.sql,
               ") SELECT " RUN_COLUMNS
               ", looked_at FROM (SELECT count(*) AS looked_at FROM e) c LEFT JOIN e"
               " ON status IN (%d, %d) ORDER BY execution_id LIMIT %d",
               STATUS_RUNNING, STATUS_CANCELLING, READ_WORKER_RUNS_MAX + 1);
    query_add_text(&q, a->queue);
    read_simple(a->pool, &q, &run_type, READ_WORKER_RUNS_MAX,
                (struct read_reply){a->reply.memory, run_rows, a});
}

static void run_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    if (has_leaves(ctx, list, err))
        ask_runs(ctx, list);
}

void read_worker_runs(struct read_pool *p, const char *queue, struct read_reply reply)
{
    leaves_find_open(p, (struct leaf_range){"execution", 0, USEC_MAX}, reply.memory, run_leaves,
                     ask_new(p, queue, &reply));
}
