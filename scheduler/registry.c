#include "scheduler/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "codec/codec.h"
#include "scheduler/listening.h"
#include "scheduler/open.h"

const struct task_view *task_seen(const struct task *t)
{
    return t->draft != NULL ? t->draft : &t->now;
}

struct occurrence task_next(const struct task_view *v)
{
    return (struct occurrence){.at = v->next_at,
                               .due = v->wake,
                               .nominal = v->next_at + v->next_ahead * USEC_PER_SEC,
                               .schedule = v->next_schedule,
                               .dst = v->next_dst};
}

void task_set_next(struct task_view *v, const struct occurrence *o)
{
    assert((o->nominal - o->at) % USEC_PER_SEC == 0 && o->schedule < TIMELINE_SCHEDULES_MAX);
    v->next_at = o->at;
    v->next_ahead = (int32_t)((o->nominal - o->at) / USEC_PER_SEC);
    v->next_schedule = o->schedule & 0x1F;
    v->next_dst = o->dst;
    v->wake = o->due;
}

const struct open_execution *open_seen(const struct open *o)
{
    return o->draft != NULL ? o->draft : &o->now;
}

const void *registry_read(struct core *c, enum record_kind kind, struct bytes value)
{
    const void *record = NULL;

    arena_reset(c->foreign);
    return codec_decode_one(kind, value, c->foreign, &record, NULL) == RC_OK ? record : NULL;
}

/* --- tasks --- */

struct task *registry_find(const struct core *c, struct uuid id)
{
    return index_find(&c->tasks, id);
}

struct task *registry_add(struct core *c, struct uuid id)
{
    struct task *t = xcalloc(1, sizeof *t);

    t->node.id = id;
    t->now.state = TASK_DELETED;
    t->now.wake = USEC_MAX;
    index_add(&c->tasks, t);
    return t;
}

static void task_free(struct task *t)
{
    body_free(t->now.body);
    free(t->now.recent);
    free(t);
}

void registry_forget(struct core *c, struct task *t)
{
    index_remove(&c->tasks, t);
    registry_drop_trouble(c, t->node.id);
    heap_remove(&c->due, &t->node);
    task_free(t);
}

/* --- open executions --- */

bool registry_is_backfill_apart(const struct task *t)
{
    enum overlap_policy overlap = body_spec(task_seen(t)->body)->overlap;

    return overlap == OVERLAP_ALLOW || overlap == OVERLAP_CANCEL_OTHER;
}

static struct uuid observed_key(struct uuid execution, struct uuid task)
{
    char text[UUID_TEXT];

    return uuid_named(execution, uuid_to_text(task, text));
}

struct uuid registry_open_key(const struct open_execution *e)
{
    return open_is_observed(e) ? observed_key(e->execution_id, e->task_id) : e->execution_id;
}

struct open *registry_find_open(const struct core *c, struct uuid execution, struct uuid task)
{
    struct open *o = map_find(&c->opens, execution);

    if (o != NULL && (uuid_equal(open_seen(o)->task_id, task) || fault_planted("any-task")))
        return o;
    return c->observed == 0 ? NULL : map_find(&c->opens, observed_key(execution, task));
}

static void unlink_open(struct open *o)
{
    if (o->older != NULL)
        o->older->newer = o->newer;
    if (o->newer != NULL)
        o->newer->older = o->older;
    else if (o->task != NULL)
        o->task->opens = o->older;
    o->older = o->newer = NULL;
}

/* `newer` NULL: as the newest. */
static void link_behind(struct open *o, struct open *newer)
{
    struct open **place = newer == NULL ? &o->task->opens : &newer->older;

    o->newer = newer;
    o->older = *place;
    if (o->older != NULL)
        o->older->newer = o;
    *place = o;
}

/* Each report looks for what is to be sent next: it must not meet all that run. */
void registry_place_open(struct open *o, enum slot slot)
{
    struct open *last = NULL;

    o->slot = slot;
    if (slot == SLOT_WAITING ? o->newer == NULL || o->newer->slot == SLOT_WAITING
                             : o->older == NULL || o->older->slot != SLOT_WAITING)
        return;
    unlink_open(o);
    for (struct open *w = slot == SLOT_WAITING ? NULL : o->task->opens;
         w != NULL && w->slot == SLOT_WAITING; w = w->older)
        last = w;
    link_behind(o, last);
}

void registry_count_open(struct task_view *v, struct open *o, enum slot slot)
{
    int32_t taken = (slot == SLOT_TAKEN) - (o->slot == SLOT_TAKEN);
    int32_t waiting = (slot == SLOT_WAITING) - (o->slot == SLOT_WAITING);
    int32_t observed = (slot == SLOT_OBSERVED) - (o->slot == SLOT_OBSERVED);

    v->unfinished += taken;
    v->waiting += waiting;
    v->observed = (v->observed + (unsigned)observed) & 0x3FF;
    if (open_seen(o)->trigger == TRIGGER_BACKFILL) {
        v->backfilling = (v->backfilling + (unsigned)taken) & 0x7FF;
        v->backfills_waiting = (v->backfills_waiting + (unsigned)waiting) & 0x7FF;
    }
    registry_place_open(o, slot);
}

bool registry_has_room(const struct task *t, enum trigger trigger)
{
    const struct task_view *v = task_seen(t);
    const struct task_spec *spec = body_spec(v->body);

    if (!registry_is_backfill_apart(t))
        return v->unfinished < spec->max_concurrency;
    if (trigger == TRIGGER_BACKFILL)
        return (int32_t)v->backfilling < spec->max_concurrency;
    return spec->overlap == OVERLAP_ALLOW ||
           v->unfinished - (int32_t)v->backfilling < spec->max_concurrency;
}

/* In their order; two thousand at most. */
static struct open *find_head(const struct task *t)
{
    struct open *first = NULL;

    if (task_seen(t)->state != TASK_ACTIVE || task_seen(t)->waiting == 0)
        return NULL;
    for (struct open *o = t->opens; o != NULL && o->slot == SLOT_WAITING; o = o->older)
        if (open_may_be_sent(o) && registry_has_room(t, open_seen(o)->trigger) &&
            (first == NULL || open_order(o, first) < 0))
            first = o;
    return first;
}

void registry_find_head(struct core *c, struct task *t)
{
    struct open *was = t->head;

    t->head = find_head(t);
    if (was != NULL && was != t->head)
        heap_set(&c->deadlines, &was->node, open_next(was).at);
    if (t->head != NULL)
        heap_set(&c->deadlines, &t->head->node, open_next(t->head).at);
}

void registry_set_deadlines(struct core *c, struct task *t)
{
    t->head = find_head(t);
    for (struct open *o = t->opens; o != NULL; o = o->older)
        heap_set(&c->deadlines, &o->node, open_next(o).at);
}

void registry_link_open(struct task *t, struct open *o, struct body *made)
{
    o->task = t;
    o->made = body_keep(made);
    link_behind(o, NULL);
}

struct open *registry_add_open(struct core *c, struct task *t, const struct open_execution *e)
{
    struct open *o = xcalloc(1, sizeof *o);

    o->node.id = registry_open_key(e);
    o->now = *e;
    o->queue = e->queue == NULL ? NULL : xstrdup(e->queue);
    o->zone = e->zone == NULL ? NULL : xstrdup(e->zone);
    o->payload = e->payload.data == NULL ? NULL : xmemdup(e->payload.data, e->payload.len);
    o->now.queue = o->queue;
    o->now.zone = o->zone;
    o->now.payload.data = o->payload;
    map_put(&c->opens, o->node.id, o);
    c->observed += e->trigger == TRIGGER_EXTERNAL;
    if (t != NULL)
        registry_link_open(t, o, task_seen(t)->body);
    return o;
}

static void open_free(struct open *o)
{
    body_free(o->made);
    free(o->queue);
    free(o->zone);
    free(o->payload);
    free(o->trouble);
    free(o->listening);
    free(o);
}

void registry_forget_open(struct core *c, struct open *o)
{
    unlink_open(o);
    if (o->task != NULL && o->task->head == o)
        o->task->head = NULL;
    (void)map_remove(&c->opens, o->node.id);
    c->observed -= o->now.trigger == TRIGGER_EXTERNAL;
    heap_remove(&c->deadlines, &o->node);
    listening_end(c, o);
    open_free(o);
}

void registry_drop_specs(struct core *c)
{
    struct body *b;

    for (size_t at = 0; (b = map_each(&c->restoring.specs, &at)) != NULL; body_free(b))
        ;
    map_clear(&c->restoring.specs);
}

void registry_drop_trouble(struct core *c, struct uuid task)
{
    free(map_remove(&c->restoring.troubles, task));
}

void registry_clear(struct core *c)
{
    struct task *t;
    struct open *o;
    struct error *why;

    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL; open_free(o))
        ;
    for (size_t at = 0; (t = index_each(&c->tasks, &at)) != NULL; task_free(t))
        ;
    registry_drop_specs(c);
    for (size_t at = 0; (why = map_each(&c->restoring.troubles, &at)) != NULL; free(why))
        ;
    map_clear(&c->restoring.troubles);
    index_clear(&c->tasks);
    map_clear(&c->opens);
    heap_clear(&c->due);
    heap_clear(&c->deadlines);
    heap_clear(&c->listening);
}

/* --- the order of instants --- */

int mark_order(struct mark a, struct mark b)
{
    if (a.due != b.due)
        return a.due < b.due ? -1 : 1;
    return uuid_order(a.id, b.id);
}

bool registry_is_undecided(const struct task_view *v, struct uuid id, struct mark mark,
                           const struct occurrence *o)
{
    return o->due > v->effective_at && mark_order((struct mark){o->due, id}, mark) > 0;
}

enum rc registry_last_due(const struct timeline *timeline, usec_t then, struct occurrence *ret)
{
    struct occurrence o;

    TRY(timeline_prev(timeline, then + 1, &o));
    if (o.due > then)
        TRY(timeline_prev(timeline, o.at, &o));
    *ret = o;
    return RC_OK;
}

bool registry_is_pending(const struct timeline *timeline, usec_t at, struct occurrence *ret)
{
    return timeline_prev(timeline, at + 1, ret) == RC_OK && ret->due > at;
}

/*
 * An instant may be due later than it is scheduled, so the last one scheduled before a decided time may
 * itself be undecided (but not the one before it: due times keep the order). The search starts with it.
 */
static enum rc first_candidate(const struct task_view *v, usec_t decided, struct occurrence *ret)
{
    const struct timeline *timeline = body_timeline(v->body);

    if (decided < USEC_MAX && timeline_prev(timeline, decided + 1, ret) == RC_OK &&
        ret->at > v->floor)
        return RC_OK;
    return timeline_next(timeline, MAX(v->floor, decided), ret);
}

void registry_seek(struct uuid id, struct task_view *v, struct mark mark)
{
    struct occurrence o, before;
    enum rc rc;

    v->wake = USEC_MAX;
    if (v->state == TASK_PAUSED && v->paused_until > 0)
        v->wake = v->paused_until;
    if (v->state != TASK_ACTIVE)
        return;
    rc = first_candidate(v, MAX(mark.due, v->effective_at), &o);
    while (rc == RC_OK && !registry_is_undecided(v, id, mark, &o)) {
        v->floor = o.at;
        rc = timeline_next(body_timeline(v->body), o.at, &o);
    }
    if (rc != RC_OK)
        return;
    /* All before it is decided, though the stored floor may not say so: W did. */
    if (timeline_prev(body_timeline(v->body), o.at, &before) == RC_OK)
        v->floor = MAX(v->floor, before.at);
    task_set_next(v, &o);
}
