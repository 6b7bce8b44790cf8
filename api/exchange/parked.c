#include "api/exchange/parked.h"

#include "http/problem.h"

int64_t parked_most(int connections)
{
    return MAX((int64_t)connections * 6 / 10, INT64_C(1));
}

static int64_t parked(const struct api *api)
{
    return (int64_t)waiters_count(api->waiters) + http_server_stats(api->server)->streams;
}

bool parked_is_full(const struct api *api)
{
    return parked(api) >= api->parked_max;
}

bool answer_parked_full(struct http_exchange *x, const struct api *api)
{
    if (!parked_is_full(api))
        return false;
    problem_answer_text(x, PROBLEM_UNAVAILABLE, "ask again, or another API process",
                        "%lld requests wait or are streams, and there may be no more of them",
                        (long long)api->parked_max);
    return true;
}
