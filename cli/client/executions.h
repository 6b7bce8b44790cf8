/*
 * executions.h - what other commands want to know of an execution.
 */
#ifndef CLI_CLIENT_EXECUTIONS_H
#define CLI_CLIENT_EXECUTIONS_H

#include "cli/client/rest.h"
#include "model/enums.h"

/* "/v1/executions/<id>" with `suffix` after it. In the call's memory. RC_INVALID: it is no id. */
MUST_CHECK enum rc execution_target(struct rest *r, const char *id, const char *suffix,
                                    const char **ret, struct error *err);
/* No attempt follows. */
bool execution_has_ended(const struct json_node *execution);

struct awaited {
    enum status end; /* which is well */
    bool is_json;
    usec_t deadline; /* of clock_monotonic */
};

/* Waits until it has ended, and prints how. RC_CONFLICT when that is not the end that is awaited; RC_RETRY when it goes on at the
   deadline. */
MUST_CHECK enum rc execution_await(struct rest *r, const char *id, struct awaited awaited,
                                   struct error *err);

#endif
