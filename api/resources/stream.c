#include "api/exchange/answer.h"
#include "api/exchange/parked.h"
#include "api/exchange/streams.h"
#include "api/resources/resources.h"

void get_stream(struct http_exchange *x, void *ctx)
{
    struct api *api = api_of(ctx);
    struct topic_list topics;
    struct error err;

    if (topics_parse(http_query(x, "topics"), http_memory(x), &topics, &err) != RC_OK)
        answer_error(x, &err);
    else if (!answer_parked_full(x, api))
        streams_add(api->streams, x, &topics);
}
