/*
 * task_write.h - a change to a task, sent and waited for, and what became of it in words.
 */
#ifndef CLI_CLIENT_TASK_WRITE_H
#define CLI_CLIENT_TASK_WRITE_H

#include "cli/client/rest.h"

struct task_write {
    struct rest_write request; /* its wait is set from the two below */
    int64_t timeout_ms;
    bool waits; /* as long as it takes */
    bool is_json;
    const char
        *what; /* "paused": what the task is once it is done; NULL: what the outcome's code says */
};

/* Sends it, waits as asked, prints. *ret_execution (NULL: not asked for): the execution that it started, "" for none. */
MUST_CHECK enum rc task_write(struct rest *r, const struct task_write *write,
                              const char **ret_execution, struct error *err);

#endif
