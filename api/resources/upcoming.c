#include <stdlib.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/exchange/view.h"
#include "api/resources/resources.h"
#include "api/resources/skips.h"
#include "api/resources/timeline_of.h"
#include "base/clock.h"
#include "model/skip_next.h"
#include "store/read_tasks.h"

/*
 * Upcoming instants are worked out here, by the code that the scheduler uses too, from the specs
 * in the database. The list of all tasks reads them page by page and looks at them in slices, so
 * that other requests come in between; it looks at TASKS_MAX active ones at most, and says so when
 * there are more. A task that is known to be due later than all that fit is not looked at, and
 * nothing is kept of one that has no instant among them. What is to be skipped is asked for first, of all tasks at once: it is little.
 */

enum { TASKS_AT_ONCE = 200, TASKS_MAX = 10000 };

#define SPAN_DEFAULT (366 * USEC_PER_DAY)

struct named_task { /* what is kept of one */
    struct uuid id;
    const char *project, *key, *title;
};

struct instant {
    const struct named_task *task;
    const char *zone;
    struct occurrence at;
    bool is_skipped; /* it is to be */
    const struct skip_wish *wish;
};

struct upcoming_request {
    struct api *api;
    struct http_exchange *x;
    bool is_of_one;
    struct task_ref task;
    struct skips skips;
    bool has_all_skips;
    usec_t now, from, to; /* (from, to] */
    size_t limit;
    struct instant *items; /* the earliest `limit`, sorted */
    size_t count;
    struct task_filter filter;
    size_t tasks;        /* looked at */
    struct arena *chunk; /* of the rows in hand */
    struct read_page page;
    size_t at; /* in it */
};

static int instant_order(const struct instant *a, const struct instant *b)
{
    if (a->at.due != b->at.due)
        return a->at.due < b->at.due ? -1 : 1;
    return uuid_order(a->task->id, b->task->id);
}

/* Puts it where it belongs: it is among the earliest. */
static void insert(struct upcoming_request *r, struct instant one)
{
    size_t at = r->count;

    if (r->count < r->limit)
        r->count++;
    else
        at--;
    while (at > 0 && instant_order(&one, &r->items[at - 1]) < 0) {
        r->items[at] = r->items[at - 1];
        at--;
    }
    r->items[at] = one;
}

/* Whether it may have an instant that fits, for all that is known without reading its spec. */
static bool may_fit(const struct upcoming_request *r, const struct task_row *row)
{
    usec_t next;

    if (row->state != TASK_ACTIVE)
        return false;
    if (!next_cache_find(r->api->next, row->task_id, row->revision, r->from, &next))
        return true;
    return next <= r->to && (r->count < r->limit || next <= r->items[r->count - 1].at.due);
}

static const struct named_task *keep_names(const struct upcoming_request *r,
                                           const struct task_row *row)
{
    struct arena *memory = http_memory(r->x);
    struct named_task *t = arena_alloc(memory, sizeof *t);

    t->id = row->task_id;
    t->project = arena_strdup(memory, row->project);
    t->key = arena_strdup(memory, row->key);
    t->title = row->title == NULL ? NULL : arena_strdup(memory, row->title);
    return t;
}

/* What is past is decided, and has its execution. */
static void judge(const struct upcoming_request *r, const struct timeline *t, struct instant *one)
{
    usec_t until = skips_until(&r->skips, one->task->id);

    one->is_skipped = one->at.due > r->now && skip_next_covers(until, one->at.at);
    one->wish = one->is_skipped
                    ? skips_wish(&r->skips, one->task->id, skip_next_count(t, one->at.at, until))
                    : NULL;
}

static void add_instants(struct upcoming_request *r, const struct task_row *row,
                         const struct timeline *t)
{
    const struct named_task borrowed = {row->task_id, row->project, row->key, row->title};
    struct instant one = {.task = &borrowed};
    usec_t after = timeline_start(t, row, r->from);
    bool is_first = true;

    while (timeline_next(t, after, &one.at) == RC_OK) {
        if (is_first)
            next_cache_put(r->api->next, row->task_id, row->revision, r->from, one.at.due);
        is_first = false;
        if (one.at.due > r->to ||
            (r->count == r->limit && instant_order(&one, &r->items[r->count - 1]) >= 0))
            return;
        if (one.task == &borrowed)
            one.task = keep_names(r, row);
        if (one.zone == NULL || strcmp(one.zone, timeline_zone(t, &one.at)) != 0)
            one.zone = arena_strdup(http_memory(r->x), timeline_zone(t, &one.at));
        judge(r, t, &one);
        insert(r, one);
        after = one.at.at;
    }
    if (is_first)
        next_cache_put(r->api->next, row->task_id, row->revision, r->from, USEC_MAX);
}

static void add_task(struct upcoming_request *r, const struct task_row *row)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(timeline) struct timeline *t = NULL;

    if (may_fit(r, row) &&
        timeline_of_spec(row->spec, row->task_id, r->api->zones, memory, &t, NULL) == RC_OK)
        add_instants(r, row, t);
}

static void put_instant(struct json *j, const struct instant *one)
{
    json_open_object(j);
    json_add_uuid(j, "task_id", one->task->id);
    json_add_text(j, "project", one->task->project);
    json_add_text(j, "key", one->task->key);
    if (one->task->title != NULL)
        json_add_text(j, "title", one->task->title);
    json_add_instant(j, "scheduled_at", one->at.at);
    json_add_instant(j, "due_at", one->at.due);
    view_local(j, "local", one->at.at, one->at.offset);
    json_add_text(j, "zone", one->zone);
    json_add_text(j, "dst", enum_name(&dst_enum, (int)one->at.dst));
    if (one->is_skipped)
        skip_member(j, one->wish);
    json_close_object(j);
}

static void answer_instants(struct upcoming_request *r, const char *state, bool complete)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    if (state != NULL)
        json_add_text(&j, "state", state);
    json_add_instant(&j, "from", r->from);
    json_add_bool(&j, "complete", complete && r->has_all_skips);
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->count; i++)
        put_instant(&j, &r->items[i]);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

static void on_one(void *ctx, const struct read_page *page)
{
    struct upcoming_request *r = ctx;
    const struct task_row *row = page->rows;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->x, "task", http_param(r->x, "task"));
        return;
    }
    add_task(r, row);
    answer_instants(r, enum_name(&task_state_enum, row->state), true);
}

static void read_more(struct upcoming_request *r);

/* The rows in hand are done with. */
static void end_chunk(struct upcoming_request *r)
{
    const struct task_row *rows = r->page.rows;
    bool is_last = !r->page.more || r->tasks >= TASKS_MAX;

    if (!is_last) {
        r->filter.project = arena_strdup(http_memory(r->x), rows[r->page.count - 1].project);
        r->filter.key = arena_strdup(http_memory(r->x), rows[r->page.count - 1].key);
        r->filter.task = rows[r->page.count - 1].task_id;
    }
    arena_free(TAKE(r->chunk));
    if (is_last)
        answer_instants(r, NULL, !r->page.more);
    else
        read_more(r);
}

static bool look_at_one(void *ctx)
{
    struct upcoming_request *r = ctx;
    const struct task_row *rows = r->page.rows;

    if (r->at < r->page.count)
        add_task(r, &rows[r->at++]);
    if (r->at < r->page.count)
        return true;
    end_chunk(r);
    return false;
}

static void on_all(void *ctx, const struct read_page *page)
{
    struct upcoming_request *r = ctx;
    struct arena *chunk = r->chunk; /* r is gone with the answer */

    if (answer_read_failed(r->x, page)) {
        arena_free(chunk); /* not before: without it there may be memory again, and no answer */
        return;
    }
    r->page = *page;
    r->at = 0;
    r->tasks += page->count;
    slices_run(r->api->slices, look_at_one, r);
}

static void read_more(struct upcoming_request *r)
{
    r->chunk = http_arena_new(r->x);
    read_tasks(r->api->reads, &r->filter, TASKS_AT_ONCE, (struct read_reply){r->chunk, on_all, r});
}

static enum rc read_request(struct upcoming_request *r, struct error *err)
{
    r->now = r->from = clock_realtime();
    TRY(param_instant(r->x, "from", &r->from, err));
    r->to = r->from + SPAN_DEFAULT;
    TRY(param_instant(r->x, "to", &r->to, err));
    if (r->to < r->from || r->to - r->from > SPAN_DEFAULT)
        return error_set(err, RC_INVALID, "from, to: the range is not 0 to 366 days long");
    TRY(param_limit(r->x, &r->limit, err));
    r->items = arena_alloc(http_memory(r->x), r->limit * sizeof *r->items);
    return RC_OK;
}

static struct upcoming_request *request_new(struct http_exchange *x, void *ctx)
{
    struct upcoming_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->api = api_of(ctx);
    r->x = x;
    return r;
}

static void on_skips(void *ctx, const struct read_page *page)
{
    struct upcoming_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->skips = skips_of(page);
    r->has_all_skips = !page->more;
    if (r->is_of_one)
        read_task(r->api->reads, r->task.id, (struct read_reply){http_memory(r->x), on_one, r});
    else
        read_more(r);
}

void task_upcoming(struct http_exchange *x, void *ctx)
{
    struct upcoming_request *r = request_new(x, ctx);
    struct error err;

    r->is_of_one = true;
    if (param_task(x, &r->task, &err) != RC_OK || read_request(r, &err) != RC_OK)
        answer_error(x, &err);
    else
        skips_read(r->api, &r->task.id, 1, r->now,
                   (struct read_reply){http_memory(x), on_skips, r});
}

void all_upcoming(struct http_exchange *x, void *ctx)
{
    struct upcoming_request *r = request_new(x, ctx);
    struct error err;

    r->filter =
        (struct task_filter){.states = 1u << TASK_ACTIVE, .only_project = http_query(x, "project")};
    if (read_request(r, &err) != RC_OK)
        answer_error(x, &err);
    else
        skips_read(r->api, NULL, 0, r->now, (struct read_reply){http_memory(x), on_skips, r});
}
