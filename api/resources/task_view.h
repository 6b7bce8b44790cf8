/*
 * task_view.h - a task as JSON, wherever one is shown whole.
 */
#ifndef API_RESOURCES_TASK_VIEW_H
#define API_RESOURCES_TASK_VIEW_H

#include "api/exchange/context.h"
#include "api/resources/skips.h"
#include "base/json.h"
#include "store/read_tasks.h"

struct task_more {                 /* what is known of a task beside its row */
    const struct pause_row *pause; /* NULL: it is not paused */
    struct skips skips;
};

/* The members of a task, into an object that is open: "next_at" of an active one, which is not to be skipped; "skip_until" and "skip", of the
   newest wish, where something to come is; "paused". */
void task_members(struct json *j, struct api *api, const struct task_row *row,
                  const struct task_more *more);

/* "words": what each of its schedules means, in their order; of one that cannot be read, "". */
void task_words(struct json *j, struct api *api, const struct task_row *row);

#endif
