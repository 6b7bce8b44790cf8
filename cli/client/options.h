/*
 * options.h - the options of the commands that talk to the API: one struct and one table for each kind.
 */
#ifndef CLI_CLIENT_OPTIONS_H
#define CLI_CLIENT_OPTIONS_H

#include "base/settings.h"

struct view_options { /* of everything that is shown */
    bool is_json;
    const char *zone; /* NULL: the machine's */
};
extern const struct setting view_options[];

struct task_options { /* of everything that names a task */
    const char *project;
};
extern const struct setting task_options[];

struct write_options { /* of everything that changes a task or an execution */
    bool is_json, waits;
    int64_t timeout_ms;
    const char *reason;
};
extern const struct setting write_options[];

struct task_list_options {
    const char *project, *queue, *state, *label;
    int limit;
};
extern const struct setting task_list_options[];

struct put_options { /* put_options.c */
    const char *project, *queue, *title, *zone, *content_type;
    const char *payload, *payload_file, *command, *shell;
    const char *active_from, *active_until, *daily, *daily_zone;
    struct texts schedules, labels, excluded, only, then;
    int dialect, dst_gap, dst_overlap, overlap, max_concurrency, pause_after_failures;
    int misfire, misfire_limit;
    int64_t misfire_after_ms, misfire_window_ms;
    int attempts;
    int64_t retry_delay_ms, retry_max_delay_ms, retry_jitter_ms;
    const char *retry_multiplier, *retry_on;
    int64_t run_timeout_ms, start_deadline_ms, finish_by_ms, heartbeat_ms, jitter_ms;
    int if_revision;
    bool is_json, waits, is_patch;
    int64_t timeout_ms;
};
extern const struct setting put_options[];

struct action_options { /* pause, resume, trigger, retry */
    const char *until, *payload;
    int gap;
    bool ignores_overlap;
};
extern const struct setting pause_options[], resume_options[], trigger_options[], retry_options[];

struct backfill_options {
    const char *from, *to, *zone;
    bool is_dry_run;
};
extern const struct setting backfill_options[];

struct gap_options {
    int limit;
};
extern const struct setting gap_options[];

struct dead_letter_options {
    const char *topic, *reason, *from, *to;
    int partition, limit;
};
extern const struct setting dead_letter_options[];

struct execution_list_options {
    const char *project, *task, *queue, *status, *day, *from, *to;
    int limit;
};
extern const struct setting execution_list_options[];

struct logs_options {
    const char *level;
    bool follows, has_times, is_json;
    const char *zone;
};
extern const struct setting logs_options[];

struct upcoming_options {
    const char *project, *task, *from, *to;
    int limit;
};
extern const struct setting upcoming_options[];

struct forecast_options {
    const char *day, *expression, *project, *queue;
};
extern const struct setting forecast_options[];

struct why_options {
    bool is_json;
    const char *project, *from, *to, *zone;
};
extern const struct setting why_options[];

struct command_show_options {
    bool waits;
};
extern const struct setting command_show_options[];

#endif
