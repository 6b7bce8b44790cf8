/*
 * read_executions.c - a page of executions: which index leads, and the walk from leaf to leaf.
 *
 * Rules from measurement (docs/decisions/0031): a statement names its leaf and bounds the id from
 * above only; the lower end of a range is watched here. Two unknown bounds beside `task_id = $`
 * would make the planner read and sort. Where a part of the filter has no index, a first
 * statement finds the id that READ_SCAN_MAX rows further down has, and the second looks no
 * deeper.
 */
#include "store/read_executions.h"

#include <string.h>

#include "store/read_leaves.h"

enum lead { LEAD_KEY, LEAD_TASK, LEAD_MARKS, LEAD_TASK_MARKS, LEAD_QUEUE_OPEN, LEAD_OPEN };

#define BIT(status) (1u << (status))

enum {
    OPEN_STATUSES = BIT(STATUS_SUCCEEDED) - 1,
    MARKED_STATUSES = (BIT(STATUS_COUNT) - 1) & ~(BIT(STATUS_SUCCEEDED + 1) - 1),
};

struct walk {
    struct read_pool *pool;
    struct execution_filter filter;
    enum lead lead;
    bool has_rest;       /* a part of the filter that the leading index does not know */
    size_t limit, bytes; /* bytes: of texts so far */
    struct arena *memory;
    executions_fn done;
    void *ctx;
    struct leaf_list leaves;       /* the next one to read is the last */
    struct execution_place before; /* how far we are */
    struct uuid floor;             /* of the scan in the current leaf; nil: none asked for */
    struct execution_page out;
};

struct uuid execution_id_floor(usec_t t)
{
    struct uuid id = {0};
    int64_t ms = t <= 0 ? 0 : t / USEC_PER_MS;

    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
    return id;
}

/* --- which index leads --- */

static bool only(uint32_t statuses, uint32_t of)
{
    return statuses != 0 && (statuses & ~of) == 0;
}

static enum lead choose_lead(const struct execution_filter *f)
{
    bool has_task = !uuid_is_nil(f->task);

    if (only(f->statuses, MARKED_STATUSES))
        return has_task ? LEAD_TASK_MARKS : LEAD_MARKS;
    if (has_task)
        return LEAD_TASK;
    if (only(f->statuses, OPEN_STATUSES))
        return f->queue != NULL ? LEAD_QUEUE_OPEN : LEAD_OPEN;
    return LEAD_KEY;
}

static bool lead_knows_statuses(enum lead lead, uint32_t statuses)
{
    if (statuses == 0 || lead == LEAD_MARKS || lead == LEAD_TASK_MARKS)
        return true;
    return (lead == LEAD_QUEUE_OPEN || lead == LEAD_OPEN) && statuses == OPEN_STATUSES;
}

/* --- statements; parameters: $1 and $7 before, $2 limit, $3 task, $4 queue, $5 floor, $6 status set --- */

/* Anybody can make executions of many tasks under one id: the id alone is no order. Behind an index that ends with the id the server
   sorts those of one id, and nothing else. */
#define NEWEST_FIRST " ORDER BY execution_id DESC, task_id DESC LIMIT $2"

static void add_lead(struct buf *sql, enum lead lead, int mark)
{
    switch (lead) {
    case LEAD_TASK:
        buf_add_text(sql, "task_id = $3 AND ");
        break;
    case LEAD_MARKS:
        buf_printf(sql, "mark = %d AND ", mark);
        break;
    case LEAD_TASK_MARKS:
        buf_printf(sql, "task_id = $3 AND mark = %d AND ", mark);
        break;
    case LEAD_QUEUE_OPEN:
        buf_add_text(sql, "queue = $4 AND open AND ");
        break;
    case LEAD_OPEN:
        buf_add_text(sql, "queue = o.queue AND open AND ");
        break;
    case LEAD_KEY:
        break;
    }
    buf_add_text(sql, "(execution_id, task_id) < ($1, $7)");
}

static void add_rest(struct buf *sql, const struct walk *w)
{
    if (!w->has_rest)
        return;
    buf_add_text(sql, " AND execution_id >= $5");
    if (w->filter.queue != NULL && w->lead != LEAD_QUEUE_OPEN)
        buf_add_text(sql, " AND queue = $4");
    if (!lead_knows_statuses(w->lead, w->filter.statuses))
        buf_add_text(sql, " AND (1 << status) & $6 <> 0");
}

/* Every queue that has something open, by skipping through the index (queue, execution_id) WHERE
   open. */
static void add_open_queues(struct buf *sql, const char *leaf)
{
    buf_printf(
        sql,
        "WITH RECURSIVE open_queue AS ((SELECT queue FROM %s WHERE open ORDER BY queue LIMIT 1)"
        " UNION ALL SELECT (SELECT l.queue FROM %s l WHERE l.open AND l.queue > o.queue"
        " ORDER BY l.queue LIMIT 1) FROM open_queue o WHERE o.queue IS NOT NULL)"
        " SELECT newest.* FROM open_queue o, LATERAL (",
        leaf, leaf);
}

static void add_select(struct read_query *q, const struct walk *w, const char *leaf, int mark,
                       bool whole)
{
    if (w->lead == LEAD_OPEN)
        add_open_queues(&q->sql, leaf);
    buf_add_text(&q->sql, "SELECT ");
    if (whole)
        query_columns(q, &execution_type, "payload");
    else
        buf_add_text(&q->sql, "execution_id, task_id");
    buf_printf(&q->sql, " FROM %s WHERE ", leaf);
    add_lead(&q->sql, w->lead, mark);
    if (whole)
        add_rest(&q->sql, w);
    buf_add_text(&q->sql, NEWEST_FIRST);
    if (w->lead == LEAD_OPEN)
        buf_add_text(&q->sql, ") newest" NEWEST_FIRST);
}

/* Several marks: the newest of each, then the newest of those. */
static void add_selects(struct read_query *q, const struct walk *w, const char *leaf, bool whole)
{
    const char *glue = "SELECT * FROM ((";

    if (w->lead != LEAD_MARKS && w->lead != LEAD_TASK_MARKS) {
        add_select(q, w, leaf, 0, whole);
        return;
    }
    for (int mark = STATUS_SUCCEEDED + 1; mark < STATUS_COUNT; mark++) {
        if ((w->filter.statuses & BIT(mark)) == 0)
            continue;
        buf_add_text(&q->sql, glue);
        add_select(q, w, leaf, mark, whole);
        glue = ") UNION ALL (";
    }
    buf_add_text(&q->sql, ")) newest" NEWEST_FIRST);
}

static void add_params(struct read_query *q, const struct walk *w, size_t limit)
{
    query_add_uuid(q, w->before.execution);
    query_add_long(q, (int64_t)limit);
    query_add_uuid(q, w->filter.task);
    query_add_text(q, w->filter.queue != NULL ? w->filter.queue : "");
    query_add_uuid(q, w->floor);
    query_add_int(q, (int32_t)w->filter.statuses);
    query_add_uuid(q, w->before.task);
}

/* --- the walk --- */

static void next_leaf(struct walk *w);

static void walk_done(struct walk *w, bool more)
{
    w->out.page.more = more;
    w->out.next = w->before;
    w->done(w->ctx, &w->out);
}

static void walk_failed(struct walk *w, const struct error *err)
{
    w->out.page = (struct read_page){.rc = RC_RETRY, .err = *err};
    w->done(w->ctx, &w->out);
}

/* Drops rows that lie before the range; true when the range is exhausted. */
static bool cut_at_start(struct walk *w)
{
    const struct execution_row *rows = w->out.page.rows;
    struct uuid start = execution_id_floor(w->filter.from);
    bool cut = false;

    while (w->out.page.count > 0 &&
           uuid_order(rows[w->out.page.count - 1].execution_id, start) < 0) {
        w->out.page.count--;
        cut = true;
    }
    return cut;
}

static struct execution_place place_of(const struct execution_row *row)
{
    return (struct execution_place){row->execution_id, row->task_id};
}

static void page_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;
    struct read_page *page = &w->out.page;
    size_t wanted = w->limit - page->count;
    struct error why;

    if (r == NULL && !missing) {
        walk_failed(w, err);
        return;
    }
    if (missing)
        leaves_forget(w->pool);
    if (r != NULL &&
        read_rows(r, &execution_type, w->memory, &page->rows, &page->count, &why) != RC_OK) {
        walk_failed(w, &why);
        return;
    }
    if (cut_at_start(w)) {
        walk_done(w, false);
        return;
    }
    if (page->count > 0)
        w->before = place_of((const struct execution_row *)page->rows + page->count - 1);
    if (r != NULL)
        w->bytes += read_bytes(r, &execution_type);
    if (page->count >= w->limit || w->bytes >= READ_PAGE_BYTES) {
        walk_done(w, true);
        return;
    }
    if (w->has_rest && r != NULL && !uuid_is_nil(w->floor) && (size_t)PQntuples(r) < wanted) {
        /* all down to it has been looked at */
        w->before = (struct execution_place){.execution = w->floor};
        walk_done(w, true);
        return;
    }
    w->leaves.count--;
    next_leaf(w);
}

static void ask_page(struct walk *w)
{
    struct read_query q = {0};
    const struct leaf *leaf = &w->leaves.items[w->leaves.count - 1];

    add_selects(&q, w, leaf->name, true);
    query_cut(&q, &execution_type, "payload");
    add_params(&q, w, w->limit - w->out.page.count);
    read_submit(w->pool, &q, page_rows, w);
}

/* The rows are the ids of the next READ_SCAN_MAX in the leaf; only the last one matters. */
static void floor_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;

    if (r == NULL && !missing) {
        walk_failed(w, err);
        return;
    }
    w->floor = UUID_NIL; /* fewer than that: to the leaf's end */
    if (r != NULL && PQntuples(r) > 0)
        memcpy(&w->floor, PQgetvalue(r, 0, 0), sizeof w->floor);
    ask_page(w);
}

static void ask_floor(struct walk *w)
{
    struct read_query q = {0};
    const struct leaf *leaf = &w->leaves.items[w->leaves.count - 1];

    w->floor = UUID_NIL;
    buf_add_text(&q.sql, "WITH scanned AS MATERIALIZED (");
    add_selects(&q, w, leaf->name, false);
    buf_printf(&q.sql,
               ") SELECT execution_id FROM scanned WHERE (SELECT count(*) FROM scanned) = %d"
               " ORDER BY execution_id LIMIT 1",
               READ_SCAN_MAX);
    add_params(&q, w, READ_SCAN_MAX);
    read_submit(w->pool, &q, floor_rows, w);
}

static void next_leaf(struct walk *w)
{
    struct uuid from = execution_id_floor(w->filter.from);

    if (w->leaves.count == 0 || uuid_order(w->before.execution, from) < 0)
        walk_done(w, false);
    else if (w->has_rest)
        ask_floor(w);
    else
        ask_page(w);
}

static void walk_leaves(void *ctx, const struct leaf_list *list, const struct error *err)
{
    struct walk *w = ctx;

    if (list == NULL) {
        walk_failed(w, err);
        return;
    }
    w->leaves = *list;
    next_leaf(w);
}

void read_executions(struct read_pool *p, const struct execution_filter *filter, size_t limit,
                     struct arena *memory, executions_fn done, void *ctx)
{
    struct walk *w = arena_alloc(memory, sizeof *w);
    usec_t until = (execution_id_ms(filter->before.execution) + 1) * USEC_PER_MS;

    *w = (struct walk){
        .pool = p, .filter = *filter, .limit = limit, .memory = memory, .done = done, .ctx = ctx};
    w->lead = choose_lead(filter);
    w->has_rest = !lead_knows_statuses(w->lead, filter->statuses) ||
                  (filter->queue != NULL && w->lead != LEAD_QUEUE_OPEN);
    w->before = filter->before;
    leaves_find(p, (struct leaf_range){"execution", filter->from, until}, memory, walk_leaves, w);
}

/* --- one execution --- */

/* Of several that are made under one id, which the scheduler never does: its own, then the one of the lowest task. */
static void add_made_first(struct buf *sql)
{
    buf_printf(sql, " ORDER BY created_attempt IS NULL, trigger = %d, task_id LIMIT 1",
               TRIGGER_EXTERNAL);
}

void query_made_task(struct buf *sql, struct uuid id)
{
    struct leaf leaf;

    leaf_of("execution", execution_id_ms(id) * USEC_PER_MS, &leaf);
    buf_printf(sql, "(SELECT task_id FROM %s WHERE execution_id = $1", leaf.name);
    add_made_first(sql);
    buf_add_char(sql, ')');
}

/* The statement "SELECT <all of type> FROM <leaf> WHERE execution_id = $1". */
static void select_by_id(struct read_query *q, const struct row_type *type, struct uuid id)
{
    struct leaf leaf;

    leaf_of(type->table, execution_id_ms(id) * USEC_PER_MS, &leaf);
    buf_add_text(&q->sql, "SELECT ");
    query_columns(q, type, NULL);
    buf_printf(&q->sql, " FROM %s WHERE execution_id = $1", leaf.name);
    query_add_uuid(q, id);
}

/* Those of the made execution: the same id under another task is another one. */
static void select_of_made(struct read_query *q, const struct row_type *type, struct uuid id)
{
    select_by_id(q, type, id);
    buf_add_text(&q->sql, " AND task_id = ");
    query_made_task(&q->sql, id);
}

void read_execution(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_by_id(&q, &execution_type, id);
    add_made_first(&q.sql);
    read_simple(p, &q, &execution_type, 1, reply);
}

void read_heartbeat(struct read_pool *p, struct uuid id, struct read_reply reply)
{
    struct read_query q = {0};

    select_of_made(&q, &heartbeat_type, id);
    read_simple(p, &q, &heartbeat_type, 1, reply);
}

void read_events(struct read_pool *p, struct uuid id, int64_t after_offset, size_t limit,
                 struct read_reply reply)
{
    struct read_query q = {0};

    select_of_made(&q, &event_type, id);
    buf_add_text(&q.sql, " AND kafka_offset > $2 ORDER BY kafka_offset LIMIT $3");
    query_add_long(&q, after_offset);
    query_add_long(&q, (int64_t)limit + 1);
    read_list(p, &q, &event_type, NULL, limit, reply);
}
