#include "store/read_usual.h"

#include "base/clock.h"
#include "store/read_leaves.h"

#define AT(member) offsetof(struct usual_row, member)

enum { NEWEST = 60, SUCCESSES = 20, LEAVES = 2 };

/* clang-format off */
static const struct column usual_columns[] = {
    {"task_id",  COLUMN_UUID, AT(task_id),  GROUP_KEY,  false},
    {"usual_ms", COLUMN_LONG, AT(usual_ms), GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type usual_type = {"execution", usual_columns, sizeof(struct usual_row)};

struct usual {
    struct read_pool *pool;
    const struct uuid *tasks;
    size_t count;
    struct read_reply reply;
};

static void add_newest(struct buf *sql, const struct leaf_list *list)
{
    size_t first = list->count > LEAVES ? list->count - LEAVES : 0;

    for (size_t i = first; i < list->count; i++)
        buf_printf(sql,
                   "%s(SELECT execution_id, status, started_at, finished_at FROM %s"
                   " WHERE task_id = t.task_id ORDER BY execution_id DESC LIMIT %d)",
                   i > first ? " UNION ALL " : "", list->items[i].name, NEWEST);
}

static void ask(struct usual *u, const struct leaf_list *list)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "SELECT t.task_id, coalesce((SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY run_ms)"
        " FROM (SELECT floor(extract(epoch FROM finished_at - started_at) * 1000)::bigint AS run_ms FROM (SELECT * FROM (");
    add_newest(&q.sql, list);
    buf_printf(&q.sql,
               ") leaves ORDER BY execution_id DESC LIMIT %d) newest"
               " WHERE status = %d AND finished_at >= started_at"
               " ORDER BY execution_id DESC LIMIT %d) successes), -1) AS usual_ms"
               " FROM unnest($1) AS t (task_id)",
               NEWEST, STATUS_SUCCEEDED, SUCCESSES);
    query_add_uuids(&q, u->tasks, u->count);
    read_simple(u->pool, &q, &usual_type, u->count, u->reply);
}

static void usual_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct usual *u = ctx;
    struct read_page page = {0};

    if (list == NULL)
        page = (struct read_page){.rc = RC_RETRY, .err = *err};
    else if (list->count > 0 && u->count > 0) {
        ask(u, list);
        return;
    }
    u->reply.done(u->reply.ctx, &page);
}

void read_usual(struct read_pool *p, const struct uuid *tasks, size_t count,
                struct read_reply reply)
{
    struct usual *u = arena_alloc(reply.memory, sizeof *u);
    usec_t now = clock_realtime();

    *u = (struct usual){p, tasks, MIN(count, (size_t)USUAL_TASKS_MAX), reply};
    leaves_find(p, (struct leaf_range){"execution", now - 62 * USEC_PER_DAY, now + USEC_PER_DAY},
                reply.memory, usual_leaves, u);
}
