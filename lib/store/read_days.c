#include "store/read_executions.h"
#include "store/read_leaves.h"

#define AT(member) offsetof(struct day_count, member)

/* clang-format off */
static const struct column day_columns[] = {
    {"day",    COLUMN_INT,   AT(day),    GROUP_REST, false},
    {"status", COLUMN_SMALL, AT(status), GROUP_REST, false},
    {"count",  COLUMN_LONG,  AT(count),  GROUP_REST, false},
    {"run_ms", COLUMN_LONG,  AT(run_ms), GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type day_type = {"execution_rollup", day_columns, sizeof(struct day_count)};

/* Of all tasks together a statement looks at some 50,000 rows a month: a year in one would run into its time-out on a busy server. */
#define AT_ONCE (31 * USEC_PER_DAY)

struct days {
    struct read_pool *pool;
    struct uuid task;
    const usec_t *bounds; /* of all tasks: those that are left */
    size_t bound_count;
    int32_t passed; /* spans before them */
    struct read_reply reply;
    struct leaf_list leaves; /* of a task: those that are left */
    struct read_page page;
};

static void ask(struct days *d);

static void days_failed(struct days *d, const struct error *err)
{
    d->page = (struct read_page){.rc = RC_RETRY, .err = *err};
    d->reply.done(d->reply.ctx, &d->page);
}

static size_t spans_at_once(const struct days *d)
{
    size_t spans = d->bound_count - 1;

    if (uuid_is_nil(d->task))
        for (spans = 1;
             spans + 1 < d->bound_count && d->bounds[spans + 1] - d->bounds[0] <= AT_ONCE;)
            spans++;
    return spans;
}

/* Behind what has been asked. */
static void pass(struct days *d)
{
    size_t spans = spans_at_once(d);

    if (!uuid_is_nil(d->task)) {
        d->leaves.count--;
        return;
    }
    d->bounds += spans;
    d->bound_count -= spans;
    d->passed += (int32_t)spans;
}

static bool is_done(const struct days *d)
{
    return uuid_is_nil(d->task) ? d->bound_count < 2 : d->leaves.count == 0;
}

static void days_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct days *d = ctx;
    struct error why;

    if (r == NULL && !missing) {
        days_failed(d, err);
        return;
    }
    if (r != NULL &&
        read_rows(r, &day_type, d->reply.memory, &d->page.rows, &d->page.count, &why) != RC_OK) {
        days_failed(d, &why);
        return;
    }
    pass(d);
    if (is_done(d))
        d->reply.done(d->reply.ctx, &d->page);
    else
        ask(d);
}

/* width_bucket answers which day a bucket lies in, so that days come back, not quarters of
   hours. */
static void ask(struct days *d)
{
    struct read_query q = {0};
    bool is_all = uuid_is_nil(d->task);
    const char *table = is_all ? "rollup_all" : d->leaves.items[d->leaves.count - 1].name;
    size_t spans = spans_at_once(d);

    buf_printf(&q.sql,
               "SELECT width_bucket(bucket, $3) + $4 AS day, status, sum(count)::bigint AS count,"
               " sum(run_ms)::bigint AS run_ms FROM %s"
               " WHERE bucket >= $1 AND bucket < $2%s GROUP BY 1, 2",
               table, is_all ? "" : " AND task_id = $5");
    query_add_time(&q, d->bounds[0]);
    query_add_time(&q, d->bounds[spans]);
    query_add_times(&q, d->bounds, spans + 1);
    query_add_int(&q, d->passed);
    if (!is_all)
        query_add_uuid(&q, d->task);
    read_submit(d->pool, &q, days_rows, d);
}

static void days_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct days *d = ctx;

    if (list == NULL) {
        days_failed(d, err);
        return;
    }
    d->leaves = *list;
    if (d->leaves.count > 0)
        ask(d);
    else
        d->reply.done(d->reply.ctx, &d->page);
}

void read_days(struct read_pool *p, struct uuid task, const usec_t *bounds, size_t bound_count,
               struct read_reply reply)
{
    struct days *d = arena_alloc(reply.memory, sizeof *d);

    *d = (struct days){
        .pool = p, .task = task, .bounds = bounds, .bound_count = bound_count, .reply = reply};
    if (uuid_is_nil(task))
        ask(d);
    else
        leaves_find(p, (struct leaf_range){"execution_rollup", bounds[0], bounds[bound_count - 1]},
                    reply.memory, days_leaves, d);
}

struct start_ask {
    history_start_fn done;
    void *ctx;
};

static void start_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    const struct start_ask *a = ctx;

    a->done(a->ctx, list != NULL && list->count > 0 ? list->items[0].from : 0,
            list == NULL ? err : NULL);
}

void read_history_start(struct read_pool *p, struct arena *memory, history_start_fn done, void *ctx)
{
    struct start_ask *a = arena_alloc(memory, sizeof *a);

    *a = (struct start_ask){done, ctx};
    leaves_find(p, (struct leaf_range){"execution", 0, USEC_MAX}, memory, start_leaves, a);
}
