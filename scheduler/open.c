#include "scheduler/open.h"

#include "base/fault.h"
#include "scheduler/listening.h"

bool open_is_over(const struct open_execution *e)
{
    return life_is_over(&(struct life){.status = e->status, .next_attempt_at = e->next_attempt_at});
}

bool open_has_started(const struct open_execution *e)
{
    return e->status == STATUS_RUNNING || e->status == STATUS_CANCELLING;
}

bool open_is_unborn(const struct open_execution *e)
{
    return e->status_from < 0;
}

bool open_is_waiting(const struct open_execution *e)
{
    return e->waited && e->unsent && e->attempt == 1 && !open_is_over(e);
}

bool open_may_be_sent(const struct open *o)
{
    const struct open_execution *e = open_seen(o);

    return open_is_waiting(e) && !open_is_unborn(e) && e->proposed == STATUS_PENDING &&
           e->cancelled == REASON_NONE;
}

bool open_is_observed(const struct open_execution *e)
{
    return e->trigger == TRIGGER_EXTERNAL;
}

enum slot open_slot(const struct open_execution *e)
{
    if (open_is_over(e) || e->status == STATUS_UNKNOWN ||
        (e->status == STATUS_CANCELLING && fault_planted("slot-at-cancelling")))
        return SLOT_NONE;
    if (open_is_observed(e))
        return SLOT_OBSERVED;
    return open_is_waiting(e) ? SLOT_WAITING : SLOT_TAKEN;
}

int open_order(const struct open *a, const struct open *b)
{
    const struct open_execution *x = open_seen(a), *y = open_seen(b);
    bool is_last = x->trigger == TRIGGER_BACKFILL;

    if (is_last != (y->trigger == TRIGGER_BACKFILL))
        return is_last ? 1 : -1;
    if (x->due_at != y->due_at)
        return x->due_at < y->due_at ? -1 : 1;
    if (x->scheduled_at != y->scheduled_at)
        return x->scheduled_at < y->scheduled_at ? -1 : 1;
    return uuid_order(x->execution_id, y->execution_id);
}

struct life_rules open_rules(const struct open *o)
{
    const struct open_execution *e = open_seen(o);
    const struct retry_spec *retry = e->max_attempts > 1 ? &body_spec(o->made)->retry : NULL;

    return lifecycle_rules(retry, e->max_attempts, e->finish_by);
}

/* The earlier one stays; of two at the same time the first. */
static void say(struct due *due, usec_t at, enum status status, enum reason reason)
{
    if (at < due->at)
        *due = (struct due){at, DUE_SAY, status, reason};
}

static void cancel(struct due *due, const struct open_execution *e)
{
    if (e->status == STATUS_CANCELLING)
        say(due, e->cancel_by, STATUS_CANCELLED,
            e->cancelled == REASON_NONE ? REASON_CANCEL_REQUESTED : e->cancelled);
    else if (e->cancelled != REASON_NONE)
        say(due, 0, open_has_started(e) ? STATUS_CANCELLING : STATUS_CANCELLED, e->cancelled);
}

static struct due next_word(const struct open *o)
{
    const struct open_execution *e = open_seen(o);
    struct due due = {.at = USEC_MAX};
    bool started = open_has_started(e);

    cancel(&due, e);
    if (started && listening_is_silent(o))
        say(&due, 0, STATUS_LOST, REASON_HEARTBEAT);
    if (started && e->run_timeout_ms > 0)
        say(&due, usec_after(e->claimed_at, e->run_timeout_ms), STATUS_TIMED_OUT,
            REASON_RUN_TIMEOUT);
    if (!started && e->start_by > 0)
        say(&due, e->start_by, STATUS_MISSED, REASON_START_DEADLINE);
    if (e->finish_by > 0)
        say(&due, e->finish_by, started ? STATUS_TIMED_OUT : STATUS_MISSED, REASON_FINISH_BY);
    return due;
}

/* When its attempt is to be put into the queue. */
static usec_t send_at(const struct open *o)
{
    const struct open_execution *e = open_seen(o);

    if (!e->unsent || task_seen(o->task)->state != TASK_ACTIVE)
        return USEC_MAX;
    if (open_is_waiting(e))
        return o->task->head == o ? 0 : USEC_MAX;
    return e->next_attempt_at;
}

struct due open_next(const struct open *o)
{
    const struct open_execution *e = open_seen(o);
    struct due due = {.at = USEC_MAX};

    if (e->proposed != STATUS_PENDING || open_is_unborn(e) || open_is_over(e))
        return due;
    if (e->status == STATUS_UNKNOWN)
        return (struct due){e->cancel_by, DUE_SAY, STATUS_CANCELLED, e->cancelled};
    if (status_is_final(e->status))
        return (struct due){0, DUE_SAY, STATUS_RETRYING, REASON_RETRY};
    due = next_word(o);
    if (send_at(o) < due.at)
        due = (struct due){.at = send_at(o), .what = DUE_SEND};
    return due;
}

struct due open_due(const struct open *o, usec_t now)
{
    struct due due = open_next(o), word;

    if (due.what != DUE_SEND)
        return due;
    word = next_word(o);
    return word.at <= now ? word : due;
}
