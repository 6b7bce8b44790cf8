#include "scheduler/revision.h"

/*
 * Until when the instants of an active task are decided: where misfires were decided ahead of W the floor is one of
 * them. A floor that stands on effective_at was set by the revision itself.
 */
static usec_t decided_until(const struct task_view *v)
{
    struct occurrence o;

    if (v->floor != v->effective_at &&
        timeline_prev(v->body->timeline, v->floor + 1, &o) == RC_OK && o.at == v->floor)
        return o.due;
    return v->floor;
}

usec_t revision_effective_at(const struct plan *p, const struct task *t, usec_t at)
{
    const struct task_view *v = task_seen(t);
    usec_t when = p->may_fire ? MIN(at, p->now) : at; /* without a clock to trust, the broker's */

    when = MAX(when, MAX(v->effective_at, p->mark.due));
    return v->state == TASK_ACTIVE ? MAX(when, decided_until(v)) : when;
}

static enum rc emit(struct plan *p, struct task *t, const struct command *by, struct error *err)
{
    const struct task_view *v = task_seen(t);
    const struct task_revision record = {
        .task_id = t->node.id,
        .revision = v->revision,
        .state = v->state,
        .effective_at = v->effective_at,
        .command_id = by == NULL ? UUID_NIL : by->command_id,
        .actor = by == NULL ? "scheduler" : by->actor,
        .reason = by == NULL ? "the pause has ended" : by->reason,
        .spec = *v->body->spec,
    };

    return plan_emit(p, p->core->tasks_topic, t->node.id, RECORD_TASK_REVISION, &record, err);
}

enum rc revision_write(struct plan *p, struct task *t, const struct change *change,
                       struct error *err)
{
    struct task_view *v = &plan_task(p, t)->view;

    if (change->body != NULL)
        plan_set_body(p, t, change->body);
    v->revision += v->revision < INT32_MAX; /* the state may hold any number */
    v->state = change->state;
    v->effective_at = change->effective_at;
    v->floor = change->floor;
    v->paused_until = change->paused_until;
    plan_store(p, t);
    plan_seek(p, t);
    return emit(p, t, change->by, err);
}

enum rc revision_resume_due(struct plan *p, struct task *t, struct error *err)
{
    usec_t floor = task_seen(t)->floor;
    usec_t at = revision_effective_at(p, t, task_seen(t)->paused_until);

    TRY(plan_emit_gap(p, t, floor, at, REASON_PAUSED, err));
    return revision_write(
        p, t, &(struct change){.state = TASK_ACTIVE, .effective_at = at, .floor = at}, err);
}
