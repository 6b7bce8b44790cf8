/*
 * core.c - the order of a turn: new time zones, commands, statuses, what is due, deadlines. The parts: registry (what is
 * remembered), plan (drafts and records), commands and revision, planner, deadlines.
 */
#include "scheduler/core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/commands.h"
#include "scheduler/deadlines.h"
#include "scheduler/listening.h"
#include "scheduler/planner.h"
#include "scheduler/rezone.h"

struct core *core_new(const struct core_env *env, int partition)
{
    struct core *c = xcalloc(1, sizeof *c);

    c->env = env;
    c->partition = partition;
    c->commands_topic = xasprintf("%scommands", env->prefix);
    c->tasks_topic = xasprintf("%stasks", env->prefix);
    c->status_topic = xasprintf("%sstatus", env->prefix);
    c->state_topic = xasprintf("%sstate", env->prefix);
    c->control_topic = xasprintf("%scontrol", env->prefix);
    /* the codec bounds a message by its own size, here as in the consumer */
    c->foreign = arena_new(0);
    bodies_init(&c->bodies, env);
    return c;
}

static void inputs_drop(struct inputs *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)in->items[i].value.data);
    in->count -= count;
    if (in->count > 0)
        memmove(in->items, in->items + count, in->count * sizeof *in->items);
}

void core_free(struct core *c)
{
    if (c == NULL)
        return;
    core_discard(c, (struct core_plan *)c->plan);
    registry_clear(c);
    inputs_drop(&c->commands, c->commands.count);
    inputs_drop(&c->statuses, c->statuses.count);
    free(c->commands.items);
    free(c->statuses.items);
    free(c->stale);
    free(c->commands_topic);
    free(c->tasks_topic);
    free(c->status_topic);
    free(c->state_topic);
    free(c->control_topic);
    arena_free(c->foreign);
    bodies_clear(&c->bodies);
    buf_clear(&c->frame);
    free(c);
}

/* --- restore --- */

void core_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value)
{
    registry_restore(c, offset, key, value);
}

long core_strays(const struct core *c, const char **ret_first)
{
    *ret_first = c->restoring.first_stray.text;
    return c->restoring.strays;
}

int64_t core_trouble_at(const struct core *c)
{
    return c->restoring.trouble_at;
}

enum rc core_restored(struct core *c, int64_t ret_next[2], struct error *err)
{
    TRY(registry_restored(c, err));
    ret_next[0] = c->commands.decided;
    ret_next[1] = c->statuses.decided;
    return RC_OK;
}

/* --- inputs --- */

static void input_add(struct inputs *in, int64_t offset, usec_t at, struct bytes value)
{
    in->items = array_grow(in->items, in->count, &in->capacity, sizeof *in->items);
    in->items[in->count++] = (struct input){
        .offset = offset, .at = at, .value = {xmemdup(value.data, value.len), value.len}};
}

void core_take_command(struct core *c, int64_t offset, usec_t at, struct bytes key UNUSED,
                       struct bytes value)
{
    if (offset < c->commands.seen)
        return;
    c->commands.seen = offset + 1;
    input_add(&c->commands, offset, at, value);
}

void core_take_status(struct core *c, int64_t offset, usec_t at, struct bytes key UNUSED,
                      struct bytes value)
{
    if (offset < c->statuses.seen)
        return;
    c->statuses.seen = offset + 1;
    if (!statuses_matter(c, value, &c->hurries))
        return;
    input_add(&c->statuses, offset, at, value);
}

void core_take_heartbeat(struct core *c, usec_t at, struct bytes value)
{
    listening_take(c, at, value);
}

void core_heard(struct core *c, usec_t until, usec_t now)
{
    listening_heard(c, until, now);
}

void core_listen_anew(struct core *c)
{
    listening_anew(c);
}

usec_t core_listens_at(const struct core *c)
{
    return heap_first_due(&c->listening);
}

void core_pass_commands(struct core *c, int64_t next)
{
    c->commands.seen = MAX(c->commands.seen, next);
}

void core_pass_statuses(struct core *c, int64_t next)
{
    c->statuses.seen = MAX(c->statuses.seen, next);
}

bool core_is_planned(const struct core *c)
{
    return c->plan != NULL;
}

bool core_has_commands(const struct core *c)
{
    return c->commands.seen > c->commands.decided;
}

bool core_has_statuses(const struct core *c)
{
    return c->statuses.seen > c->statuses.decided;
}

int64_t core_statuses_taken(const struct core *c)
{
    return c->statuses.seen;
}

int64_t core_statuses_decided(const struct core *c)
{
    return c->statuses.decided;
}

usec_t core_wake(const struct core *c)
{
    if (core_is_rezoning(c) || c->hurries)
        return 0;
    return MIN(heap_first_due(&c->due), heap_first_due(&c->deadlines));
}

/* --- other rules for zones --- */

void core_rezone(struct core *c, const char *const *names, size_t count)
{
    struct task *t;

    bodies_rezone(&c->bodies, names, count);
    if (count == 0)
        return;
    for (size_t at = 0; (t = index_each(&c->tasks, &at)) != NULL;) {
        const struct body *b = task_seen(t)->body;

        if (b == NULL || !body_is_stale(b))
            continue;
        c->stale = array_grow(c->stale, c->stale_count, &c->stale_capacity, sizeof *c->stale);
        c->stale[c->stale_count++] = t->node.id;
    }
}

bool core_is_rezoning(const struct core *c)
{
    return c->stale_count > 0;
}

static void drop_stale(struct core *c, size_t count)
{
    c->stale_count -= count;
    if (c->stale_count > 0)
        memmove(c->stale, c->stale + count, c->stale_count * sizeof *c->stale);
}

/* --- plans --- */

static int64_t next_after(const struct inputs *in, size_t used)
{
    return used < in->count ? in->items[used].offset : in->seen;
}

/* One stage after the other; none begins anything in a full plan. */
static enum rc run(struct plan *p, struct error *err)
{
    static enum rc (*const stages[])(struct plan *, struct error *) = {
        rezone_run, commands_run, statuses_run, planner_run, deadlines_run};
    size_t count = p->may_fire ? ARRAY_LEN(stages) : 3;

    for (size_t i = 0; i < count && !(p->out.behind && p->room.due_waits); i++)
        TRY(stages[i](p, err));
    p->out.commands_next = next_after(&p->core->commands, p->commands_used);
    p->out.status_next = next_after(&p->core->statuses, p->statuses_used);
    return plan_is_idle(p) ? RC_OK : plan_finish(p, err);
}

enum rc core_plan(struct core *c, usec_t now, bool may_fire, struct core_room room,
                  struct core_plan **ret, struct error *err)
{
    struct plan *p;
    enum rc rc;

    assert(c->plan == NULL);
    p = plan_new(c, now, may_fire, room);
    rc = run(p, err);
    if (rc != RC_OK || plan_is_idle(p)) {
        core_discard(c, &p->out);
        p = NULL;
    }
    if (rc == RC_OK)
        *ret = p == NULL ? NULL : &p->out;
    return rc;
}

void core_commit(struct core *c, struct core_plan *plan)
{
    struct plan *p = (struct plan *)plan; /* core_plan is its first member */

    assert(p == c->plan);
    plan_commit(p);
    drop_stale(c, p->rezoned);
    inputs_drop(&c->commands, p->commands_used);
    inputs_drop(&c->statuses, p->statuses_used);
    c->hurries = c->hurries && c->statuses.count > 0;
    c->observes = c->observes && c->statuses.count > 0;
    c->commands.decided = plan->commands_next;
    c->statuses.decided = plan->status_next;
    plan_free(p);
}

void core_discard(struct core *c UNUSED, struct core_plan *plan)
{
    struct plan *p = (struct plan *)plan;

    if (p == NULL)
        return;
    assert(p == c->plan);
    plan_discard(p);
    plan_free(p);
}

size_t core_task_count(const struct core *c)
{
    return c->live_tasks;
}

size_t core_open_count(const struct core *c)
{
    return c->opens.count;
}
