#include "api/exchange/new_queue.h"

#include "base/clock.h"

static enum rc count(struct api *api, struct error *err)
{
    usec_t now = clock_monotonic();

    if (now - api->queues.since >= USEC_PER_MIN)
        api->queues = (struct queue_minute){.since = now};
    if (api->queues.made >= api->config->queues_per_minute)
        return error_set(err, RC_RETRY,
                         "%d queues were made in this minute, as many as queues.per_minute allows",
                         api->queues.made);
    api->queues.made++;
    return RC_OK;
}

enum rc new_queue_make(struct api *api, const char *queue, broker_made_fn fn, void *ctx,
                       struct error *err)
{
    TRY(count(api, err));
    broker_make_queue(api->broker, queue, fn, ctx);
    return RC_OK;
}
