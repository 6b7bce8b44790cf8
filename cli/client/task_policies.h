/*
 * task_policies.h - a task's policies: out of the options of `cronobs task put`, and in words for `cronobs task show`.
 */
#ifndef CLI_CLIENT_TASK_POLICIES_H
#define CLI_CLIENT_TASK_POLICIES_H

#include "base/json.h"
#include "base/table.h"
#include "cli/client/options.h"
#include "cli/client/rest.h"
#include "model/records.h"

/* Overlap, misfire, retry, deadlines and the like into the spec. What they may be is the API's business. */
MUST_CHECK enum rc policies_of_options(const struct put_options *o, struct task_spec *spec,
                                       struct error *err);

/* Members of a merge patch, of the options that were given. */
void policies_patch(const struct call *call, const struct task_spec *given, struct json *j);

/* Rows "overlap", "misfire", "retry", ... of a spec as the API has it. */
void policies_print(struct rest *r, struct table *t, const struct json_node *spec);

#endif
