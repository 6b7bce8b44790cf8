#include <string.h>

#include "api/exchange/cursor.h"
#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/exchange/view.h"
#include "api/resources/resources.h"
#include "api/resources/timeline_of.h"
#include "base/clock.h"
#include "store/read_tasks.h"

#define BIT(state) (1u << (state))

struct task_request {
    struct api *api;
    struct http_exchange *x;
    struct task_ref task;
    const struct task_row *row; /* of the one that is asked for */
};

static struct task_request *request_new(struct http_exchange *x, void *ctx)
{
    struct task_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->api = api_of(ctx);
    r->x = x;
    return r;
}

struct task_list { /* being written */
    struct api *api;
    struct http_exchange *x;
    struct read_page page;
    const struct task_row *rows;
    size_t at;
    struct buf body;
    struct json json; /* into body */
};

/* --- one task as JSON --- */

/* When it is due next, if the schedules of an active task have one. */
static void put_next(struct json *j, struct api *api, const struct task_row *row)
{
    usec_t next = row->state == TASK_ACTIVE ? next_due(api->next, row, api->zones, clock_realtime())
                                            : USEC_MAX;

    if (next != USEC_MAX)
        json_add_instant(j, "next_at", next);
}

/* pause: NULL: it is not paused, or that is not asked for. */
static void put_task_view(struct json *j, struct api *api, const struct task_row *row,
                          const struct pause_row *pause)
{
    json_open_object(j);
    view_members(j, &task_type, row, "labels spec kafka_offset");
    put_next(j, api, row);
    if (pause != NULL) {
        json_key(j, "paused");
        view_object(j, &pause_type, pause, NULL);
    }
    json_key(j, "spec");
    json_raw(j, row->spec);
    json_close_object(j);
}

/* --- GET /v1/tasks/:task --- */

static void answer_task(struct task_request *r, const struct pause_row *pause)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    put_task_view(&j, r->api, r->row, pause);
    answer_etag(r->x, r->row->revision);
    answer_json(r->x, 200, &body);
}

static void on_pause(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;

    if (!answer_read_failed(r->x, page))
        answer_task(r, page->count > 0 ? page->rows : NULL);
}

static void on_task(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->row = page->rows;
    if (page->count == 0)
        answer_not_found(r->x, "task", http_param(r->x, "task"));
    else if (r->row->state == TASK_PAUSED)
        read_pause(r->api->reads, r->row->task_id,
                   (struct read_reply){http_memory(r->x), on_pause, r});
    else
        answer_task(r, NULL);
}

void get_task(struct http_exchange *x, void *ctx)
{
    struct task_request *r = request_new(x, ctx);
    struct error err;

    if (param_task(x, &r->task, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_task(r->api->reads, r->task.id, (struct read_reply){http_memory(x), on_task, r});
}

/* --- GET /v1/tasks --- */

static void answer_tasks(struct task_list *l)
{
    SCOPED_BUF next = {0};
    SCOPED_CURSOR cursor = {0};

    if (l->page.more) {
        cursor_begin(&cursor, CURSOR_TASKS);
        cursor_put_text(&cursor, l->rows[l->page.count - 1].project);
        cursor_put_text(&cursor, l->rows[l->page.count - 1].key);
        cursor_text(&cursor, &next);
    }
    answer_close_list(&l->json, next.data);
    answer_json(l->x, 200, &l->body);
}

static bool put_one(void *ctx)
{
    struct task_list *l = ctx;

    if (l->at < l->page.count)
        put_task_view(&l->json, l->api, &l->rows[l->at++], NULL);
    if (l->at < l->page.count)
        return true;
    answer_tasks(l);
    return false;
}

static void on_tasks(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;
    struct task_list *l;

    if (answer_read_failed(r->x, page))
        return;
    l = arena_alloc(http_memory(r->x), sizeof *l);
    *l = (struct task_list){.api = r->api, .x = r->x, .page = *page, .rows = page->rows};
    l->json = answer_open_list(&l->body);
    slices_run(r->api->slices, put_one, l);
}

static enum rc read_task_cursor(struct http_exchange *x, struct task_filter *ret, struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_TASKS, text, err));
    ret->project = cursor_take_text(&cursor, http_memory(x));
    ret->key = cursor_take_text(&cursor, http_memory(x));
    return cursor_end(&cursor, err);
}

/* label=name:value */
static enum rc read_label(struct http_exchange *x, struct task_filter *ret, struct error *err)
{
    const char *text = http_query(x, "label");
    const char *colon = text == NULL ? NULL : strchr(text, ':');

    if (text == NULL)
        return RC_OK;
    if (colon == NULL || colon == text)
        return error_set(err, RC_INVALID, "label: \"%.100s\" is not name:value", text);
    ret->label = text;
    return RC_OK;
}

static enum rc read_task_filter(struct http_exchange *x, struct task_filter *ret, size_t *limit,
                                struct error *err)
{
    static const struct symbols states = {&task_state_enum, {{"ALL", UINT32_MAX}}};

    TRY(read_task_cursor(x, ret, err));
    TRY(read_label(x, ret, err));
    TRY(param_set(x, "state", &states, &ret->states, err));
    if (http_query(x, "state") == NULL)
        ret->states = BIT(TASK_ACTIVE) | BIT(TASK_PAUSED);
    ret->only_project = http_query(x, "project");
    ret->queue = http_query(x, "queue");
    return param_limit(x, limit, err);
}

void list_tasks(struct http_exchange *x, void *ctx)
{
    struct task_request *r = request_new(x, ctx);
    struct task_filter filter = {0};
    struct error err;
    size_t limit;

    if (read_task_filter(x, &filter, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_tasks(r->api->reads, &filter, limit, (struct read_reply){http_memory(x), on_tasks, r});
}

/* --- GET /v1/tasks/:task/revisions, /gaps --- */

static void on_revisions(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;
    const struct task_row *rows = page->rows;
    SCOPED_BUF next = {0};

    if (answer_read_failed(r->x, page))
        return;
    if (page->more)
        write_number_cursor(CURSOR_REVISIONS, rows[page->count - 1].revision, &next);
    answer_rows(r->x, &task_revision_type, page, next.data);
}

void list_revisions(struct http_exchange *x, void *ctx)
{
    struct task_request *r = request_new(x, ctx);
    struct error err;
    int64_t before = 0;
    size_t limit;

    if (param_task(x, &r->task, &err) != RC_OK ||
        read_number_cursor(x, CURSOR_REVISIONS, &before, &err) != RC_OK ||
        param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_revisions(
            r->api->reads, r->task.id, (int32_t)before, limit,
            parent_reply(r->api, x, (struct parent){PARENT_TASK, r->task.id}, on_revisions, r));
}

static enum rc read_gap_cursor(struct http_exchange *x, struct gap_position *at,
                               const struct gap_position **ret, struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");

    *ret = NULL;
    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_GAPS, text, err));
    at->to_at = cursor_int(&cursor);
    at->revision = cursor_int(&cursor);
    at->from_at = cursor_int(&cursor);
    at->reason = cursor_int(&cursor);
    *ret = at;
    return cursor_end(&cursor, err);
}

static void write_gap_cursor(const struct gap_row *last, struct buf *out)
{
    SCOPED_CURSOR cursor = {0};

    cursor_begin(&cursor, CURSOR_GAPS);
    cursor_put_int(&cursor, last->to_at);
    cursor_put_int(&cursor, last->revision);
    cursor_put_int(&cursor, last->from_at);
    cursor_put_int(&cursor, last->reason);
    cursor_text(&cursor, out);
}

static void on_gaps(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;
    const struct gap_row *rows = page->rows;
    SCOPED_BUF next = {0};

    if (answer_read_failed(r->x, page))
        return;
    if (page->more)
        write_gap_cursor(&rows[page->count - 1], &next);
    answer_rows(r->x, &gap_type, page, next.data);
}

void list_gaps(struct http_exchange *x, void *ctx)
{
    struct task_request *r = request_new(x, ctx);
    struct error err;
    struct gap_position at;
    const struct gap_position *after;
    size_t limit;

    if (param_task(x, &r->task, &err) != RC_OK || read_gap_cursor(x, &at, &after, &err) != RC_OK ||
        param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_gaps(r->api->reads, r->task.id, after, limit,
                  parent_reply(r->api, x, (struct parent){PARENT_TASK, r->task.id}, on_gaps, r));
}
