/*
 * task_limits.h - a task's calendars and window: out of the options of `cronobs task put`, and in words for
 * `cronobs task show`.
 */
#ifndef CLI_CLIENT_TASK_LIMITS_H
#define CLI_CLIENT_TASK_LIMITS_H

#include "base/table.h"
#include "cli/client/options.h"
#include "cli/client/rest.h"
#include "model/records.h"

/*
 * One calendar of "weekday SAT" or "date 2026-12-24,2026-12-25 hours 12:00-13:00": kinds, each with its values. What
 * kinds and values there are is the API's business. In `memory`.
 */
MUST_CHECK enum rc limits_calendar(const char *text, enum calendar_mode mode, struct arena *memory,
                                   struct calendar_spec *ret, struct error *err);

/* Calendars and window into the spec; instants are read in the machine's zone. In the call's memory. */
MUST_CHECK enum rc limits_of_options(struct rest *r, const struct put_options *o,
                                     struct task_spec *spec, struct error *err);

/* Rows "exclude", "only", "active from", ... of a spec as the API has it. */
void limits_print(struct rest *r, struct table *t, const struct json_node *spec);

#endif
