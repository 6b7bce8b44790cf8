/*
 * read_open.h - what is under way or waits to be, all over the history.
 *
 * An execution may be open for months. Which months have one is asked of the counts (rollup_all); in each of their leaves the
 * index of open ones is skipped through, queue by queue.
 */
#ifndef STORE_READ_OPEN_H
#define STORE_READ_OPEN_H

#include "store/read.h"

enum { READ_OPEN_MAX = 20000, READ_QUEUES_OPEN_MAX = 200000 };

struct open_row {
    struct uuid execution_id, task_id;
    usec_t started_at;
    int64_t looked_at; /* of all; the same in each row */
};

/* Those of `statuses` (bit set) that have started, the longest ago first, of the first READ_OPEN_MAX open ones: page.more when
   there are further open ones, whatever their status is. */
void read_started(struct read_pool *p, uint32_t statuses, struct read_reply reply);

struct open_queue_row {
    const char *queue;
    int32_t status;
    int64_t count;
    usec_t oldest_due_at; /* 0: none has one */
};

/* How many of each status are open in each queue: struct open_queue_row, by queue. READ_OPEN_MAX of a queue and month are looked
   at, the oldest, and READ_QUEUES_OPEN_MAX in all: so many, or more, are not the whole of it. */
void read_open_queues(struct read_pool *p, struct read_reply reply);

struct open_sums { /* one row */
    /* READ_OPEN_MAX + 1: there are more, and the rest is of these */
    int64_t looked_at;
    int64_t late, late_tasks;
    usec_t oldest_due_at; /* of those that are late; 0: none is */
    int64_t pending, waiting, running, cancelling, retrying;
};

/* PENDING ones that were due before `late_before` are late. project: NULL: of all. */
void read_open_sums(struct read_pool *p, usec_t late_before, const char *project,
                    struct read_reply reply);

#endif
