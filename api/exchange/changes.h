/*
 * changes.h - what has been stored since a moment ago, found out for all who want to be told by one question in 250 ms; by none
 * while nobody does.
 *
 * Positions are asked for first. What was reported on executions is then found by its place in the log; what topic `tasks` says by
 * the broker's time, each once. Of what cannot be found so (executions that were made and have no report yet; a partition of
 * `tasks` that is read late) the partition alone is known: it has changed for every task that lives there. More than a thousand
 * changes at once are not told apart, nor are those that came while the database was away, if they are as many.
 */
#ifndef API_EXCHANGE_CHANGES_H
#define API_EXCHANGE_CHANGES_H

#include "base/map.h"
#include "loop/loop.h"
#include "store/read_changes.h"

struct change_set { /* borrowed; of one look */
    bool everything;
    bool executions, tasks; /* some of them, or what belongs to them */
    bool heartbeats;        /* of some executions: of which ones is not known */
    struct map ids;         /* of executions and tasks; the values mean nothing */
    bool *tasks_placed;     /* by partition: each of its tasks may have changed */
    bool *tasks_read;  /* by partition: topic `tasks` was read on, and nothing of it is found yet */
    bool *logs_placed; /* by partition of an execution's id: lines have come */
    int partitions;
};

struct changes;

/* rc: RC_OK, or RC_RETRY: not all could be found out, and `set` says what is. Called after each look. */
typedef void (*changes_fn)(void *ctx, const struct change_set *set, enum rc rc);

struct changes *changes_new(struct loop *loop, struct read_pool *reads, int partitions,
                            changes_fn fn, void *ctx);
void changes_free(struct changes *c); /* NULL is fine; after read_pool_end */
/* Looks from now on, every 250 ms, or not any more. The first look finds where things stand, and no change. */
void changes_watch(struct changes *c, bool is_wanted);
/* Is it known where things stand? What is stored from now on will be told then. */
bool changes_is_ready(const struct changes *c);
int64_t changes_looks(const struct changes *c); /* so far */

/* --- what it is made of; pure --- */

struct places { /* positions by topic and partition, as they were */
    struct place {
        char *topic;
        int32_t part;
        int64_t next_offset;
    } * items;
    size_t count, capacity;
};

void places_clear(struct places *p);
/* Takes over rows; what has moved goes to `set` and, of `status`, to spans, which has room for row_count of them. False: there are
   others than before, or some went back, so nothing is known of what came meanwhile. */
bool places_take(struct places *p, const struct place_row *rows, size_t row_count,
                 struct change_set *set, struct place_span *spans, size_t *span_count);

/* What topic `tasks` has said goes to `set`, each thing once: `known` (sorted) is what the last look saw, and is replaced. A
   partition that was read on and of which nothing new is found has changed for all its tasks. */
struct told_list {
    uint64_t *items;
    size_t count, capacity;
};

void told_take(struct told_list *known, const struct told_row *rows, size_t count, bool is_first,
               struct change_set *set);

#endif
