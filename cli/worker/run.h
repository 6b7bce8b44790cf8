/*
 * run.h - `cronobs run`: a command that somebody else's cron starts, observed (docs/workers.md).
 *
 * To whoever has started it, it is the command: its input, what it prints, its exit code or the signal that it dies by, the signals that
 * are sent to it. Whatever brokers and API do, the command runs; its report is sent meanwhile, and for a set time after its end.
 */
#ifndef CLI_WORKER_RUN_H
#define CLI_WORKER_RUN_H

#include "base/settings.h"

struct run_config {
    const char *task, *project, *spool;
    int64_t timeout_ms, heartbeat_ms, send_timeout_ms;
    /* with is_ensured: what the task is */
    bool is_ensured;
    struct texts schedules;
    const char *zone, *queue;
};

extern const struct setting run_settings[]; /* over struct run_config */

#endif
