/*
 * task_write.h - a change to a task, sent and waited for, and what became of it in words.
 */
#ifndef CLI_CLIENT_TASK_WRITE_H
#define CLI_CLIENT_TASK_WRITE_H

#include "cli/client/rest.h"

struct task_write {
    struct rest_write request; /* its wait, key and deadline are set from the two below */
    int64_t timeout_ms;        /* of waiting; with `waits` and no --timeout there is none */
    bool waits; /* until it is carried out, however often the server has to be asked */
    bool is_json;
    const char
        *what; /* "paused": what the task is once it is done; NULL: what the outcome's code says */
    usec_t deadline;       /* set by task_write: of clock_monotonic */
    const char *execution; /* set by task_write: the one that it started, "" for none */
};

/* Sends it, waits as asked, prints. RC_RETRY with `waits`: it was not carried out in time. */
MUST_CHECK enum rc task_write(struct rest *r, struct task_write *write, struct error *err);

#endif
