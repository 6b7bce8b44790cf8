/*
 * task_write.h - a change to a task, sent and waited for, and what became of it in words.
 */
#ifndef CLI_CLIENT_TASK_WRITE_H
#define CLI_CLIENT_TASK_WRITE_H

#include "base/json.h"
#include "cli/client/rest.h"

struct task_write {
    struct rest_write request; /* its wait, key and deadline are set from the two below */
    int64_t timeout_ms;        /* of waiting; with `waits` and no --timeout there is none */
    bool waits; /* until it is carried out, however often the server has to be asked */
    bool is_json;
    /* "paused": what the task is once it is done; NULL: what the outcome's message says, or its code */
    const char *what;
    usec_t deadline;       /* set by task_write: of clock_monotonic */
    const char *execution; /* set by task_write: the one that it is about, "" for none */
    bool is_pending; /* set by task_write: it was taken, and that is all that is known of it */
};

/* Of a command whose first options are write_options: how it waits and prints, and the body's beginning, an open object with the reason. */
struct task_write task_write_of(const struct call *call, enum http_method method,
                                const struct buf *body, const char *what);
struct json task_write_body(struct buf *body, const struct call *call);

/* Sends it, waits as asked, prints. RC_RETRY with `waits`: it was not carried out in time. */
MUST_CHECK enum rc task_write(struct rest *r, struct task_write *write, struct error *err);

#endif
