/*
 * commands.c - one handler a kind of command; each either changes the task and is ACCEPTED, or is REJECTED
 * and changes nothing. Everything that a command needs is checked before its first effect.
 */
#include "scheduler/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "model/skip_next.h"
#include "model/spec.h"
#include "scheduler/open.h"
#include "scheduler/order.h"
#include "scheduler/planner.h"
#include "scheduler/requests.h"
#include "scheduler/revision.h"

static const usec_t TOPIC_SPREADS = 300 * USEC_PER_MS; /* what is due waits for no longer */

enum rc order_reject(struct order *o, enum outcome_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(o->text, sizeof o->text, format, args);
    va_end(args);
    o->outcome.result = OUTCOME_REJECTED;
    o->outcome.code = code;
    return RC_OK;
}

enum rc order_accept(struct order *o, enum outcome_code code)
{
    o->outcome.code = code;
    o->outcome.revision = task_seen(o->task)->revision;
    return RC_OK;
}

static bool exists(const struct order *o)
{
    const struct task_view *v = task_seen(o->task);

    return v->revision > 0 && v->state != TASK_DELETED;
}

/* 0 stands for "must not exist", EXPECT_SOME for "must exist": a deleted task does not, whatever its number. */
static bool is_stale(const struct order *o)
{
    const struct opt_int *expected = &o->command->expected_revision;

    if (!expected->is_set)
        return false;
    if (expected->value == 0)
        return exists(o);
    if (expected->value == EXPECT_SOME)
        return !exists(o);
    return expected->value != task_seen(o->task)->revision;
}

bool order_would_fire(const struct plan *p, const struct order *o, usec_t until)
{
    const struct task_view *v = task_seen(o->task);

    return !p->may_fire && v->state == TASK_ACTIVE && v->wake <= until;
}

/* Only of a command whose time our clock can judge: neither it nor those behind it wait for longer. */
bool order_lacks_queue(struct plan *p, struct order *o, const char *queue)
{
    if (p->core->env->queue_exists(p->core->env->ctx, queue))
        return false;
    o->waits = o->at <= p->now && p->now < o->at + TOPIC_SPREADS;
    p->out.behind = p->out.behind || o->waits;
    if (!o->waits)
        (void)order_reject(o, CODE_NO_QUEUE, "queue \"%s\" does not exist", queue);
    return true;
}

/* --- PutTask --- */

static enum rc check_spec(const struct plan *p, const struct task_spec *spec, struct error *err)
{
    TRY(spec_check_limits(spec, err));
    return spec_check_schedules(spec, p->core->env->zones, err);
}

static bool is_unchanged(const struct order *o, const struct task_spec *spec)
{
    return exists(o) && spec_equal(body_spec(task_seen(o->task)->body), spec);
}

/* What was due before the edit belongs to the old revision: decided under it, or a gap of its pause. */
static enum rc settle_before_edit(struct plan *p, struct order *o, usec_t at, struct error *err)
{
    const struct task_view *v = task_seen(o->task);

    if (v->state == TASK_ACTIVE)
        return planner_run_task(p, o->task, at, err);
    if (v->state == TASK_PAUSED)
        return plan_emit_gap(p, o->task, v->floor, at, REASON_PAUSED, err);
    return RC_OK;
}

/*
 * An instant of an active task that is scheduled before the edit and due after it belongs to the new revision: if its
 * timeline has such an instant too, the floor stays below that one. If it has not, the old one is a gap.
 */
static enum rc take_over_pending(struct plan *p, struct order *o, struct change *change,
                                 struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    usec_t at = change->effective_at;
    struct occurrence pending;
    bool is_taken_over =
        registry_is_pending(body_timeline(change->body), at, &pending) && pending.at > v->floor;

    if (v->state != TASK_ACTIVE)
        return RC_OK;
    if (is_taken_over)
        change->floor = pending.at - 1;
    if (v->wake == USEC_MAX || (is_taken_over && pending.at == v->next_at))
        return RC_OK;
    return plan_emit_gap(p, o->task, v->next_at - 1, MIN(v->next_at, at), REASON_EDITED, err);
}

/* As many of the next instants as were to be skipped, whenever the new revision has them. */
static usec_t skip_until_by(const struct task_view *v, const struct change *change)
{
    usec_t from = v->state == TASK_PAUSED ? change->effective_at : v->floor;
    struct occurrence o = {.at = change->floor};
    size_t left;

    if (v->skip_until <= from)
        return 0;
    left = skip_next_count(body_timeline(v->body), from, v->skip_until);
    while (left-- > 0)
        if (timeline_next(body_timeline(change->body), o.at, &o) != RC_OK)
            break;
    return o.at > change->floor ? o.at : 0;
}

static enum rc put_spec(struct plan *p, struct order *o, const struct task_spec *spec,
                        struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    usec_t at = revision_effective_at(p, o->task, o->at);
    bool is_new = !exists(o);
    struct change change = {
        .state = v->state == TASK_PAUSED ? TASK_PAUSED : TASK_ACTIVE,
        .effective_at = at,
        .floor = at,
        .paused_until = v->paused_until,
        .by = o->command,
    };

    o->waits = order_would_fire(p, o, at);
    if (o->waits)
        return RC_OK;
    TRY(settle_before_edit(p, o, at, err));
    TRY(body_new(&p->core->bodies, o->task->node.id, spec, &change.body, err));
    TRY(take_over_pending(p, o, &change, err));
    plan_task(p, o->task)->view.skip_until = skip_until_by(task_seen(o->task), &change);
    TRY(revision_write(p, o->task, &change, err));
    planner_limit_all(p, o->task);
    return order_accept(o, is_new ? CODE_CREATED : CODE_UPDATED);
}

static enum rc put_task(struct plan *p, struct order *o, struct error *err)
{
    /* its parts are in the message's arena: ours */
    struct task_spec spec = o->command->body.put_task.spec;
    struct error why = {0};

    spec_normalise(&spec);
    if (spec.key == NULL || !uuid_equal(task_id_of(spec.project, spec.key), o->task->node.id))
        return order_reject(o, CODE_MISPLACED, "the task id is not that of project and key");
    if (check_spec(p, &spec, &why) != RC_OK)
        return order_reject(o, CODE_INVALID_SPEC, "%s%s%s", why.text,
                            why.hint[0] == '\0' ? "" : "; ", why.hint);
    if (order_lacks_queue(p, o, spec.queue))
        return RC_OK;
    if (is_unchanged(o, &spec))
        return order_accept(o, CODE_UNCHANGED);
    return put_spec(p, o, &spec, err);
}

/* --- DeleteTask, PauseTask, ResumeTask --- */

/* What waits for its next attempt is cancelled; what is in the queue or runs may finish. */
static void cancel_waiting(struct plan *p, struct task *t)
{
    for (struct open *o = t->opens; o != NULL; o = o->older) {
        const struct open_execution *e = open_seen(o);

        if (open_is_over(e) || !(e->unsent || status_is_final(e->status)))
            continue;
        plan_open(p, o)->cancelled = REASON_DELETED;
        plan_open_changed(p, o);
    }
}

static enum rc delete_task(struct plan *p, struct order *o, struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    usec_t at = revision_effective_at(p, o->task, o->at);
    enum reason reason = v->state == TASK_PAUSED ? REASON_PAUSED : REASON_DELETED;
    struct occurrence pending;
    usec_t to = at;

    if (v->state == TASK_ACTIVE && registry_is_pending(body_timeline(v->body), at, &pending))
        to = pending.at - 1; /* not due yet, and now never */
    TRY(plan_emit_gap(p, o->task, v->floor, to, reason, err));
    cancel_waiting(p, o->task);
    plan_task(p, o->task)->view.skip_until = 0;
    TRY(revision_write(
        p, o->task,
        &(struct change){.state = TASK_DELETED, .effective_at = at, .floor = at, .by = o->command},
        err));
    return order_accept(o, CODE_OK);
}

static enum rc pause_task(struct plan *p, struct order *o, struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    usec_t until = MAX(o->command->body.pause_task.until, 0);

    if (v->state == TASK_PAUSED && v->paused_until == until)
        return order_accept(o, CODE_UNCHANGED);
    TRY(revision_write(p, o->task,
                       &(struct change){
                           .state = TASK_PAUSED,
                           .effective_at = revision_effective_at(p, o->task, o->at),
                           .floor = v->floor,
                           .paused_until = until,
                           .by = o->command,
                       },
                       err));
    return order_accept(o, CODE_OK);
}

static size_t resume_limit(const struct order *o)
{
    size_t most = spec_misfire_limit(body_spec(task_seen(o->task)->body));

    switch (o->command->body.resume_task.gap) {
    case RESUME_LAST:
        return 1;
    case RESUME_ALL:
        return most;
    default:
        return 0;
    }
}

/*
 * The gap is the old revision's; what is made up for is the new one's, and outside rule (c): the resume emits it itself.
 * An instant that is not due yet cannot be made up for: it is in the gap, or is one of its own.
 */
static enum rc resume_task(struct plan *p, struct order *o, struct error *err)
{
    const struct task_view *v = task_seen(o->task);
    usec_t at = revision_effective_at(p, o->task, o->at);
    struct make_up range = {
        .from = v->floor, .to = at, .limit = resume_limit(o), .reason = REASON_PAUSED};
    struct occurrence *chosen, pending;
    size_t count;

    if (v->state != TASK_PAUSED)
        return order_reject(o, CODE_NOT_PAUSED, "the task is not paused");
    o->waits = !p->may_fire && range.limit > 0;
    if (o->waits)
        return RC_OK;
    if (range.limit > 0 && registry_is_pending(body_timeline(v->body), at, &pending))
        range.to = pending.at - 1;
    TRY(planner_choose(p, o->task, &range, &chosen, &count, err));
    TRY(plan_emit_gap(p, o->task, MAX(range.to, range.from), at, REASON_PAUSED, err));
    TRY(revision_write(
        p, o->task,
        &(struct change){.state = TASK_ACTIVE, .effective_at = at, .floor = at, .by = o->command},
        err));
    for (size_t i = 0; i < count; i++)
        TRY(planner_decide(p, o->task, &chosen[i], TRIGGER_CATCH_UP, err));
    return order_accept(o, CODE_OK);
}

/* --- TriggerTask --- */

static enum rc trigger_task(struct plan *p, struct order *o, struct error *err)
{
    const struct trigger_task *trigger = &o->command->body.trigger_task;
    const struct manual manual = {.trigger = TRIGGER_MANUAL,
                                  .at = o->at,
                                  .due = o->at,
                                  .payload = trigger->payload,
                                  .ignores_others = trigger->ignore_overlap};

    if (trigger->chain != NULL)
        return request_follow(p, o, trigger->chain, err);
    return planner_request(p, o, &manual, err);
}

/* --- all commands --- */

static const struct handler {
    enum rc (*apply)(struct plan *p, struct order *o, struct error *err);
    bool makes_tasks;   /* else the task must exist */
    bool ends_what_was; /* a deleted one will do too */
} handlers[COMMAND_KIND_COUNT] = {
    [COMMAND_PUT_TASK] = {put_task, true, true},
    [COMMAND_DELETE_TASK] = {delete_task, false, false},
    [COMMAND_PAUSE_TASK] = {pause_task, false, false},
    [COMMAND_RESUME_TASK] = {resume_task, false, false},
    [COMMAND_TRIGGER_TASK] = {trigger_task, false, false},
    [COMMAND_SKIP_NEXT] = {request_skip_next, false, false},
    [COMMAND_CANCEL_EXECUTION] = {request_cancel, false, true},
    [COMMAND_RETRY_EXECUTION] = {request_retry, false, false},
    [COMMAND_BACKFILL] = {request_backfill, false, false},
};

/* Another request was decided under its Idempotency-Key: whoever sent it did not know, and was told that it is on its way. */
static bool is_key_reused(const struct order *o)
{
    const struct task_view *v = task_seen(o->task);

    for (size_t i = 0; i < v->recent_count; i++)
        if (commands_share_key(v->recent[i].command_id, o->command->command_id))
            return true;
    return false;
}

/* Says which revision it is: whoever asks may have others that would do. */
static enum rc reject_stale(struct order *o)
{
    int32_t expected = o->command->expected_revision.value;

    o->outcome.revision = exists(o) ? task_seen(o->task)->revision : 0;
    if (expected == EXPECT_SOME)
        return order_reject(o, CODE_STALE_REVISION, "there is no such task");
    return order_reject(o, CODE_STALE_REVISION, "expected revision %d, but it is %d", (int)expected,
                        (int)o->outcome.revision);
}

static enum rc judge(struct plan *p, struct order *o, struct error *err)
{
    const struct handler *handler = &handlers[o->command->kind];
    const struct task_view *v = task_seen(o->task);
    struct error why = {0};

    if (partition_of(o->task->node.id, p->core->env->partitions) != p->core->partition &&
        !fault_planted("orders-anywhere"))
        return order_reject(o, CODE_MISPLACED, "the task belongs to partition %d, not %d",
                            partition_of(o->task->node.id, p->core->env->partitions),
                            p->core->partition);
    if (is_key_reused(o))
        return order_reject(o, CODE_INVALID_SPEC, "%s", COMMAND_KEY_REUSED);
    /* What goes into a record of ours must leave room in it: one that the log refuses would be planned for ever. */
    if (command_check(o->command, o->at, &why) != RC_OK)
        return order_reject(o, CODE_INVALID_SPEC, "%s", why.text);
    if (handler->apply == NULL)
        return order_reject(o, CODE_UNSUPPORTED, "%s is not supported yet",
                            enum_name(&command_kind_enum, (int)o->command->kind));
    if (!handler->makes_tasks && v->revision == 0)
        return order_reject(o, CODE_NOT_FOUND, "there is no such task");
    if (!handler->ends_what_was && v->state == TASK_DELETED)
        return order_reject(o, CODE_DELETED, "the task is deleted");
    if (is_stale(o))
        return reject_stale(o);
    return handler->apply(p, o, err);
}

static bool is_repeated(const struct task *t, struct uuid command)
{
    const struct task_view *v = task_seen(t);

    for (size_t i = 0; i < v->recent_count; i++)
        if (uuid_equal(v->recent[i].command_id, command))
            return !fault_planted("command-ids-forgotten");
    return false;
}

static enum rc decide(struct plan *p, struct order *o, struct error *err)
{
    SCOPED_BUF message = {0};

    TRY(judge(p, o, err));
    if (o->waits)
        return RC_OK;
    /* it may quote bytes, and be cut within a character */
    utf8_escape(&message, o->text, strlen(o->text));
    o->outcome.message = message.data;
    o->outcome.skip_until = task_seen(o->task)->skip_until; /* a rejected one says it, too */
    plan_remember(p, o->task, o->command->command_id, o->at);
    if (task_seen(o->task)->revision == 0)
        plan_wake(p, o->task, o->at + RECENT_COMMANDS_KEPT);
    return plan_emit(p, p->core->tasks_topic, o->task->node.id, RECORD_COMMAND_OUTCOME, &o->outcome,
                     err);
}

/* Sets *ret_waits when the command must be looked at again by a later plan. */
static enum rc apply(struct plan *p, const struct input *input, bool *ret_waits, struct error *err)
{
    struct order o = {.at = input->at,
                      .command = registry_read(p->core, RECORD_COMMAND, input->value)};

    *ret_waits = false;
    if (o.command == NULL || (unsigned)o.command->kind >= COMMAND_KIND_COUNT)
        return RC_OK;
    o.outcome.command_id = o.command->command_id;
    o.outcome.task_id = o.command->task_id;
    o.task = registry_find(p->core, o.command->task_id);
    if (o.task == NULL)
        o.task = plan_add_task(p, o.command->task_id);
    if (!is_repeated(o.task, o.command->command_id))
        TRY(decide(p, &o, err));
    *ret_waits = o.waits;
    p->out.counts.commands += !o.waits;
    return RC_OK;
}

enum rc commands_run(struct plan *p, struct error *err)
{
    const struct inputs *in = &p->core->commands;
    size_t before = plan_weight(p);
    bool waits = false;

    while (p->commands_used < in->count && !waits) {
        if (!plan_has_room_for_input(p, before, p->commands_used)) {
            p->out.more = p->out.behind = true;
            return RC_OK;
        }
        TRY(apply(p, &in->items[p->commands_used], &waits, err));
        p->commands_used += !waits;
    }
    return RC_OK;
}
