/*
 * read_executions.c - a page of executions: which index leads, and the walk from leaf to leaf.
 *
 * Rules from measurement (docs/decisions/0031): a statement names its leaves and bounds the id on
 * the side it comes from only; the other end of a range is watched here. Two unknown bounds beside
 * `task_id = $` would make the planner read and sort. Where a part of the filter has no index, a
 * first statement counts the rows on the way, up to what is left of READ_SCAN_MAX for the page, and the
 * second looks no further.
 */
#include "store/read_executions.h"

#include <string.h>

#include "base/rfc3339.h"
#include "store/read_leaves.h"

enum lead {
    LEAD_KEY,
    LEAD_TASK,
    LEAD_MARKS,
    LEAD_TASK_MARKS,
    LEAD_QUEUE_OPEN,
    LEAD_OPEN,
    LEAD_PROBLEMS, /* marks and what is open together */
};

#define BIT(status) (1u << (status))

enum {
    SELECTS_AT_ONCE = 24, /* of a statement: planning it costs more than the ways that it saves */
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
    struct leaf_list leaves; /* those that are left */
    size_t together;         /* so many of them, the next ones, are asked at once */
    bool is_begun, one_by_one;
    struct execution_place at; /* how far we are */
    struct uuid end;           /* of the range: the first id that does not count any more */
    int64_t budget;            /* rows that may still be looked at */
    struct uuid scanned;       /* to there, in the current leaves */
    bool is_cut;               /* the scan: there is more of them behind it */
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
    uint32_t wanted = f->statuses | (f->late_before != 0 ? BIT(STATUS_PENDING) : 0);

    if (only(wanted, MARKED_STATUSES))
        return has_task ? LEAD_TASK_MARKS : LEAD_MARKS;
    if (has_task)
        return LEAD_TASK;
    if (only(wanted, OPEN_STATUSES))
        return f->queue != NULL ? LEAD_QUEUE_OPEN : LEAD_OPEN;
    return only(wanted, OPEN_STATUSES | MARKED_STATUSES) ? LEAD_PROBLEMS : LEAD_KEY;
}

/* Whether the index finds just those statuses. */
static bool lead_knows_statuses(enum lead lead, const struct execution_filter *f)
{
    bool is_any = f->statuses == 0 && f->late_before == 0;

    if (is_any || lead == LEAD_MARKS || lead == LEAD_TASK_MARKS)
        return true;
    if (lead == LEAD_PROBLEMS)
        return (f->statuses & OPEN_STATUSES) == OPEN_STATUSES;
    return (lead == LEAD_QUEUE_OPEN || lead == LEAD_OPEN) && f->statuses == OPEN_STATUSES;
}

static bool has_rest(enum lead lead, const struct execution_filter *f)
{
    return !lead_knows_statuses(lead, f) || (f->queue != NULL && lead != LEAD_QUEUE_OPEN) ||
           f->reasons != 0 || f->triggers != 0;
}

/* --- statements; parameters: $1 where we are, $2 limit, $3 task, $4 queue, $5 end of the scan, $6 statuses, $7 late before,
   $8 reasons, $9 triggers, $10 where we are: the task --- */

/*
 * Anybody can make executions of many tasks under one id: the id alone is no order. Behind an index that ends with the id the
 * server sorts those of one id, and nothing else.
 */

static void add_lead(struct buf *sql, const struct walk *w, enum lead lead, int mark)
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
    case LEAD_PROBLEMS:
    case LEAD_KEY:
        break;
    }
    buf_printf(sql, "(execution_id, task_id) %c ($1, $10)", w->filter.ascending ? '>' : '<');
}

static void add_statuses(struct buf *sql, const struct walk *w)
{
    if (lead_knows_statuses(w->lead, &w->filter))
        return;
    buf_add_text(sql, " AND ((1 << status) & $6 <> 0");
    if (w->filter.late_before != 0)
        buf_printf(sql, " OR status = %d AND due_at < $7", STATUS_PENDING);
    buf_add_char(sql, ')');
}

static void add_rest(struct buf *sql, const struct walk *w)
{
    if (!w->has_rest)
        return;
    buf_printf(sql, " AND execution_id %s $5", w->filter.ascending ? "<=" : ">=");
    if (w->filter.queue != NULL && w->lead != LEAD_QUEUE_OPEN)
        buf_add_text(sql, " AND queue = $4");
    add_statuses(sql, w);
    if (w->filter.reasons != 0)
        buf_add_text(sql, " AND (1 << reason) & $8 <> 0");
    if (w->filter.triggers != 0)
        buf_add_text(sql, " AND (1 << trigger) & $9 <> 0");
}

static const char *order(const struct walk *w)
{
    return w->filter.ascending ? " ORDER BY execution_id, task_id LIMIT $2"
                               : " ORDER BY execution_id DESC, task_id DESC LIMIT $2";
}

struct selects { /* of one statement */
    struct read_query *query;
    const struct walk *walk;
    bool whole; /* all columns */
    const char *glue;
};

static void add_select(struct selects *s, enum lead lead, int mark, const char *leaf)
{
    struct read_query *q = s->query;
    const struct walk *w = s->walk;

    buf_add_text(&q->sql, s->glue);
    s->glue = ") UNION ALL (";
    if (lead == LEAD_OPEN)
        query_open_queues(&q->sql, leaf);
    buf_add_text(&q->sql, "SELECT ");
    if (s->whole)
        query_columns(q, &execution_type, "payload");
    else
        buf_add_text(&q->sql, "execution_id, task_id");
    buf_printf(&q->sql, " FROM %s WHERE ", leaf);
    add_lead(&q->sql, w, lead, mark);
    if (s->whole)
        add_rest(&q->sql, w);
    buf_add_text(&q->sql, order(w));
    if (lead == LEAD_OPEN)
        buf_printf(&q->sql, ") one%s", order(w));
}

static bool is_by_mark(enum lead lead)
{
    return lead == LEAD_MARKS || lead == LEAD_TASK_MARKS || lead == LEAD_PROBLEMS;
}

/* Of problems with a mark nothing is left to be looked at, only of what is open. */
static bool is_known_by_mark(const struct execution_filter *f)
{
    return f->queue == NULL && f->reasons == 0 && f->triggers == 0;
}

static void add_selects_of(struct selects *s, const char *leaf)
{
    const struct execution_filter *f = &s->walk->filter;
    enum lead lead = s->walk->lead;

    if (!is_by_mark(lead)) {
        add_select(s, lead, 0, leaf);
        return;
    }
    for (int mark = STATUS_SUCCEEDED + 1; mark < STATUS_COUNT; mark++)
        if ((f->statuses & BIT(mark)) != 0 && (s->whole || !is_known_by_mark(f)))
            add_select(s, lead == LEAD_PROBLEMS ? LEAD_MARKS : lead, mark, leaf);
    if (lead == LEAD_PROBLEMS)
        add_select(s, f->queue != NULL ? LEAD_QUEUE_OPEN : LEAD_OPEN, 0, leaf);
}

/* Several leaves, several indexes, or several places in one: the first ones of each, then the first ones of those. */
static void add_selects(struct read_query *q, const struct walk *w, bool whole)
{
    bool is_one = w->together == 1 && !is_by_mark(w->lead);
    struct selects s = {q, w, whole, is_one ? "" : "SELECT * FROM (("};

    for (size_t i = 0; i < w->together; i++)
        add_selects_of(&s, w->leaves.items[i].name);
    if (!is_one)
        buf_printf(&q->sql, ")) all_of%s", order(w));
}

static void add_params(struct read_query *q, const struct walk *w, size_t limit)
{
    query_add_uuid(q, w->at.execution);
    query_add_long(q, (int64_t)limit);
    query_add_uuid(q, w->filter.task);
    query_add_text(q, w->filter.queue != NULL ? w->filter.queue : "");
    query_add_uuid(q, w->scanned);
    query_add_int(q, (int32_t)w->filter.statuses);
    query_add_time(q, w->filter.late_before);
    query_add_int(q, (int32_t)w->filter.reasons);
    query_add_int(q, (int32_t)w->filter.triggers);
    query_add_uuid(q, w->at.task);
}

/* --- the walk --- */

static void next_leaves(struct walk *w);

static void walk_done(struct walk *w, bool more)
{
    w->out.page.more = more;
    w->out.next = w->at;
    w->done(w->ctx, &w->out);
}

static void walk_failed(struct walk *w, const struct error *err)
{
    w->out.page = (struct read_page){.rc = RC_RETRY, .err = *err};
    w->done(w->ctx, &w->out);
}

static bool is_past_end(const struct walk *w, struct uuid id)
{
    int order = uuid_order(id, w->end);

    return w->filter.ascending ? order >= 0 : order < 0;
}

/* Drops rows that lie outside of the range; true when it is exhausted. */
static bool cut_at_end(struct walk *w)
{
    const struct execution_row *rows = w->out.page.rows;
    bool cut = false;

    while (w->out.page.count > 0 && is_past_end(w, rows[w->out.page.count - 1].execution_id)) {
        w->out.page.count--;
        cut = true;
    }
    return cut;
}

static void pass_leaves(struct walk *w)
{
    w->leaves.items += w->together;
    w->leaves.count -= w->together;
    next_leaves(w);
}

static struct uuid last_id(bool ascending)
{
    struct uuid id;

    memset(id.b, ascending ? 0xff : 0, sizeof id.b);
    return id;
}

static struct execution_place place_of(const struct execution_row *row)
{
    return (struct execution_place){row->execution_id, row->task_id};
}

/* A leaf has gone; of several that were asked it is not known which. */
static void leaf_is_gone(struct walk *w)
{
    leaves_forget(w->pool);
    if (w->together == 1) {
        pass_leaves(w);
        return;
    }
    w->one_by_one = true;
    next_leaves(w);
}

static void take_rows(struct walk *w, const PGresult *r)
{
    struct read_page *page = &w->out.page;

    if (page->count > 0)
        w->at = place_of((const struct execution_row *)page->rows + page->count - 1);
    w->bytes += read_bytes(r, &execution_type);
    if (page->count >= w->limit || w->bytes >= READ_PAGE_BYTES) {
        walk_done(w, true);
    } else if (w->is_cut) {
        /* all on the way to it has been looked at */
        w->at = (struct execution_place){w->scanned, last_id(w->filter.ascending)};
        walk_done(w, true);
    } else {
        pass_leaves(w);
    }
}

static void page_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    struct walk *w = ctx;
    struct read_page *page = &w->out.page;
    struct error why;

    if (missing)
        leaf_is_gone(w);
    else if (r == NULL)
        walk_failed(w, err);
    else if (read_rows(r, &execution_type, w->memory, &page->rows, &page->count, &why) != RC_OK)
        walk_failed(w, &why);
    else if (cut_at_end(w))
        walk_done(w, false);
    else
        take_rows(w, r);
}

static void ask_page(struct walk *w)
{
    struct read_query q = {0};

    add_selects(&q, w, true);
    query_cut(&q, &execution_type, "payload");
    add_params(&q, w, w->limit - w->out.page.count);
    read_submit(w->pool, &q, page_rows, w);
}

/* The one row: how many there are, and the id of the last of them where that is all that may be looked at. */
static void scan_rows(void *ctx, const PGresult *r, bool missing, const struct error *err)
{
    static const struct column rows_column = {.name = "rows", .type = COLUMN_LONG};
    struct walk *w = ctx;
    struct error why;
    int64_t rows = 0;

    if (missing) {
        leaf_is_gone(w);
    } else if (r == NULL) {
        walk_failed(w, err);
    } else if (value_get(&rows_column, pg_value(r, 0, 0), NULL, &rows, &why) != RC_OK) {
        walk_failed(w, &why);
    } else {
        w->budget -= rows;
        w->is_cut = !PQgetisnull(r, 0, 1);
        if (w->is_cut)
            memcpy(&w->scanned, PQgetvalue(r, 0, 1), sizeof w->scanned);
        ask_page(w);
    }
}

static void ask_scan(struct walk *w)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "WITH scanned AS MATERIALIZED (");
    add_selects(&q, w, false);
    buf_printf(
        &q.sql,
        "), found AS MATERIALIZED (SELECT count(*) AS rows FROM scanned) SELECT rows,"
        " (SELECT execution_id FROM scanned WHERE rows = $2 ORDER BY execution_id%s LIMIT 1) FROM found",
        w->filter.ascending ? " DESC" : "");
    add_params(&q, w, (size_t)w->budget);
    read_submit(w->pool, &q, scan_rows, w);
}

static int month_of(const struct leaf *leaf)
{
    struct civil c = civil_of(leaf->from);

    return c.year * 12 + c.month - 1;
}

/*
 * The first leaf alone, since most pages end in it; behind it those of a year at once, or of a quarter: what is rare lies in many
 * leaves, and with a statement for each its page would cost what the history is old. The sets are those of the calendar, so that a
 * session prepares few statements.
 */
static size_t leaves_at_once(const struct walk *w)
{
    int selects = is_by_mark(w->lead) ? __builtin_popcount(w->filter.statuses) : 1;
    int months = selects * 12 <= SELECTS_AT_ONCE ? 12 : 3;
    size_t n = 1;

    if (!w->is_begun || w->one_by_one)
        return 1;
    while (n < w->leaves.count &&
           month_of(&w->leaves.items[n]) / months == month_of(w->leaves.items) / months)
        n++;
    return n;
}

static void next_leaves(struct walk *w)
{
    w->is_cut = false;
    w->scanned = last_id(w->filter.ascending);
    if (w->leaves.count == 0 || (w->filter.ascending && is_past_end(w, w->at.execution)) ||
        (!w->filter.ascending && uuid_order(w->at.execution, w->end) < 0)) {
        walk_done(w, false);
        return;
    }
    w->together = leaves_at_once(w);
    w->is_begun = true;
    if (w->has_rest)
        ask_scan(w);
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
    if (!w->filter.ascending)
        for (size_t i = 0; i < list->count / 2; i++) {
            struct leaf one = list->items[i];

            list->items[i] = list->items[list->count - 1 - i];
            list->items[list->count - 1 - i] = one;
        }
    next_leaves(w);
}

static usec_t time_of(struct uuid id)
{
    return execution_id_ms(id) * USEC_PER_MS;
}

/* The id next below that of an instant. */
static struct uuid uuid_before(struct uuid floor)
{
    struct uuid id = execution_id_floor(time_of(floor) - USEC_PER_MS);

    if (!uuid_is_nil(floor))
        memset(id.b + 6, 0xff, sizeof id.b - 6);
    return id;
}

/* Nobody is late who was scheduled after: an instant of the schedule is due then or later. */
static struct execution_place highest(const struct execution_filter *f)
{
    struct execution_place late = {.execution = execution_id_floor(f->late_before)};
    bool is_late_only = f->late_before != 0 && f->statuses == 0;

    return is_late_only && uuid_order(late.execution, f->before.execution) < 0 ? late : f->before;
}

void read_executions(struct read_pool *p, const struct execution_filter *filter, size_t limit,
                     struct arena *memory, executions_fn done, void *ctx)
{
    struct walk *w = arena_alloc(memory, sizeof *w);
    struct uuid lowest = execution_id_floor(filter->from);
    struct leaf_range range = {"execution", filter->from, 0};

    *w = (struct walk){.pool = p,
                       .filter = *filter,
                       .limit = limit,
                       .memory = memory,
                       .done = done,
                       .ctx = ctx,
                       .budget = READ_SCAN_MAX};
    w->lead = choose_lead(filter);
    w->has_rest = has_rest(w->lead, filter);
    w->end = filter->ascending ? highest(filter).execution : lowest;
    w->at = filter->ascending ? (struct execution_place){.execution = uuid_before(lowest)}
                              : highest(filter);
    if (filter->ascending && uuid_order(filter->after.execution, w->at.execution) > 0)
        w->at = filter->after;
    range.from = MAX(range.from, filter->ascending ? time_of(w->at.execution) : 0);
    range.to = time_of(filter->ascending ? w->end : w->at.execution) + USEC_PER_MS;
    if (w->lead == LEAD_OPEN || w->lead == LEAD_QUEUE_OPEN)
        leaves_find_open(p, range, memory, walk_leaves, w);
    else
        leaves_find(p, range, memory, walk_leaves, w);
}
