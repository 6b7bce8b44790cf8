/*
 * read_logs.c - pages of log lines. Batches are found by (execution, received_at, ...), a few at
 * a time, and taken apart by the server; the walk goes on until the page is full or the newest
 * weekly leaf is read.
 */
#include "store/read_logs.h"

#include "store/log_batches.h"

enum { BATCHES_AT_ONCE = 64 };

/* A batch counts when a line of it lies after the position: by received_at, attempt, writer, and
   its last number. */
static const char lines_sql[] =
    "SELECT %s FROM (SELECT * FROM %s WHERE execution_id = $1 AND task_id = %s AND levels & $6 <> 0"
    " AND (received_at, attempt, writer, first_seq + cardinality(at)) > ($2, $3, $4, $5)%s"
    " ORDER BY received_at, attempt, writer, first_seq LIMIT %d) b, %s"
    " WHERE u.level = ANY ($7) AND u.stream = ANY ($9)"
    " AND (b.received_at, b.attempt, b.writer, b.first_seq + u.n - 1) >= ($2, $3, $4, $5)"
    " LIMIT $8";

struct walk {
    struct read_pool *pool;
    struct log_filter filter;
    size_t limit, bytes; /* bytes: of texts so far */
    struct read_reply reply;
    struct leaf_list leaves;
    size_t leaf;
    struct read_page page;
};

/* --- the walk --- */

static void next_leaf(struct walk *w);

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

static void line_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;
    size_t before = w->page.count;
    struct error why;

    if (r == NULL && !missing) {
        logs_failed(w, err);
        return;
    }
    if (r != NULL && read_rows(r, &log_line_type, w->reply.memory, &w->page.rows, &w->page.count,
                               &why) != RC_OK) {
        logs_failed(w, &why);
        return;
    }
    if (r != NULL)
        w->bytes += read_bytes(r, &log_line_type);
    if (w->page.count == before)
        w->leaf++; /* nothing more in this one */
    else
        move_on(w);
    next_leaf(w);
}

static void ask_lines(struct walk *w)
{
    struct read_query q = {0};
    SCOPED_BUF made = {0};
    SCOPED_BUF holds = {0};
    const struct log_position *after = &w->filter.after;

    query_made_task(&made, w->filter.execution);
    if (w->filter.streams != 0)
        log_add_holds(&holds, 7, 9);
    buf_printf(&q.sql, lines_sql, log_line_columns, w->leaves.items[w->leaf].name, buf_text(&made),
               buf_text(&holds), BATCHES_AT_ONCE, log_line_unnest);
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

static void next_leaf(struct walk *w)
{
    bool is_full = w->page.count >= w->limit || w->bytes >= READ_PAGE_BYTES;

    if (!is_full && w->leaf < w->leaves.count) {
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
    next_leaf(w);
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
