#include "scheduler/overlap.h"

#include "model/spec.h"
#include "scheduler/open.h"

/* With that slot, and of the kind that one with that trigger waits for: what of a backfill waits goes last, and where its slots are
   its own it takes none of others. */
static bool is_in_the_way(const struct open *o, enum slot slot, enum trigger trigger)
{
    const struct open_execution *e = open_seen(o);
    bool same_kind = (e->trigger == TRIGGER_BACKFILL) == (trigger == TRIGGER_BACKFILL);

    if (open_slot(e) != slot)
        return false;
    if (slot == SLOT_WAITING)
        return same_kind || trigger == TRIGGER_BACKFILL;
    return same_kind || !registry_is_backfill_apart(o->task);
}

/* So many wait that go before one with that trigger. */
static int32_t waiting_before(const struct task_view *v, enum trigger trigger)
{
    return trigger == TRIGGER_BACKFILL ? v->waiting : v->waiting - (int32_t)v->backfills_waiting;
}

/* So many there are of them. */
static int32_t in_the_way(const struct task *t, enum slot slot, enum trigger trigger)
{
    const struct task_view *v = task_seen(t);

    if (slot == SLOT_WAITING)
        return waiting_before(v, trigger);
    if (!registry_is_backfill_apart(t))
        return v->unfinished;
    return trigger == TRIGGER_BACKFILL ? (int32_t)v->backfilling
                                       : v->unfinished - (int32_t)v->backfilling;
}

static const struct open *oldest_with(const struct task *t, enum slot slot, enum trigger trigger)
{
    const struct open *oldest = NULL;
    int32_t left = in_the_way(t, slot, trigger);

    for (const struct open *o = t->opens; o != NULL && left > 0; o = o->older) {
        if (!is_in_the_way(o, slot, trigger))
            continue;
        left--;
        if (oldest == NULL || open_seen(o)->scheduled_at < open_seen(oldest)->scheduled_at)
            oldest = o;
    }
    return oldest;
}

bool overlap_must_wait(const struct task *t, enum trigger trigger)
{
    const struct task_view *v = task_seen(t);

    if (!registry_has_room(t, trigger))
        return true;
    return waiting_before(v, trigger) > 0 &&
           (body_spec(v->body)->overlap != OVERLAP_ALLOW || trigger == TRIGGER_BACKFILL);
}

struct uuid overlap_blocker(const struct task *t, enum trigger trigger)
{
    const struct open *o = NULL;

    if (!overlap_must_wait(t, trigger))
        return UUID_NIL;
    o = oldest_with(t, SLOT_TAKEN, trigger);
    if (o == NULL)
        o = oldest_with(t, SLOT_WAITING, trigger);
    return o == NULL ? UUID_NIL : o->node.id;
}

/* What was missed, or asked for over a range, is not lost for a slot. */
static bool queues_anyway(enum trigger trigger)
{
    return trigger == TRIGGER_CATCH_UP || trigger == TRIGGER_BACKFILL;
}

/* By that alone: nobody else's run is in the way. */
static bool is_held_up_by_a_backfill(const struct task_view *v)
{
    return v->unfinished - (int32_t)v->backfilling < body_spec(v->body)->max_concurrency;
}

bool overlap_may_queue(const struct task *t, enum trigger trigger)
{
    const struct task_view *v = task_seen(t);
    int32_t before = waiting_before(v, trigger);

    switch (body_spec(v->body)->overlap) {
    case OVERLAP_QUEUE_ONE:
        return before < (queues_anyway(trigger) ? SPEC_QUEUE_MAX_WAITING : 1);
    case OVERLAP_QUEUE_ALL:
        return before < SPEC_QUEUE_MAX_WAITING;
    case OVERLAP_CANCEL_OTHER:
        return true;
    default:
        return queues_anyway(trigger) ? before < SPEC_QUEUE_MAX_WAITING
                                      : before == 0 && is_held_up_by_a_backfill(v);
    }
}

void overlap_cancel_others(struct plan *p, struct task *t)
{
    int32_t left = 0;

    for (struct open *o = t->opens; o != NULL; o = o->older) { /* the newest first */
        const struct open_execution *e = open_seen(o);
        bool stays = e->trigger == TRIGGER_BACKFILL ||
                     (open_slot(e) == SLOT_TAKEN && e->cancelled == REASON_NONE &&
                      ++left < body_spec(task_seen(t)->body)->max_concurrency);

        if (open_is_over(e) || open_is_observed(e) || e->cancelled != REASON_NONE || stays)
            continue;
        plan_open(p, o)->cancelled = REASON_OVERLAP;
        plan_open_changed(p, o);
    }
}

bool overlap_is_full(const struct task *t, enum trigger trigger)
{
    return waiting_before(task_seen(t), trigger) >= SPEC_QUEUE_MAX_WAITING;
}
