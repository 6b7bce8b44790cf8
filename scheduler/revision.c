#include "scheduler/revision.h"

/*
 * Until when the instants of an active task are decided: where misfires were decided ahead of W the floor is one of
 * them. A floor that stands on effective_at was set by the revision itself.
 */
static usec_t decided_until(const struct task_view *v)
{
    struct occurrence o;

    if (v->floor != v->effective_at &&
        timeline_prev(body_timeline(v->body), v->floor + 1, &o) == RC_OK && o.at == v->floor)
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

static enum rc emit(struct plan *p, struct task *t, const struct change *change, struct error *err)
{
    const struct command *by = change->by;
    const struct task_view *v = task_seen(t);
    const struct task_revision record = {
        .task_id = t->node.id,
        .revision = v->revision,
        .state = v->state,
        .effective_at = v->effective_at,
        .command_id = by == NULL ? UUID_NIL : by->command_id,
        .actor = by == NULL ? "scheduler" : by->actor,
        .reason = by == NULL ? change->why : by->reason,
        .spec = *body_spec(v->body),
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
    if (change->body != NULL)
        change->body->since = v->revision;
    if (v->state != change->state)
        plan_count_failures(p, t, 0);
    v->state = change->state;
    v->effective_at = change->effective_at;
    v->floor = change->floor;
    v->paused_until = change->paused_until;
    plan_store(p, t);
    plan_seek(p, t);
    registry_set_deadlines(p->core, t);
    return emit(p, t, change, err);
}

enum rc revision_resume_due(struct plan *p, struct task *t, struct error *err)
{
    usec_t floor = task_seen(t)->floor;
    usec_t at = revision_effective_at(p, t, task_seen(t)->paused_until);

    TRY(plan_emit_gap(p, t, floor, at, REASON_PAUSED, err));
    return revision_write(
        p, t,
        &(struct change){
            .state = TASK_ACTIVE, .effective_at = at, .floor = at, .why = "the pause has ended"},
        err);
}

static enum rc pause(struct plan *p, struct task *t, usec_t at, int32_t failures, struct error *err)
{
    const struct change change = {
        .state = TASK_PAUSED,
        .effective_at = revision_effective_at(p, t, at),
        .floor = task_seen(t)->floor,
        .why = failures == 1
                   ? "an execution has failed"
                   : arena_printf(p->memory, "%d executions in a row have failed", (int)failures),
    };

    return revision_write(p, t, &change, err);
}

enum rc revision_count_end(struct plan *p, const struct open *o, usec_t at, struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    int32_t limit = body_spec(v->body)->pause_after_failures, failures = v->failures + 1;

    switch (open_seen(o)->status) {
    case STATUS_FAILED:
    case STATUS_TIMED_OUT:
    case STATUS_LOST:
        break;
    case STATUS_SUCCEEDED:
        plan_count_failures(p, o->task, 0);
        return RC_OK;
    default: /* one that did not run says nothing about the next one */
        return RC_OK;
    }
    if (limit == 0)
        return RC_OK;
    plan_count_failures(p, o->task, failures);
    return failures >= limit && v->state == TASK_ACTIVE ? pause(p, o->task, at, failures, err)
                                                        : RC_OK;
}
