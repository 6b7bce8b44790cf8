#include "api/resources/session.h"

#include "api/exchange/answer.h"
#include "api/resources/resources.h"

/* clang-format off */
const struct session_action session_actions[] = {
    {"put",       HTTP_PUT,    "/v1/tasks/:task"},
    {"patch",     HTTP_PATCH,  "/v1/tasks/:task"},
    {"delete",    HTTP_DELETE, "/v1/tasks/:task"},
    {"pause",     HTTP_POST,   "/v1/tasks/:task:pause"},
    {"resume",    HTTP_POST,   "/v1/tasks/:task:resume"},
    {"trigger",   HTTP_POST,   "/v1/tasks/:task:trigger"},
    {"skip-next", HTTP_POST,   "/v1/tasks/:task:skip-next"},
    {"backfill",  HTTP_POST,   "/v1/tasks/:task:backfill"},
    {"cancel",    HTTP_POST,   "/v1/executions/:execution:cancel"},
    {"retry",     HTTP_POST,   "/v1/executions/:execution:retry"},
    {"import",    HTTP_POST,   "/v1/crontabs:import"},
    {.name = NULL},
};
/* clang-format on */

void get_session(struct http_exchange *x, void *ctx)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    bool may_write = !api_shows_the_past(api_of(ctx));

    json_open_object(&j);
    json_add_text(&j, "auth", "none");
    json_key(&j, "can");
    json_open_array(&j);
    for (const struct session_action *a = session_actions; may_write && a->name != NULL; a++)
        json_text(&j, a->name);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(x, 200, &body);
}
