/*
 * read_usual.h - how long a task's work usually takes.
 */
#ifndef STORE_READ_USUAL_H
#define STORE_READ_USUAL_H

#include "store/read.h"

enum { USUAL_TASKS_MAX = 500 }; /* asked for at once */

struct usual_row {
    struct uuid task_id;
    int64_t usual_ms; /* -1: no success among those */
};

/* The median of the last 20 successes among a task's 60 newest executions of this month and the one before: a struct usual_row for
   each of the tasks, in no order. */
void read_usual(struct read_pool *p, const struct uuid *tasks, size_t count,
                struct read_reply reply);

#endif
