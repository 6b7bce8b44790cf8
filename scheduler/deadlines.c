#include "scheduler/deadlines.h"

#include "base/fault.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/lifecycle.h"

/* A report within its limits is far smaller; one that is not could be more than a record of ours may hold. */
enum { COPIED_STATUS_MAX = 512 << 10 };

/* NULL: not a status. Lives until the next message. */
static const struct execution_status *decode(struct core *c, struct bytes value)
{
    enum record_kind kind;
    const void *record;

    arena_reset(c->foreign);
    if (codec_decode(value, c->foreign, &kind, &record, NULL) != RC_OK ||
        kind != RECORD_EXECUTION_STATUS)
        return NULL;
    return record;
}

static bool is_misplaced(const struct core *c, const struct execution_status *status)
{
    return partition_of(status->task_id, c->env->partitions) != c->partition;
}

/* The open execution that is reported on. Under another task's id it is another one, of which nobody knows. */
static struct open *find_open(const struct core *c, const struct execution_status *status)
{
    struct open *o = map_find(&c->opens, status->execution_id);

    if (o == NULL || fault_planted("any-task"))
        return o;
    return uuid_equal(open_seen(o)->task_id, status->task_id) ? o : NULL;
}

/* Not what was said before it was made, which a restart reads once more; nor what comes after its end. */
static bool is_about(const struct open_execution *e, const struct input *input)
{
    return input->offset >= e->status_from && !status_is_final(e->status);
}

bool statuses_matter(struct core *c, struct bytes value)
{
    const struct execution_status *status = decode(c, value);

    if (status == NULL || lifecycle_check(status, NULL) != RC_OK)
        return false;
    if (is_misplaced(c, status))
        return value.len <= COPIED_STATUS_MAX;
    return find_open(c, status) != NULL;
}

/* The one proposal on its way is back, whether it won or not. */
static bool is_our_proposal(const struct open_execution *e, const struct execution_status *status)
{
    return status->status == e->proposed && status->attempt == e->attempt &&
           lifecycle_speaker(status) == SPEAKER_SCHEDULER;
}

static void fold(struct plan *p, struct open *o, const struct execution_status *status, usec_t at)
{
    struct open_execution *e = plan_open(p, o);
    struct life life = {e->status, e->attempt, e->claimant, e->claimed_at};

    if (is_our_proposal(e, status))
        e->proposed = STATUS_PENDING;
    (void)lifecycle_apply(&life, &(struct lifecycle_event){status, at});
    e->status = life.status;
    e->attempt = life.attempt;
    e->claimant = life.claimant;
    e->claimed_at = life.started_at;
    plan_open_changed(p, o);
}

static void apply(struct plan *p, const struct input *input)
{
    const struct execution_status *status = decode(p->core, input->value);
    struct open *o;

    if (status == NULL)
        return;
    if (is_misplaced(p->core, status)) {
        plan_copy_status(p, status->task_id, input->value);
        return;
    }
    o = find_open(p->core, status);
    if (o != NULL && is_about(open_seen(o), input))
        fold(p, o, status, input->at);
}

enum rc statuses_run(struct plan *p, struct error *err UNUSED)
{
    const struct inputs *in = &p->core->statuses;

    for (; p->statuses_used < in->count; p->statuses_used++) {
        if (plan_is_full(p)) {
            p->out.more = true;
            return RC_OK;
        }
        apply(p, &in->items[p->statuses_used]);
        p->out.counts.statuses++;
    }
    return RC_OK;
}

static enum rc propose(struct plan *p, struct open *o, struct error *err)
{
    struct open_execution *e = plan_open(p, o);
    bool has_started = e->status != STATUS_PENDING;
    enum status says = has_started ? STATUS_TIMED_OUT : STATUS_MISSED;
    const struct execution_status status = {
        .event_id = event_id_of(e->execution_id, e->attempt, enum_name(&status_enum, (int)says)),
        .execution_id = e->execution_id,
        .task_id = e->task_id,
        .attempt = e->attempt,
        .status = says,
        .reason = has_started ? REASON_RUN_TIMEOUT : REASON_START_DEADLINE,
        .occurred_at = p->now,
    };

    e->proposed = says;
    plan_open_changed(p, o);
    p->out.counts.deadlines++;
    return plan_emit_status(p, &status, err);
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
        TRY(propose(p, (struct open *)heap_first(deadlines), err));
    }
    return RC_OK;
}
