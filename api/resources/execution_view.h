/*
 * execution_view.h - an execution as JSON, wherever one is shown.
 */
#ifndef API_RESOURCES_EXECUTION_VIEW_H
#define API_RESOURCES_EXECUTION_VIEW_H

#include "base/json.h"
#include "base/map.h"
#include "store/read_tasks.h"

/* What read_task_names answers, by id. The rows are borrowed; map_clear the map. */
void task_names(const struct read_page *page, struct map *ret);

/* "project", "key", "title" of a task, where it is known. */
void task_name_members(struct json *j, struct uuid task, const struct map *names);

/* The members of an execution, into an object that is open. */
void execution_members(struct json *j, const struct execution_row *row, const struct map *names);

/* How long it ran, in ms; -1: that is not known, or not over. */
int64_t execution_run_ms(const struct execution_row *row);

#endif
