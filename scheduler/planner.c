#include "scheduler/planner.h"

#include "model/spec.h"
#include "scheduler/revision.h"

/* --- the checks --- */

struct uuid planner_blocker(const struct task *t)
{
    const struct task_view *v = task_seen(t);
    const struct open_execution *oldest = NULL;

    if (v->unfinished < v->body->spec->max_concurrency)
        return UUID_NIL;
    for (const struct open *o = t->opens; o != NULL; o = o->older) {
        const struct open_execution *e = open_seen(o);

        if (!status_is_final(e->status) &&
            (oldest == NULL || e->scheduled_at < oldest->scheduled_at))
            oldest = e;
    }
    return oldest == NULL ? UUID_NIL : oldest->execution_id;
}

static bool is_past_start(const struct plan *p, const struct task *t, const struct occurrence *o)
{
    usec_t deadline = spec_duration(task_seen(t)->body->spec->start_deadline_ms);

    return deadline > 0 && o->due + deadline <= p->now;
}

static bool has_no_queue(const struct plan *p, const struct task *t,
                         const struct occurrence *o UNUSED)
{
    return !p->core->env->queue_exists(p->core->env->ctx, task_seen(t)->body->spec->queue);
}

static bool is_blocked(const struct plan *p UNUSED, const struct task *t,
                       const struct occurrence *o UNUSED)
{
    return task_seen(t)->body->spec->overlap != OVERLAP_ALLOW && !uuid_is_nil(planner_blocker(t));
}

/*
 * In this order; the first that holds decides. Those before them are answered elsewhere: instants outside
 * calendar and window are not in the timeline; deleted and paused tasks are not in the heap; misfired
 * instants come here only when they are made up for.
 */
static const struct check {
    bool (*holds)(const struct plan *p, const struct task *t, const struct occurrence *o);
    enum reason reason;
    enum status status;
} checks[] = {
    {is_past_start, REASON_START_DEADLINE, STATUS_MISSED},
    {has_no_queue, REASON_NO_QUEUE, STATUS_SKIPPED},
    {is_blocked, REASON_OVERLAP, STATUS_SKIPPED},
};

/* --- executions --- */

/* Only executions that a deadline or an overlap rule needs: who may overlap and never times out is not remembered. */
static void remember_open(struct plan *p, struct task *t, const struct execution_created *x)
{
    const struct task_spec *spec = task_seen(t)->body->spec;

    if (spec->start_deadline_ms == 0 && spec->run_timeout_ms == 0)
        return;
    plan_add_open(p, t,
                  &(struct open_execution){
                      .execution_id = x->execution_id,
                      .task_id = x->task_id,
                      .revision = x->revision,
                      .attempt = x->attempt,
                      .scheduled_at = x->scheduled_at,
                      .due_at = x->due_at,
                      .start_by = x->start_by,
                      .run_timeout_ms = x->run_timeout_ms,
                      .trigger = x->trigger,
                      .queue = spec->queue,
                      .max_attempts = x->max_attempts,
                      .status_from = x->status_from,
                  });
}

/* Completes what the caller knows of an execution (its identity and time) by what the task says, and writes it. */
static enum rc fire(struct plan *p, struct task *t, struct execution_created *x, struct error *err)
{
    const struct task_view *v = task_seen(t);
    const struct task_spec *spec = v->body->spec;
    usec_t start_deadline = spec_duration(spec->start_deadline_ms);

    x->task_id = t->node.id;
    x->task_key = spec->key;
    x->project = spec->project;
    x->revision = v->revision;
    x->attempt = x->max_attempts = 1;
    x->tzdata = zoneset_version(p->core->env->zones);
    x->start_by = start_deadline > 0 ? x->due_at + start_deadline : 0;
    x->run_timeout_ms = spec->run_timeout_ms;
    x->status_partition = p->core->partition;
    x->content_type = spec->content_type;
    x->labels = spec->labels;
    x->status_from = p->core->statuses.seen; /* what is below is passed over: nobody knew of it */
    p->out.counts.fired++;
    remember_open(p, t, x);
    return plan_emit(p, v->body->queue_topic, t->node.id, RECORD_EXECUTION_CREATED, x, err);
}

static enum rc fire_instant(struct plan *p, struct task *t, const struct occurrence *o,
                            enum trigger trigger, struct error *err)
{
    const struct body *body = task_seen(t)->body;

    return fire(p, t,
                &(struct execution_created){
                    .execution_id = execution_id_of(t->node.id, o->at, "instant", ""),
                    .trigger = trigger,
                    .scheduled_at = o->at,
                    .due_at = o->due,
                    .nominal_local = o->nominal,
                    .zone = timeline_zone(body->timeline, o),
                    .dst = o->dst,
                    .payload = body->spec->payload,
                },
                err);
}

enum rc planner_fire_manual(struct plan *p, struct task *t, const struct manual *manual,
                            struct error *err)
{
    return fire(p, t,
                &(struct execution_created){
                    .execution_id = manual->execution_id,
                    .trigger = TRIGGER_MANUAL,
                    .scheduled_at = manual->at,
                    .due_at = manual->at,
                    .payload = manual->payload != NULL ? *manual->payload
                                                       : task_seen(t)->body->spec->payload,
                },
                err);
}

/* An instant that does not run has no ExecutionCreated, only its one status. */
static enum rc pass_over(struct plan *p, struct task *t, const struct occurrence *o,
                         enum trigger trigger, const struct check *check, struct error *err)
{
    const struct task_view *v = task_seen(t);
    struct uuid id = execution_id_of(t->node.id, o->at, "instant", "");
    const struct execution_status status = {
        .event_id = event_id_of(id, 1, enum_name(&status_enum, (int)check->status)),
        .execution_id = id,
        .task_id = t->node.id,
        .attempt = 1,
        .status = check->status,
        .reason = check->reason,
        .occurred_at = p->now,
        .blocked_by = check->reason == REASON_OVERLAP ? planner_blocker(t) : UUID_NIL,
        .scheduled_at = o->at,
        .trigger = trigger,
        .revision = v->revision,
        .queue = v->body->spec->queue,
    };

    if (check->status == STATUS_MISSED)
        p->out.counts.missed++;
    else
        p->out.counts.skipped++;
    return plan_emit_status(p, &status, err);
}

enum rc planner_decide(struct plan *p, struct task *t, const struct occurrence *o,
                       enum trigger trigger, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (checks[i].holds(p, t, o))
            return pass_over(p, t, o, trigger, &checks[i], err);
    return fire_instant(p, t, o, trigger, err);
}

/* --- instants of one task --- */

/* All up to `o` is decided: on to the next. */
static void advance(struct plan *p, struct task *t, const struct occurrence *o)
{
    struct task_view *v = &plan_task(p, t)->view;
    usec_t wake = USEC_MAX;

    v->floor = o->at;
    plan_decided(p, t, o->due);
    if (timeline_next(v->body->timeline, o->at, &v->next) == RC_OK)
        wake = v->next.due;
    plan_wake(p, t, wake);
}

enum rc planner_choose(struct plan *p, struct task *t, const struct make_up *range,
                       struct occurrence **ret, size_t *ret_count, struct error *err)
{
    const struct task_view *v = task_seen(t);
    const struct timeline *timeline = v->body->timeline;
    usec_t oldest = p->now - spec_duration(v->body->spec->misfire.window_ms);
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
    return p->now - spec_duration(v->body->spec->misfire.after_ms);
}

static bool is_misfired(const struct plan *p, const struct task_view *v)
{
    return v->wake < misfire_limit_at(p, v);
}

/* `last` makes up for the newest, unless a later instant runs anyway. */
static size_t misfire_limit(const struct task_view *v, const struct occurrence *last, usec_t until)
{
    const struct task_spec *spec = v->body->spec;
    struct occurrence later;

    if (spec->misfire.policy == MISFIRE_ALL)
        return spec_misfire_limit(spec);
    if (spec->misfire.policy == MISFIRE_NONE)
        return 0;
    return timeline_next(v->body->timeline, last->at, &later) == RC_OK && later.due <= until ? 0
                                                                                             : 1;
}

static enum rc decide_misfired(struct plan *p, struct task *t, usec_t until, struct error *err)
{
    const struct task_view *v = task_seen(t);
    usec_t then = MIN(until, misfire_limit_at(p, v) - 1);
    struct occurrence last = v->next, *chosen;
    struct make_up range = {.from = v->floor, .reason = REASON_MISFIRE};
    size_t count;

    if (registry_last_due(v->body->timeline, then, &last) != RC_OK)
        last = v->next; /* not covered: that one is due by then */
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
    struct occurrence o = v->next;

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
