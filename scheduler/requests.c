#include "scheduler/requests.h"

#include <stdio.h>

#include "base/rfc3339.h"
#include "model/backfill.h"
#include "model/skip_next.h"
#include "model/spec.h"
#include "scheduler/deadlines.h"
#include "scheduler/open.h"
#include "scheduler/planner.h"
#include "scheduler/revision.h"

/* The history takes no execution of another time (docs/design.md, section 7). */
static bool is_of_a_known_time(usec_t scheduled_at, usec_t latest)
{
    return scheduled_at >= HISTORY_START && scheduled_at <= latest;
}

/* Nothing was made of what is to come, and the history takes nothing older (docs/design.md, section 7). */
static bool may_have_been(const struct plan *p, const struct order *o, usec_t scheduled_at)
{
    return is_of_a_known_time(scheduled_at, MAX(o->at, p->now));
}

static struct open *find_open(const struct plan *p, const struct order *o, struct uuid id)
{
    struct open *found = registry_find_open(p->core, id, o->task->node.id);

    return found == NULL || open_is_over(open_seen(found)) ? NULL : found;
}

/* --- CancelExecution --- */

/* All that the task has made since then is remembered until it is over. */
static bool would_be_known(const struct order *o, struct uuid id)
{
    const struct task_view *v = task_seen(o->task);

    return planner_remembers(body_spec(v->body)) &&
           execution_id_ms(id) * USEC_PER_MS > v->effective_at;
}

static enum rc cancel_open(struct plan *p, struct order *o, struct open *open)
{
    const struct open_execution *e = open_seen(open);

    if (e->cancelled != REASON_NONE || e->status == STATUS_CANCELLING)
        return order_accept(o, CODE_UNCHANGED);
    plan_open(p, open)->cancelled = REASON_CANCEL_REQUESTED;
    plan_open_changed(p, open);
    return order_accept(o, CODE_OK);
}

enum rc request_cancel(struct plan *p, struct order *o, struct error *err)
{
    struct uuid id = o->command->body.cancel_execution.execution_id;
    struct open *open = find_open(p, o, id);
    char text[UUID_TEXT];

    o->outcome.execution_id = id;
    /* NOT_FOUND with a revision: the task is there */
    o->outcome.revision = task_seen(o->task)->revision;
    if (open != NULL)
        return cancel_open(p, o, open);
    if (would_be_known(o, id) || !may_have_been(p, o, execution_id_ms(id) * USEC_PER_MS))
        return order_reject(o, CODE_NOT_FOUND, "execution %s is over, or never was",
                            uuid_to_text(id, text));
    TRY(deadlines_cancel_unseen(p, o->task, id, o->at, err));
    return order_accept(o, CODE_OK);
}

/* --- RetryExecution --- */

enum rc request_retry(struct plan *p, struct order *o, struct error *err)
{
    const struct retry_execution *retry = &o->command->body.retry_execution;
    struct manual manual = {.trigger = TRIGGER_RETRY,
                            .at = retry->scheduled_at == 0 ? o->at : retry->scheduled_at,
                            .due = o->at,
                            .payload = retry->payload,
                            .parent = retry->execution_id};
    const struct open *open = find_open(p, o, retry->execution_id);
    char text[UUID_TEXT];

    /* One that is cancelled unseen is there for the sake of that alone: whether it is over, who asks has looked. */
    if (open != NULL && open_seen(open)->status != STATUS_UNKNOWN)
        return order_reject(o, CODE_OVERLAP, "execution %s is not finished",
                            uuid_to_text(retry->execution_id, text));
    if (!may_have_been(p, o, manual.at))
        return order_reject(o, CODE_INVALID_SPEC,
                            "scheduled_at: is before the year 2000 or yet to come");
    return planner_request(p, o, &manual, err);
}

/* --- SkipNext --- */

/* The first instant that is not decided, nor to be skipped already. */
static enum rc find_next(const struct task_view *v, struct occurrence *ret)
{
    if (v->wake == USEC_MAX)
        return RC_NOT_FOUND;
    *ret = task_next(v);
    return skip_next_covers(v->skip_until, v->next_at)
               ? skip_next_find(body_timeline(v->body), v->next_at, v->skip_until, ret)
               : RC_OK;
}

enum rc request_skip_next(struct plan *p, struct order *o, struct error *err)
{
    usec_t at = revision_effective_at(p, o->task, o->at);
    struct occurrence next;
    char text[RFC3339_TEXT];

    o->outcome.revision = task_seen(o->task)->revision;
    if (task_seen(o->task)->state == TASK_PAUSED)
        return order_reject(o, CODE_NOT_FOUND, "the task is paused: nothing is to come");
    o->waits = order_would_fire(p, o, at);
    if (o->waits)
        return RC_OK;
    TRY(planner_run_task(p, o->task, at, err));
    if (find_next(task_seen(o->task), &next) != RC_OK)
        return order_reject(o, CODE_NOT_FOUND, "nothing is to come");
    plan_task(p, o->task)->view.skip_until = next.at;
    plan_store(p, o->task);
    (void)snprintf(o->text, sizeof o->text, SKIP_NEXT_WORDS, rfc3339_format(next.at, text));
    return order_accept(o, CODE_OK);
}

/* --- Backfill --- */

static enum rc check_room(struct order *o, size_t count)
{
    if (count + (size_t)task_seen(o->task)->waiting > SPEC_QUEUE_MAX_WAITING)
        return order_reject(o, CODE_OVERLAP,
                            "%zu instants, and %d executions wait already: more than %d", count,
                            (int)task_seen(o->task)->waiting, SPEC_QUEUE_MAX_WAITING);
    return RC_OK;
}

enum rc request_backfill(struct plan *p, struct order *o, struct error *err)
{
    const struct backfill_task *range = &o->command->body.backfill;
    const struct timeline *timeline = body_timeline(task_seen(o->task)->body);
    struct occurrence at = {.at = range->from};
    struct error why = {0};
    size_t count;

    if (backfill_count(timeline, range, &count, &why) != RC_OK)
        return order_reject(o, CODE_INVALID_SPEC, "%s; %s", why.text, why.hint);
    TRY(check_room(o, count));
    if (o->outcome.result != OUTCOME_ACCEPTED)
        return RC_OK;
    if (order_lacks_queue(p, o, body_spec(task_seen(o->task)->body)->queue))
        return RC_OK;
    while (backfill_next(timeline, range, &at))
        TRY(planner_backfill(p, o, &at, err));
    (void)snprintf(o->text, sizeof o->text, "%zu instant%s", count, count == 1 ? "" : "s");
    return order_accept(o, CODE_OK);
}

/* --- what another task sets off --- */

static enum rc check_link(struct order *o, const struct chain_link *link)
{
    if (link->depth < 1 || link->depth > SPEC_CHAIN_MAX)
        return order_reject(
            o, CODE_INVALID_SPEC,
            "the chain is longer than %d links: do tasks follow each other in a circle?",
            SPEC_CHAIN_MAX);
    if (link->spent < 0 || link->spent > SPEC_SET_OFF_MAX)
        return order_reject(o, CODE_INVALID_SPEC,
                            "one execution sets off at most %d others in all, each end sharing out "
                            "what is left: nothing is left for this one",
                            SPEC_SET_OFF_MAX);
    /* two brokers have two clocks */
    if (!is_of_a_known_time(link->ended_at, o->at + USEC_PER_DAY))
        return order_reject(o, CODE_INVALID_SPEC,
                            "ended_at: is before the year 2000 or more than a day ahead");
    return RC_OK;
}

/* One that is due is judged by our clock: while that is not to be trusted, it waits. */
enum rc request_follow(struct plan *p, struct order *o, const struct chain_link *link,
                       struct error *err)
{
    const struct manual manual = {.trigger = TRIGGER_CHAIN,
                                  .at = link->ended_at,
                                  .due = link->ended_at,
                                  .parent = link->parent_execution_id,
                                  .chain_depth = link->depth,
                                  .chain_spent = link->spent};

    TRY(check_link(o, link));
    if (o->outcome.result != OUTCOME_ACCEPTED) {
        p->out.counts.cut++;
        return RC_OK;
    }
    o->waits = !p->may_fire;
    return o->waits ? RC_OK : planner_follow(p, o, &manual, err);
}
