#include "consumer/projector.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "base/map.h"
#include "consumer/execution_fold.h"
#include "consumer/log_fold.h"
#include "consumer/log_rows.h"
#include "consumer/rollup.h"
#include "consumer/task_rows.h"
#include "store/values.h"

struct execution { /* one that the batch touches */
    struct execution_row row;
    struct rollup_row before; /* what it counted for, if it is stored among the made ones */
    enum { NEW, STRAY, MADE } stored;
    int changes; /* enum execution_change */
    int kafka_partition;
    struct execution *next; /* with the same execution id */
};

struct writer {
    struct log_writer_row row;
    bool exists, changed;
    struct writer *next; /* of the same execution */
};

struct report { /* one that is stored, or will be */
    struct event_row row;
    struct report *next; /* with the same event id */
};

struct list {
    void *items;
    size_t count, capacity;
};

struct projector {
    struct arena *memory;
    struct map executions, writers, reports;   /* by execution id, execution id, event id */
    struct map skips;                          /* the newest row of each task */
    struct execution *again;                   /* the one that is being folded again */
    struct list events_judged, repeats_judged; /* of one piece of that */
    struct list lists[STORE_OP_COUNT];
    struct rollup rollup;
};

struct projector *projector_new(struct arena *memory)
{
    struct projector *p = xcalloc(1, sizeof *p);

    p->memory = memory;
    return p;
}

void projector_free(struct projector *p)
{
    if (p == NULL)
        return;
    map_clear(&p->executions);
    map_clear(&p->writers);
    map_clear(&p->reports);
    map_clear(&p->skips);
    for (size_t i = 0; i < STORE_OP_COUNT; i++)
        free(p->lists[i].items);
    free(p->events_judged.items);
    free(p->repeats_judged.items);
    rollup_clear(&p->rollup);
    free(p);
}

static void list_add(struct list *l, const void *row, size_t size)
{
    l->items = array_grow(l->items, l->count, &l->capacity, size);
    memcpy((char *)l->items + l->count++ * size, row, size);
}

static void add_row(struct projector *p, enum store_op op, const void *row)
{
    list_add(&p->lists[op], row, store_op_type(op)->size);
}

/* --- what must be known --- */

static int order_executions(const void *a, const void *b)
{
    const struct execution_key *x = a, *y = b;
    int order = uuid_order(x->execution_id, y->execution_id);

    return order != 0 ? order : uuid_order(x->task_id, y->task_id);
}

static int order_writers(const void *a, const void *b)
{
    const struct log_writer_row *x = a, *y = b;
    int order = uuid_order(x->execution_id, y->execution_id);

    if (order == 0)
        order = uuid_order(x->task_id, y->task_id);
    if (order == 0)
        order = x->attempt - y->attempt;
    return order != 0 ? order : uuid_order(x->writer, y->writer);
}

static int order_events(const void *a, const void *b)
{
    const struct event_row *x = a, *y = b;
    int order = uuid_order(x->execution_id, y->execution_id);

    if (order == 0)
        order = uuid_order(x->task_id, y->task_id);
    if (order == 0)
        order = uuid_order(x->event_id, y->event_id);
    if (order == 0)
        order = x->attempt - y->attempt;
    return order != 0 ? order : x->status - y->status;
}

static struct row_list sort_unique(void *items, size_t count, size_t size,
                                   int (*order)(const void *, const void *))
{
    char *rows = items;
    size_t kept = 0;

    if (count > 0)
        qsort(items, count, size, order);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || order(rows + (kept - 1) * size, rows + i * size) != 0)
            memmove(rows + kept++ * size, rows + i * size, size);
    return (struct row_list){items, kept};
}

static bool is_of(const struct intake *in, enum record_kind kind)
{
    return in->refusal == REFUSED_NOT && in->kind == kind;
}

struct row_list projector_executions(const struct intake *items, size_t count, struct arena *memory)
{
    struct execution_key *keys = arena_alloc(memory, count * sizeof *keys);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (is_of(&items[i], RECORD_EXECUTION_CREATED)) {
            const struct execution_created *r = items[i].record;

            keys[n++] = (struct execution_key){r->execution_id, r->task_id};
        } else if (is_of(&items[i], RECORD_EXECUTION_STATUS)) {
            const struct execution_status *r = items[i].record;

            keys[n++] = (struct execution_key){r->execution_id, r->task_id};
        }
    }
    return sort_unique(keys, n, sizeof *keys, order_executions);
}

static struct log_writer_row writer_of(const struct log_batch *r)
{
    return (struct log_writer_row){.execution_id = r->execution_id,
                                   .task_id = r->task_id,
                                   .writer = r->writer,
                                   .next_seq = 1,
                                   .attempt = r->attempt};
}

struct row_list projector_writers(const struct intake *items, size_t count, struct arena *memory)
{
    struct log_writer_row *keys = arena_alloc(memory, count * sizeof *keys);
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (is_of(&items[i], RECORD_LOG_BATCH))
            keys[n++] = writer_of(items[i].record);
    return sort_unique(keys, n, sizeof *keys, order_writers);
}

struct row_list projector_events(const struct intake *items, size_t count, struct arena *memory)
{
    struct event_row *keys = arena_alloc(memory, count * sizeof *keys);
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (is_of(&items[i], RECORD_EXECUTION_STATUS))
            keys[n++] = execution_event_of(&items[i]);
    return sort_unique(keys, n, sizeof *keys, order_events);
}

static struct execution *add_execution(struct projector *p, const struct execution_row *row)
{
    struct execution *e = arena_alloc(p->memory, sizeof *e);

    e->row = *row;
    e->next = map_find(&p->executions, row->execution_id);
    map_put(&p->executions, row->execution_id, e);
    return e;
}

void projector_know_execution(struct projector *p, const struct execution_row *row)
{
    struct execution *e = add_execution(p, row);

    e->stored = MADE;
    e->before = rollup_of(row, 0); /* its partition is that of the record that touches it */
}

void projector_know_stray(struct projector *p, const struct execution_row *row)
{
    add_execution(p, row)->stored = STRAY;
}

static struct writer *add_writer(struct projector *p, const struct log_writer_row *row)
{
    struct writer *w = arena_alloc(p->memory, sizeof *w);

    w->row = *row;
    w->next = map_find(&p->writers, row->execution_id);
    map_put(&p->writers, row->execution_id, w);
    return w;
}

void projector_know_writer(struct projector *p, const struct log_writer_row *row)
{
    add_writer(p, row)->exists = true;
}

static struct execution *find_execution(const struct projector *p, struct uuid id, struct uuid task)
{
    struct execution *e = map_find(&p->executions, id);

    while (e != NULL && !uuid_equal(e->row.task_id, task))
        e = e->next;
    return e;
}

static void add_report(struct projector *p, const struct event_row *row)
{
    struct report *r = arena_alloc(p->memory, sizeof *r);

    r->row = *row;
    r->next = map_find(&p->reports, row->event_id);
    map_put(&p->reports, row->event_id, r);
}

void projector_know_event(struct projector *p, const struct event_row *row)
{
    add_report(p, row);
}

static bool is_same_event(const struct event_row *a, const struct event_row *b)
{
    return uuid_equal(a->execution_id, b->execution_id) && uuid_equal(a->task_id, b->task_id) &&
           a->attempt == b->attempt && a->status == b->status;
}

/* Has it come before, as far as is known? */
static bool has_come(const struct projector *p, const struct event_row *event)
{
    const struct report *r = map_find(&p->reports, event->event_id);

    while (r != NULL && !is_same_event(&r->row, event))
        r = r->next;
    return r != NULL;
}

/* --- records of executions --- */

static struct execution *touch(struct projector *p, struct uuid id, struct uuid task,
                               const struct intake *in)
{
    struct execution *e = find_execution(p, id, task);
    struct execution_row stub;

    if (e == NULL) {
        stub = execution_stub(id, task);
        e = add_execution(p, &stub);
    }
    e->kafka_partition = in->message.partition;
    return e;
}

/* Is it told only now from where on its reports count, some of which are stored? */
static bool take_created(struct projector *p, const struct intake *in)
{
    const struct execution_created *r = in->record;
    struct execution *e = touch(p, r->execution_id, r->task_id, in);
    int changes = execution_fold_created(&e->row, in, p->memory);

    e->changes |= changes;
    if (changes == EXECUTION_SAME)
        return false;
    execution_begin_anew(&e->row);
    return e->stored != NEW;
}

struct row_list projector_begin(struct projector *p, const struct intake *items, size_t count)
{
    struct execution_key *late = arena_alloc(p->memory, count * sizeof *late);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const struct execution_created *r = items[i].record;

        if (is_of(&items[i], RECORD_EXECUTION_CREATED) && take_created(p, &items[i]))
            late[n++] = (struct execution_key){r->execution_id, r->task_id};
    }
    return sort_unique(late, n, sizeof *late, order_executions);
}

/* What the last report said outlives the memory that it is in. */
static void keep_texts(struct execution *e, struct arena *memory)
{
    if (e->row.worker != NULL)
        e->row.worker = arena_strdup(memory, e->row.worker);
    if (e->row.message != NULL)
        e->row.message = arena_strdup(memory, e->row.message);
}

static void fold_one_again(struct projector *p, struct event_row event)
{
    struct execution *e = find_execution(p, event.execution_id, event.task_id);
    bool moved = event.moved;

    if (p->again != NULL && p->again != e)
        keep_texts(p->again, p->memory);
    p->again = e;
    (void)execution_fold_event(&e->row, &event);
    if (moved != event.moved)
        list_add(event.is_repeat ? &p->repeats_judged : &p->events_judged, &event, sizeof event);
}

struct store_rows projector_fold_again(struct projector *p, const struct event_row *reports,
                                       size_t count, struct arena *memory)
{
    struct store_rows judged = {.of[0].count = 0};

    p->events_judged.count = p->repeats_judged.count = 0;
    for (size_t i = 0; i < count; i++)
        fold_one_again(p, reports[i]);
    if (p->again != NULL)
        keep_texts(p->again, memory);
    judged.of[STORE_EVENTS_JUDGED] =
        (struct row_list){p->events_judged.items, p->events_judged.count};
    judged.of[STORE_REPEATS_JUDGED] =
        (struct row_list){p->repeats_judged.items, p->repeats_judged.count};
    return judged;
}

static void take_status(struct projector *p, const struct intake *in)
{
    const struct execution_status *r = in->record;
    struct execution *e = touch(p, r->execution_id, r->task_id, in);
    struct event_row event = execution_event_of(in);

    event.is_repeat = has_come(p, &event);
    e->changes |= execution_fold_birth(&e->row, in);
    e->changes |= execution_fold_event(&e->row, &event);
    add_report(p, &event);
    add_row(p, event.is_repeat ? STORE_REPEATS : STORE_EVENTS, &event);
}

static void take_heartbeat(struct projector *p, const struct intake *in)
{
    const struct heartbeat *r = in->record;
    const struct heartbeat_row row = {
        .execution_id = r->execution_id,
        .task_id = r->task_id,
        .worker_incarnation = r->worker.incarnation,
        .received_at = in->message.timestamp,
        .occurred_at = instant_shown(r->occurred_at),
        .attempt = r->attempt,
        .progress = r->progress,
        .worker = r->worker.name,
        .message = r->message,
    };

    add_row(p, STORE_HEARTBEATS, &row);
}

/* --- logs --- */

static struct writer *find_writer(struct projector *p, const struct log_batch *r)
{
    const struct log_writer_row row = writer_of(r);
    struct writer *w = map_find(&p->writers, r->execution_id);

    while (w != NULL && order_writers(&w->row, &row) != 0)
        w = w->next;
    return w != NULL ? w : add_writer(p, &row);
}

static void bury(struct projector *p, const struct intake *in, enum dead_reason why,
                 const char *detail)
{
    const struct bytes value = in->message.value;
    const struct dead_letter_row row = {
        .topic = in->message.topic,
        .part = in->message.partition,
        .kafka_offset = in->message.offset,
        .received_at = in->message.timestamp,
        .reason = refusal_name(why),
        .detail = detail,
        .last_offset = in->last_offset > in->message.offset ? in->last_offset : 0,
        .key = in->message.key,
        .value = {value.data, fault_planted("letters-whole")
                                  ? value.len
                                  : MIN(value.len, (size_t)DEAD_VALUE_KEPT)},
        .value_len = (int64_t)in->value_len,
        .value_sha256 = value.data == NULL
                            ? (struct bytes){NULL, 0}
                            : (struct bytes){intake_sha256(in, p->memory), SHA256_SIZE},
    };

    if (!fault_planted("letters-lost"))
        add_row(p, STORE_DEAD_LETTERS, &row);
}

static void take_log(struct projector *p, const struct intake *in)
{
    const struct log_batch *r = in->record;
    struct seq_range lines = {r->first_seq, r->first_seq + (int64_t)r->line_count};
    struct seq_ranges fresh = {NULL, 0};
    struct writer *w;
    struct error err;

    if (r->line_count == 0)
        return;
    w = find_writer(p, r);
    if (log_fold_take(&w->row, lines, p->memory, &fresh, &err) != RC_OK) {
        bury(p, in, REFUSED_LIMITS, arena_strdup(p->memory, err.text));
        return;
    }
    for (size_t i = 0; i < fresh.count; i++) {
        struct log_batch_row row = log_row_of(in, fresh.items[i], p->memory);

        add_row(p, STORE_LOG_BATCHES, &row);
        log_fold_count(&w->row, &row.lines);
        w->changed = true;
    }
}

/* --- records of tasks --- */

static void take_revision(struct projector *p, const struct intake *in)
{
    struct task_row row = task_row_of(in, p->memory);

    add_row(p, STORE_TASKS, &row);
    add_row(p, STORE_TASK_REVISIONS, &row);
}

static void take_command(struct projector *p, const struct intake *in)
{
    struct command_row row = command_row_of(in, p->memory);

    add_row(p, STORE_COMMANDS, &row);
}

static void take_outcome(struct projector *p, const struct intake *in)
{
    struct command_row row = outcome_row_of(in);
    struct skip_row skip = skip_row_of(in);

    add_row(p, STORE_OUTCOMES, &row);
    if (!in->is_misplaced)
        map_put(&p->skips, skip.task_id, arena_memdup(p->memory, &skip, sizeof skip));
}

static void take_gap(struct projector *p, const struct intake *in)
{
    struct gap_row row = gap_row_of(in);

    add_row(p, STORE_GAPS, &row);
}

void projector_take(struct projector *p, const struct intake *in)
{
    static void (*const takers[RECORD_KIND_END])(struct projector *, const struct intake *) = {
        [RECORD_COMMAND] = take_command,         [RECORD_TASK_REVISION] = take_revision,
        [RECORD_COMMAND_OUTCOME] = take_outcome, [RECORD_SCHEDULE_GAP] = take_gap,
        [RECORD_EXECUTION_STATUS] = take_status, [RECORD_HEARTBEAT] = take_heartbeat,
        [RECORD_LOG_BATCH] = take_log,
    };

    if (in->refusal != REFUSED_NOT)
        bury(p, in, in->refusal, in->detail);
    else if (in->kind != RECORD_EXECUTION_CREATED)
        takers[in->kind](p, in); /* intake lets no other kind pass */
}

/* --- what is to be written --- */

static void finish_made(struct projector *p, struct execution *e)
{
    struct rollup_row after = rollup_of(&e->row, e->kafka_partition);

    e->before.kafka_partition = e->kafka_partition;
    rollup_move(&p->rollup, e->stored == MADE ? &e->before : NULL, &after);
    if (e->stored == STRAY)
        add_row(p, STORE_STRAYS_MADE, &e->row);
    if (e->stored != MADE)
        add_row(p, STORE_NEW_EXECUTIONS, &e->row);
    else if ((e->changes & EXECUTION_DESCRIBED) != 0)
        add_row(p, STORE_EXECUTIONS, &e->row);
    else
        add_row(p, STORE_EXECUTION_LIVES, &e->row);
}

static void finish_execution(struct projector *p, struct execution *e)
{
    if (e->stored != NEW && e->changes == EXECUTION_SAME)
        return;
    if (execution_is_made(&e->row))
        finish_made(p, e);
    else
        add_row(p, e->stored == NEW ? STORE_NEW_STRAYS : STORE_STRAYS, &e->row);
}

static int order_rows(const void *a, const void *b)
{
    const struct execution_row *x = a, *y = b;
    int order = uuid_order(x->execution_id, y->execution_id);

    return order != 0 ? order : uuid_order(x->task_id, y->task_id);
}

static void sort_list(struct projector *p, enum store_op op,
                      int (*order)(const void *, const void *))
{
    struct list *l = &p->lists[op];

    if (l->count > 0)
        qsort(l->items, l->count, store_op_type(op)->size, order);
}

static void finish_executions(struct projector *p)
{
    static const enum store_op sorted[] = {STORE_NEW_EXECUTIONS,  STORE_EXECUTIONS,
                                           STORE_EXECUTION_LIVES, STORE_NEW_STRAYS,
                                           STORE_STRAYS,          STORE_STRAYS_MADE};
    struct execution *e;
    size_t at = 0;

    while ((e = map_each(&p->executions, &at)) != NULL)
        for (; e != NULL; e = e->next)
            finish_execution(p, e);
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
        sort_list(p, sorted[i], order_rows);
}

static void finish_writers(struct projector *p)
{
    struct writer *w;
    size_t at = 0;

    while ((w = map_each(&p->writers, &at)) != NULL)
        for (; w != NULL; w = w->next)
            if (w->changed)
                add_row(p, w->exists ? STORE_WRITERS : STORE_NEW_WRITERS, &w->row);
    sort_list(p, STORE_WRITERS, order_writers);
    sort_list(p, STORE_NEW_WRITERS, order_writers);
}

static int order_skips(const void *a, const void *b)
{
    const struct skip_row *x = a, *y = b;

    return uuid_order(x->task_id, y->task_id);
}

static void finish_skips(struct projector *p)
{
    const struct skip_row *row;
    size_t at = 0;

    while ((row = map_each(&p->skips, &at)) != NULL)
        add_row(p, row->skip_until != 0 ? STORE_SKIPS : STORE_SKIPS_OVER, row);
    sort_list(p, STORE_SKIPS, order_skips);
    sort_list(p, STORE_SKIPS_OVER, order_skips);
}

struct store_rows projector_rows(struct projector *p)
{
    struct store_rows rows = {.of[0].count = 0};
    struct row_list *by_task = &rows.of[STORE_ROLLUPS], *by_partition = &rows.of[STORE_ROLLUPS_ALL];

    finish_executions(p);
    finish_writers(p);
    finish_skips(p);
    for (size_t i = 0; i < STORE_OP_COUNT; i++)
        rows.of[i] = (struct row_list){p->lists[i].items, p->lists[i].count};
    by_task->items = rollup_by_task(&p->rollup, p->memory, &by_task->count);
    by_partition->items = rollup_by_partition(&p->rollup, p->memory, &by_partition->count);
    return rows;
}
