/*
 * task_then.h - what a task sets off, and what sets it off: out of the option --then of `cronobs task put`, and in words for
 * `cronobs task show`.
 */
#ifndef CLI_CLIENT_TASK_THEN_H
#define CLI_CLIENT_TASK_THEN_H

#include "base/table.h"
#include "cli/client/options.h"
#include "cli/client/rest.h"
#include "model/records.h"

/* "load", "ops~tidy:ended". RC_INVALID names the option and its value. Texts live in memory. */
MUST_CHECK enum rc then_of_options(const struct put_options *o, struct arena *memory,
                                   struct task_spec *spec, struct error *err);

/* task: as the API answers it. */
void then_print(struct rest *r, struct table *t, const struct json_node *task);

#endif
