/*
 * executions.h - what other commands want to know of an execution.
 */
#ifndef CLI_CLIENT_EXECUTIONS_H
#define CLI_CLIENT_EXECUTIONS_H

#include "cli/client/rest.h"

/* "/v1/executions/<id>" with `suffix` after it. In the call's memory. */
const char *execution_target(struct rest *r, const char *id, const char *suffix);
bool execution_has_ended(const struct json_node *execution);

/* Waits until it has ended, and prints how. RC_CONFLICT when that is not SUCCEEDED. */
MUST_CHECK enum rc execution_await(struct rest *r, const char *id, bool is_json, struct error *err);

#endif
