#include "api/exchange/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

#define LOOK_EVERY  (250 * USEC_PER_MS)
#define SWEEP_EVERY (5 * USEC_PER_SEC)
#define RECENT      (62 * USEC_PER_DAY) /* of executions' instants: three leaves by the month */
#define FUTURE      (2 * USEC_PER_DAY)

struct changes {
    struct loop *loop;
    struct read_pool *reads;
    struct loop_timer *timer;
    changes_fn fn;
    void *ctx;
    struct places places;
    struct told_list told;
    struct arena *memory; /* of one look */
    struct change_set set;
    struct place_span *spans; /* of status, of this look */
    size_t span_count;
    struct place_span *unswept; /* of status, since the last sweep, one a partition */
    size_t unswept_count;
    usec_t began, swept_at; /* monotonic */
    int64_t looks;
    bool is_wanted, is_looking, is_ready;
    bool knows_told; /* the first list of what topic `tasks` said was read */
};

/* --- positions --- */

void places_clear(struct places *p)
{
    for (size_t i = 0; i < p->count; i++)
        free_text(p->items[i].topic);
    free(p->items);
    *p = (struct places){0};
}

static bool are_same(const struct places *p, const struct place_row *rows, size_t row_count)
{
    if (p->count != row_count)
        return false;
    for (size_t i = 0; i < row_count; i++)
        if (p->items[i].part != rows[i].part || !text_equal(p->items[i].topic, rows[i].topic))
            return false;
    return true;
}

static void replace(struct places *p, const struct place_row *rows, size_t row_count)
{
    places_clear(p);
    for (size_t i = 0; i < row_count; i++) {
        p->items = array_grow(p->items, p->count, &p->capacity, sizeof *p->items);
        p->items[p->count++] =
            (struct place){xstrdup(rows[i].topic), rows[i].part, rows[i].next_offset};
    }
}

static void mark(bool *placed, const struct change_set *set, int32_t part)
{
    if (part >= 0 && part < set->partitions)
        placed[part] = true;
}

/* What it means that a topic was read on. */
static void note_move(struct change_set *set, const struct place_row *row)
{
    if (text_equal(row->topic, "status")) {
        set->executions = true;
    } else if (text_equal(row->topic, "tasks")) {
        set->tasks = true;
        mark(set->tasks_read, set, row->part);
    } else if (text_equal(row->topic, "heartbeats")) {
        set->heartbeats = true;
    } else if (text_equal(row->topic, "logs")) {
        mark(set->logs_placed, set, row->part);
    } else if (text_starts(row->topic, "executions.")) {
        set->executions = true;
        mark(set->tasks_placed, set, row->part);
    }
}

bool places_take(struct places *p, const struct place_row *rows, size_t row_count,
                 struct change_set *set, struct place_span *spans, size_t *span_count)
{
    bool is_known = true;

    *span_count = 0;
    if (!are_same(p, rows, row_count)) {
        replace(p, rows, row_count);
        return false;
    }
    for (size_t i = 0; i < row_count; i++) {
        struct place *place = &p->items[i];

        if (rows[i].next_offset == place->next_offset)
            continue;
        is_known = is_known && rows[i].next_offset > place->next_offset;
        note_move(set, &rows[i]);
        if (text_equal(rows[i].topic, "status"))
            spans[(*span_count)++] =
                (struct place_span){rows[i].part, place->next_offset, rows[i].next_offset};
        place->next_offset = rows[i].next_offset;
    }
    return is_known;
}

/* --- what topic `tasks` said --- */

static uint64_t sum_of(const struct told_row *row)
{
    uint64_t sum = fnv1a(&row->kind, sizeof row->kind, 0);

    sum = fnv1a(&row->task_id, sizeof row->task_id, sum);
    sum = fnv1a(&row->command_id, sizeof row->command_id, sum);
    sum = fnv1a(&row->at, sizeof row->at, sum);
    sum = fnv1a(&row->from_at, sizeof row->from_at, sum);
    return fnv1a(&row->revision, sizeof row->revision, sum);
}

static int sum_order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static bool is_told(const struct told_list *known, uint64_t sum)
{
    return known->count > 0 &&
           bsearch(&sum, known->items, known->count, sizeof sum, sum_order) != NULL;
}

static void add_id(struct change_set *set, struct uuid id)
{
    if (!uuid_is_nil(id))
        map_put(&set->ids, id, set);
}

void told_take(struct told_list *known, const struct told_row *rows, size_t count, bool is_first,
               struct change_set *set)
{
    struct told_list now = {0};

    for (size_t i = 0; i < count; i++) {
        uint64_t sum = sum_of(&rows[i]);

        now.items = array_grow(now.items, now.count, &now.capacity, sizeof *now.items);
        now.items[now.count++] = sum;
        if (is_first || is_told(known, sum))
            continue;
        add_id(set, rows[i].task_id);
        add_id(set, rows[i].execution_id);
        set->tasks_read[partition_of(rows[i].task_id, set->partitions)] = false;
    }
    for (int i = 0; i < set->partitions; i++)
        set->tasks_placed[i] = set->tasks_placed[i] || set->tasks_read[i];
    if (now.count > 0)
        qsort(now.items, now.count, sizeof *now.items, sum_order);
    free(known->items);
    *known = now;
}

/* --- a look --- */

static void begin_set(struct changes *c)
{
    int partitions = c->set.partitions;

    arena_free(c->memory);
    c->memory = arena_new(0);
    map_clear(&c->set.ids);
    c->set = (struct change_set){.partitions = partitions};
    c->set.tasks_placed = arena_alloc(c->memory, (size_t)partitions * sizeof(bool));
    c->set.tasks_read = arena_alloc(c->memory, (size_t)partitions * sizeof(bool));
    c->set.logs_placed = arena_alloc(c->memory, (size_t)partitions * sizeof(bool));
    c->span_count = 0;
}

static void end_look(struct changes *c, enum rc rc)
{
    usec_t took = clock_monotonic() - c->began;

    c->is_looking = false;
    c->fn(c->ctx, &c->set, rc);
    if (c->is_wanted && !c->is_looking)
        loop_timer_start(c->timer, took < LOOK_EVERY ? LOOK_EVERY - took : LOOK_EVERY / 4);
}

/* What was found half is not lost: whoever cannot be told what has changed is told that anything may have. */
static void fail_look(struct changes *c)
{
    c->set.everything = c->is_ready && (c->set.executions || c->set.tasks);
    end_look(c, RC_RETRY);
}

static void add_moved(struct changes *c, const struct read_page *page)
{
    const struct moved_row *rows = page->rows;

    c->set.everything = c->set.everything || page->more;
    for (size_t i = 0; i < page->count; i++) {
        add_id(&c->set, rows[i].execution_id);
        add_id(&c->set, rows[i].task_id);
    }
}

static void on_swept(void *ctx, const struct read_page *page)
{
    struct changes *c = ctx;

    if (page->rc == RC_OK) {
        add_moved(c, page);
        c->swept_at = c->began;
        c->unswept_count = 0;
    }
    end_look(c, RC_OK); /* else it is done again */
}

/* Executions of long ago: somebody may still report on one. */
static void sweep(struct changes *c)
{
    usec_t recent = clock_realtime() - RECENT;

    if (c->unswept_count == 0 || c->began - c->swept_at < SWEEP_EVERY) {
        end_look(c, RC_OK);
        return;
    }
    read_moved(c->reads, &(struct moved_filter){c->unswept, c->unswept_count, 0, recent},
               (struct read_reply){c->memory, on_swept, c});
}

static void on_told(void *ctx, const struct read_page *page)
{
    struct changes *c = ctx;

    if (page->rc != RC_OK) {
        fail_look(c);
        return;
    }
    told_take(&c->told, page->rows, page->count, !c->knows_told, &c->set);
    c->set.everything = c->set.everything || (c->knows_told && page->more);
    c->knows_told = true;
    sweep(c);
}

static void ask_told(struct changes *c)
{
    if (c->set.tasks || !c->knows_told)
        read_told(c->reads, (struct read_reply){c->memory, on_told, c});
    else
        sweep(c);
}

static void on_moved(void *ctx, const struct read_page *page)
{
    struct changes *c = ctx;

    if (page->rc != RC_OK) {
        fail_look(c);
        return;
    }
    add_moved(c, page);
    ask_told(c);
}

/* One span a partition: from where the first of them began. */
static void keep_for_sweep(struct changes *c)
{
    for (size_t i = 0; i < c->span_count; i++) {
        size_t at = 0;

        while (at < c->unswept_count && c->unswept[at].part != c->spans[i].part)
            at++;
        if (at == c->unswept_count)
            c->unswept[c->unswept_count++] = c->spans[i];
        else
            c->unswept[at].to = c->spans[i].to;
    }
}

static void on_places(void *ctx, const struct read_page *page)
{
    struct changes *c = ctx;
    bool is_known;

    if (page->rc != RC_OK) {
        fail_look(c);
        return;
    }
    c->spans = arena_alloc(c->memory, MAX(page->count, (size_t)1) * sizeof *c->spans);
    is_known = places_take(&c->places, page->rows, page->count, &c->set, c->spans, &c->span_count);
    c->unswept = xrealloc(c->unswept, c->unswept_count + c->span_count + 1, sizeof *c->unswept);
    if (!c->is_ready) {
        c->is_ready = true;
        c->span_count = 0;
    } else if (!is_known) {
        c->set.everything = true;
        c->span_count = 0;
    }
    keep_for_sweep(c);
    if (c->span_count == 0)
        ask_told(c);
    else
        read_moved(c->reads,
                   &(struct moved_filter){c->spans, c->span_count, clock_realtime() - RECENT,
                                          clock_realtime() + FUTURE},
                   (struct read_reply){c->memory, on_moved, c});
}

static void look(void *ctx)
{
    struct changes *c = ctx;

    if (c->is_looking || !c->is_wanted)
        return;
    c->is_looking = true;
    c->began = clock_monotonic();
    c->looks++;
    begin_set(c);
    read_places(c->reads, (struct read_reply){c->memory, on_places, c});
}

/* --- making and taking down --- */

struct changes *changes_new(struct loop *loop, struct read_pool *reads, int partitions,
                            changes_fn fn, void *ctx)
{
    struct changes *c = xcalloc(1, sizeof *c);

    c->loop = loop;
    c->reads = reads;
    c->fn = fn;
    c->ctx = ctx;
    c->set.partitions = partitions;
    c->timer = loop_timer_new(loop, look, c);
    return c;
}

void changes_free(struct changes *c)
{
    if (c == NULL)
        return;
    loop_timer_free(c->timer);
    places_clear(&c->places);
    map_clear(&c->set.ids);
    arena_free(c->memory);
    free(c->told.items);
    free(c->unswept);
    free(c);
}

/* Who begins anew knows nothing of what came meanwhile. */
static void forget(struct changes *c)
{
    places_clear(&c->places);
    c->told.count = 0;
    c->unswept_count = 0;
    c->is_ready = c->knows_told = false;
}

void changes_watch(struct changes *c, bool is_wanted)
{
    if (is_wanted == c->is_wanted)
        return;
    c->is_wanted = is_wanted;
    if (!is_wanted)
        loop_timer_stop(c->timer);
    else if (!c->is_looking)
        loop_timer_start(c->timer, 0);
    if (is_wanted)
        forget(c);
}

bool changes_is_ready(const struct changes *c)
{
    return c->is_ready;
}

int64_t changes_looks(const struct changes *c)
{
    return c->looks;
}
