/*
 * `cronobs execution cancel`, `retry`.
 */
#include "cli/client/executions.h"
#include "cli/client/options.h"
#include "cli/client/task_write.h"
#include "model/record_json.h"

/* With --wait until the execution that it is about has ended. */
static enum rc order(struct rest *r, const char *verb, struct task_write *write, enum status end,
                     struct error *err)
{
    const struct call *call = rest_call(r);
    const struct write_options *o = call->values[0];

    TRY(execution_target(r, call->operands.items[0], verb, &write->request.target, err));
    TRY(task_write(r, write, err));
    if (!o->waits)
        return RC_OK;
    return execution_await(r, write->execution, (struct awaited){end, o->is_json, write->deadline},
                           err);
}

enum rc run_execution_cancel(struct call *call, struct error *err)
{
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, "to be cancelled");
    return order(r, ":cancel", &write, STATUS_CANCELLED, err);
}

enum rc run_execution_retry(struct call *call, struct error *err)
{
    const struct action_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF body = {0};
    struct json j = task_write_body(&body, call);
    struct task_write write;

    TRY(rest_new(call, NULL, &r, err));
    if (o->payload != NULL)
        bytes_to_json(&j, "payload", bytes_of(o->payload));
    json_close_object(&j);
    write = task_write_of(call, HTTP_POST, &body, "retried");
    return order(r, ":retry", &write, STATUS_SUCCEEDED, err);
}
