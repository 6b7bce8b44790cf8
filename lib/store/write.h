/*
 * write.h - storing a batch: positions and rows in one transaction (docs/decisions/0020).
 *
 *     store_prepare                 once per connection
 *     store_claim                   at each assignment: epoch + 1, where to go on
 *     store_make_leaves             before the transaction
 *     store_begin                   BEGIN; locks and advances the positions, if the epoch is still ours
 *     store_read_executions, ...    states of what the batch touches, no more; the caller folds
 *     store_rows_write              COPY of new rows, UPDATE of old ones, upserts
 *     store_commit
 *
 * A step that fails leaves nothing behind but an open transaction: call store_rollback (also when the connection is gone).
 * RC_CONFLICT: run the same batch again, with `careful` reading; RC_INVALID: some row cannot be stored;
 * RC_FENCED: the positions belong to another owner now: drop the batch.
 */
#ifndef STORE_WRITE_H
#define STORE_WRITE_H

#include "base/arena.h"
#include "store/positions.h"

/* What is done with rows, in the order in which it is done. */
enum store_op {
    STORE_NEW_EXECUTIONS,  /* struct execution_row, COPY */
    STORE_EXECUTION_LIVES, /* struct execution_row that exist: columns that statuses change */
    STORE_EXECUTIONS,      /* struct execution_row that exist: all columns */
    STORE_NEW_STRAYS,      /* struct execution_row that nobody made, COPY */
    STORE_STRAYS,          /* those that exist */
    STORE_STRAYS_MADE,     /* those that are made by now: removed */
    STORE_EVENTS,          /* struct event_row, COPY */
    STORE_EVENTS_JUDGED,   /* those that exist: whether they moved something */
    STORE_REPEATS,         /* struct event_row of reports that came again, COPY */
    STORE_REPEATS_JUDGED,  /* those that exist: whether they moved something */
    STORE_LOG_BATCHES,     /* struct log_batch_row, COPY */
    STORE_NEW_WRITERS,     /* struct log_writer_row, COPY */
    STORE_WRITERS,         /* struct log_writer_row that exist */
    STORE_ROLLUPS,         /* struct rollup_row: added; what comes to 0 is removed */
    STORE_ROLLUPS_ALL,     /* struct rollup_row, for rollup_all */
    STORE_TASKS,           /* struct task_row: the last one in the log stays */
    STORE_TASK_REVISIONS,  /* struct task_row: the first one stays */
    STORE_COMMANDS, /* struct command_row: the lowest position stays, of those in place if there are any */
    STORE_OUTCOMES,     /* struct command_row: in the same way */
    STORE_SKIPS,        /* struct skip_row: the last one in the log stays */
    STORE_SKIPS_OVER,   /* those of tasks of which nothing is to be skipped any more: removed */
    STORE_GAPS,         /* struct gap_row: the first one stays */
    STORE_HEARTBEATS,   /* struct heartbeat_row: the newest stays */
    STORE_DEAD_LETTERS, /* struct dead_letter_row: the first one stays */
    STORE_OP_COUNT
};

/* no two rows of one list with the same key; sorted by key, so that owners never deadlock */
struct row_list {
    const void *items;
    size_t count;
};

struct store_rows {
    struct row_list of[STORE_OP_COUNT];
};

struct leaf { /* a partition: the one of `parent` that holds `at` */
    const char *parent;
    usec_t at;
};

enum { REPORTS_AT_ONCE = 1000 };

MUST_CHECK enum rc store_prepare(struct store *s, struct error *err);

MUST_CHECK enum rc store_make_leaf(struct store *s, struct leaf leaf, struct error *err);

/* What the fold has to know of the rows that have these keys: as many at most, whatever else is there under the same execution
   ids. Keys, each once, sorted, at least one: struct execution_key; for the same of strays, too; struct log_writer_row; struct
   event_row. Of events, whether they are there: their keys. */
MUST_CHECK enum rc store_read_executions(struct store *s, struct row_list keys,
                                         struct arena *memory, struct row_list *ret,
                                         struct error *err);
MUST_CHECK enum rc store_read_strays(struct store *s, struct row_list keys, struct arena *memory,
                                     struct row_list *ret, struct error *err);
MUST_CHECK enum rc store_read_writers(struct store *s, struct row_list keys, struct arena *memory,
                                      struct row_list *ret, struct error *err);
MUST_CHECK enum rc store_read_events(struct store *s, struct row_list keys, struct arena *memory,
                                     struct row_list *ret, struct error *err);
/* All reports on these executions (struct execution_key, each once, at least one), events and repeats, of which there may be any
   number: store_open_reports once, then store_next_reports until fewer than REPORTS_AT_ONCE come (struct event_row: what the
   fold needs). One execution behind the other, in the order of offsets. */
MUST_CHECK enum rc store_open_reports(struct store *s, struct row_list keys, struct error *err);
MUST_CHECK enum rc store_next_reports(struct store *s, struct arena *memory, struct row_list *ret,
                                      struct error *err);
MUST_CHECK enum rc store_rows_write(struct store *s, const struct store_rows *rows,
                                    struct error *err);

const struct row_type *store_op_type(enum store_op op);

#endif
