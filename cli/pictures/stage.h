/*
 * stage.h - a short play in which the scheduler's own core decides: tasks, orders, workers that take their time, and what was to be
 * seen of each execution meanwhile.
 *
 * Nothing is decided here: commands go into the core (scheduler/core.h), its records come back into it as from the log, and what an
 * execution is the one fold says (model/lifecycle.h). Pure but for the files of zones.
 */
#ifndef CLI_PICTURES_STAGE_H
#define CLI_PICTURES_STAGE_H

#include "base/arena.h"
#include "cron/zoneset.h"
#include "model/records.h"

enum { STAGE_TASKS_MAX = 8, STAGE_RUNS_MAX = 16, STAGE_ORDERS_MAX = 16, STAGE_COLUMNS_MAX = 100 };

/* When everything begins: a Friday, at midnight UTC. */
#define STAGE_BEGIN (INT64_C(1798761600) * USEC_PER_SEC)

struct stage_run { /* of a worker */
    /* dies: its worker is gone then, without a word; hangs: it gives signs of life, and does not stop when it is told to */
    enum { RUN_ENDS, RUN_DIES, RUN_HANGS, RUN_ABSENT } kind;
    int64_t ms;
    enum status end;
};

struct stage_task {
    const char *key;
    const struct task_spec *spec;
    /* attempt after attempt; the last one is that of all further ones */
    struct stage_run runs[STAGE_RUNS_MAX];
    size_t run_count;
};

/* A cancel is about the oldest execution that is not over, a retry about the newest that is. */
struct stage_order {
    int64_t at_ms;
    struct command command;
};

struct stage_script {
    struct stage_task tasks[STAGE_TASKS_MAX];
    size_t task_count;
    struct stage_order orders[STAGE_ORDERS_MAX]; /* by time */
    size_t order_count;
    int64_t away_from_ms, away_to_ms; /* no scheduler runs; equal: never */
    int64_t length_ms, column_ms;
};

struct stage_execution { /* in the order in which they were first heard of */
    struct uuid id;
    const char *task;
    usec_t scheduled_at;
    enum trigger trigger;
    enum status status;
    enum reason reason;
    int32_t attempt;
    char seen[STAGE_COLUMNS_MAX + 1]; /* one letter a column, as picture.h draws it */
};

struct stage_note { /* a gap, a revision that the scheduler wrote, a command that was rejected */
    usec_t from, to;
    const char *text;
};

struct stage_show {
    struct stage_execution *executions;
    size_t count, capacity;
    struct stage_note *notes;
    size_t note_count, note_capacity;
};

/* Plays it to its end; all that ret holds lives in memory. RC_INVALID: what a task or an order asks for is refused. */
MUST_CHECK enum rc stage_play(const struct stage_script *script, struct zoneset *zones,
                              struct arena *memory, struct stage_show *ret, struct error *err);

#endif
