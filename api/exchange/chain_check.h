/*
 * chain_check.h - whether a task may set off what it says: no circle, no chain without an end, no crowd, no flood.
 *
 * Asked of the tables, so what was saved in the last moments may not be seen: two saves that cross can make a circle, which then ends in the
 * scheduler (docs/decisions/0172). While the tables cannot be read, a task that sets others off is not saved.
 */
#ifndef API_EXCHANGE_CHAIN_CHECK_H
#define API_EXCHANGE_CHAIN_CHECK_H

#include "api/exchange/answer.h"

struct chain_checked {
    uint32_t *absent; /* a bit is set for each task of `then` that is not there */
    void (*go_on)(void *ctx);
    void *ctx;
};

/* Of a valid spec in http_memory(x). Goes on, or has answered. */
void chain_check(struct api *api, struct http_exchange *x, const struct task_spec *spec,
                 const struct chain_checked *then);

#endif
