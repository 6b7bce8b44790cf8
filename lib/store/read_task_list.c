#include "store/read_task_list.h"

#include <string.h>

#include "base/utf8.h"
#include "store/read_pool.h"
#include "store/search_index.h"

#define AT(member) offsetof(struct found_row, member)

enum { TRIGRAM = 3 };

struct found_row {
    struct uuid task_id;
    const char *project, *key;
    bool is_behind; /* where we are */
};

/* clang-format off */
static const struct column found_columns[] = {
    {"task_id", COLUMN_UUID, AT(task_id), GROUP_KEY,  true},
    {"project", COLUMN_TEXT, AT(project), GROUP_REST, true},
    {"key",     COLUMN_TEXT, AT(key),     GROUP_REST, true},
    {"behind",  COLUMN_BOOL, AT(is_behind), GROUP_REST, false},
    {.name = NULL},
};
/* clang-format on */

static const struct row_type found_type = {"task", found_columns, sizeof(struct found_row)};

struct task_list {
    struct read_pool *pool;
    struct task_filter filter;
    const char *pattern; /* of LIKE; NULL: no search */
    size_t limit;
    struct arena *memory;
    task_page_fn done;
    void *ctx;
    struct found_row last; /* of the scan: key NULL: it goes to the end */
    bool more;             /* behind the page, for all that is known before it is read */
    struct task_page out;
};

/* "%text%", with what LIKE would take for more than itself escaped. */
static const char *pattern_of(const char *q, struct arena *memory)
{
    SCOPED_BUF pattern = {0};

    buf_add_char(&pattern, '%');
    for (; *q != '\0'; q++) {
        if (strchr("%_\\", *q) != NULL)
            buf_add_char(&pattern, '\\');
        buf_add_char(&pattern, *q);
    }
    buf_add_char(&pattern, '%');
    return arena_strdup(memory, buf_text(&pattern));
}

static void list_failed(struct task_list *l, const struct error *err)
{
    l->out.page = (struct read_page){.rc = RC_RETRY, .err = *err};
    l->done(l->ctx, &l->out);
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* $1 project, $2 key where we are, $3 states, $4 project, $5 queue, $6 label, $7 pattern */
static void add_params(struct read_query *q, const struct task_list *l)
{
    query_add_text(q, or_empty(l->filter.project));
    query_add_text(q, or_empty(l->filter.key));
    query_add_int(q, (int32_t)l->filter.states);
    query_add_text(q, or_empty(l->filter.only_project));
    query_add_text(q, or_empty(l->filter.queue));
    query_add_text(q, or_empty(l->filter.label));
    query_add_text(q, or_empty(l->pattern));
}

/* An expression that the index is not made of: a plan is made for any pattern, and one without a word would read it whole. */
static const char search_unindexed[] = "search || ''";

static void add_filter(struct buf *sql, const struct task_list *l, const char *search)
{
    if (l->filter.states != 0)
        buf_add_text(sql, " AND (1 << state) & $3 <> 0");
    if (l->filter.only_project != NULL)
        buf_add_text(sql, " AND project = $4");
    if (l->filter.queue != NULL)
        buf_add_text(sql, " AND queue = $5");
    if (l->filter.label != NULL)
        buf_add_text(sql,
                     " AND EXISTS (SELECT FROM jsonb_each_text(labels) l"
                     " WHERE l.key || ':' || l.value = $6)");
    if (l->pattern != NULL)
        buf_printf(sql, " AND %s LIKE lower($7)", search);
}

/* --- the page --- */

static void go_on_behind(struct task_list *l, const struct task_row *row)
{
    l->out.project = row->project;
    l->out.key = row->key;
    l->out.task = row->task_id;
}

static void go_on_behind_found(struct task_list *l, const struct found_row *row)
{
    l->out.project = row->project;
    l->out.key = row->key;
    l->out.task = row->task_id;
}

static void page_rows(void *ctx, const struct read_page *page)
{
    struct task_list *l = ctx;
    const struct task_row *rows = page->rows;

    l->out.page = *page;
    if (page->rc == RC_OK && page->more) {
        go_on_behind(l, &rows[page->count - 1]);
    } else if (page->rc == RC_OK && l->last.key != NULL) {
        l->out.page.more = true; /* all on the way to it has been looked at */
        go_on_behind_found(l, &l->last);
    }
    l->done(l->ctx, &l->out);
}

static void select_page(struct read_query *q)
{
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, &task_type, "labels");
    buf_add_text(&q->sql, " FROM task WHERE ");
}

static void ask_page(struct task_list *l)
{
    struct read_query q = {0};

    select_page(&q);
    buf_add_text(&q.sql, "(project, key, task_id) > ($1, $2, $11)");
    add_filter(&q.sql, l, search_unindexed);
    if (l->last.key != NULL)
        buf_add_text(&q.sql, " AND (project, key, task_id) <= ($9, $10, $12)");
    buf_add_text(&q.sql, " ORDER BY project, key, task_id LIMIT $8");
    add_params(&q, l);
    query_add_long(&q, (int64_t)l->limit + 1);
    query_add_text(&q, or_empty(l->last.project));
    query_add_text(&q, or_empty(l->last.key));
    query_add_uuid(&q, l->filter.task);
    query_add_uuid(&q, l->last.task_id);
    read_list(l->pool, &q, &task_type, "labels", l->limit,
              (struct read_reply){l->memory, page_rows, l});
}

/* --- how far a page looks --- */

static void scan_rows(void *ctx, const struct read_page *page)
{
    struct task_list *l = ctx;

    if (page->rc != RC_OK) {
        list_failed(l, &page->err);
        return;
    }
    if (page->count > 0)
        l->last = *(const struct found_row *)page->rows;
    ask_page(l);
}

static void ask_scan(struct task_list *l)
{
    struct read_query q = {0};

    buf_printf(
        &q.sql,
        "SELECT task_id, project, key FROM task WHERE (project, key, task_id) > ($1, $2, $4)%s"
        " ORDER BY project, key, task_id OFFSET %d LIMIT 1",
        l->filter.only_project != NULL ? " AND project = $3" : "", READ_TASK_SCAN_MAX - 1);
    query_add_text(&q, or_empty(l->filter.project));
    query_add_text(&q, or_empty(l->filter.key));
    query_add_text(&q, or_empty(l->filter.only_project));
    query_add_uuid(&q, l->filter.task);
    read_simple(l->pool, &q, &found_type, 1, (struct read_reply){l->memory, scan_rows, l});
}

/* --- by the index --- */

static void found_page(void *ctx, const struct read_page *page)
{
    struct task_list *l = ctx;
    const struct task_row *rows = page->rows;
    /* a page that ends early by its texts goes on behind its own last row */
    bool is_cut = page->rc == RC_OK && page->more && page->count > 0;

    l->out.page = *page;
    l->out.page.more = page->rc == RC_OK && (l->more || is_cut);
    if (is_cut)
        go_on_behind(l, &rows[page->count - 1]);
    else
        go_on_behind_found(l, &l->last);
    l->done(l->ctx, &l->out);
}

static void ask_found(struct task_list *l, const struct found_row *rows, size_t count)
{
    struct uuid *ids = arena_alloc(l->memory, l->limit * sizeof *ids);
    struct read_query q = {0};
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        if (!rows[i].is_behind)
            continue;
        l->more = taken == l->limit;
        if (l->more)
            break;
        l->last = rows[i];
        ids[taken++] = rows[i].task_id;
    }
    select_page(&q);
    buf_add_text(&q.sql, "task_id = ANY ($1) ORDER BY project, key, task_id");
    query_add_uuids(&q, ids, taken);
    read_list(l->pool, &q, &task_type, "labels", l->limit,
              (struct read_reply){l->memory, found_page, l});
}

/* The first row says that there is an index. Without it, or with too many that match, the tasks are walked. */
static void found_rows(void *ctx, const struct read_page *page)
{
    struct task_list *l = ctx;
    const struct found_row *rows = page->rows;

    if (page->rc != RC_OK)
        list_failed(l, &page->err);
    else if (page->count == 0 || page->count > SEARCH_FEW + 1)
        ask_scan(l);
    else
        ask_found(l, rows + 1, page->count - 1);
}

static void ask_index(struct task_list *l)
{
    struct read_query q = {0};

    buf_add_text(
        &q.sql,
        "WITH ready AS MATERIALIZED (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relname = '" SEARCH_INDEX
        "' AND c.relnamespace = current_schema()::regnamespace AND i.indisvalid)"
        " SELECT * FROM (SELECT NULL::uuid AS task_id, NULL::text AS project, NULL::text AS key, false AS behind FROM ready"
        " UNION ALL (SELECT task_id, project, key, (project, key, task_id) > ($1, $2, $8) FROM task WHERE EXISTS (SELECT FROM ready)");
    add_filter(&q.sql, l, "search");
    buf_printf(&q.sql, " LIMIT %d)) f ORDER BY task_id IS NOT NULL, project, key, task_id",
               SEARCH_FEW + 1);
    add_params(&q, l);
    query_add_uuid(&q, l->filter.task);
    read_simple(l->pool, &q, &found_type, SEARCH_FEW + 2,
                (struct read_reply){l->memory, found_rows, l});
}

static bool is_of_a_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The index knows words alone. Of a text without three letters or digits in a row it can tell nothing, and would be read whole. */
static bool has_trigram(const char *text)
{
    size_t len = strlen(text), in_a_row = 0;

    for (size_t at = 0; at < len && in_a_row < TRIGRAM;) {
        size_t step = MAX(utf8_char(text + at, len - at), (size_t)1);

        in_a_row = step > 1 || is_of_a_word(text[at]) ? in_a_row + 1 : 0;
        at += step;
    }
    return in_a_row == TRIGRAM;
}

void read_task_list(struct read_pool *p, const struct task_filter *filter, const char *q,
                    size_t limit, struct arena *memory, task_page_fn done, void *ctx)
{
    struct task_list *l = arena_alloc(memory, sizeof *l);

    *l = (struct task_list){.pool = p,
                            .filter = *filter,
                            .pattern = q != NULL ? pattern_of(q, memory) : NULL,
                            .limit = limit,
                            .memory = memory,
                            .done = done,
                            .ctx = ctx};
    if (q != NULL && has_trigram(q))
        ask_index(l);
    else if (q != NULL || filter->queue != NULL || filter->label != NULL)
        ask_scan(l);
    else
        ask_page(l);
}
