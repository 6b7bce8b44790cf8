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

struct write_options { /* of everything that changes a task */
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
    struct texts schedules, labels, excluded, only;
    int dialect, dst_gap, dst_overlap, overlap, misfire;
    int64_t run_timeout_ms, start_deadline_ms, jitter_ms;
    int if_revision;
    bool is_json, waits, is_patch;
    int64_t timeout_ms;
};
extern const struct setting put_options[];

struct action_options { /* pause, resume, trigger */
    const char *until, *payload;
    int gap;
    bool ignores_overlap;
};
extern const struct setting pause_options[], resume_options[], trigger_options[];

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

struct command_show_options {
    bool waits;
};
extern const struct setting command_show_options[];

#endif
