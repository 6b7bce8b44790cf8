/*
 * rollup.h - counts of executions by quarter of an hour and status, as changes that can be added up. Pure.
 *
 * A row counts once, in the bucket of its execution id's time and under its status; with a change of status it moves. So
 * the sums do not depend on how the statuses were cut into batches.
 */
#ifndef CONSUMER_ROLLUP_H
#define CONSUMER_ROLLUP_H

#include "base/arena.h"
#include "store/rows.h"

#define ROLLUP_BUCKET (15 * USEC_PER_MIN)

/* What a row adds to the counts. */
struct rollup_row rollup_of(const struct execution_row *row, int kafka_partition);

struct rollup { /* changes of one batch; zero-initialise, release with rollup_clear */
    struct rollup_row *items;
    size_t count, capacity;
};

void rollup_clear(struct rollup *r);
/* Takes `before` (NULL: there was none) out, puts `after` in; nothing when they are the same. */
void rollup_move(struct rollup *r, const struct rollup_row *before, const struct rollup_row *after);

/* Adds up what has the same key, drops what comes to nothing, sorts: by task, and by Kafka partition. In memory. */
struct rollup_row *rollup_by_task(struct rollup *r, struct arena *memory, size_t *ret_count);
struct rollup_row *rollup_by_partition(struct rollup *r, struct arena *memory, size_t *ret_count);

#endif
