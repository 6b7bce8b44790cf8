/*
 * registry_restore.c - what state[p] holds becomes what a core remembers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/spec.h"
#include "scheduler/listening.h"
#include "scheduler/open.h"
#include "scheduler/registry.h"

#define WATERMARK_MAX (INT64_C(253402300800) * USEC_PER_SEC) /* the year 10000 */

static enum rc decode_as(struct core *c, enum record_kind kind, struct bytes value,
                         const void **ret, struct error *err)
{
    arena_reset(c->foreign);
    return codec_decode_one(kind, value, c->foreign, ret, err);
}

/* Under which restoring.specs holds it. */
static struct uuid spec_key(struct uuid task, int32_t since)
{
    char text[STATE_KEY_TEXT];

    return uuid_named(UUID_NIL, state_spec_key_format(task, since, text));
}

static void pass_over(struct core *c, const struct error *why)
{
    if (c->restoring.strays++ == 0)
        c->restoring.first_stray = *why;
}

static void set_view(struct core *c, struct task *t, const struct task_state_record *r)
{
    size_t count = MIN(r->recent_count, (size_t)RECENT_COMMANDS_MAX);
    const struct recent_command *newest = count == 0 ? NULL : r->recent + (r->recent_count - count);

    body_free(t->now.body);
    free(t->now.recent);
    t->now = (struct task_view){
        .failures = t->now.failures,
        .revision = r->revision,
        .state = r->state,
        .effective_at = r->effective_at,
        .floor = r->floor,
        .paused_until = r->paused_until,
        .skip_until = r->skip_until,
        .recent = count == 0 ? NULL : xmemdup(newest, count * sizeof *newest),
        .recent_count = count & 0x1FF,
        .wake = USEC_MAX,
    };
    t->now.body = r->revision == 0 ? NULL : body_pack(&c->bodies, t->node.id, &r->spec);
    if (t->now.body != NULL)
        t->now.body->since = r->spec_since;
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
    registry_drop_trouble(c, id);
    t->state_at = offset;
    if (decode_as(c, RECORD_TASK_STATE, value, (const void **)&r, &why) == RC_OK)
        set_view(c, t, r);
    else
        map_put(&c->restoring.troubles, id, xmemdup(&why, sizeof why));
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
    if (e != NULL && !uuid_equal(registry_open_key(e), id))
        return error_set(err, RC_INVALID, "an open execution under another's key");
    if (o != NULL)
        registry_forget_open(c, o);
    if (rc != RC_OK)
        keep_unreadable(c, id, offset, err);
    else if (e != NULL)
        (void)registry_add_open(c, NULL, e);
    return RC_OK;
}

/* It may stand before the task's own record. */
static enum rc restore_run(struct core *c, struct uuid id, struct bytes value, struct error *err)
{
    struct task *t = registry_find(c, id);
    const struct run_state *r = NULL;

    if (value.data != NULL)
        TRY(decode_as(c, RECORD_RUN_STATE, value, (const void **)&r, err));
    if (t == NULL && r != NULL)
        t = registry_add(c, id);
    if (t != NULL)
        t->now.failures =
            r == NULL ? 0
                      : (unsigned)MIN(MAX(r->consecutive_failures, 0), SPEC_FAILURES_MAX) & 0x3FF;
    return RC_OK;
}

/* Older revisions that open executions were made under. */
static enum rc restore_spec(struct core *c, const struct state_key *key, struct bytes value,
                            struct error *err)
{
    struct uuid id = spec_key(key->id, key->revision);
    const struct task_state_record *r;
    struct body *b;

    if (value.data != NULL)
        TRY(decode_as(c, RECORD_TASK_STATE, value, (const void **)&r, err));
    body_free(map_remove(&c->restoring.specs, id));
    if (value.data == NULL)
        return RC_OK;
    b = body_pack(&c->bodies, key->id, &r->spec);
    b->since = key->revision;
    b->is_kept = true;
    map_put(&c->restoring.specs, id, b);
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
static enum rc parse_key(const struct core *c, struct bytes key, struct state_key *ret,
                         struct error *err)
{
    TRY(state_key_parse(key, ret, err));
    if ((ret->kind == STATE_TASK || ret->kind == STATE_RUN || ret->kind == STATE_SPEC) &&
        partition_of(ret->id, c->env->partitions) != c->partition)
        return error_set(err, RC_INVALID, "a task of another partition");
    return RC_OK;
}

static enum rc take_record(struct core *c, const struct state_key *key, int64_t offset,
                           struct bytes value, struct error *err)
{
    switch (key->kind) {
    case STATE_TASK:
        restore_task(c, key->id, offset, value);
        return RC_OK;
    case STATE_RUN:
        return restore_run(c, key->id, value, err);
    case STATE_SPEC:
        return restore_spec(c, key, value, err);
    case STATE_OPEN:
        return restore_open(c, key->id, offset, value, err);
    case STATE_WATERMARK:
        if (value.data != NULL)
            restore_watermark(c, offset, value);
        return RC_OK;
    default:
        return RC_OK;
    }
}

void registry_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value)
{
    struct state_key parsed;
    struct error why;

    if (parse_key(c, key, &parsed, &why) != RC_OK ||
        take_record(c, &parsed, offset, value, &why) != RC_OK) {
        pass_over(c, &why);
        return;
    }
    c->has_records = c->has_records || parsed.kind == STATE_TASK || parsed.kind == STATE_RUN ||
                     parsed.kind == STATE_WATERMARK;
}

static enum rc check_task(struct core *c, const struct task *t, struct error *err)
{
    const struct error *why = map_find(&c->restoring.troubles, t->node.id);
    const struct task_view *v = &t->now;

    c->restoring.trouble_at = t->state_at;
    if (why != NULL)
        return error_set(err, RC_FATAL, "could not read a task: %s", why->text);

    if (v->revision == 0 || v->state == TASK_DELETED || body_check(v->body, err) == RC_OK)
        return RC_OK;
    (void)error_prefix(err, "could not plan task \"%s\" of project \"%s\"", body_spec(v->body)->key,
                       body_spec(v->body)->project);
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

/* What it was made under. A record of an earlier release does not say: it asks for nothing that would need it. */
static struct body *made_under(struct core *c, const struct task *t, const struct open_execution *e)
{
    struct body *kept;
    struct error why;

    if (e->spec_since == t->now.body->since)
        return t->now.body;
    kept = map_find(&c->restoring.specs, spec_key(t->node.id, e->spec_since));
    if (kept != NULL)
        return kept;
    if (e->spec_since != 0) {
        (void)error_set(&why, RC_INVALID, "an open execution, but not what revision %d says",
                        (int)e->spec_since);
        pass_over(c, &why);
    }
    return t->now.body;
}

/* Without its task an execution has neither deadlines nor a place in any count. */
static void link_open(struct core *c, struct open *o)
{
    struct task *t = registry_find(c, o->now.task_id);
    struct error why;

    if (t == NULL || t->now.body == NULL) {
        (void)error_set(&why, RC_INVALID, "an open execution, but not its task");
        pass_over(c, &why);
        registry_forget_open(c, o);
        return;
    }
    registry_link_open(t, o, made_under(c, t, &o->now));
    listening_follow(c, o, 0);
    registry_count_open(&t->now, o, open_slot(&o->now));
}

static int by_order(const void *a, const void *b)
{
    return open_order(*(const struct open *const *)a, *(const struct open *const *)b);
}

/* The oldest first, about as they were made: who cancels others cancels the oldest. */
static void link_opens(struct core *c)
{
    struct open *o, **all = xcalloc(c->opens.count + 1, sizeof(struct open *));
    size_t count = 0;

    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL;)
        all[count++] = o;
    qsort(all, count, sizeof *all, by_order);
    for (size_t i = 0; i < count; i++)
        link_open(c, all[i]);
    free(all);
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
    if (fault_planted("forget-watermark"))
        c->mark = (struct mark){0};
    for (size_t at = 0; (t = index_each(&c->tasks, &at)) != NULL; bodies_cool(&c->bodies)) {
        TRY(check_task(c, t, err));
        wake_restored(c, t);
    }
    for (size_t at = 0; (o = map_each(&c->opens, &at)) != NULL;)
        TRY(check_open(c, o, err));
    link_opens(c);
    registry_drop_specs(c);
    for (size_t at = 0; (t = index_each(&c->tasks, &at)) != NULL; bodies_cool(&c->bodies))
        registry_set_deadlines(c, t);
    return RC_OK;
}
