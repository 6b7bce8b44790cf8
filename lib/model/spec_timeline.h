/*
 * spec_timeline.h - the timeline of a TaskSpec: its schedules, calendars, window and jitter, read.
 *
 * The one place that does it: what the API shows, what a save is checked by and what the scheduler fires are the same.
 */
#ifndef MODEL_SPEC_TIMELINE_H
#define MODEL_SPEC_TIMELINE_H

#include "cron/timeline.h"
#include "model/records.h"

/* How one of the task's schedules is to be parsed; the texts are the spec's. */
struct schedule_options spec_schedule_options(const struct schedule_spec *s, struct uuid task);

/*
 * RC_INVALID: a part cannot be read. err's pointer is that of the field at fault ("/schedules/1/expression",
 * "/calendars/0/rules/2/value", "/window/daily_from"), and its text begins with it.
 */
MUST_CHECK enum rc spec_timeline(const struct task_spec *spec, struct uuid task,
                                 struct zoneset *zones, struct timeline **ret, struct error *err);

/* Whether another task with the same schedules may have another timeline: by its jitter, by an `H` or a `~`. */
bool spec_timeline_is_own(const struct task_spec *spec);

/* The schedules alone, as if there were no calendars, window and jitter. */
MUST_CHECK enum rc spec_schedules_timeline(const struct task_spec *spec, struct uuid task,
                                           struct zoneset *zones, struct timeline **ret,
                                           struct error *err);

#endif
