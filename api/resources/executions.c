#include "api/exchange/page.h"
#include "api/exchange/parent.h"
#include "api/exchange/view.h"
#include "api/resources/execution_view.h"
#include "api/resources/resources.h"
#include "store/read_executions.h"

struct execution_request {
    struct api *api;
    struct http_exchange *x;
    struct uuid id;
    const struct execution_row *row; /* of the one that is asked for */
    const struct heartbeat_row *heartbeat;
};

static struct execution_request *request_new(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->api = api_of(ctx);
    r->x = x;
    return r;
}

/* --- GET /v1/executions/:execution --- */

static void on_one_name(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;
    struct map names = {0};
    struct buf body = {0};
    struct json j = json_into(&body);

    if (answer_read_failed(r->x, page))
        return;
    task_names(page, &names);
    json_open_object(&j);
    execution_members(&j, r->row, &names);
    progress_members(&j, r->row, r->heartbeat);
    if (r->heartbeat != NULL) {
        json_key(&j, "heartbeat");
        view_object(&j, &heartbeat_type, r->heartbeat, "execution_id task_id");
    }
    json_close_object(&j);
    map_clear(&names);
    answer_json(r->x, 200, &body);
}

static void on_heartbeat(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    r->heartbeat = page->count > 0 ? page->rows : NULL;
    read_task_names(r->api->reads, &r->row->task_id, 1,
                    (struct read_reply){http_memory(r->x), on_one_name, r});
}

static void on_one(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->x, "execution", http_param(r->x, "execution"));
        return;
    }
    r->row = page->rows;
    read_heartbeat(r->api->reads, r->id, (struct read_reply){http_memory(r->x), on_heartbeat, r});
}

void get_execution(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = request_new(x, ctx);
    struct error err;

    if (param_path_id(x, "execution", &r->id, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_execution(r->api->reads, r->id, (struct read_reply){http_memory(x), on_one, r});
}

/* --- GET /v1/executions/:execution/events --- */

static void on_events(void *ctx, const struct read_page *page)
{
    struct execution_request *r = ctx;
    const struct event_row *rows = page->rows;
    SCOPED_BUF next = {0};

    if (answer_read_failed(r->x, page))
        return;
    if (page->more)
        write_number_cursor(CURSOR_EVENTS, rows[page->count - 1].kafka_offset, &next);
    answer_rows(r->x, &event_type, page, next.data);
}

void list_events(struct http_exchange *x, void *ctx)
{
    struct execution_request *r = request_new(x, ctx);
    int64_t after = -1; /* before the first offset */
    struct error err;
    size_t limit;

    if (param_path_id(x, "execution", &r->id, &err) != RC_OK ||
        read_number_cursor(x, CURSOR_EVENTS, &after, &err) != RC_OK ||
        param_limit(x, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_events(
            r->api->reads, r->id, after, limit,
            parent_reply(r->api, x, (struct parent){PARENT_EXECUTION, r->id}, on_events, r));
}
