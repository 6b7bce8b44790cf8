/*
 * records.h - every record of the wire as plain data (schemas/avro, one file each).
 *
 * All texts, bytes and arrays are borrowed: they live in the arena that the record was decoded into, or
 * with whoever fills it to encode it. A zeroed struct is valid: absent optional instants, durations and
 * revisions are 0, texts NULL, ids nil, bytes {NULL, 0} (empty ones have data), records NULL. Instants
 * are usec_t, durations int64_t in milliseconds named _ms. Which fields exist, their types and names on
 * the wire and in JSON: the tables of model/tables.h, the one place that codec, API and docs read.
 */
#ifndef MODEL_RECORDS_H
#define MODEL_RECORDS_H

#include "base/uuid.h"
#include "model/enums.h"

struct opt_int { /* for numbers whose 0 means something */
    bool is_set;
    int32_t value;
};

struct pair { /* one label */
    const char *name, *value;
};

struct pairs {
    struct pair *items;
    size_t count;
};

/* --- what a task is --- */

struct schedule_spec {
    const char *expression;
    const char *zone; /* IANA name; absent = UTC */
    enum dialect dialect;
    enum dst_gap dst_gap;
    enum dst_overlap dst_overlap;
};

struct calendar_rule { /* dates: one of from/to, yearly, weekday; hours narrow it */
    const char *kind;  /* "date", "range", "yearly", "weekday", "nth_weekday", "hours" */
    const char *value; /* "2026-12-24", "2026-12-24/2027-01-06", "12-25", "SAT", "MON#2",
                          "12:00-13:00" */
};

struct calendar_spec { /* inlined by the API, so a revision is self-contained */
    const char *name;
    enum calendar_mode mode;
    struct calendar_rule *rules;
    size_t rule_count;
};

struct window_spec {
    usec_t from, until;                /* instants; 0 = open */
    const char *daily_from, *daily_to; /* "HH:MM", half-open, overnight allowed */
    const char *zone;
};

struct misfire_spec {
    enum misfire_policy policy;
    int64_t after_ms;  /* decided later than this past due = misfired */
    int64_t window_ms; /* older ones are never made up for */
    int32_t limit;     /* the newest N at most */
};

struct retry_spec {
    int32_t max_attempts; /* 1 = no retry */
    int64_t first_delay_ms, max_delay_ms, jitter_ms;
    double multiplier;
    const char *on; /* comma list of FAILED, TIMED_OUT, LOST */
};

struct then_spec {              /* a task that an execution's end sets off */
    const char *project, *task; /* keys; project absent = that of the task itself */
    enum then_on on;
};

struct task_spec {
    const char *key, *project, *title, *description;
    struct pairs labels;
    const char *queue;
    struct bytes payload; /* <= 64 KiB */
    const char *content_type;
    struct schedule_spec *schedules; /* 0-16 */
    size_t schedule_count;
    struct calendar_spec *calendars;
    size_t calendar_count;
    struct window_spec *window;
    int64_t jitter_ms;
    struct misfire_spec misfire;
    enum overlap_policy overlap;
    int32_t max_concurrency;
    struct retry_spec retry;
    int64_t start_deadline_ms, run_timeout_ms, finish_by_ms, heartbeat_ms; /* 0 = off */
    int32_t pause_after_failures;                                          /* 0 = off */
    struct then_spec *then;                                                /* 0-16 */
    size_t then_count;
};

/* --- commands[p], key = task id --- */

struct put_task {
    struct task_spec spec;
};
struct pause_task {
    usec_t until; /* 0 = until resumed */
};
struct resume_task {
    enum resume_gap gap;
};
struct chain_link { /* the end of another task's execution that set this one off */
    struct uuid parent_execution_id;
    usec_t ended_at;
    int32_t depth; /* so many links lie behind it, itself counted */
    int32_t spent; /* so many of SPEC_SET_OFF_MAX are not for this one to set off, itself counted */
};
struct trigger_task {
    struct bytes payload; /* {NULL, 0}: the task's own; an empty one of its own has data */
    bool ignore_overlap;
    const struct chain_link *chain; /* NULL: somebody asks */
};
struct cancel_execution {
    struct uuid execution_id;
};
struct retry_execution {
    struct uuid execution_id;
    usec_t scheduled_at;
    struct bytes payload;
};
struct backfill_task {
    usec_t from, to;
};
struct object_body { /* projects, groups, calendars, keys, alert routes: opaque here */
    const char *kind, *key, *json;
};

enum { EXPECT_SOME = -1 }; /* as an expected revision */

struct command {
    struct uuid command_id, task_id;
    const char *actor;
    struct opt_int expected_revision; /* 0 = must not exist, EXPECT_SOME = must exist */
    const char *reason;
    enum command_kind kind; /* which member of `body`; the branch of the Avro union */
    union command_body {    /* COMMAND_DELETE_TASK and COMMAND_SKIP_NEXT carry nothing */
        struct put_task put_task;
        struct pause_task pause_task;
        struct resume_task resume_task;
        struct trigger_task trigger_task;
        struct cancel_execution cancel_execution;
        struct retry_execution retry_execution;
        struct backfill_task backfill;
        struct object_body put_object, delete_object;
    } body;
};

/* --- tasks[p], key = task id --- */

struct task_revision {
    struct uuid task_id;
    int32_t revision; /* 1, 2, ... never restarts; a deletion is a revision too */
    enum task_state state;
    usec_t effective_at;
    struct uuid command_id; /* nil when the scheduler itself decided */
    const char *actor, *reason;
    struct task_spec spec;
};

/* The message of a SKIP_NEXT that was accepted: of the instant in RFC 3339. */
#define SKIP_NEXT_WORDS "%s is skipped"

struct command_outcome {
    struct uuid command_id, task_id;
    enum outcome_result result;
    enum outcome_code code;
    const char *message;
    int32_t revision; /* 0 = none */
    struct uuid execution_id;
    usec_t skip_until; /* as in the task's state, after the command (model/skip_next.h) */
};

struct schedule_gap { /* unique by (task, revision, from, reason) */
    struct uuid task_id;
    int32_t revision;
    usec_t from, to; /* (from, to]: scheduled instants passed over */
    int32_t count;   /* counted to 10,000, then `more` */
    bool more;
    enum reason reason;
};

/* --- executions.<queue>[p], key = task id --- */

struct execution_created {
    struct uuid execution_id, task_id;
    const char *task_key, *project;
    int32_t revision, attempt, max_attempts;
    enum trigger trigger;
    usec_t scheduled_at, due_at;
    usec_t nominal_local; /* wall time as if it were UTC; 0 = made by hand */
    const char *zone, *tzdata;
    enum dst dst;
    usec_t start_by, finish_by;
    int64_t run_timeout_ms, heartbeat_ms;
    struct uuid parent_execution_id;
    int32_t status_partition;
    struct bytes payload;
    const char *content_type;
    struct pairs labels;
    /* reports at lower offsets of its partition of status are not about it: it was not made yet */
    int64_t status_from;
    const struct retry_spec *retry; /* NULL: there is one attempt */
    bool waited; /* for others: its life begins with the report WAITING at status_from */
};

/* --- status[p], key = task id --- */

struct worker_ref { /* absent exactly when the scheduler speaks */
    const char *name;
    struct uuid incarnation;
};

struct execution_status {
    struct uuid event_id, execution_id, task_id;
    int32_t attempt;
    enum status status;
    bool if_unclaimed;
    enum reason reason;
    usec_t occurred_at; /* the reporter's clock: shown, never decides */
    const struct worker_ref *worker;
    const char *message;
    struct opt_int exit_code;
    struct bytes result; /* <= 64 KiB */
    usec_t next_attempt_at;
    struct uuid blocked_by;
    usec_t scheduled_at;  /* these four: executions born SKIPPED, MISSED, WAITING or external */
    enum trigger trigger; /* TRIGGER_UNKNOWN (0) = absent */
    int32_t revision;
    const char *queue;
};

struct heartbeat { /* heartbeats[p], key = task id */
    struct uuid execution_id, task_id;
    int32_t attempt;
    struct worker_ref worker;
    usec_t occurred_at;
    struct opt_int progress; /* percent */
    const char *message;
};

/* --- logs[p], key = execution id --- */

struct log_line {
    usec_t at;
    enum log_line_level level;
    enum log_stream stream;
    const char *message; /* <= 16 KiB, may hold anything: message_len counts */
    size_t message_len;
};

struct log_mark { /* of a line that needs one */
    int32_t line; /* the first is 1 */
    bool unfinished, escaped;
};

struct log_batch { /* <= 1,000 lines or 256 KiB */
    struct uuid execution_id, task_id;
    int32_t attempt;
    struct uuid writer; /* incarnation of the process that writes */
    int64_t first_seq;  /* number of lines[0]; the first line of a writer is 1 */
    struct log_line *lines;
    size_t line_count;
    struct log_mark *marks;
    size_t mark_count;
};

struct execution_signal { /* control, key = execution id */
    struct uuid execution_id, task_id;
    int32_t attempt;
    enum signal_kind signal;
    usec_t requested_at;
    const char *actor, *reason;
};

/* --- state[p], compacted, private to the scheduler; keys in scheduler/state_keys --- */

struct recent_command {
    struct uuid command_id;
    usec_t at; /* broker time */
};

struct task_state_record { /* key "task/<task id>" */
    struct uuid task_id;
    int32_t revision;
    enum task_state state;
    usec_t effective_at, floor;
    usec_t paused_until;
    struct recent_command *recent; /* <= 256, <= 24 h */
    size_t recent_count;
    struct task_spec spec;
    int32_t spec_since; /* the revision that brought it; pauses and resumptions leave it */
    usec_t skip_until;  /* instants scheduled up to here are skipped; 0: none */
};

struct run_state { /* key "run/<task id>" */
    struct uuid task_id;
    int32_t consecutive_failures;
};

struct open_execution { /* key "open/<execution id>"; a tombstone when finished */
    struct uuid execution_id, task_id;
    int32_t revision, attempt;
    enum status status;
    usec_t scheduled_at, due_at, start_by, finish_by;
    usec_t claimed_at; /* broker time of the RUNNING that moved it last; 0 = none */
    int64_t run_timeout_ms, heartbeat_ms;
    usec_t next_attempt_at;
    struct uuid claimant; /* incarnation */
    enum trigger trigger;
    const char *queue;
    int32_t max_attempts;
    enum status proposed; /* the scheduler's own, not read back yet; STATUS_PENDING = none */
    int64_t status_from;  /* as in its ExecutionCreated */
    bool unsent;          /* its attempt is not in the queue yet */
    usec_t nominal_local;
    const char *zone;
    enum dst dst;
    struct bytes payload; /* {NULL, 0}: what its revision says */
    struct uuid parent_execution_id;
    int32_t spec_since;    /* as in the state of its task, when it was made */
    enum reason cancelled; /* it is to be cancelled, and why; REASON_NONE: it is not */
    /* it waits for others, or did: status_from is -1 until its report WAITING is read */
    bool waited;
    usec_t cancel_by;    /* while CANCELLING: CANCELLED unless its worker says so by then */
    int32_t chain_depth; /* links of the chain that lie behind it; 0: no other task's end made it */
    int32_t chain_spent; /* as in its link */
};

struct watermark { /* key "watermark", the first record of every transaction that touches p */
    usec_t due;
    struct uuid task_id;
    int64_t commands_next, status_next;
    const char *tzdata;
    const char *writer; /* transactional.id */
};

#endif
