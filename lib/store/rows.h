/*
 * rows.h - the rows of the tables (schemas/sql) as plain data, and tables that say which member is which column.
 *
 * One line per column drives binary COPY, UPDATE ... FROM unnest, upserts and reading. As everywhere an absent
 * instant or number is 0, an absent text NULL, an absent id nil: such a member is NULL in the database where its column
 * says `or_null`. All pointers are borrowed. Codes are the numbers of model/enums.h.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "model/records.h"

enum column_type {
    COLUMN_UUID,      /* struct uuid */
    COLUMN_TIME,      /* usec_t: timestamptz */
    COLUMN_LOCAL,     /* usec_t: timestamp without zone */
    COLUMN_DAY,       /* usec_t: the UTC date of that instant */
    COLUMN_LONG,      /* int64_t: bigint */
    COLUMN_INT,       /* int32_t: int */
    COLUMN_SMALL,     /* int32_t: smallint; the caller has checked its range */
    COLUMN_OPT_INT,   /* struct opt_int: int */
    COLUMN_OPT_SMALL, /* struct opt_int: smallint */
    COLUMN_BOOL,      /* bool */
    COLUMN_TEXT,      /* const char *: text */
    COLUMN_JSON,      /* const char *: json */
    COLUMN_JSONB,     /* const char *: jsonb */
    COLUMN_BYTES,     /* struct bytes: bytea */
    COLUMN_RANGES,    /* struct seq_ranges: int8multirange; empty = NULL */
    COLUMN_NUMBERS, /* struct numbers: int[]; empty = NULL; only for COPY, as the line columns below */
    COLUMN_LINE_TIMES,
    COLUMN_LINE_LEVELS,
    COLUMN_LINE_STREAMS,
    COLUMN_LINE_TEXTS, /* struct line_list */
    COLUMN_TYPE_COUNT
};

/* Groups of columns: what an UPDATE sets, and what is read back for the fold. */
enum column_group {
    GROUP_KEY = 1,  /* part of the primary key */
    GROUP_LIFE = 2, /* execution: what statuses change; event: whether it moved something */
    /* execution: what ExecutionCreated says, and a birth may say before it; event: what is folded */
    GROUP_ORIGIN = 4,
    GROUP_DESCRIBED = 8, /* execution: what only ExecutionCreated says */
    GROUP_REST = 16,
};

struct column {
    const char *name; /* NULL ends a table */
    enum column_type type;
    size_t offset;
    enum column_group group;
    bool or_null;
};

struct row_type {
    const char *table;
    const struct column *columns;
    size_t size;
};

struct seq_range { /* log lines [from, to) */
    int64_t from, to;
};

struct seq_ranges { /* sorted, disjoint, none empty */
    struct seq_range *items;
    size_t count;
};

struct numbers {
    int32_t *items;
    size_t count;
};

struct line_list {
    const struct log_line *items;
    size_t count;
};

struct execution_key {
    struct uuid execution_id, task_id;
};

struct execution_row { /* also of stray_execution, which has no columns but key and life */
    struct uuid execution_id, task_id, parent_execution_id, worker_incarnation, blocked_by;
    usec_t created_at, scheduled_at, due_at, started_at, finished_at, status_at, next_attempt_at,
        start_by, finish_by;
    usec_t nominal_local;
    int64_t run_timeout_ms, heartbeat_ms;
    int64_t status_from; /* offset in status: what was reported before is not about it */
    /* what decides about further attempts, as in struct life_rules of model/lifecycle.h; retry_on 0: there are none */
    int64_t retry_first_ms, retry_max_ms, retry_jitter_ms;
    int32_t retry_on, retry_multiplier;
    bool waited; /* for others: its life begins with the report WAITING at status_from */
    int32_t revision, attempt, created_attempt, max_attempts, status, trigger, reason, dst;
    struct opt_int exit_code;
    bool cancel_requested, contradicted;
    const char *queue, *zone, *tzdata, *worker, *message, *content_type, *labels;
    struct bytes payload;
};

struct event_row { /* also of execution_repeat, by its place */
    struct uuid execution_id, task_id, event_id, worker_incarnation, blocked_by;
    usec_t received_at, occurred_at, next_attempt_at;
    int64_t kafka_offset;
    int32_t kafka_partition, attempt, status, reason;
    struct opt_int exit_code;
    bool if_unclaimed, moved;
    bool is_repeat; /* no column: in execution_repeat */
    const char *worker, *message;
    struct bytes result;
};

struct heartbeat_row {
    struct uuid execution_id, task_id, worker_incarnation;
    usec_t received_at, occurred_at;
    int32_t attempt;
    struct opt_int progress;
    const char *worker, *message;
};

struct rollup_row { /* a change: added to what is there */
    struct uuid task_id;
    usec_t bucket;
    int64_t count, run_ms;
    int32_t kafka_partition, status;
};

struct log_batch_row {
    struct uuid execution_id, task_id, writer;
    usec_t received_at; /* `day` is its date */
    int64_t first_seq;
    int32_t attempt, levels;
    struct numbers escaped, unfinished;
    struct line_list lines;
};

struct log_writer_row {
    struct uuid execution_id, task_id, writer;
    int64_t next_seq;
    int64_t levels[LINE_LEVEL_COUNT]; /* stored lines of each */
    int32_t attempt;
    struct seq_ranges gaps;
};

struct task_row {
    struct uuid task_id, command_id;
    int32_t revision, state;
    usec_t effective_at, received_at;
    int64_t kafka_offset;
    const char *project, *key, *title, *queue, *labels, *spec, *actor,
        *reason; /* labels, spec: JSON */
};

struct command_row {
    struct uuid command_id, task_id, execution_id;
    int32_t kind, kafka_partition;
    struct opt_int expected_revision;
    usec_t received_at;
    int64_t kafka_offset;
    bool misplaced; /* outside its task's partition */
    const char *actor, *reason, *body;
    int32_t result, code, revision; /* these, execution_id and message: of the outcome */
    const char *message;
};

struct skip_row {
    struct uuid task_id;
    usec_t skip_until; /* 0: nothing is to be skipped, and there is no row */
    int64_t kafka_offset;
};

struct gap_row {
    struct uuid task_id;
    int32_t revision, reason, count;
    usec_t from_at, to_at, received_at;
    bool more;
};

struct dead_letter_row {
    const char *topic;
    int32_t part;
    int64_t kafka_offset;
    usec_t received_at;
    int64_t last_offset; /* of a batch; 0: one record */
    const char *reason, *detail;
    struct bytes key, value; /* their beginnings */
    int64_t value_len;       /* of all of it */
    struct bytes value_sha256;
};

struct offset_row {    /* kafka_offset, in the batch's view */
    const char *topic; /* without the prefix */
    int32_t part;
    int64_t first_offset; /* next_offset as it has to be before the batch */
    int64_t next_offset;  /* and after it; equal: only the lock is wanted */
    int64_t epoch;
    bool stands; /* not read: only a person can say how it goes on */
    bool was_told;
};

/* clang-format off */
extern const struct row_type execution_type, stray_type, event_type, repeat_type, heartbeat_type, rollup_type, rollup_all_type, log_batch_type, log_writer_type,
    task_type, task_revision_type, command_type, outcome_type, task_skip_type, gap_type, dead_letter_type;
/* clang-format on */

#endif
