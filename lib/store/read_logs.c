/*
 * read_logs.c - pages of log lines. Batches are found by (execution, received_at, ...), a few at
 * a time, and taken apart by the server; the walk goes on until the page is full or the newest
 * weekly leaf is read. Those behind the first two, which a run seldom reaches, are asked many at once:
 * a page of an old run costs little more than one of a new run.
 */
#include "store/read_logs.h"

#include "store/log_batches.h"

enum { BATCHES_AT_ONCE = 64, WEEKS_OF_A_RUN = 2 };

/* A batch counts when a line of it lies after the position: by received_at, attempt, writer, and
   its last number. */
static const char batches_sql[] =
    "(SELECT * FROM %s WHERE execution_id = $1 AND task_id = %s AND levels & $6 <> 0"
    " AND (received_at, attempt, writer, first_seq + cardinality(at)) > ($2, $3, $4, $5)%s%s)";
static const char order_sql[] = " ORDER BY received_at, attempt, writer, first_seq LIMIT %d";
static const char lines_sql[] =
    ") b, %s WHERE u.level = ANY ($7) AND u.stream = ANY ($9)"
    " AND (b.received_at, b.attempt, b.writer, b.first_seq + u.n - 1) >= ($2, $3, $4, $5)"
    " LIMIT $8";

struct walk {
    struct read_pool *pool;
    struct log_filter filter;
    size_t limit, bytes; /* bytes: of texts so far */
    struct read_reply reply;
    struct leaf_list leaves; /* those that are left */
    bool is_begun, one_by_one;
    struct read_page page;
};

/* --- the walk --- */

static void next_leaves(struct walk *w);

static void logs_failed(struct walk *w, const struct error *err)
{
    w->page = (struct read_page){.rc = RC_RETRY, .err = *err};
    w->reply.done(w->reply.ctx, &w->page);
}

static void move_on(struct walk *w)
{
    const struct log_line_view *last =
        (const struct log_line_view *)w->page.rows + w->page.count - 1;

    w->filter.after =
        (struct log_position){last->received_at, last->attempt, last->writer, last->seq + 1};
}

static size_t leaves_at_once(const struct walk *w)
{
    size_t most = w->one_by_one ? 1 : w->is_begun ? LOG_LEAVES_AT_ONCE : WEEKS_OF_A_RUN;

    return MIN(w->leaves.count, most);
}

static void pass_leaves(struct walk *w)
{
    size_t passed = leaves_at_once(w);

    w->leaves.items += passed;
    w->leaves.count -= passed;
    w->is_begun = true;
}

/* One of those that were asked; which one is not known. */
static void leaf_is_gone(struct walk *w)
{
    leaves_forget(w->pool);
    if (w->one_by_one)
        pass_leaves(w);
    w->one_by_one = true;
    next_leaves(w);
}

static void line_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;
    size_t before = w->page.count;
    struct error why;

    if (missing) {
        leaf_is_gone(w);
        return;
    }
    if (r == NULL) {
        logs_failed(w, err);
        return;
    }
    if (read_rows(r, &log_line_type, w->reply.memory, &w->page.rows, &w->page.count, &why) !=
        RC_OK) {
        logs_failed(w, &why);
        return;
    }
    w->bytes += read_bytes(r, &log_line_type);
    if (w->page.count == before)
        pass_leaves(w); /* nothing more in these */
    else
        move_on(w);
    next_leaves(w);
}

static void add_batches(struct buf *sql, const struct walk *w)
{
    SCOPED_BUF made = {0};
    SCOPED_BUF holds = {0};
    SCOPED_BUF order = {0};
    size_t count = leaves_at_once(w);

    query_made_task(&made, w->filter.execution);
    if (w->filter.streams != 0)
        log_add_holds(&holds, 7, 9);
    buf_printf(&order, order_sql, BATCHES_AT_ONCE);
    for (size_t i = 0; i < count; i++) {
        buf_add_text(sql, i > 0 ? " UNION ALL " : "");
        buf_printf(sql, batches_sql, w->leaves.items[i].name, buf_text(&made), buf_text(&holds),
                   buf_text(&order));
    }
    if (count > 1)
        buf_add_text(sql, buf_text(&order));
}

static void ask_lines(struct walk *w)
{
    struct read_query q = {0};
    const struct log_position *after = &w->filter.after;

    buf_printf(&q.sql, "SELECT %s FROM (", log_line_columns);
    add_batches(&q.sql, w);
    buf_printf(&q.sql, lines_sql, log_line_unnest);
    query_cut(&q, &log_line_type, NULL);
    query_add_uuid(&q, w->filter.execution);
    query_add_time(&q, after->received_at);
    query_add_int(&q, after->attempt);
    query_add_uuid(&q, after->writer);
    query_add_long(&q, after->next_seq);
    query_add_int(&q, w->filter.levels != 0 ? (int32_t)w->filter.levels : -1);
    log_add_levels(&q, w->filter.levels);
    query_add_long(&q, (int64_t)(w->limit - w->page.count));
    log_add_streams(&q, w->filter.streams);
    read_submit(w->pool, &q, line_rows, w);
}

static void next_leaves(struct walk *w)
{
    bool is_full = w->page.count >= w->limit || w->bytes >= READ_PAGE_BYTES;

    if (!is_full && w->leaves.count > 0) {
        ask_lines(w);
        return;
    }
    w->page.more = is_full;
    w->reply.done(w->reply.ctx, &w->page);
}

static void walk_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct walk *w = ctx;

    if (list == NULL) {
        logs_failed(w, err);
        return;
    }
    w->leaves = *list;
    next_leaves(w);
}

void read_logs(struct read_pool *p, const struct log_filter *filter, size_t limit,
               struct read_reply reply)
{
    struct walk *w = arena_alloc(reply.memory, sizeof *w);
    /* clocks may differ */
    usec_t from = execution_id_ms(filter->execution) * USEC_PER_MS - USEC_PER_DAY;

    *w = (struct walk){.pool = p, .filter = *filter, .limit = limit, .reply = reply};
    leaves_find(p, (struct leaf_range){"log_batch", MAX(from, filter->after.received_at), USEC_MAX},
                reply.memory, walk_leaves, w);
}
