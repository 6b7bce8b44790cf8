#include "scheduler/rezone.h"

enum {
    TASKS_A_PLAN = 1000, /* what is due must not wait for them */
    LOOKS_MAX = 10000,   /* instants of one task that are compared */
    TRIES_MAX = 200,     /* to find a wall time that a clock change moved, or to pass over some */
};
/* No two rules of a zone are further apart; and so far a clock change moves an instant at most. */
static const usec_t REACH = 27 * (3600 * USEC_PER_SEC);
static const usec_t MOVED_MOST = 3 * (3600 * USEC_PER_SEC);

struct rezone {
    struct plan *plan;
    struct task *task;
    const struct timeline *old, *new;
    usec_t first; /* the first instant of the old timeline that was undecided; USEC_MAX: none */
};

/* --- one occurrence in both timelines --- */

static bool has_instant(const struct timeline *t, usec_t at, struct occurrence *ret)
{
    return timeline_next(t, at - 1, ret) == RC_OK && ret->at == at;
}

/* Where the other timeline has the same wall time of the same schedule; false when it has not. */
static bool find_twin(const struct timeline *t, const struct occurrence *o, struct occurrence *ret)
{
    const struct schedule *s = timeline_schedule(t, o->schedule);
    usec_t guess = o->nominal - zone_offset_at(schedule_zone_of(s), o->at) * USEC_PER_SEC;
    struct occurrence twin;

    if (schedule_next(s, guess - 1, &twin) == RC_OK && twin.nominal == o->nominal)
        return has_instant(t, twin.at, ret);
    twin.at = guess - MOVED_MOST;
    for (int i = 0; i < TRIES_MAX; i++) {
        if (schedule_next(s, twin.at, &twin) != RC_OK || twin.at > guess + MOVED_MOST)
            return false;
        if (twin.nominal == o->nominal)
            return has_instant(t, twin.at, ret);
    }
    return false;
}

static bool same_clocks(const struct zone *a, const struct zone *b, usec_t from, usec_t to)
{
    usec_t at = from;

    while (at <= to && zone_offset_at(a, at) == zone_offset_at(b, at)) {
        struct zone_span of_a, of_b;
        bool ends_a = zone_next_change(a, at, &of_a) != RC_OK;
        bool ends_b = zone_next_change(b, at, &of_b) != RC_OK;

        if (ends_a && ends_b)
            return true;
        at = (ends_a   ? of_b.start
              : ends_b ? of_a.start
                       : MIN(of_a.start, of_b.start)) *
             USEC_PER_SEC;
    }
    return at > to;
}

/* Most changes of rules are about other years: then nothing is anywhere else than it was. */
static bool nothing_moves_near(const struct rezone *z, usec_t at)
{
    for (size_t i = 0; i < timeline_schedules(z->old); i++)
        if (!same_clocks(schedule_zone_of(timeline_schedule(z->old, i)),
                         schedule_zone_of(timeline_schedule(z->new, i)), at - REACH, at + REACH))
            return false;
    return true;
}

/* --- behind what is decided --- */

static usec_t decided_until(const struct plan *p, const struct task_view *v)
{
    return v->state == TASK_PAUSED ? v->floor : MAX(p->mark.due, v->floor);
}

/* Nobody will decide it any more. */
static bool is_passed(const struct rezone *z, const struct task_view *v, const struct occurrence *o)
{
    if (o->at <= v->floor)
        return true;
    return v->state == TASK_ACTIVE && !registry_is_undecided(v, z->task->node.id, z->plan->mark, o);
}

static bool is_moved_behind(const struct rezone *z, const struct task_view *v,
                            const struct occurrence *o)
{
    struct occurrence before;

    return is_passed(z, v, o) && !has_instant(z->old, o->at, &before) &&
           find_twin(z->old, o, &before) && before.at >= z->first;
}

struct row { /* neighbours that moved behind, the last one first; end 0: none yet */
    usec_t start, end;
};

/* The task's body is the new one already. */
static enum rc end_row(struct rezone *z, struct row *row, struct error *err)
{
    usec_t end = row->end;

    row->end = 0;
    return end == 0 ? RC_OK
                    : plan_emit_gap(z->plan, z->task, row->start - 1, end, REASON_TZDATA, err);
}

/* One gap for each row of them, going back. */
static enum rc record_moved_behind(struct rezone *z, struct error *err)
{
    const struct task_view *v = task_seen(z->task);
    usec_t until = decided_until(z->plan, v);
    struct occurrence o = {.at = until + 1};
    struct row row = {0};

    for (int i = 0; i < LOOKS_MAX; i++) {
        if (timeline_prev(z->new, o.at, &o) != RC_OK || o.at <= until - REACH)
            break;
        z->plan->looked++;
        if (is_moved_behind(z, v, &o))
            row = (struct row){.start = o.at, .end = row.end > 0 ? row.end : o.at};
        else
            TRY(end_row(z, &row, err));
    }
    return end_row(z, &row, err);
}

/* --- decided, and ahead again --- */

/* What was due before the task was made was not; that it was made is what its first revision says. */
static bool was_decided(const struct rezone *z, const struct task_view *v,
                        const struct occurrence *o)
{
    struct occurrence before;

    return !schedule_is_interval(timeline_schedule(z->new, o->schedule)) &&
           !has_instant(z->old, o->at, &before) && find_twin(z->old, o, &before) &&
           before.at < z->first && (v->revision > 1 || before.due > v->effective_at);
}

static void pass_over_decided(struct rezone *z)
{
    struct task_view *v = &plan_task(z->plan, z->task)->view;
    struct occurrence next;

    for (int i = 0; i < TRIES_MAX; i++) {
        next = task_next(v);
        if (v->state == TASK_ACTIVE ? v->wake == USEC_MAX
                                    : timeline_next(z->new, v->floor, &next) != RC_OK)
            return;
        if (!was_decided(z, v, &next))
            return;
        v->floor = next.at;
        plan_store(z->plan, z->task);
        plan_seek(z->plan, z->task);
    }
}

/* --- one task --- */

static void tell_moved(struct rezone *z, usec_t from)
{
    struct plan *p = z->plan;
    const struct task_view *v = task_seen(z->task);

    if (v->state != TASK_ACTIVE || v->wake == from)
        return;
    if (p->moved == NULL)
        p->moved = arena_alloc(p->memory, TASKS_A_PLAN * sizeof *p->moved);
    p->moved[p->out.moved_count++] =
        (struct core_moved){.key = arena_strdup(p->memory, body_spec(v->body)->key),
                            .project = arena_strdup(p->memory, body_spec(v->body)->project),
                            .from = from,
                            .to = v->wake};
    p->out.moved = p->moved;
}

static usec_t first_undecided(const struct task_view *v)
{
    struct occurrence o;

    if (v->state == TASK_ACTIVE)
        return v->wake == USEC_MAX ? USEC_MAX : v->next_at;
    return timeline_next(body_timeline(v->body), v->floor, &o) == RC_OK ? o.at : USEC_MAX;
}

static enum rc rezone(struct plan *p, struct task *t, struct body *body, struct error *err)
{
    const struct task_view *v = task_seen(t);
    usec_t wake = v->wake, near = decided_until(p, v);
    struct rezone z = {.plan = p,
                       .task = t,
                       .old = body_timeline(v->body),
                       .new = body_timeline(body),
                       .first = first_undecided(v)};

    body->since = v->body->since;
    plan_set_body(p, t, body);
    if (!nothing_moves_near(&z, near))
        TRY(record_moved_behind(&z, err));
    plan_seek(p, t);
    if (!nothing_moves_near(&z, near))
        pass_over_decided(&z);
    tell_moved(&z, wake);
    return RC_OK;
}

static enum rc take(struct plan *p, struct uuid id, struct error *err)
{
    struct task *t = registry_find(p->core, id);
    const struct task_view *v = t == NULL ? NULL : task_seen(t);
    struct body *body = NULL;

    if (v == NULL || v->revision == 0 || v->state == TASK_DELETED || body_timeline(v->body) == NULL)
        return RC_OK;
    if (body_new(&p->core->bodies, id, body_spec(v->body), &body, NULL) != RC_OK)
        return RC_OK; /* not covered: what could be read with the old zones can with the new ones */
    return rezone(p, t, body, err);
}

enum rc rezone_run(struct plan *p, struct error *err)
{
    const struct core *c = p->core;

    while (p->rezoned < c->stale_count && p->rezoned < TASKS_A_PLAN &&
           (p->rezoned == 0 || !plan_is_full(p)))
        TRY(take(p, c->stale[p->rezoned++], err));
    return RC_OK;
}
