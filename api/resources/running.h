/*
 * running.h - what runs now, by how much longer than usual it does: GET /v1/executions?order=over.
 */
#ifndef API_RESOURCES_RUNNING_H
#define API_RESOURCES_RUNNING_H

#include "api/exchange/context.h"
#include "model/enums.h"

#define RUNNING_STATUSES (1u << STATUS_RUNNING | 1u << STATUS_CANCELLING)

struct run_over { /* one that runs */
    struct uuid execution_id, task_id;
    usec_t elapsed;
    int64_t usual_ms; /* -1: not known */
};

/* Most over its usual time first; behind them those of which it is not known, the longest first. For qsort. Pure. */
int run_over_order(const void *a, const void *b);

/* statuses: some of RUNNING_STATUSES. */
void answer_running(struct api *api, struct http_exchange *x, uint32_t statuses, size_t limit);

#endif
