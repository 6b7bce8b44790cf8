/*
 * read_workers.h - who works for a queue, as its executions tell: nobody signs on anywhere.
 */
#ifndef STORE_READ_WORKERS_H
#define STORE_READ_WORKERS_H

#include "store/read.h"

enum {
    READ_WORKERS_MAX = 1000,
    READ_WORKER_RUNS_MAX = 1000,
    READ_WORKER_ROWS_MAX = 20000, /* of a month, the newest: so many are looked at */
};

struct worker_row { /* one process */
    struct uuid incarnation;
    const char *worker;
    usec_t since, seen_at; /* its first and its last report of them */
    int64_t finished;      /* executions */
    /* What is older was not looked at, in one month at least; the same in each row; nil: all was. */
    struct uuid cut;
};

/* Those that have had something of the queue since `from`, by the last attempt of each execution: struct worker_row, by name. Without
   any there is one row with a nil incarnation, which says what was looked at. */
void read_workers(struct read_pool *p, const char *queue, usec_t from, struct read_reply reply);

/* What runs of the queue: struct execution_row, of which is read who, what and since when; the oldest first. page.more: there are
   further ones, or so many are open (READ_OPEN_MAX, with what waits) that not all were looked at. */
void read_worker_runs(struct read_pool *p, const char *queue, struct read_reply reply);

#endif
