#include "api/exchange/answer.h"
#include "api/resources/resources.h"

void list_queues(struct http_exchange *x, void *ctx)
{
    struct api *api = api_of(ctx);
    const struct broker_view *view = broker_look(api->broker);
    struct buf body = {0};
    struct json j;

    if (answer_broker_away(x, view))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < view->queue_count; i++) {
        json_open_object(&j);
        json_add_text(&j, "name", view->queues[i]);
        json_add_text(&j, "topic",
                      arena_printf(http_memory(x), "%sexecutions.%s", api->config->topic_prefix,
                                   view->queues[i]));
        json_add_int(&j, "partitions", api->config->partitions);
        json_close_object(&j);
    }
    answer_close_list(&j, NULL);
    answer_json(x, 200, &body);
}
