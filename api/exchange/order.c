#include "api/exchange/order.h"

#include <stdlib.h>

#include "codec/codec.h"

struct order {
    struct api *api;
    struct uuid command, task;
    usec_t wait;
    order_fn fn;
    void *ctx;
};

static void end(struct order *o, const struct order_end *how)
{
    o->fn(o->ctx, how);
    free(o);
}

static void on_outcome(void *ctx, const struct command_view *outcome, bool away UNUSED)
{
    end(ctx, &(struct order_end){.outcome = outcome});
}

static void on_sent(void *ctx, enum rc rc, const char *why)
{
    struct order *o = ctx;
    struct order_end how = {.rc = rc == RC_OK ? RC_OK : RC_RETRY};

    if (rc == RC_OK && o->wait > 0) {
        waiters_add(o->api->waiters, &(struct wait){.command = o->command,
                                                    .task = o->task,
                                                    .timeout = o->wait,
                                                    .fn = on_outcome,
                                                    .ctx = o});
        return;
    }
    if (rc != RC_OK)
        error_set(&how.err, RC_RETRY, "the command may not have reached the log: %s", why);
    end(o, &how);
}

enum rc order_send(struct api *api, struct command *command, usec_t wait, order_fn fn, void *ctx,
                   struct error *err)
{
    SCOPED_BUF frame = {0};
    struct order *o;
    enum rc rc;

    command->command_id = uuid_random();
    command->actor = API_ACTOR;
    TRY(codec_encode(RECORD_COMMAND, command, &frame, err));
    o = xcalloc(1, sizeof *o);
    *o = (struct order){api, command->command_id, command->task_id, wait, fn, ctx};
    rc = sender_send(api->sender, command->task_id, buf_bytes(&frame), on_sent, o, err);
    if (rc != RC_OK)
        free(o);
    return rc;
}
