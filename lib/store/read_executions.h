/*
 * read_executions.h - history: pages of executions, one of them, its events, counts by day.
 *
 * Pages go from the newest to the oldest by execution id (or the other way), those of one id by task, leaf by leaf, and are found by keys,
 * never by counting rows. Which index leads the way is chosen by the filter; what remains of the
 * filter is checked on at most READ_SCAN_MAX rows a page: a page may then hold fewer rows than
 * `limit`, or none, and still say `more`.
 */
#ifndef STORE_READ_EXECUTIONS_H
#define STORE_READ_EXECUTIONS_H

#include "store/read.h"

enum { READ_SCAN_MAX = 20000, EXECUTION_LEAVES_MAX = 24, READ_HEARTBEATS_MAX = 2000 };

struct execution_place { /* in the order of the pages */
    struct uuid execution, task;
};

struct execution_filter {
    struct uuid task;           /* nil: any */
    const char *queue;          /* NULL: any */
    uint32_t statuses;          /* bit set of 1 << enum status; 0: any, unless late_before is set */
    usec_t late_before;         /* also those that are PENDING and were due before it; 0: none */
    uint32_t reasons, triggers; /* bit sets, too; 0: any */
    /* Only what is below it: the cursor, or the first instant after a range, of no task. */
    struct execution_place before;
    usec_t from;                  /* scheduled at or after it; 0: from the beginning */
    bool ascending;               /* oldest first */
    struct execution_place after; /* ascending: only what is above it: the cursor */
};

/* The smallest execution id of an instant. */
struct uuid execution_id_floor(usec_t t);

struct execution_page {
    struct read_page page; /* rows: struct execution_row, without payload */
    /* `before` of the next page, ascending its `after`, when page.more */
    struct execution_place next;
};

typedef void (*executions_fn)(void *ctx, const struct execution_page *page);

void read_executions(struct read_pool *p, const struct execution_filter *filter, size_t limit,
                     struct arena *memory, executions_fn done, void *ctx);

/* Those of these ids that there are, in no order, in the EXECUTION_LEAVES_MAX newest months: struct execution_row, without payload. */
void read_executions_of(struct read_pool *p, const struct uuid *ids, size_t count,
                        struct read_reply reply);

/* One execution, whole: 0 or 1 struct execution_row. What is read of it here and in read_logs.h is that of the one that was
   made; reports under another task's id, or on what nobody made, are not among it. */
void read_execution(struct read_pool *p, struct uuid id, struct read_reply reply);

/* What was reported about it, in the order of the log: struct event_row. Of what came again only that which
   moved it. The first `limit` after that offset. */
void read_events(struct read_pool *p, struct uuid id, int64_t after_offset, size_t limit,
                 struct read_reply reply);

/* Its last sign of life: 0 or 1 struct heartbeat_row. */
void read_heartbeat(struct read_pool *p, struct uuid id, struct read_reply reply);

/* Those of these executions, as read_executions_of: struct heartbeat_row, maybe several of one id, of several tasks. */
void read_heartbeats_of(struct read_pool *p, const struct uuid *ids, size_t count,
                        struct read_reply reply);

struct day_count {
    int32_t day; /* 1 for [bounds[0], bounds[1]) */
    int32_t status;
    int64_t count, run_ms;
};

/* When the history begins: the first instant of its oldest month; 0: there is none yet. */
typedef void (*history_start_fn)(void *ctx, usec_t start, const struct error *err);
void read_history_start(struct read_pool *p, struct arena *memory, history_start_fn done,
                        void *ctx);

/* Counts by day and status: struct day_count, in no order, maybe several of one day and status.
   `bounds`: ascending, at least 2. task nil: all. */
void read_days(struct read_pool *p, struct uuid task, const usec_t *bounds, size_t bound_count,
               struct read_reply reply);

#endif
