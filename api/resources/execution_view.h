/*
 * execution_view.h - an execution as JSON, wherever one is shown.
 */
#ifndef API_RESOURCES_EXECUTION_VIEW_H
#define API_RESOURCES_EXECUTION_VIEW_H

#include "base/json.h"
#include "base/map.h"
#include "store/read_tasks.h"

/* Columns that are for the fold alone: how the policy of its task was when it was made is in the task's revision. */
#define EXECUTION_INNER \
    "created_attempt waited retry_on retry_multiplier retry_first_ms retry_max_ms retry_jitter_ms"

/* What read_task_names answers, by id. The rows are borrowed; map_clear the map. */
void task_names(const struct read_page *page, struct map *ret);

/* "project", "key", "title" of a task, where it is known. */
void task_name_members(struct json *j, struct uuid task, const struct map *names);

/* The members of an execution, into an object that is open. */
void execution_members(struct json *j, const struct execution_row *row, const struct map *names);

/* How far it is by its last sign of life; nothing where that is of another attempt or task, or NULL. */
void progress_members(struct json *j, const struct execution_row *row,
                      const struct heartbeat_row *beat);

/* Asks for the last signs of life of those of these executions that run: struct heartbeat_row. */
void beats_need(struct read_pool *reads, const struct execution_row *rows, size_t count,
                struct read_reply reply);
/* That of this one; NULL: none. */
const struct heartbeat_row *beat_of(const struct read_page *beats, const struct execution_row *row);

/* How long it ran, in ms; -1: that is not known, or not over. */
int64_t execution_run_ms(const struct execution_row *row);

#endif
