#include "api/exchange/answer.h"
#include "api/exchange/kept.h"
#include "api/resources/queue_group.h"
#include "api/resources/resources.h"
#include "store/read_open.h"

#define KEPT_FOR USEC_PER_SEC

struct queues_request {
    struct api *api;
    struct http_exchange *x;
    const struct open_queue_row *rows; /* by queue */
    size_t count;
    bool has_more; /* not all open ones were looked at */
};

/* {"PENDING": 3, "RUNNING": 1}, and the oldest that waits. */
static void put_open(struct json *j, const struct queues_request *r, const char *queue)
{
    int64_t sum = 0;
    usec_t oldest = 0;

    json_key(j, "open");
    json_open_object(j);
    for (size_t i = 0; i < r->count; i++) {
        const struct open_queue_row *row = &r->rows[i];

        if (!text_equal(row->queue, queue))
            continue;
        json_add_int(j, enum_name(&status_enum, row->status), row->count);
        sum += row->count;
        if (row->status == STATUS_PENDING)
            oldest = row->oldest_due_at;
    }
    json_close_object(j);
    json_add_bool(j, "more", r->has_more || sum > READ_OPEN_MAX);
    if (oldest != 0)
        json_add_instant(j, "oldest_due_at", oldest);
}

static void put_queue(struct json *j, const struct queues_request *r,
                      const struct broker_view *view, size_t i, bool has_open)
{
    const struct api_config *config = r->api->config;

    json_open_object(j);
    json_add_text(j, "name", view->queues[i]);
    json_add_text(
        j, "topic",
        arena_printf(http_memory(r->x), "%sexecutions.%s", config->topic_prefix, view->queues[i]));
    json_add_int(j, "partitions", config->partitions);
    if (has_open)
        put_open(j, r, view->queues[i]);
    if (view->groups != NULL)
        queue_group_put(j, &view->groups[i]);
    json_close_object(j);
}

static bool has_all(const struct queues_request *r)
{
    int64_t sum = 0;

    for (size_t i = 0; i < r->count; i++)
        sum += r->rows[i].count;
    return sum <= READ_QUEUES_OPEN_MAX;
}

/* Without the database the queues are told all the same. */
static void on_open(void *ctx, const struct read_page *page)
{
    struct queues_request *r = ctx;
    const struct broker_view *view = broker_view(r->api->broker);
    struct buf body = {0};
    struct json j;

    r->rows = page->rows;
    r->count = page->count;
    r->has_more = !has_all(r);
    if (answer_broker_away(r->x, view))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < view->queue_count; i++)
        put_queue(&j, r, view, i, page->rc == RC_OK);
    answer_close_list(&j, NULL);
    kept_put(&r->api->queue_list, r->x, view, &body);
}

void list_queues(struct http_exchange *x, void *ctx)
{
    struct api *api = api_of(ctx);
    const struct broker_view *view = broker_look_whole(api->broker);
    struct queues_request *r;

    if (answer_broker_away(x, view) || kept_answer(&api->queue_list, x, view, KEPT_FOR))
        return;
    r = arena_alloc(http_memory(x), sizeof *r);
    *r = (struct queues_request){.api = api, .x = x};
    read_open_queues(api->reads, (struct read_reply){http_memory(x), on_open, r});
}
