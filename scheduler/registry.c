#include "scheduler/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/spec_timeline.h"

const struct task_view *task_seen(const struct task *t)
{
    return t->draft != NULL ? t->draft : &t->now;
}

const struct open_execution *open_seen(const struct open *o)
{
    return o->draft != NULL ? o->draft : &o->now;
}

/* --- bodies --- */

void body_free(struct body *b)
{
    if (b == NULL)
        return;
    timeline_free(b->timeline);
    arena_free(b->memory);
    free(b);
}

static const char *topic_of_queue(const struct core *c, const char *queue, struct arena *memory)
{
    static const char middle[] = "executions.";
    size_t before = strlen(c->env->prefix), after = strlen(queue);
    char *topic = arena_alloc(memory, before + sizeof middle + after);

    memcpy(topic, c->env->prefix, before);
    memcpy(topic + before, middle, sizeof middle - 1);
    memcpy(topic + before + sizeof middle - 1, queue, after);
    return topic;
}

/* The spec in an arena of just its size: there may be a million of them. */
static struct body *body_pack(struct core *c, const struct task_spec *spec)
{
    struct body *b = xcalloc(1, sizeof *b);

    arena_reset(c->packing);
    (void)record_copy(&task_spec_type, spec, c->packing);
    (void)topic_of_queue(c, spec->queue, c->packing);
    b->memory = arena_new_sized(0, arena_used(c->packing));
    b->spec = record_copy(&task_spec_type, spec, b->memory);
    b->queue_topic = topic_of_queue(c, spec->queue, b->memory);
    return b;
}

enum rc body_new(struct core *c, struct uuid task, const struct task_spec *spec, struct body **ret,
                 struct error *err)
{
    struct timeline *timeline = NULL;
    struct body *b;

    TRY(spec_timeline(spec, task, c->env->zones, &timeline, err));
    b = body_pack(c, spec);
    b->timeline = timeline;
    *ret = b;
    return RC_OK;
}

/* --- tasks --- */

struct task *registry_find(const struct core *c, struct uuid id)
{
    return map_find(&c->tasks, id);
}

struct task *registry_add(struct core *c, struct uuid id)
{
    struct task *t = xcalloc(1, sizeof *t);

    t->node.id = id;
    t->now.state = TASK_DELETED;
    t->now.wake = USEC_MAX;
    map_put(&c->tasks, id, t);
    return t;
}

static void task_free(struct task *t)
{
    body_free(t->now.body);
    free(t->now.recent);
    free(t->trouble);
    free(t);
}

void registry_forget(struct core *c, struct task *t)
{
    (void)map_remove(&c->tasks, t->node.id);
    heap_remove(&c->due, &t->node);
    task_free(t);
}

/* --- open executions --- */

usec_t open_deadline(const struct open_execution *e)
{
    if (e->proposed != STATUS_PENDING)
        return USEC_MAX;
    if (e->status == STATUS_PENDING)
        return e->start_by > 0 ? e->start_by : USEC_MAX;
    if ((e->status == STATUS_RUNNING || e->status == STATUS_CANCELLING) && e->run_timeout_ms > 0)
        return usec_after(e->claimed_at, e->run_timeout_ms);
    return USEC_MAX;
}

static void link_open(struct task *t, struct open *o)
{
    o->task = t;
    o->older = t->opens;
    if (t->opens != NULL)
        t->opens->newer = o;
    t->opens = o;
}

struct open *registry_add_open(struct core *c, struct task *t, const struct open_execution *e)
{
    struct open *o = xcalloc(1, sizeof *o);

    o->node.id = e->execution_id;
    o->now = *e;
    o->queue = e->queue == NULL ? NULL : xstrdup(e->queue);
    o->now.queue = o->queue;
    map_put(&c->opens, o->node.id, o);
    heap_set(&c->deadlines, &o->node, open_deadline(e));
    if (t != NULL)
        link_open(t, o);
    return o;
}

static void open_free(struct open *o)
{
    free(o->queue);
    free(o->trouble);
    free(o);
}

void registry_forget_open(struct core *c, struct open *o)
{
    if (o->older != NULL)
        o->older->newer = o->newer;
    if (o->newer != NULL)
        o->newer->older = o->older;
    else if (o->task != NULL)
        o->task->opens = o->older;
    (void)map_remove(&c->opens, o->node.id);
    heap_remove(&c->deadlines, &o->node);
    open_free(o);
}

void registry_clear(struct core *c)
{
    struct task *t;
    struct open *o;

    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL; open_free(o))
        ;
    for (size_t at = 0; (t = map_each(&c->tasks, &at)) != NULL; task_free(t))
        ;
    map_clear(&c->tasks);
    map_clear(&c->opens);
    heap_clear(&c->due);
    heap_clear(&c->deadlines);
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
    const struct timeline *timeline = v->body->timeline;

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
        rc = timeline_next(v->body->timeline, o.at, &o);
    }
    if (rc != RC_OK)
        return;
    /* All before it is decided, though the stored floor may not say so: W did. */
    if (timeline_prev(v->body->timeline, o.at, &before) == RC_OK)
        v->floor = MAX(v->floor, before.at);
    v->next = o;
    v->wake = o.due;
}

/* --- restoring --- */

#define WATERMARK_MAX (INT64_C(253402300800) * USEC_PER_SEC) /* the year 10000 */

static enum rc decode_as(struct core *c, enum record_kind kind, struct bytes value,
                         const void **ret, struct error *err)
{
    enum record_kind found;

    arena_reset(c->foreign);
    TRY(codec_decode(value, c->foreign, &found, ret, err));
    if (found != kind)
        return error_set(err, RC_INVALID, "record kind %d instead of %d", (int)found, (int)kind);
    return RC_OK;
}

/*
 * Zones may have gone since the spec was accepted. Whether that matters is known at the end: an older
 * revision of the task may be the one that names it.
 */
static struct body *body_restored(struct core *c, struct uuid id, const struct task_spec *spec)
{
    struct body *b = NULL;

    if (body_new(c, id, spec, &b, NULL) != RC_OK)
        b = body_pack(c, spec);
    return b;
}

static void pass_over(struct core *c, const struct error *why)
{
    if (c->restoring.strays++ == 0)
        c->restoring.first_stray = *why;
}

static void set_view(struct core *c, struct task *t, const struct task_state_record *r)
{
    body_free(t->now.body);
    free(t->now.recent);
    t->now = (struct task_view){
        .revision = r->revision,
        .state = r->state,
        .effective_at = r->effective_at,
        .floor = r->floor,
        .paused_until = r->paused_until,
        .recent =
            r->recent_count == 0 ? NULL : xmemdup(r->recent, r->recent_count * sizeof *r->recent),
        .recent_count = r->recent_count,
        .wake = USEC_MAX,
    };
    t->now.body = r->revision == 0 ? NULL : body_restored(c, t->node.id, &r->spec);
}

static void restore_task(struct core *c, struct uuid id, int64_t offset, struct bytes value)
{
    struct task *t = registry_find(c, id);
    const struct task_state_record *r;
    struct error why;

    if (value.data == NULL) {
        if (t != NULL)
            registry_forget(c, t);
        return;
    }
    if (t == NULL)
        t = registry_add(c, id);
    free(t->trouble);
    t->trouble = NULL;
    t->state_at = offset;
    if (decode_as(c, RECORD_TASK_STATE, value, (const void **)&r, &why) == RC_OK)
        set_view(c, t, r);
    else
        t->trouble = xmemdup(&why, sizeof why);
}

static bool is_newer(enum record_kind kind, struct bytes value)
{
    return codec_is_newer(value, &kind, 1);
}

/* What a later release has written: nobody here knows what, but it must not be forgotten. */
static void keep_unreadable(struct core *c, struct uuid id, int64_t offset, const struct error *why)
{
    struct open *o = registry_add_open(c, NULL, &(struct open_execution){.execution_id = id});

    o->state_at = offset;
    o->trouble = xmemdup(why, sizeof *why);
}

static enum rc restore_open(struct core *c, struct uuid id, int64_t offset, struct bytes value,
                            struct error *err)
{
    struct open *o = map_find(&c->opens, id);
    const struct open_execution *e = NULL;
    enum rc rc = RC_OK;

    if (value.data != NULL)
        rc = decode_as(c, RECORD_OPEN_EXECUTION, value, (const void **)&e, err);
    if (rc != RC_OK && !is_newer(RECORD_OPEN_EXECUTION, value))
        return rc;
    if (e != NULL && !uuid_equal(e->execution_id, id))
        return error_set(err, RC_INVALID, "an open execution under another's key");
    if (o != NULL)
        registry_forget_open(c, o);
    if (rc != RC_OK)
        keep_unreadable(c, id, offset, err);
    else if (e != NULL)
        (void)registry_add_open(c, NULL, e);
    return RC_OK;
}

/* One that nobody can have written. */
static enum rc check_watermark(const struct watermark *w, struct error *err)
{
    if (w->due < 0 || w->due > WATERMARK_MAX || w->commands_next < 0 || w->status_next < 0)
        return error_set(err, RC_INVALID, "a watermark of %jd at offsets %jd and %jd",
                         (intmax_t)w->due, (intmax_t)w->commands_next, (intmax_t)w->status_next);
    return RC_OK;
}

static enum rc decode_watermark(struct core *c, struct bytes value, const struct watermark **ret,
                                struct error *err)
{
    TRY(decode_as(c, RECORD_WATERMARK, value, (const void **)ret, err));
    return check_watermark(*ret, err);
}

static void restore_watermark(struct core *c, int64_t offset, struct bytes value)
{
    const struct watermark *w;

    c->restoring.lost_watermark = decode_watermark(c, value, &w, &c->restoring.lost_why) != RC_OK;
    c->restoring.lost_at = offset;
    if (c->restoring.lost_watermark)
        return;
    c->mark = (struct mark){.due = w->due, .id = w->task_id};
    c->commands.decided = c->commands.seen = w->commands_next;
    c->statuses.decided = c->statuses.seen = w->status_next;
    c->has_watermark = true;
}

/* A stray record, which may be anything, leaves no trace; RC_INVALID says why it is one. */
static enum rc parse_key(const struct core *c, struct bytes key, enum state_key *ret_kind,
                         struct uuid *ret_id, struct error *err)
{
    TRY(state_key_parse(key, ret_kind, ret_id, err));
    if ((*ret_kind == STATE_TASK || *ret_kind == STATE_RUN) &&
        partition_of(*ret_id, c->env->partitions) != c->partition)
        return error_set(err, RC_INVALID, "a task of another partition");
    return RC_OK;
}

void registry_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value)
{
    enum state_key kind;
    struct uuid id;
    struct error why;

    if (parse_key(c, key, &kind, &id, &why) != RC_OK ||
        (kind == STATE_OPEN && restore_open(c, id, offset, value, &why) != RC_OK)) {
        pass_over(c, &why);
        return;
    }
    c->has_records = c->has_records || kind != STATE_OPEN;
    if (kind == STATE_TASK)
        restore_task(c, id, offset, value);
    else if (kind == STATE_WATERMARK && value.data != NULL)
        restore_watermark(c, offset, value);
}

static enum rc check_task(struct core *c, const struct task *t, struct error *err)
{
    const struct task_view *v = &t->now;
    struct body *again = NULL;

    c->restoring.trouble_at = t->state_at;
    if (t->trouble != NULL)
        return error_set(err, RC_FATAL, "could not read a task: %s", t->trouble->text);

    if (v->revision == 0 || v->state == TASK_DELETED || v->body->timeline != NULL)
        return RC_OK;
    if (body_new(c, t->node.id, v->body->spec, &again, err) != RC_OK)
        (void)error_prefix(err, "could not plan task \"%s\" of project \"%s\"", v->body->spec->key,
                           v->body->spec->project);
    body_free(again);
    return RC_FATAL;
}

static void wake_restored(struct core *c, struct task *t)
{
    struct task_view *v = &t->now;

    if (fault_planted("forget-watermark"))
        v->floor = 0;
    if (v->revision == 0)
        v->wake = v->recent_count == 0 ? 0
                                       : usec_after(v->recent[v->recent_count - 1].at,
                                                    RECENT_COMMANDS_KEPT / USEC_PER_MS);
    else
        registry_seek(t->node.id, v, c->mark);
    heap_set(&c->due, &t->node, v->wake);
    c->live_tasks += v->revision > 0 && v->state != TASK_DELETED;
}

/* Without its task an execution has neither deadlines nor a place in any count. */
static void link_opens(struct core *c)
{
    struct open *o, **orphans = xcalloc(c->opens.count + 1, sizeof(struct open *));
    struct error why;
    size_t count = 0;

    (void)error_set(&why, RC_INVALID, "an open execution, but not its task");
    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL;) {
        struct task *t = registry_find(c, o->now.task_id);

        if (t == NULL) {
            orphans[count++] = o;
            continue;
        }
        link_open(t, o);
        t->now.unfinished++;
    }
    for (size_t i = 0; i < count; i++) {
        pass_over(c, &why);
        registry_forget_open(c, orphans[i]);
    }
    free(orphans);
}

static enum rc check_open(struct core *c, const struct open *o, struct error *err)
{
    if (o->trouble == NULL)
        return RC_OK;
    c->restoring.trouble_at = o->state_at;
    return error_set(err, RC_FATAL, "could not read an open execution: %s", o->trouble->text);
}

static enum rc check_newest_watermark(struct core *c, struct error *err)
{
    c->restoring.trouble_at = c->restoring.lost_at;
    if (c->restoring.lost_watermark)
        return error_set(err, RC_FATAL, "could not read the Watermark: %s",
                         c->restoring.lost_why.text);
    if (c->has_records && !c->has_watermark)
        return error_set(err, RC_FATAL, "state of partition %d has records, but no watermark",
                         c->partition);
    return RC_OK;
}

enum rc registry_restored(struct core *c, struct error *err)
{
    struct task *t;
    struct open *o;

    TRY(check_newest_watermark(c, err));
    for (size_t at = 0; (t = map_each(&c->tasks, &at)) != NULL;)
        TRY(check_task(c, t, err));
    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL;)
        TRY(check_open(c, o, err));
    if (fault_planted("forget-watermark"))
        c->mark = (struct mark){0};
    link_opens(c);
    for (size_t at = 0; (t = map_each(&c->tasks, &at)) != NULL;)
        wake_restored(c, t);
    return RC_OK;
}
