/*
 * work.h - `cronobs work`: runs the executions of a queue as commands on this machine (docs/workers.md).
 *
 * One loop over descriptors: the SDK's, signals, and of each job the end of its process, its input and its outputs.
 * The first SIGTERM or SIGINT takes no new work and lets the commands finish; the second sends them SIGTERM,
 * the third SIGKILL.
 */
#ifndef CLI_WORKER_WORK_H
#define CLI_WORKER_WORK_H

#include "base/settings.h"

enum work_levels { WORK_LEVELS_AUTO, WORK_LEVELS_STREAM };

struct command_options { /* command_settings */
    const char *name;
    int levels; /* enum work_levels */
    int64_t kill_after_ms;
};

struct work_config {
    /* from common_settings */
    const char *brokers, *topic_prefix;
    int64_t session_timeout_ms;
    struct command_options commands;
    /* work_settings */
    const char *queue, *group, *instance;
    int concurrency;
    bool has_heartbeat, is_shell;
    int64_t backlog_ms;
};

extern const struct setting work_settings[];    /* over struct work_config */
extern const struct setting command_settings[]; /* over struct command_options */

/* Runs until it is told to stop and nothing runs any more (RC_OK), or until it must be restarted (RC_FATAL). `command`
   and `environment`: NULL ends; no command: payloads are shell commands. */
MUST_CHECK enum rc work_run(const struct work_config *config, char *const command[],
                            const char *const *environment, struct error *err);

#endif
