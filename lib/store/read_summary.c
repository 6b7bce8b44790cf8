#include "store/read_summary.h"

#include "store/read_leaves.h"

#define AT(member) offsetof(struct count_row, member)

/* clang-format off */
static const struct column count_columns[] = {
    {"bucket", COLUMN_TIME,  AT(bucket), GROUP_KEY,  true},
    {"code",   COLUMN_SMALL, AT(code),   GROUP_KEY,  false},
    {"count",  COLUMN_LONG,  AT(count),  GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type count_type = {"rollup_all", count_columns, sizeof(struct count_row)};

static void ask(struct read_pool *p, struct read_query *q, struct read_reply reply)
{
    read_simple(p, q, &count_type, SIZE_MAX / 2, reply);
}

void read_open_counts(struct read_pool *p, struct read_reply reply)
{
    struct read_query q = {0};

    buf_add_text(&q.sql,
                 "SELECT status AS code, sum(count)::bigint AS count FROM rollup_all"
                 " WHERE status < 5 GROUP BY 1");
    ask(p, &q, reply);
}

void read_task_counts(struct read_pool *p, const char *project, struct read_reply reply)
{
    struct read_query q = {0};

    buf_printf(&q.sql, "SELECT state AS code, count(*) AS count FROM task%s GROUP BY 1",
               project != NULL ? " WHERE project = $1" : "");
    if (project != NULL)
        query_add_text(&q, project);
    ask(p, &q, reply);
}

struct steps {
    struct read_pool *pool;
    usec_t from;
    const char *project;
    struct read_reply reply;
};

static void ask_all(const struct steps *s)
{
    struct read_query q = {0};

    buf_add_text(&q.sql,
                 "SELECT bucket, status AS code, sum(count)::bigint AS count"
                 " FROM rollup_all WHERE bucket >= $1 GROUP BY 1, 2");
    query_add_time(&q, s->from);
    ask(s->pool, &q, s->reply);
}

/* Task by task through the key: a join of the planner's choice might read whole months. */
static void ask_of_project(const struct steps *s, const struct leaf_list *list)
{
    struct read_query q = {0};

    buf_add_text(&q.sql,
                 "SELECT r.bucket, r.status AS code, sum(r.count)::bigint AS count"
                 " FROM (SELECT task_id FROM task WHERE project = $2 LIMIT $3) t, LATERAL (");
    for (size_t i = 0; i < list->count; i++)
        buf_printf(
            &q.sql,
            "%sSELECT bucket, status, count FROM %s WHERE task_id = t.task_id AND bucket >= $1",
            i > 0 ? " UNION ALL " : "", list->items[i].name);
    buf_add_text(&q.sql, " OFFSET 0) r GROUP BY 1, 2");
    query_add_time(&q, s->from);
    query_add_text(&q, s->project);
    query_add_long(&q, READ_PROJECT_TASKS_MAX);
    ask(s->pool, &q, s->reply);
}

static void steps_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct steps *s = ctx;
    struct read_page page = {0};

    if (list == NULL)
        page = (struct read_page){.rc = RC_RETRY, .err = *err};
    else if (list->count > 0) {
        ask_of_project(s, list);
        return;
    }
    s->reply.done(s->reply.ctx, &page);
}

void read_steps(struct read_pool *p, usec_t from, const char *project, struct read_reply reply)
{
    struct steps *s = arena_alloc(reply.memory, sizeof *s);

    *s = (struct steps){p, from, project, reply};
    if (project == NULL)
        ask_all(s);
    else
        leaves_find(p, (struct leaf_range){"execution_rollup", from, USEC_MAX}, reply.memory,
                    steps_leaves, s);
}
