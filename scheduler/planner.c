#include "scheduler/planner.h"

#include "model/skip_next.h"
#include "model/spec.h"
#include "scheduler/chain.h"
#include "scheduler/open.h"
#include "scheduler/overlap.h"
#include "scheduler/revision.h"

/* --- the checks --- */

static bool is_past_start(const struct plan *p, const struct task *t, const struct occurrence *o,
                          enum trigger trigger UNUSED)
{
    usec_t deadline = spec_duration(body_spec(task_seen(t)->body)->start_deadline_ms);

    return deadline > 0 && o->due + deadline <= p->now;
}

static bool is_past_finish(const struct plan *p, const struct task *t, const struct occurrence *o,
                           enum trigger trigger UNUSED)
{
    usec_t limit = spec_duration(body_spec(task_seen(t)->body)->finish_by_ms);

    return limit > 0 && o->due + limit <= p->now;
}

/* What a schedule names has been through its window and calendars; what a chain sets off has not. */
static bool is_outside_window(const struct plan *p UNUSED, const struct task *t,
                              const struct occurrence *o, enum trigger trigger)
{
    return trigger == TRIGGER_CHAIN &&
           timeline_shut_by(body_timeline(task_seen(t)->body), o->at) == TIMELINE_WINDOW;
}

static bool is_left_out(const struct plan *p UNUSED, const struct task *t,
                        const struct occurrence *o, enum trigger trigger)
{
    return trigger == TRIGGER_CHAIN &&
           timeline_shut_by(body_timeline(task_seen(t)->body), o->at) != TIMELINE_OPEN;
}

static bool is_paused(const struct plan *p UNUSED, const struct task *t,
                      const struct occurrence *o UNUSED, enum trigger trigger UNUSED)
{
    return task_seen(t)->state == TASK_PAUSED;
}

/* As somebody asked for it: of the schedule. */
static bool is_to_be_skipped(const struct plan *p UNUSED, const struct task *t,
                             const struct occurrence *o, enum trigger trigger)
{
    return skip_next_covers(task_seen(t)->skip_until, o->at) && trigger != TRIGGER_CHAIN;
}

static bool has_no_queue(const struct plan *p, const struct task *t,
                         const struct occurrence *o UNUSED, enum trigger trigger UNUSED)
{
    return !p->core->env->queue_exists(p->core->env->ctx, body_spec(task_seen(t)->body)->queue);
}

/* Blocked, and may not wait either: of two reasons for that the one that tells more. */
static bool is_full(const struct plan *p UNUSED, const struct task *t,
                    const struct occurrence *o UNUSED, enum trigger trigger)
{
    return overlap_must_wait(t, trigger) && !overlap_may_queue(t, trigger) &&
           overlap_is_full(t, trigger);
}

static bool is_blocked(const struct plan *p UNUSED, const struct task *t,
                       const struct occurrence *o UNUSED, enum trigger trigger)
{
    return overlap_must_wait(t, trigger) && !overlap_may_queue(t, trigger);
}

/*
 * In this order; the first that holds decides. The first three are for what a chain sets off: instants outside
 * calendar and window are not in the timeline, paused tasks are not in the heap. A deleted task never comes here; misfired
 * instants do only when they are made up for.
 */
static const struct check {
    bool (*holds)(const struct plan *p, const struct task *t, const struct occurrence *o,
                  enum trigger trigger);
    enum reason reason;
    enum status status;
} checks[] = {
    {is_outside_window, REASON_WINDOW, STATUS_SKIPPED},
    {is_left_out, REASON_CALENDAR, STATUS_SKIPPED},
    {is_paused, REASON_PAUSED, STATUS_SKIPPED},
    {is_to_be_skipped, REASON_SKIP_NEXT, STATUS_SKIPPED},
    {is_past_start, REASON_START_DEADLINE, STATUS_MISSED},
    {is_past_finish, REASON_FINISH_BY, STATUS_MISSED},
    {has_no_queue, REASON_NO_QUEUE, STATUS_SKIPPED},
    {is_full, REASON_QUEUE_FULL, STATUS_SKIPPED},
    {is_blocked, REASON_OVERLAP, STATUS_SKIPPED},
};

/* --- executions --- */

bool planner_remembers(const struct task_spec *spec)
{
    return spec->overlap != OVERLAP_ALLOW || spec->start_deadline_ms > 0 ||
           spec->run_timeout_ms > 0 || spec->finish_by_ms > 0 || spec->retry.max_attempts > 1 ||
           spec->heartbeat_ms > 0 || spec->pause_after_failures > 0 || spec->then_count > 0;
}

static usec_t deadline_after(usec_t from, int64_t ms)
{
    return ms > 0 ? from + spec_duration(ms) : 0;
}

/* What holds a slot ends, or is ended: also where the revision that it was made under, by which runs may overlap, says nothing about it. */
static int64_t at_most(const struct task *t, const struct open_execution *e, int64_t ms)
{
    bool holds_a_slot =
        e->trigger == TRIGGER_BACKFILL || body_spec(task_seen(t)->body)->overlap != OVERLAP_ALLOW;

    return ms == 0 && holds_a_slot ? SPEC_SLOT_HELD_MS : ms;
}

/* Completes what the caller knows of an execution (its identity and time) by what the task says. */
static void complete(const struct plan *p, const struct task *t, struct open_execution *e)
{
    const struct task_view *v = task_seen(t);
    const struct task_spec *spec = body_spec(v->body);
    /* a backfill's is not late, however long the command was on its way */
    usec_t from = e->trigger == TRIGGER_BACKFILL ? p->now : e->due_at;

    e->task_id = t->node.id;
    e->revision = v->revision;
    e->spec_since = v->body->since;
    e->attempt = 1;
    e->max_attempts = spec->retry.max_attempts;
    e->queue = spec->queue;
    e->start_by = deadline_after(from, at_most(t, e, spec->start_deadline_ms));
    e->finish_by = deadline_after(from, spec->finish_by_ms);
    e->run_timeout_ms = at_most(t, e, spec->run_timeout_ms);
    e->heartbeat_ms = spec->heartbeat_ms;
    e->status_from = p->core->statuses.seen; /* what is below is passed over: nobody knew of it */
}

/* ExecutionCreated of its attempt now. */
static enum rc send(struct plan *p, const struct open_execution *e, struct body *body,
                    struct error *err)
{
    const struct task_spec *spec = body_spec(body);
    const struct execution_created x = {
        .execution_id = e->execution_id,
        .task_id = e->task_id,
        .task_key = spec->key,
        .project = spec->project,
        .revision = e->revision,
        .attempt = e->attempt,
        .max_attempts = e->max_attempts,
        .trigger = e->trigger,
        .scheduled_at = e->scheduled_at,
        .due_at = e->due_at,
        .nominal_local = e->nominal_local,
        .zone = e->zone,
        .tzdata = zoneset_version(p->core->env->zones),
        .dst = e->dst,
        .start_by = e->start_by,
        .finish_by = e->finish_by,
        .run_timeout_ms = e->run_timeout_ms,
        .heartbeat_ms = e->heartbeat_ms,
        .parent_execution_id = e->parent_execution_id,
        .status_partition = p->core->partition,
        .payload = e->payload.data != NULL ? e->payload : spec->payload,
        .content_type = spec->content_type,
        .labels = spec->labels,
        .status_from = e->status_from,
        .retry = e->max_attempts > 1 ? &spec->retry : NULL,
        .waited = e->waited,
    };

    p->out.counts.fired++;
    return plan_emit(p, body_topic(body), e->task_id, RECORD_EXECUTION_CREATED, &x, err);
}

/* The report that an execution begins with which is not sent, or not yet. */
static struct execution_status birth_of(const struct plan *p, const struct task *t,
                                        const struct open_execution *e, enum status status,
                                        enum reason reason)
{
    const struct task_view *v = task_seen(t);
    struct execution_status birth = plan_report_of(p, e, 1, status, reason);

    birth.task_id = t->node.id;
    if (reason == REASON_OVERLAP || reason == REASON_QUEUE_FULL)
        birth.blocked_by = overlap_blocker(t, e->trigger);
    birth.scheduled_at = e->scheduled_at;
    birth.trigger = e->trigger;
    birth.revision = v->revision;
    birth.queue = body_spec(v->body)->queue;
    return birth;
}

/* No ExecutionCreated yet, only the report that says what it waits for. */
static enum rc wait_for_room(struct plan *p, struct task *t, struct open_execution *e,
                             struct error *err)
{
    const struct execution_status birth = birth_of(p, t, e, STATUS_WAITING, REASON_OVERLAP);

    if (body_spec(task_seen(t)->body)->overlap == OVERLAP_CANCEL_OTHER &&
        e->trigger != TRIGGER_BACKFILL)
        overlap_cancel_others(p, t);
    e->waited = e->unsent = true;
    e->status_from = -1; /* where the report comes to lie */
    if (e->trigger == TRIGGER_BACKFILL)
        e->start_by = e->finish_by = 0; /* count from when it is sent */
    plan_add_open(p, t, e);
    return plan_emit_status(p, &birth, err);
}

/* Now, or when its turn comes. Whether it may wait the caller has asked. */
static enum rc fire(struct plan *p, struct task *t, struct open_execution *e, bool ignores_others,
                    struct error *err)
{
    struct body *body = task_seen(t)->body;

    complete(p, t, e);
    if (!ignores_others && overlap_must_wait(t, e->trigger))
        return wait_for_room(p, t, e, err);
    if (planner_remembers(body_spec(body)) || e->trigger == TRIGGER_BACKFILL)
        plan_add_open(p, t, e);
    return send(p, e, body, err);
}

/* Counted from now: whoever has run for long is not over at once. One that waits for its next attempt gets the first when that is sent. */
static void limit(struct plan *p, struct open *o)
{
    struct open_execution *e = plan_open(p, o);
    usec_t begun = open_has_started(e) ? MIN(e->claimed_at, p->now) : p->now;

    if (e->start_by == 0 && !e->unsent)
        e->start_by = deadline_after(p->now, SPEC_SLOT_HELD_MS);
    if (e->run_timeout_ms == 0)
        e->run_timeout_ms = (p->now - begun) / USEC_PER_MS + SPEC_SLOT_HELD_MS;
    plan_open_changed(p, o);
}

void planner_limit_all(struct plan *p, struct task *t)
{
    if (body_spec(task_seen(t)->body)->overlap == OVERLAP_ALLOW)
        return;
    for (struct open *o = t->opens; o != NULL; o = o->older) {
        const struct open_execution *e = open_seen(o);

        if (open_slot(e) != SLOT_NONE && !open_is_observed(e) &&
            ((e->start_by == 0 && !e->unsent) || e->run_timeout_ms == 0))
            limit(p, o);
    }
}

static enum rc say_released(struct plan *p, const struct open_execution *e, struct error *err)
{
    const struct execution_status report = plan_report_of(p, e, 1, STATUS_PENDING, REASON_RELEASED);

    return plan_emit_status(p, &report, err);
}

/* A further attempt starts in time if it does so after it was sent, and so does a backfill's. What else waited has its deadlines already. */
enum rc planner_send(struct plan *p, struct open *o, struct error *err)
{
    struct open_execution *e = plan_open(p, o);
    const struct task_spec *spec = body_spec(o->made);

    if (open_is_waiting(e))
        TRY(say_released(p, e, err));
    if (!open_is_waiting(e) || e->trigger == TRIGGER_BACKFILL)
        e->start_by = deadline_after(p->now, at_most(o->task, e, spec->start_deadline_ms));
    if (open_is_waiting(e) && e->trigger == TRIGGER_BACKFILL)
        e->finish_by = deadline_after(p->now, spec->finish_by_ms);
    e->unsent = false;
    plan_open_changed(p, o);
    return send(p, e, o->made, err);
}

static struct uuid id_asked_for(const struct order *o, usec_t at)
{
    return commanded_execution_id_of(o->task->node.id, at, o->command->command_id);
}

static struct open_execution asked_for(const struct order *o, const struct manual *manual)
{
    return (struct open_execution){
        .execution_id = id_asked_for(o, manual->at),
        .trigger = manual->trigger,
        .scheduled_at = manual->at,
        .due_at = manual->due,
        .payload = manual->payload,
        .parent_execution_id = manual->parent,
        .chain_depth = manual->chain_depth,
        .chain_spent = manual->chain_spent,
    };
}

enum rc planner_request(struct plan *p, struct order *o, const struct manual *manual,
                        struct error *err)
{
    struct uuid blocker = overlap_blocker(o->task, manual->trigger);
    char text[UUID_TEXT];
    struct open_execution e = asked_for(o, manual);

    if (order_lacks_queue(p, o, body_spec(task_seen(o->task)->body)->queue))
        return RC_OK;
    if (!uuid_is_nil(blocker) && !manual->ignores_others &&
        !overlap_may_queue(o->task, manual->trigger))
        return order_reject(o, CODE_OVERLAP, "execution %s is not finished",
                            uuid_to_text(blocker, text));
    o->outcome.execution_id = e.execution_id;
    TRY(fire(p, o->task, &e, manual->ignores_others, err));
    return order_accept(o, CODE_OK);
}

enum rc planner_backfill(struct plan *p, struct order *o, const struct occurrence *at,
                         struct error *err)
{
    struct open_execution e = {
        .execution_id = id_asked_for(o, at->at),
        .trigger = TRIGGER_BACKFILL,
        .scheduled_at = at->at,
        .due_at = o->at, /* asked for only now: it is not late */
        .nominal_local = at->nominal,
        .zone = timeline_zone(body_timeline(task_seen(o->task)->body), at),
        .dst = at->dst,
    };

    return fire(p, o->task, &e, false, err);
}

/* What does not run has no ExecutionCreated, only its one status. */
static enum rc pass_over(struct plan *p, struct task *t, const struct open_execution *e,
                         const struct check *check, struct error *err)
{
    const struct execution_status birth = birth_of(p, t, e, check->status, check->reason);

    if (check->status == STATUS_MISSED)
        p->out.counts.missed++;
    else
        p->out.counts.skipped++;
    TRY(plan_emit_status(p, &birth, err));
    return chain_born_over(p, t, e, check->status, err);
}

/* One that nobody asks for: whether it runs the checks say. */
static enum rc judge(struct plan *p, struct task *t, struct open_execution *e, struct error *err)
{
    const struct occurrence at = {.at = e->scheduled_at, .due = e->due_at};

    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (checks[i].holds(p, t, &at, e->trigger))
            return pass_over(p, t, e, &checks[i], err);
    return fire(p, t, e, false, err);
}

enum rc planner_decide(struct plan *p, struct task *t, const struct occurrence *o,
                       enum trigger trigger, struct error *err)
{
    struct open_execution e = {
        .execution_id = execution_id_of(t->node.id, o->at, "instant", ""),
        .trigger = trigger,
        .scheduled_at = o->at,
        .due_at = o->due,
        .nominal_local = o->nominal,
        .zone = timeline_zone(body_timeline(task_seen(t)->body), o),
        .dst = o->dst,
    };

    return judge(p, t, &e, err);
}

enum rc planner_follow(struct plan *p, struct order *o, const struct manual *manual,
                       struct error *err)
{
    struct open_execution e = asked_for(o, manual);

    o->outcome.execution_id = e.execution_id;
    TRY(judge(p, o->task, &e, err));
    return order_accept(o, CODE_OK);
}

/* --- instants of one task --- */

/* All up to `o` is decided: on to the next. */
static void advance(struct plan *p, struct task *t, const struct occurrence *o)
{
    struct task_view *v = &plan_task(p, t)->view;
    struct occurrence next;

    v->floor = o->at;
    plan_decided(p, t, o->due);
    if (timeline_next(body_timeline(v->body), o->at, &next) == RC_OK)
        task_set_next(v, &next);
    else
        v->wake = USEC_MAX;
    plan_wake(p, t, v->wake);
}

enum rc planner_choose(struct plan *p, struct task *t, const struct make_up *range,
                       struct occurrence **ret, size_t *ret_count, struct error *err)
{
    const struct task_view *v = task_seen(t);
    const struct timeline *timeline = body_timeline(v->body);
    usec_t oldest = p->now - spec_duration(body_spec(v->body)->misfire.window_ms);
    struct occurrence *chosen = arena_alloc(p->memory, range->limit * sizeof *chosen);
    usec_t from = range->from, gap_end = range->to;
    struct occurrence last;
    size_t count;

    if (registry_last_due(timeline, oldest - 1, &last) == RC_OK)
        from = MAX(from, last.at);
    count = timeline_newest(timeline, from, range->to, range->limit, chosen);
    if (count > 0)
        gap_end = timeline_prev(timeline, chosen[0].at, &last) == RC_OK ? last.at : range->from;
    TRY(plan_emit_gap(p, t, range->from, gap_end, range->reason, err));
    *ret = chosen;
    *ret_count = count;
    return RC_OK;
}

/* What is due before it is decided too late. */
static usec_t misfire_limit_at(const struct plan *p, const struct task_view *v)
{
    return p->now - spec_duration(body_spec(v->body)->misfire.after_ms);
}

static bool is_misfired(const struct plan *p, const struct task_view *v)
{
    return v->wake < misfire_limit_at(p, v);
}

/* `last` makes up for the newest, unless a later instant runs anyway. */
static size_t misfire_limit(const struct task_view *v, const struct occurrence *last, usec_t until)
{
    const struct task_spec *spec = body_spec(v->body);
    struct occurrence later;

    if (spec->misfire.policy == MISFIRE_ALL)
        return spec_misfire_limit(spec);
    if (spec->misfire.policy == MISFIRE_NONE)
        return 0;
    return timeline_next(body_timeline(v->body), last->at, &later) == RC_OK && later.due <= until
               ? 0
               : 1;
}

static enum rc decide_misfired(struct plan *p, struct task *t, usec_t until, struct error *err)
{
    const struct task_view *v = task_seen(t);
    usec_t then = MIN(until, misfire_limit_at(p, v) - 1);
    struct occurrence last = task_next(v), *chosen;
    struct make_up range = {.from = v->floor, .reason = REASON_MISFIRE};
    size_t count;

    if (registry_last_due(body_timeline(v->body), then, &last) != RC_OK)
        last = task_next(v); /* not covered: that one is due by then */
    range.to = last.at;
    range.limit = misfire_limit(v, &last, until);
    TRY(planner_choose(p, t, &range, &chosen, &count, err));
    for (size_t i = 0; i < count; i++)
        TRY(planner_decide(p, t, &chosen[i], TRIGGER_CATCH_UP, err));
    advance(p, t, &last);
    p->pending++; /* its state record, should the plan be cut before W gets there */
    return RC_OK;
}

static enum rc step(struct plan *p, struct task *t, usec_t until, struct error *err)
{
    const struct task_view *v = task_seen(t);
    struct occurrence o = task_next(v);

    if (v->revision == 0) {
        plan_forget_task(p, t);
        return RC_OK;
    }
    if (v->state == TASK_PAUSED)
        return revision_resume_due(p, t, err);
    if (is_misfired(p, v))
        return decide_misfired(p, t, until, err);
    TRY(planner_decide(p, t, &o, TRIGGER_SCHEDULED, err));
    advance(p, t, &o);
    return RC_OK;
}

enum rc planner_run_task(struct plan *p, struct task *t, usec_t until, struct error *err)
{
    until = MIN(until, p->now);
    while (task_seen(t)->state == TASK_ACTIVE && task_seen(t)->wake <= until)
        TRY(step(p, t, until, err));
    return RC_OK;
}

/* --- all tasks --- */

static void move_mark(struct plan *p, struct mark to)
{
    if (mark_order(to, p->mark) > 0)
        p->mark = to;
}

enum rc planner_run(struct plan *p, struct error *err)
{
    struct heap *due = &p->core->due;

    while (heap_first_due(due) <= p->now) {
        struct task *t = (struct task *)heap_first(due); /* the node is its first member */
        struct mark here = {.due = heap_first_due(due), .id = t->node.id};

        if (plan_is_full(p)) {
            p->out.more = true;
            return RC_OK;
        }
        TRY(step(p, t, p->now, err));
        move_mark(p, here);
    }
    /* Nothing that is due is undecided: W may go where the furthest decision went. */
    for (size_t i = 0; i < p->task_count; i++) {
        usec_t decided = ((struct plan_task *)p->tasks[i]->draft)->decided;

        if (decided > 0)
            move_mark(p, (struct mark){.due = decided, .id = p->tasks[i]->node.id});
    }
    return RC_OK;
}
