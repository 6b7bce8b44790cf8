/*
 * schedule_notes.h - what a person who saves a task should know of its schedules: lints, and the clock changes of the
 * next 12 months that touch them; and what it sets off that is not there.
 */
#ifndef MODEL_SCHEDULE_NOTES_H
#define MODEL_SCHEDULE_NOTES_H

#include "base/json.h"
#include "cron/zoneset.h"
#include "model/records.h"

enum { SCHEDULE_NOTES_MAX = 100 }; /* of each kind */

/*
 * Members into an object that is open: "clock_changes": [{"schedule": 0, "at": ..., "text": ...}] and "lints":
 * [{"schedule": 0, "code": ..., "column": 3, "text": ...}], by schedule. A schedule that cannot be read has none. Behind them
 * [{"pointer": "/then/0/task", "code": ..., "text": ...}] of each task of `then` whose bit is set in `absent`.
 */
void schedule_notes_put(struct json *j, const struct task_spec *spec, struct zoneset *zones,
                        uint32_t absent, usec_t now);

#endif
