#include "store/read_failures.h"

#include "base/clock.h"
#include "store/read_executions.h"
#include "store/read_leaves.h"

#define FAILURES(member) offsetof(struct failures_row, member)
#define RECENT(member)   offsetof(struct recent_row, member)

enum { MESSAGE_SHOWN = 1000 };

/* clang-format off */
static const struct column failures_columns[] = {
    {"task_id", COLUMN_UUID,  FAILURES(task_id), GROUP_KEY,  true},
    {"status",  COLUMN_SMALL, FAILURES(status),  GROUP_KEY,  true},
    {"count",   COLUMN_LONG,  FAILURES(count),   GROUP_REST, false},
    {"last",    COLUMN_UUID,  FAILURES(last),    GROUP_REST, true},
    {.name = NULL},
};
static const struct column recent_columns[] = {
    {"task_id",      COLUMN_UUID,  RECENT(task_id),      GROUP_KEY,  false},
    {"execution_id", COLUMN_UUID,  RECENT(execution_id), GROUP_KEY,  false},
    {"started_at",   COLUMN_TIME,  RECENT(started_at),   GROUP_REST, true},
    {"finished_at",  COLUMN_TIME,  RECENT(finished_at),  GROUP_REST, true},
    {"status_at",    COLUMN_TIME,  RECENT(status_at),    GROUP_REST, true},
    {"status",       COLUMN_SMALL, RECENT(status),       GROUP_REST, false},
    {"message",      COLUMN_TEXT,  RECENT(message),      GROUP_REST, true},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type failures_type = {"execution", failures_columns,
                                              sizeof(struct failures_row)};
static const struct row_type recent_type = {"execution", recent_columns, sizeof(struct recent_row)};

/* --- failures --- */

struct failures {
    struct read_pool *pool;
    usec_t from;
    const char *project;
    struct read_reply reply;
    struct leaf_list leaves; /* the next one is the last */
    int64_t looked_at;
    struct read_page page;
};

static void ask_failures(struct failures *f);

static void failures_failed(struct failures *f, const struct error *err)
{
    f->page = (struct read_page){.rc = RC_RETRY, .err = *err};
    f->reply.done(f->reply.ctx, &f->page);
}

/* The row without a task says how many were looked at. */
static void take_count(struct failures *f, size_t before)
{
    struct failures_row *rows = f->page.rows;

    for (size_t i = before; i < f->page.count; i++) {
        if (!uuid_is_nil(rows[i].task_id))
            continue;
        f->looked_at += rows[i].count;
        rows[i] = rows[--f->page.count];
        return;
    }
}

static void failures_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct failures *f = ctx;
    size_t before = f->page.count;
    struct error why;

    if (r == NULL && !missing) {
        failures_failed(f, err);
        return;
    }
    if (r != NULL && read_rows(r, &failures_type, f->reply.memory, &f->page.rows, &f->page.count,
                               &why) != RC_OK) {
        failures_failed(f, &why);
        return;
    }
    take_count(f, before);
    f->leaves.count--;
    f->page.more = f->looked_at >= READ_FAILURES_MAX;
    if (f->page.more || f->leaves.count == 0)
        f->reply.done(f->reply.ctx, &f->page);
    else
        ask_failures(f);
}

static void ask_failures(struct failures *f)
{
    struct read_query q = {0};
    const char *glue = "WITH m AS MATERIALIZED (SELECT * FROM (";

    for (int mark = STATUS_SUCCEEDED + 1; mark < STATUS_COUNT; mark++) {
        if ((FAILURE_STATUSES & (1u << mark)) == 0)
            continue;
        buf_printf(
            &q.sql,
            "%s(SELECT execution_id, task_id, mark FROM %s WHERE mark = %d AND execution_id >= $1"
            " ORDER BY execution_id DESC LIMIT $2)",
            glue, f->leaves.items[f->leaves.count - 1].name, mark);
        glue = " UNION ALL ";
    }
    buf_printf(
        &q.sql,
        ") marks ORDER BY execution_id DESC LIMIT $2)"
        " SELECT NULL::uuid AS task_id, NULL::smallint AS status, count(*) AS count, NULL::uuid AS last FROM m"
        " UNION ALL SELECT task_id, mark, count(*), max(execution_id::text)::uuid FROM m%s GROUP BY 1, 2",
        f->project == NULL
            ? ""
            : " WHERE EXISTS (SELECT FROM task t WHERE t.task_id = m.task_id AND t.project = $3)");
    query_add_uuid(&q, execution_id_floor(f->from));
    query_add_long(&q, READ_FAILURES_MAX - f->looked_at);
    if (f->project != NULL)
        query_add_text(&q, f->project);
    read_submit(f->pool, &q, failures_rows, f);
}

static void failures_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct failures *f = ctx;

    if (list == NULL) {
        failures_failed(f, err);
        return;
    }
    f->leaves = *list;
    if (f->leaves.count == 0)
        f->reply.done(f->reply.ctx, &f->page);
    else
        ask_failures(f);
}

void read_failures(struct read_pool *p, usec_t from, const char *project, struct read_reply reply)
{
    struct failures *f = arena_alloc(reply.memory, sizeof *f);

    *f = (struct failures){.pool = p, .from = from, .project = project, .reply = reply};
    leaves_find(p, (struct leaf_range){"execution", from, USEC_MAX}, reply.memory, failures_leaves,
                f);
}

/* --- the newest of several tasks --- */

struct recent {
    struct read_pool *pool;
    const struct uuid *tasks;
    size_t count;
    int per_task;
    bool with_message;
    struct read_reply reply;
};

static void ask_recent(struct recent *w, const struct leaf_list *list)
{
    struct read_query q = {0};
    size_t first = list->count > READ_RECENT_LEAVES ? list->count - READ_RECENT_LEAVES : 0;

    buf_add_text(
        &q.sql,
        "SELECT n.task_id, n.execution_id, n.started_at, n.finished_at, n.status_at, n.status");
    if (w->with_message)
        buf_printf(&q.sql, ", left(n.message, %d) AS message", MESSAGE_SHOWN);
    buf_add_text(&q.sql, " FROM unnest($1) AS t (task_id), LATERAL (SELECT * FROM (");
    for (size_t i = first; i < list->count; i++)
        buf_printf(
            &q.sql,
            "%s(SELECT task_id, execution_id, started_at, finished_at, status_at, status%s FROM %s"
            " WHERE task_id = t.task_id ORDER BY execution_id DESC LIMIT %d)",
            i > first ? " UNION ALL " : "", w->with_message ? ", message" : "", list->items[i].name,
            w->per_task);
    buf_printf(&q.sql, ") leaves ORDER BY execution_id DESC LIMIT %d) n", w->per_task);
    query_add_uuids(&q, w->tasks, w->count);
    read_simple(w->pool, &q, &recent_type, w->count * (size_t)w->per_task, w->reply);
}

static void recent_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct recent *w = ctx;
    struct read_page page = {0};

    if (list == NULL)
        page = (struct read_page){.rc = RC_RETRY, .err = *err};
    else if (list->count > 0 && w->count > 0) {
        ask_recent(w, list);
        return;
    }
    w->reply.done(w->reply.ctx, &page);
}

void read_recent(struct read_pool *p, const struct uuid *tasks, size_t count, int per_task,
                 bool with_message, struct read_reply reply)
{
    struct recent *w = arena_alloc(reply.memory, sizeof *w);

    *w = (struct recent){p, tasks, count, per_task, with_message, reply};
    leaves_find(p, (struct leaf_range){"execution", 0, clock_realtime() + USEC_PER_DAY},
                reply.memory, recent_leaves, w);
}
