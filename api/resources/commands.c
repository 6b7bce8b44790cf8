#include "api/exchange/answer.h"
#include "api/exchange/parked.h"
#include "api/exchange/view.h"
#include "api/resources/resources.h"
#include "store/read_tasks.h"

struct command_request {
    struct api *api;
    struct http_exchange *x;
    struct uuid id;
};

static void on_command(void *ctx, const struct read_page *page)
{
    struct command_request *r = ctx;
    const struct command_view *v = page->rows;
    struct buf body = {0};
    struct json j = json_into(&body);

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        http_answer_header(r->x, "Retry-After", "1");
        problem_answer_http(r->x, PROBLEM_NOT_FOUND,
                            "it may still be on its way: `Prefer: wait=N` waits for its outcome",
                            "there is no command %s in the database", http_param(r->x, "command"));
        return;
    }
    json_open_object(&j);
    view_members(&j, &command_view_type, v, NULL);
    if (!v->result.is_set)
        json_add_text(&j, "result", "PENDING");
    json_close_object(&j);
    answer_json(r->x, 200, &body);
}

static void read_it(struct command_request *r)
{
    read_command(r->api->reads, r->id, (struct read_reply){http_memory(r->x), on_command, r});
}

static void on_waited(void *ctx, const struct command_view *outcome UNUSED, bool away UNUSED)
{
    read_it(ctx); /* whatever there is now */
}

void get_command(struct http_exchange *x, void *ctx)
{
    struct command_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err;
    int wait_s = 0;

    r->api = api_of(ctx);
    r->x = x;
    if (param_path_id(x, "command", &r->id, &err) != RC_OK ||
        prefer_wait(x, &wait_s, &err) != RC_OK)
        answer_error(x, &err);
    else if (wait_s > 0 && !parked_is_full(r->api))
        waiters_add(r->api->waiters, &(struct wait){.command = r->id,
                                                    .timeout = wait_s * USEC_PER_SEC,
                                                    .x = x,
                                                    .fn = on_waited,
                                                    .ctx = r});
    else
        read_it(r);
}
