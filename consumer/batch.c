#include "consumer/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "consumer/projector.h"

enum { TRIES = 5 };

/* --- positions --- */

void positions_clear(struct positions *p)
{
    free(p->rows);
    arena_free(p->names);
    *p = (struct positions){NULL, 0, NULL};
}

static int order_positions(const void *a, const void *b)
{
    const struct offset_row *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);

    return order != 0 ? order : x->part - y->part;
}

void positions_add(struct positions *p, const char *topic, int partition)
{
    if (p->names == NULL)
        p->names = arena_new(0);
    p->rows = xrealloc(p->rows, p->count + 1, sizeof *p->rows);
    p->rows[p->count++] =
        (struct offset_row){.topic = arena_strdup(p->names, topic), .part = partition};
}

void positions_sort(struct positions *p)
{
    if (p->count > 0)
        qsort(p->rows, p->count, sizeof *p->rows, order_positions);
}

struct offset_row *positions_find(const struct positions *p, const char *topic, int partition)
{
    const struct offset_row key = {.topic = topic, .part = partition};

    return p->count == 0 ? NULL
                         : bsearch(&key, p->rows, p->count, sizeof *p->rows, order_positions);
}

/* --- one try --- */

struct attempt {
    struct batch_writer *w;
    struct intake *items;
    size_t count;
    bool careful; /* look for events that are there already */
    struct arena *memory;
    struct projector *projector;
    struct offset_row *moves; /* as the batch will leave the positions */
    size_t move_count, dead_letters;
};

/* Rows of one partition are written by whoever holds the lock on its status position: were the topics of a partition ever
   split between two owners, they would still take turns. */
static void lock_status_too(struct attempt *a, int partition)
{
    for (size_t i = 0; i < a->move_count; i++)
        if (a->moves[i].part == partition && strcmp(a->moves[i].topic, "status") == 0)
            return;
    a->moves[a->move_count++] = (struct offset_row){.topic = "status", .part = partition};
}

static enum rc collect_moves(struct attempt *a, struct error *err)
{
    const struct positions *positions = a->w->positions;
    /* 1-based index of the move */
    size_t *place = arena_alloc(a->memory, positions->count * sizeof *place);
    size_t own;

    a->moves = arena_alloc(a->memory, 2 * positions->count * sizeof *a->moves);
    for (size_t i = 0; i < a->count; i++) {
        const struct message *m = &a->items[i].message;
        struct offset_row *row = positions_find(positions, m->topic, m->partition);

        if (row == NULL || m->offset < row->next_offset)
            return error_set(err, RC_FENCED,
                             "could not store %s[%d] at %jd: it is not ours to read", m->topic,
                             m->partition, (intmax_t)m->offset);
        if (place[row - positions->rows] == 0) {
            a->moves[a->move_count++] = *row;
            place[row - positions->rows] = a->move_count;
        }
        a->moves[place[row - positions->rows] - 1].first_offset = row->next_offset;
        a->moves[place[row - positions->rows] - 1].next_offset = a->items[i].last_offset + 1;
    }
    own = a->move_count;
    for (size_t i = 0; i < own; i++)
        if (feed_of(a->moves[i].topic) == FEED_EXECUTIONS)
            lock_status_too(a, a->moves[i].part);
    return RC_OK;
}

static enum rc read_executions(struct attempt *a, struct error *err)
{
    struct row_list keys = projector_executions(a->items, a->count, a->memory);
    struct row_list made = {NULL, 0}, strays = {NULL, 0};

    if (keys.count == 0)
        return RC_OK;
    TRY(store_read_executions(a->w->store, keys, a->memory, &made, err));
    TRY(store_read_strays(a->w->store, keys, a->memory, &strays, err));
    for (size_t i = 0; i < made.count; i++)
        projector_know_execution(a->projector, (const struct execution_row *)made.items + i);
    for (size_t i = 0; i < strays.count; i++)
        projector_know_stray(a->projector, (const struct execution_row *)strays.items + i);
    return RC_OK;
}

static enum rc read_writers(struct attempt *a, struct error *err)
{
    struct row_list keys = projector_writers(a->items, a->count, a->memory);
    struct row_list writers = {NULL, 0};

    if (keys.count == 0)
        return RC_OK;
    TRY(store_read_writers(a->w->store, keys, a->memory, &writers, err));
    for (size_t i = 0; i < writers.count; i++)
        projector_know_writer(a->projector, (const struct log_writer_row *)writers.items + i);
    return RC_OK;
}

static enum rc read_events(struct attempt *a, struct error *err)
{
    struct row_list keys = projector_events(a->items, a->count, a->memory);
    struct row_list events = {NULL, 0};

    if (keys.count == 0)
        return RC_OK;
    TRY(store_read_events(a->w->store, keys, a->memory, &events, err));
    for (size_t i = 0; i < events.count; i++)
        projector_know_event(a->projector, (const struct event_row *)events.items + i);
    return RC_OK;
}

/* Reports of which somebody may have written any number: a piece is read and judged, then the next one. */
static enum rc fold_again(struct attempt *a, struct row_list executions, struct error *err)
{
    SCOPED(arena) struct arena *even = arena_new(0);
    SCOPED(arena) struct arena *odd = arena_new(0);
    struct arena *memory = odd;
    struct row_list reports = {NULL, REPORTS_AT_ONCE};
    struct store_rows judged;

    TRY(store_open_reports(a->w->store, executions, err));
    while (reports.count == REPORTS_AT_ONCE) {
        memory = memory == odd ? even : odd;
        arena_reset(memory);
        TRY(store_next_reports(a->w->store, memory, &reports, err));
        judged = projector_fold_again(a->projector, reports.items, reports.count,
                                      reports.count == REPORTS_AT_ONCE ? memory : a->memory);
        TRY(store_rows_write(a->w->store, &judged, err));
    }
    return RC_OK;
}

static enum rc write_rows(struct attempt *a, struct error *err)
{
    struct row_list late;
    struct store_rows rows;

    TRY(read_executions(a, err));
    TRY(read_writers(a, err));
    if (a->careful)
        TRY(read_events(a, err));
    late = projector_begin(a->projector, a->items, a->count);
    if (late.count > 0)
        TRY(fold_again(a, late, err));
    for (size_t i = 0; i < a->count; i++)
        projector_take(a->projector, &a->items[i]);
    rows = projector_rows(a->projector);
    if (fault_planted("leak"))
        memset(xcalloc(a->count, 16 << 10), 1, a->count * (16 << 10));
    TRY(store_rows_write(a->w->store, &rows, err));
    a->dead_letters = rows.of[STORE_DEAD_LETTERS].count;
    return RC_OK;
}

static enum rc run_transaction(struct attempt *a, struct error *err)
{
    struct store *s = a->w->store;

    TRY(store_begin(s, a->moves, a->move_count, err));
    if (fault_planted("offsets-apart")) {
        TRY(store_commit(s, err));
        TRY(store_begin(s, NULL, 0, err));
    }
    fault_point("batch.offsets");
    TRY(write_rows(a, err));
    fault_point("batch.rows");
    TRY(store_commit(s, err));
    fault_point("batch.committed");
    return RC_OK;
}

static void advance(struct attempt *a)
{
    for (size_t i = 0; i < a->move_count; i++) {
        struct offset_row *row =
            positions_find(a->w->positions, a->moves[i].topic, a->moves[i].part);

        if (row == NULL || a->moves[i].next_offset <= row->next_offset)
            continue;
        row->first_offset = row->next_offset = a->moves[i].next_offset;
        row->was_told = false;
    }
    a->w->stats->batches++;
    a->w->stats->records += a->count;
    a->w->stats->dead_letters += a->dead_letters;
}

static enum rc store_once(struct batch_writer *w, struct intake *items, size_t count, bool careful,
                          struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(projector) struct projector *projector = projector_new(memory);
    struct attempt a = {.w = w,
                        .items = items,
                        .count = count,
                        .careful = careful,
                        .memory = memory,
                        .projector = projector};
    enum rc rc;

    TRY(collect_moves(&a, err));
    TRY(leaf_set_ensure(w->leaves, w->store, items, count, err));
    rc = run_transaction(&a, err);
    if (rc == RC_OK)
        advance(&a);
    else
        store_rollback(w->store);
    return rc;
}

/* --- until it is stored --- */

static enum rc store_repeatedly(struct batch_writer *w, struct intake *items, size_t count,
                                struct error *err)
{
    enum rc rc = store_once(w, items, count, false, err);

    for (int i = 1; i < TRIES && rc == RC_CONFLICT; i++) {
        w->stats->again++;
        if (i > 1) /* a repeat, which anybody may write, says nothing of leaves */
            leaf_set_forget(w->leaves);
        rc = store_once(w, items, count, true, err);
    }
    return rc;
}

/* The record alone cannot be stored: its bytes can. */
static enum rc bury(struct batch_writer *w, struct intake *item, const struct error *why,
                    struct error *err)
{
    const struct message *m = &item->message;
    struct error again = *why;
    enum rc rc = RC_FATAL;

    if (item->refusal == REFUSED_NOT) {
        item->refusal = REFUSED_DATA;
        item->detail = arena_strdup(w->memory, why->text);
        rc = store_repeatedly(w, item, 1, &again);
    }
    if (rc == RC_OK)
        return RC_OK;
    return error_set(err, rc == RC_RETRY || rc == RC_FENCED ? rc : RC_FATAL,
                     "could not store %s[%d] at %jd, not even as a dead letter: %s", m->topic,
                     m->partition, (intmax_t)m->offset, again.text);
}

enum rc batch_store(struct batch_writer *w, struct intake *items, size_t count, struct error *err)
{
    struct error why = {.rc = RC_OK};
    enum rc rc = store_repeatedly(w, items, count, &why);
    size_t half = count / 2;

    if (err != NULL)
        *err = why;
    if (rc != RC_INVALID && rc != RC_CONFLICT)
        return rc;
    if (count == 1)
        return bury(w, items, &why, err);
    w->stats->halved++;
    TRY(batch_store(w, items, half, err));
    return batch_store(w, items + half, count - half, err);
}
