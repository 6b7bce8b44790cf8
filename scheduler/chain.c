#include "scheduler/chain.h"

#include "model/spec.h"

struct end {
    const struct task_spec *spec; /* under which it was made */
    const struct open_execution *execution;
    enum status status;
    usec_t at;
};

/*
 * What is left of SPEC_SET_OFF_MAX goes to those that an end sets off in equal parts, of which each takes one for itself and has
 * the others to give away: so many are spent for the one that follows. If there is not one for each, it is more than there are.
 */
static int32_t spent_for_each(const struct end *end)
{
    int32_t followers = 0;

    for (size_t i = 0; i < end->spec->then_count; i++)
        followers += spec_then_holds(end->spec->then[i].on, end->status);
    return SPEC_SET_OFF_MAX + 1 - (SPEC_SET_OFF_MAX - end->execution->chain_spent) / followers;
}

static enum rc set_off(struct plan *p, const struct end *end, const struct then_spec *then,
                       struct error *err)
{
    char id[UUID_TEXT];
    struct uuid child = task_id_of(then->project, then->task);
    const struct chain_link link = {.parent_execution_id = end->execution->execution_id,
                                    .ended_at = end->at,
                                    .depth = end->execution->chain_depth + 1,
                                    .spent = spent_for_each(end)};
    const struct command command = {
        /* the same for the same end, whoever finds it, and however often */
        .command_id = chain_command_id_of(child, link.parent_execution_id),
        .task_id = child,
        .actor = "scheduler",
        .reason = arena_printf(p->memory, "execution %s of %s~%s has ended %s",
                               uuid_to_text(link.parent_execution_id, id), end->spec->project,
                               end->spec->key, enum_name(&status_enum, (int)end->status)),
        .kind = COMMAND_TRIGGER_TASK,
        .body.trigger_task.chain = &link,
    };

    return plan_emit_command(p, &command, err);
}

/* What is deleted sets nothing off any more: its executions end, or are cancelled, for themselves. */
static enum rc tell(struct plan *p, const struct task *t, const struct end *end, struct error *err)
{
    if (task_seen(t)->state == TASK_DELETED)
        return RC_OK;
    for (size_t i = 0; i < end->spec->then_count; i++)
        if (spec_then_holds(end->spec->then[i].on, end->status))
            TRY(set_off(p, end, &end->spec->then[i], err));
    return RC_OK;
}

enum rc chain_end(struct plan *p, const struct open *o, usec_t at, struct error *err)
{
    const struct open_execution *e = open_seen(o);
    const struct end end = {body_spec(o->made), e, e->status, at};

    return tell(p, o->task, &end, err);
}

enum rc chain_born_over(struct plan *p, const struct task *t, const struct open_execution *e,
                        enum status status, struct error *err)
{
    const struct end end = {body_spec(task_seen(t)->body), e, status, p->now};

    return tell(p, t, &end, err);
}
