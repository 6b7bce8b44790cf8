/*
 * read_timings.h - of all tasks that are not deleted what makes them due, and nothing else: a page of a walk over all of them.
 */
#ifndef STORE_READ_TIMINGS_H
#define STORE_READ_TIMINGS_H

#include "store/read.h"

struct timing_row {    /* of a task; the JSON is that of its spec's members */
    const char *place; /* in the table: where the next page goes on */
    struct uuid task_id;
    int32_t state, revision;
    usec_t effective_at;
    const char *project, *queue;
    const char *schedules, *calendars, *window; /* NULL: it has none */
    int64_t jitter_ms;
};

/*
 * Those behind a place ("(0,0)": from the beginning) in the order in which they lie in the table, as far as a page of texts goes: struct
 * timing_row. A million tasks in the order of any key are a million pages to fetch. One that is changed meanwhile moves, and
 * may be met twice or not at all.
 */
void read_timings(struct read_pool *p, const char *after, size_t limit, struct read_reply reply);

#endif
