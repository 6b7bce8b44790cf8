/*
 * read_log_lines.c - the batches of one writer, by number.
 *
 * Batches of a writer do not overlap, and each holds some lines in order, so "from line N on" begins with the batch that begins
 * at N or is the last one before. Which weekly leaf that is in cannot be told from the number: the leaves from the execution's
 * week on are asked together, LOG_LEAVES_AT_ONCE of them, and the next ones only while the writer is known to have more.
 */
#include "store/read_log_lines.h"

#include "store/log_batches.h"

enum { BATCHES_AT_ONCE = 64, TRIES_MAX = 3 };

struct walk {
    struct read_pool *pool;
    struct log_lines lines;
    size_t limit, bytes; /* bytes: of texts so far */
    struct read_reply reply;
    struct leaf_list leaves; /* those that are left */
    int tries;
    struct read_page page;
};

static void ask_lines(struct walk *w);
static void find_leaves(struct walk *w);

static void lines_failed(struct walk *w, const struct error *err)
{
    w->page = (struct read_page){.rc = RC_RETRY, .err = *err};
    w->reply.done(w->reply.ctx, &w->page);
}

static void turn_round(struct log_line_view *rows, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct log_line_view one = rows[i];

        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = one;
    }
}

static void lines_done(struct walk *w, bool more)
{
    w->page.more = more;
    if (w->lines.backward)
        turn_round(w->page.rows, w->page.count);
    w->reply.done(w->reply.ctx, &w->page);
}

/* The writer has lines where we go. */
static bool has_more(const struct walk *w)
{
    return w->lines.backward ? w->lines.at > 1 : w->lines.at < w->lines.writer->next_seq;
}

static void move_on(struct walk *w)
{
    const struct log_line_view *last =
        (const struct log_line_view *)w->page.rows + w->page.count - 1;

    w->lines.at = w->lines.backward ? last->seq : last->seq + 1;
}

static void line_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;
    size_t before = w->page.count;
    struct error why;

    if (missing && ++w->tries < TRIES_MAX) { /* a leaf has gone, the others have not */
        leaves_forget(w->pool);
        find_leaves(w);
        return;
    }
    if (r == NULL) {
        lines_failed(w, err);
        return;
    }
    if (read_rows(r, &log_line_type, w->reply.memory, &w->page.rows, &w->page.count, &why) !=
        RC_OK) {
        lines_failed(w, &why);
        return;
    }
    w->bytes += read_bytes(r, &log_line_type);
    if (w->page.count == before)
        log_leaves_pass(&w->leaves); /* nothing more in these */
    else
        move_on(w);
    if (w->page.count >= w->limit || w->bytes >= w->lines.bytes)
        lines_done(w, has_more(w));
    else if (w->leaves.count == 0 || !has_more(w))
        lines_done(w, false);
    else
        ask_lines(w);
}

/* $1 execution, $2 task, $3 attempt, $4 writer, $5 line, $6 levels as bits, $7, $8 levels, streams as letters, $9 limit */
static void add_batches(struct buf *sql, const struct walk *w)
{
    static const char key[] = "execution_id = $1 AND task_id = $2 AND attempt = $3 AND writer = $4";
    const char *glue = "";
    const char *order = w->lines.backward ? "first_seq DESC" : "first_seq";

    buf_add_text(sql, "SELECT * FROM ("); /* one leaf alone could not be ordered twice */
    for (size_t i = 0; i < MIN(w->leaves.count, (size_t)LOG_LEAVES_AT_ONCE); i++) {
        const char *leaf = w->leaves.items[i].name;

        buf_printf(sql, "%s(SELECT * FROM %s WHERE %s AND levels & $6 <> 0 AND ", glue, leaf, key);
        if (w->lines.backward)
            buf_add_text(sql, "first_seq < $5");
        else
            buf_printf(sql,
                       "first_seq >= coalesce((SELECT first_seq FROM %s WHERE %s"
                       " AND first_seq <= $5 ORDER BY first_seq DESC LIMIT 1), $5)",
                       leaf, key);
        if (w->lines.streams != 0)
            log_add_holds(sql, 7, 8);
        buf_printf(sql, " ORDER BY %s LIMIT %d)", order, BATCHES_AT_ONCE);
        glue = " UNION ALL ";
    }
    buf_printf(sql, ") l ORDER BY %s LIMIT %d", order, BATCHES_AT_ONCE);
}

static void ask_lines(struct walk *w)
{
    struct read_query q = {0};
    const char *op = w->lines.backward ? "<" : ">=", *down = w->lines.backward ? " DESC" : "";

    buf_printf(&q.sql, "SELECT %s FROM (", log_line_columns);
    add_batches(&q.sql, w);
    buf_printf(&q.sql,
               ") b, %s WHERE u.level = ANY ($7) AND u.stream = ANY ($8)"
               " AND b.first_seq + u.n - 1 %s $5 ORDER BY b.first_seq%s, u.n%s LIMIT $9",
               log_line_unnest, op, down, down); /* which is that of seq, batch after batch */
    query_cut_at(&q, &log_line_type, NULL, w->lines.bytes);
    log_add_key(&q, w->lines.writer);
    query_add_long(&q, w->lines.at);
    query_add_int(&q, w->lines.levels != 0 ? (int32_t)w->lines.levels : -1);
    log_add_levels(&q, w->lines.levels);
    log_add_streams(&q, w->lines.streams);
    query_add_long(&q, (int64_t)(w->limit - w->page.count));
    read_submit(w->pool, &q, line_rows, w);
}

static void walk_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct walk *w = ctx;

    if (list == NULL) {
        lines_failed(w, err);
        return;
    }
    w->leaves = *list;
    if (w->leaves.count == 0 || !has_more(w))
        lines_done(w, false);
    else
        ask_lines(w);
}

static void find_leaves(struct walk *w)
{
    log_leaves_find(w->pool, w->lines.writer->execution_id, w->reply.memory, walk_leaves, w);
}

void read_log_lines(struct read_pool *p, const struct log_lines *lines, size_t limit,
                    struct read_reply reply)
{
    struct walk *w = arena_alloc(reply.memory, sizeof *w);

    *w = (struct walk){.pool = p, .lines = *lines, .limit = limit, .reply = reply};
    w->lines.at = MIN(w->lines.at, lines->writer->next_seq);
    if (w->lines.bytes == 0)
        w->lines.bytes = READ_PAGE_BYTES;
    find_leaves(w);
}
