/*
 * ensure.h - puts a task over HTTP, for commands that do something else in the first place: one request, no second try.
 */
#ifndef CLI_SHARED_ENSURE_H
#define CLI_SHARED_ENSURE_H

#include "base/error.h"
#include "base/settings.h"

struct ensured_task {
    const char *key, *project;
    const char *queue, *zone; /* NULL: the API's own */
    const struct texts *schedules;
    int64_t run_timeout_ms, heartbeat_ms; /* 0: none */
    int64_t timeout_ms; /* of the whole request, in which the task is waited for */
};

/* RC_RETRY: the API is away, or does not know in time; else what it says. */
MUST_CHECK enum rc ensure_task(const char *url, const struct ensured_task *task, struct error *err);

#endif
