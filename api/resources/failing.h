/*
 * failing.h - which tasks fail, and for how long. Pure but for the reads.
 */
#ifndef API_RESOURCES_FAILING_H
#define API_RESOURCES_FAILING_H

#include "base/arena.h"
#include "store/read_failures.h"

struct failing_task {
    struct uuid task_id;
    int64_t counts[STATUS_COUNT];
    struct uuid last; /* of its failures */
    int32_t last_status;
};

struct failing_tasks {
    struct failing_task *items; /* who failed last comes first */
    size_t count;
};

/* Of rows of read_failures: a task each. */
struct failing_tasks failing_of(const struct read_page *failures, struct arena *memory);

struct streak {
    int in_a_row; /* failures since the last success */
    usec_t since; /* when the first of them was scheduled; 0: there is none */
};

/* Of the newest executions of a task, newest first. What is open, skipped or cancelled neither counts nor ends it. */
struct streak streak_of(const struct recent_row *rows, size_t count);

#endif
