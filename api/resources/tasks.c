#include <string.h>

#include "api/exchange/cursor.h"
#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/exchange/view.h"
#include "api/resources/resources.h"
#include "api/resources/task_view.h"
#include "base/clock.h"
#include "model/spec.h"
#include "store/read_chains.h"
#include "store/read_tasks.h"

struct task_request {
    struct api *api;
    struct http_exchange *x;
    struct task_ref task;
    const struct task_row *row; /* of the one that is asked for */
    struct task_more more;
    struct read_page parents;
};

static struct task_request *request_new(struct http_exchange *x, void *ctx)
{
    struct task_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->api = api_of(ctx);
    r->x = x;
    return r;
}

/* --- GET /v1/tasks/:task --- */

static void put_parents(struct json *j, const struct read_page *page)
{
    const struct parent_row *rows = page->rows;

    if (page->count == 0)
        return;
    json_key(j, "after");
    json_open_array(j);
    for (size_t i = 0; i < page->count; i++)
        view_object(j, &parent_type, &rows[i], NULL);
    json_close_array(j);
}

static void put_absent(struct json *j, const struct read_page *page)
{
    const struct follower_row *rows = page->rows;

    if (page->count == 0)
        return;
    json_key(j, "absent");
    json_open_array(j);
    for (size_t i = 0; i < page->count; i++)
        view_object(j, &follower_type, &rows[i], NULL);
    json_close_array(j);
}

static void on_absent(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;
    struct buf body = {0};
    struct json j = json_into(&body);

    if (answer_read_failed(r->x, page))
        return;
    json_open_object(&j);
    task_members(&j, r->api, r->row, &r->more);
    put_parents(&j, &r->parents);
    put_absent(&j, page);
    json_close_object(&j);
    answer_etag(r->x, r->row->revision);
    answer_json(r->x, 200, &body);
}

/* What sets nothing off does not have the word. */
static void on_parents(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;
    static const struct read_page nothing = {.rc = RC_OK};

    if (answer_read_failed(r->x, page))
        return;
    r->parents = *page;
    if (strstr(r->row->spec, "\"then\"") == NULL)
        on_absent(r, &nothing);
    else
        read_absent(r->api->reads, r->row->task_id,
                    (struct read_reply){http_memory(r->x), on_absent, r});
}

static void ask_for_parents(struct task_request *r)
{
    read_parents(r->api->reads, r->row->project, r->row->key, SPEC_PARENTS_MAX,
                 (struct read_reply){http_memory(r->x), on_parents, r});
}

static void on_skips(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->more.skips = skips_of(page);
    ask_for_parents(r);
}

static void ask_for_skips(struct task_request *r)
{
    skips_read(r->api, &r->row->task_id, 1, clock_realtime(),
               (struct read_reply){http_memory(r->x), on_skips, r});
}

static void on_pause(void *ctx, const struct read_page *page)
{
    struct task_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->more.pause = page->count > 0 ? page->rows : NULL;
    ask_for_skips(r);
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
        read_pauses(r->api->reads, &r->row->task_id, 1,
                    (struct read_reply){http_memory(r->x), on_pause, r});
    else
        ask_for_skips(r);
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
