/*
 * read_failures.h - which tasks failed lately, and how their newest executions ended.
 */
#ifndef STORE_READ_FAILURES_H
#define STORE_READ_FAILURES_H

#include "store/read.h"

enum { READ_FAILURES_MAX = 20000, READ_RECENT_LEAVES = 3 };

/* FAILED, TIMED_OUT, LOST and MISSED. */
#define FAILURE_STATUSES \
    (1u << STATUS_FAILED | 1u << STATUS_TIMED_OUT | 1u << STATUS_LOST | 1u << STATUS_MISSED)

struct failures_row { /* of a task, of one month */
    struct uuid task_id;
    int32_t status;
    int64_t count;
    struct uuid last; /* execution */
};

/* Of the READ_FAILURES_MAX newest failures since `from`: page.more when there are further ones. project: NULL: of all tasks. */
void read_failures(struct read_pool *p, usec_t from, const char *project, struct read_reply reply);

struct recent_row {
    struct uuid task_id, execution_id;
    usec_t started_at, finished_at, status_at;
    int32_t status;
    const char *message; /* its beginning; NULL unless asked for */
};

/* The newest executions of each of these tasks, newest first, in the newest READ_RECENT_LEAVES months. */
void read_recent(struct read_pool *p, const struct uuid *tasks, size_t count, int per_task,
                 bool with_message, struct read_reply reply);

#endif
