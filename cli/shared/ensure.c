#include "cli/shared/ensure.h"

#include "base/json.h"
#include "http/client.h"
#include "http/url.h"

static void add_schedules(struct json *j, const struct ensured_task *task)
{
    json_key(j, "schedules");
    json_open_array(j);
    for (size_t i = 0; i < task->schedules->count; i++) {
        json_open_object(j);
        json_add_text(j, "expression", task->schedules->items[i]);
        if (task->zone != NULL)
            json_add_text(j, "zone", task->zone);
        json_close_object(j);
    }
    json_close_array(j);
}

static void write_spec(struct buf *out, const struct ensured_task *task)
{
    struct json j = json_into(out);

    json_open_object(&j);
    add_schedules(&j, task);
    if (task->queue != NULL)
        json_add_text(&j, "queue", task->queue);
    if (task->run_timeout_ms > 0)
        json_add_int(&j, "run_timeout_ms", task->run_timeout_ms);
    if (task->heartbeat_ms > 0)
        json_add_int(&j, "heartbeat_ms", task->heartbeat_ms);
    json_close_object(&j);
}

static enum rc put(struct http_client *client, const char *target, struct bytes body,
                   int64_t timeout_ms, struct error *err)
{
    SCOPED(text) char *wait = xasprintf("wait=%lld", (long long)(timeout_ms / 1000));
    const struct http_pair headers[] = {{"Prefer", wait}, {NULL, NULL}};
    const struct http_request request = {.method = HTTP_PUT,
                                         .target = target,
                                         .headers = headers,
                                         .body = body,
                                         .timeout = (timeout_ms + 1000) * USEC_PER_MS};
    const struct reply *reply;

    TRY(http_client_call(client, &request, &reply, err));
    return reply_check(reply, err);
}

enum rc ensure_task(const char *url, const struct ensured_task *task, struct error *err)
{
    SCOPED(http_client) struct http_client *client = NULL;
    SCOPED_BUF target = {0}, body = {0};

    buf_add_text(&target, "/v1/tasks/");
    url_escape(&target, task->project);
    buf_add_char(&target, '~');
    url_escape(&target, task->key);
    write_spec(&body, task);
    TRY(http_client_new(url, &client, err));
    return put(client, buf_text(&target), buf_bytes(&body), task->timeout_ms, err);
}
