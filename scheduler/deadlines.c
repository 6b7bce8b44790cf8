#include "scheduler/deadlines.h"

#include "base/fault.h"
#include "base/hash.h"
#include "model/lifecycle.h"
#include "scheduler/chain.h"
#include "scheduler/observed.h"
#include "scheduler/open.h"
#include "scheduler/planner.h"
#include "scheduler/revision.h"

/* A report within its limits is far smaller; one that is not could be more than a record of ours may hold. */
enum { COPIED_STATUS_MAX = 512 << 10 };

/* NULL: not a status. Lives until the next message. */
static const struct execution_status *decode(struct core *c, struct bytes value)
{
    return registry_read(c, RECORD_EXECUTION_STATUS, value);
}

static bool is_misplaced(const struct core *c, const struct execution_status *status)
{
    return partition_of(status->task_id, c->env->partitions) != c->partition;
}

static struct open *find_open(const struct core *c, const struct execution_status *status)
{
    return registry_find_open(c, status->execution_id, status->task_id);
}

/* Not what was said before it was made, which a restart reads once more; nor what comes after its end. The life of one that
   waits begins with its birth, wherever that came to lie: the scheduler's, with which the history begins anew if a worker told of it before. */
static bool is_about(const struct open_execution *e, const struct input *input,
                     const struct execution_status *status)
{
    if (open_is_unborn(e))
        return lifecycle_is_birth(status) && lifecycle_speaker(status) == SPEAKER_SCHEDULER;
    if (e->status == STATUS_UNKNOWN)
        return false; /* nobody knows what it is, so nobody can fold */
    return input->offset >= e->status_from && !open_is_over(e);
}

bool statuses_matter(struct core *c, struct bytes value, bool *ret_hurries)
{
    const struct execution_status *status = decode(c, value);
    const struct open *o;

    if (status == NULL || lifecycle_check(status, NULL) != RC_OK)
        return false;
    if (is_misplaced(c, status))
        return value.len <= COPIED_STATUS_MAX;
    o = find_open(c, status);
    if (o == NULL)
        return observed_matters(c, status);
    if (status_is_final(status->status) && body_spec(o->made)->then_count > 0)
        *ret_hurries = true;
    return true;
}

/* What the scheduler says is about the attempt now, but for RETRYING, which names the next one. */
static int32_t attempt_said(const struct open_execution *e, enum status says)
{
    return e->attempt + (says == STATUS_RETRYING);
}

/* The one proposal on its way is back, whether it won or not. */
static bool is_our_proposal(const struct open_execution *e, const struct execution_status *status)
{
    return status->status == e->proposed && status->attempt == attempt_said(e, status->status) &&
           lifecycle_speaker(status) == SPEAKER_SCHEDULER;
}

/* A further attempt is to be sent at its time. What was proposed about the one before is void, even if it is still on its way:
   somebody else may have said RETRYING first. */
static void begin_attempt(struct open_execution *e)
{
    e->unsent = true;
    e->start_by = 0; /* counts from when it is sent */
    e->proposed = STATUS_PENDING;
}

/* What the fold has made of a report that moved the execution. */
static void take_life(const struct plan *p, struct open_execution *e, const struct life *life,
                      usec_t at)
{
    if (life->attempt != e->attempt)
        begin_attempt(e);
    if (life->status == STATUS_CANCELLING && e->status != STATUS_CANCELLING)
        e->cancel_by = usec_after(at, p->core->env->cancel_grace_ms);
    e->status = life->status;
    e->attempt = life->attempt;
    e->next_attempt_at = life->next_attempt_at;
    e->claimant = life->claimant;
    e->claimed_at = life->started_at;
}

/* What a deleted task had begun may finish, but not begin again. */
static bool nothing_may_follow(const struct open *o)
{
    const struct open_execution *e = open_seen(o);

    return task_seen(o->task)->state == TASK_DELETED && status_is_final(e->status) &&
           e->next_attempt_at != 0 && e->cancelled == REASON_NONE;
}

/* Others are told of it, and it counts; nobody asked for what was only observed. */
static bool is_an_end(const struct open_execution *e)
{
    if (open_is_observed(e))
        return false;
    return open_is_over(e) || (fault_planted("chain-each-attempt") && status_is_final(e->status));
}

static enum rc fold(struct plan *p, struct open *o, const struct execution_status *status,
                    const struct input *input, struct error *err)
{
    struct open_execution *e = plan_open(p, o);
    struct life life = {e->status, e->attempt, e->claimant, e->claimed_at, e->next_attempt_at};
    struct life_rules rules = open_rules(o);
    struct lifecycle_event event = {status, input->at, &rules, false};

    if (open_is_unborn(e)) {
        e->status_from = input->offset;
        event.begins_waiting = true;
    }
    if (is_our_proposal(e, status))
        e->proposed = STATUS_PENDING;
    if (lifecycle_apply(&life, &event) == LIFECYCLE_MOVED)
        take_life(p, e, &life, input->at);
    if (nothing_may_follow(o))
        e->cancelled = REASON_DELETED;
    plan_open_changed(p, o);
    if (!is_an_end(e))
        return RC_OK;
    TRY(chain_end(p, o, input->at, err));
    return revision_count_end(p, o, input->at, err);
}

static enum rc apply(struct plan *p, const struct input *input, struct error *err)
{
    const struct execution_status *status = decode(p->core, input->value);
    struct open *o;

    if (status == NULL)
        return RC_OK;
    if (is_misplaced(p->core, status)) {
        plan_copy_status(p, status->task_id, input->value);
        return RC_OK;
    }
    o = find_open(p->core, status);
    if (o == NULL)
        o = observed_begin(p, status, input);
    if (o != NULL && is_about(open_seen(o), input, status))
        return fold(p, o, status, input, err);
    return RC_OK;
}

enum rc statuses_run(struct plan *p, struct error *err)
{
    const struct inputs *in = &p->core->statuses;
    size_t before = plan_weight(p);

    for (; p->statuses_used < in->count; p->statuses_used++) {
        if (!plan_has_room_for_input(p, before, p->statuses_used)) {
            p->out.more = p->out.behind = true;
            return RC_OK;
        }
        TRY(apply(p, &in->items[p->statuses_used], err));
        p->out.counts.statuses++;
    }
    return RC_OK;
}

/* Who has it stops it, who finds it in the queue leaves it alone. One that was never sent is nobody's. */
static enum rc signal_worker(struct plan *p, const struct open_execution *e, enum reason reason,
                             struct error *err)
{
    const struct execution_signal signal = {
        .execution_id = e->execution_id,
        .task_id = e->task_id,
        .attempt = e->attempt,
        .signal = SIGNAL_CANCEL,
        .requested_at = p->now,
        .reason = enum_name(&reason_enum, (int)reason),
    };

    return e->unsent ? RC_OK : plan_emit_signal(p, &signal, err);
}

static enum rc emit_word(struct plan *p, const struct open_execution *e, enum status says,
                         enum reason reason, struct error *err)
{
    struct execution_status status = plan_report_of(p, e, attempt_said(e, says), says, reason);

    if (says == STATUS_RETRYING)
        status.next_attempt_at = e->next_attempt_at;
    p->out.counts.deadlines++;
    return plan_emit_status(p, &status, err);
}

/* Nobody waits to read back what is said of an execution that was not remembered: it was the last word. */
static enum rc propose(struct plan *p, struct open *o, const struct due *due, struct error *err)
{
    struct open_execution *e = plan_open(p, o);

    TRY(emit_word(p, e, due->says, due->reason, err));
    if (due->says == STATUS_CANCELLING || due->says == STATUS_CANCELLED)
        TRY(signal_worker(p, e, due->reason, err));
    if (e->status == STATUS_UNKNOWN ||
        (status_is_final(due->says) && fault_planted("verdict-unread")))
        e->status = due->says;
    else
        e->proposed = due->says;
    plan_open_changed(p, o);
    return RC_OK;
}

enum rc deadlines_cancel_unseen(struct plan *p, struct task *t, struct uuid id, usec_t at,
                                struct error *err)
{
    const struct open_execution e = {
        .execution_id = id,
        .task_id = t->node.id,
        .revision = task_seen(t)->revision,
        .spec_since = task_seen(t)->body->since,
        .attempt = 1,
        .max_attempts = 1,
        .status = STATUS_UNKNOWN,
        .queue = body_spec(task_seen(t)->body)->queue,
        .cancelled = REASON_CANCEL_REQUESTED,
        .cancel_by = usec_after(MAX(at, p->now), p->core->env->cancel_grace_ms),
    };

    if (map_find(&p->core->opens, id) != NULL)
        return RC_OK; /* another task's, or over in this very plan */
    TRY(emit_word(p, &e, STATUS_CANCELLED, e.cancelled, err));
    TRY(emit_word(p, &e, STATUS_CANCELLING, e.cancelled, err));
    TRY(signal_worker(p, &e, e.cancelled, err));
    plan_add_open(p, t, &e);
    return RC_OK;
}

/* One whose queue has vanished can never be sent: a missing topic would spoil each turn. */
static enum rc act(struct plan *p, struct open *o, struct error *err)
{
    const struct core_env *env = p->core->env;
    struct due due = open_due(o, p->now);

    if (due.what == DUE_SEND && !env->queue_exists(env->ctx, body_spec(o->made)->queue))
        due = (struct due){p->now, DUE_SAY, STATUS_MISSED, REASON_NO_QUEUE};
    return due.what == DUE_SEND ? planner_send(p, o, err) : propose(p, o, &due, err);
}

enum rc deadlines_run(struct plan *p, struct error *err)
{
    struct heap *deadlines = &p->core->deadlines;

    while (heap_first_due(deadlines) <= p->now) {
        if (plan_is_full(p)) {
            p->out.more = true;
            return RC_OK;
        }
        /* the node is its first member */
        TRY(act(p, (struct open *)heap_first(deadlines), err));
    }
    return RC_OK;
}
