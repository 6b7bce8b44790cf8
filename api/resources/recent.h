/*
 * recent.h - the newest executions of tasks, as strips of marks are drawn of them.
 */
#ifndef API_RESOURCES_RECENT_H
#define API_RESOURCES_RECENT_H

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "store/read_failures.h"

enum { RECENT_SHOWN = 20 };

struct recents {
    struct map by_task;
};

/* Rows of read_recent, taken apart by task. */
struct recents recents_by_task(const struct read_page *page, struct arena *memory);
void recents_clear(struct recents *r);
/* Newest first; borrowed. */
const struct recent_row *recents_of(const struct recents *r, struct uuid task, size_t *ret_count);

/* "recent": [{execution_id, status, run_ms?}], newest first, RECENT_SHOWN at most. */
void recent_member(struct json *j, const struct recent_row *rows, size_t count);

/* name: {"FAILED": 3, ...}, those that are not 0. */
void status_counts(struct json *j, const char *name, const int64_t counts[STATUS_COUNT]);

#endif
