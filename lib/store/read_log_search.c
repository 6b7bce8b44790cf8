/*
 * read_log_search.c - a text in the log of one writer: the lines are looked at in the order of their numbers, LOG_SEARCH_LINES of
 * them a statement, and counted by the server whether they fit on the page or not.
 */
#include "store/log_batches.h"
#include "store/read_log_lines.h"

enum { TRIES_MAX = 3 };

struct search {
    struct read_pool *pool;
    struct log_search what;
    size_t limit;
    struct arena *memory;
    log_found_fn done;
    void *ctx;
    struct leaf_list leaves;
    int statements, tries;
    bool is_full; /* no further lines, only their number */
    size_t bytes;
    struct log_found out;
};

static void ask_range(struct search *s);
static void find_leaves(struct search *s);

static void search_failed(struct search *s, const struct error *err)
{
    s->out.page = (struct read_page){.rc = RC_RETRY, .err = *err};
    s->done(s->ctx, &s->out);
}

static int64_t matches_of(const PGresult *r)
{
    static const struct column column = {.name = "matches", .type = COLUMN_LONG};
    int64_t matches = 0;

    if (PQntuples(r) > 0 &&
        value_get(&column, pg_value(r, 0, PQfnumber(r, "matches")), NULL, &matches, NULL) != RC_OK)
        return 0;
    return matches;
}

static enum rc take_found(struct search *s, const PGresult *r, struct error *err)
{
    struct read_page *page = &s->out.page;
    int64_t matches = matches_of(r);

    s->out.matches += matches;
    if (s->is_full)
        return RC_OK;
    TRY(read_rows(r, &log_line_type, s->memory, &page->rows, &page->count, err));
    s->bytes += read_bytes(r, &log_line_type);
    s->is_full = PQntuples(r) < matches || page->count >= s->limit || s->bytes >= READ_PAGE_BYTES;
    return RC_OK;
}

static void found_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct search *s = ctx;
    struct error why = {0};

    if (missing && ++s->tries < TRIES_MAX) { /* a leaf has gone, the others have not */
        leaves_forget(s->pool);
        find_leaves(s);
        return;
    }
    if (r == NULL || take_found(s, r, &why) != RC_OK) {
        search_failed(s, r == NULL ? err : &why);
        return;
    }
    s->what.from += LOG_SEARCH_LINES;
    s->statements++;
    if (s->what.from >= s->what.writer->next_seq) {
        s->done(s->ctx, &s->out);
    } else if (s->statements >= LOG_SEARCH_STATEMENTS) {
        s->out.next = s->what.from;
        s->done(s->ctx, &s->out);
    } else {
        ask_range(s);
    }
}

/* $1 execution, $2 task, $3 attempt, $4 writer, $5 first line, $6 the one behind the last, $7 levels as bits, $8 as letters,
   $9 text, $10 limit */
static void add_batches(struct buf *sql, const struct search *s)
{
    static const char key[] = "execution_id = $1 AND task_id = $2 AND attempt = $3 AND writer = $4";
    size_t count = MIN(s->leaves.count, (size_t)LOG_LEAVES_AT_ONCE);

    for (size_t i = 0; i < count; i++)
        buf_printf(
            sql,
            "%sSELECT * FROM %s WHERE %s AND first_seq < $6 AND levels & $7 <> 0 AND first_seq >="
            " coalesce((SELECT first_seq FROM %s WHERE %s AND first_seq <= $5 ORDER BY first_seq DESC LIMIT 1), $5)",
            i > 0 ? " UNION ALL " : "", s->leaves.items[i].name, key, s->leaves.items[i].name, key);
}

static void ask_range(struct search *s)
{
    struct read_query q = {0};
    bool any_case = !s->what.with_case;

    buf_printf(&q.sql, "SELECT %s, count(*) OVER () AS matches FROM (", log_line_columns);
    add_batches(&q.sql, s);
    buf_printf(&q.sql,
               ") b, %s WHERE u.level = ANY ($8) AND b.first_seq + u.n - 1 >= $5"
               " AND b.first_seq + u.n - 1 < $6 AND strpos(%s, %s) > 0 ORDER BY seq LIMIT $10",
               log_line_unnest, any_case ? "lower(u.message)" : "u.message",
               any_case ? "lower($9)" : "$9");
    query_cut(&q, &log_line_type, NULL);
    log_add_key(&q, s->what.writer);
    query_add_long(&q, s->what.from);
    query_add_long(&q, s->what.from + LOG_SEARCH_LINES);
    query_add_int(&q, s->what.levels != 0 ? (int32_t)s->what.levels : -1);
    log_add_levels(&q, s->what.levels);
    query_add_text(&q, s->what.text);
    query_add_long(&q, s->is_full ? 1 : (int64_t)(s->limit - s->out.page.count));
    read_submit(s->pool, &q, found_rows, s);
}

static void search_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct search *s = ctx;

    if (list == NULL) {
        search_failed(s, err);
        return;
    }
    s->leaves = *list;
    if (s->leaves.count == 0 || s->what.from >= s->what.writer->next_seq)
        s->done(s->ctx, &s->out);
    else
        ask_range(s);
}

static void find_leaves(struct search *s)
{
    log_leaves_find(s->pool, s->what.writer->execution_id, s->memory, search_leaves, s);
}

void read_log_search(struct read_pool *p, const struct log_search *search, size_t limit,
                     struct arena *memory, log_found_fn done, void *ctx)
{
    struct search *s = arena_alloc(memory, sizeof *s);

    *s = (struct search){
        .pool = p, .what = *search, .limit = limit, .memory = memory, .done = done, .ctx = ctx};
    find_leaves(s);
}
