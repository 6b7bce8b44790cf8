/*
 * task_patch.h - `cronobs task put --patch`: what the options that were given change of a task, as a JSON merge patch.
 *
 * What was not given stays. A list is one thing: --schedule replaces the schedules, --exclude the calendars that exclude. What a
 * new schedule is not told (zone, dialect, clock changes) it has from the one in whose place it comes.
 */
#ifndef CLI_CLIENT_TASK_PATCH_H
#define CLI_CLIENT_TASK_PATCH_H

#include "cli/client/options.h"
#include "cli/client/rest.h"
#include "model/records.h"

struct task_patch {
    const struct call *call; /* its options say what is given */
    const struct put_options *options;
    const struct task_spec *given;   /* made of the options, as for a task of its own */
    const struct json_node *current; /* the specification that the task has now */
};

/* RC_INVALID: nothing was given, or what was has nothing to change. Appended. */
MUST_CHECK enum rc task_patch_write(const struct task_patch *p, struct buf *out, struct error *err);

#endif
