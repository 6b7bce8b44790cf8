/*
 * order.h - a command on its way to its outcome, for whoever sends many of them for one request. For one: write.h.
 */
#ifndef API_EXCHANGE_ORDER_H
#define API_EXCHANGE_ORDER_H

#include "api/exchange/context.h"

struct order_end {
    enum rc rc; /* RC_RETRY: it may or may not be in the log, and err says why */
    struct error err;
    const struct command_view
        *outcome; /* borrowed; NULL with RC_OK: it is in the log, and not known what came of it */
};

typedef void (*order_fn)(void *ctx, const struct order_end *end);

/*
 * Sends it, under an id of its own, and waits as long for its outcome; 0: until the log has it. The command is the caller's but for
 * command_id and actor, and not needed any more once this has returned. `fn` is called later, unless this fails.
 */
MUST_CHECK enum rc order_send(struct api *api, struct command *command, usec_t wait, order_fn fn,
                              void *ctx, struct error *err);

#endif
