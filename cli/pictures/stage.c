#include "cli/pictures/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/codec.h"
#include "model/lifecycle.h"
#include "scheduler/core.h"

enum { RECORDS_A_PLAN = 10000, STEPS_A_COLUMN = 4, REPORTS_MAX = 4096, EXECUTIONS_MAX = 64 };

struct acted { /* one execution, beside what is shown of it */
    struct life life;
    struct life_rules rules;
    bool is_sent, was_failed;
    usec_t alive_until; /* its worker gives signs of life */
    const struct stage_task *task;
};

struct report { /* that a worker will make; at 0: none any more */
    usec_t at;
    size_t execution;
    int32_t attempt;
    enum status status;
};

struct play {
    const struct stage_script *script;
    struct core_env env;
    struct core *core;
    struct arena *memory;
    struct stage_show *show;
    struct acted acted[EXECUTIONS_MAX];
    struct report reports[REPORTS_MAX];
    size_t report_count, runs[STAGE_TASKS_MAX];
    int64_t commands, statuses; /* next offsets */
    size_t ordered;
    usec_t now;
    struct error *err;
    enum rc rc;
};

static bool queue_exists(void *ctx UNUSED, const char *queue UNUSED)
{
    return true;
}

static void fail(struct play *p, const char *what, const char *why)
{
    if (p->rc == RC_OK)
        p->rc = error_set(p->err, RC_INVALID, "%s: %s", what, why);
}

static struct bytes framed(struct play *p, enum record_kind kind, const void *record)
{
    SCOPED_BUF frame = {0};
    struct error err = {0};

    if (codec_encode(kind, record, &frame, &err) != RC_OK)
        fail(p, "what is written", err.text);
    return (struct bytes){arena_memdup(p->memory, frame.data, frame.len), frame.len};
}

/* --- executions --- */

static size_t find(const struct play *p, struct uuid id)
{
    size_t i = 0;

    while (i < p->show->count && !uuid_equal(p->show->executions[i].id, id))
        i++;
    return i;
}

static const struct stage_task *task_named(const struct play *p, struct uuid id)
{
    for (size_t i = 0; i < p->script->task_count; i++)
        if (uuid_equal(task_id_of("default", p->script->tasks[i].key), id))
            return &p->script->tasks[i];
    return &p->script->tasks[0]; /* not covered: there are no others */
}

static size_t find_or_add(struct play *p, struct uuid id, struct uuid task, usec_t scheduled_at,
                          enum trigger trigger)
{
    struct stage_show *s = p->show;
    size_t at = find(p, id);
    struct stage_execution *x;

    if (at < s->count)
        return at;
    if (at == EXECUTIONS_MAX) {
        fail(p, "the picture", "there are too many executions");
        return 0;
    }
    x = &s->executions[s->count++];
    p->acted[at].task = task_named(p, task);
    *x = (struct stage_execution){
        .id = id, .task = p->acted[at].task->key, .scheduled_at = scheduled_at, .trigger = trigger};
    memset(x->seen, ' ', STAGE_COLUMNS_MAX);
    return at;
}

static void fold(struct play *p, const struct execution_status *status)
{
    size_t at = status->scheduled_at != 0 ? find_or_add(p, status->execution_id, status->task_id,
                                                        status->scheduled_at, status->trigger)
                                          : find(p, status->execution_id);
    struct acted *a = &p->acted[at];
    const struct lifecycle_event event = {status, p->now, &a->rules,
                                          status->status == STATUS_WAITING && !a->is_sent};
    struct stage_execution *x = &p->show->executions[at];

    if (at == p->show->count || lifecycle_apply(&a->life, &event) != LIFECYCLE_MOVED)
        return;
    a->was_failed |= a->life.next_attempt_at != 0 && status_is_final(a->life.status);
    x->status = a->life.status;
    if (x->status != STATUS_CANCELLED || status->reason != REASON_NONE)
        x->reason = status->reason; /* a worker says that it has stopped, not why */
    x->attempt = MAX(a->life.attempt, 1);
    if (x->status == STATUS_RETRYING)
        a->is_sent = false;
}

/* --- the log --- */

static void hear(struct play *p, const struct execution_status *status)
{
    struct bytes frame = framed(p, RECORD_EXECUTION_STATUS, status);

    core_take_status(p->core, p->statuses++, p->now, frame, frame);
    fold(p, status);
}

static void obey(struct play *p, const struct command *command, usec_t at)
{
    struct bytes frame = framed(p, RECORD_COMMAND, command);

    core_take_command(p->core, p->commands++, at, frame, frame);
}

static void will_report(struct play *p, size_t execution, int32_t attempt, int64_t after_ms,
                        enum status status)
{
    if (p->report_count < REPORTS_MAX)
        p->reports[p->report_count++] =
            (struct report){p->now + after_ms * USEC_PER_MS, execution, attempt, status};
}

static const struct stage_run *next_run(struct play *p, const struct stage_task *task)
{
    static const struct stage_run none = {RUN_ABSENT, 0, STATUS_PENDING};
    size_t *next = &p->runs[task - p->script->tasks];

    if (task->run_count == 0)
        return &none;
    *next += *next < task->run_count;
    return &task->runs[*next - 1];
}

static void take_created(struct play *p, const struct execution_created *e)
{
    size_t at = find_or_add(p, e->execution_id, e->task_id, e->scheduled_at, e->trigger);
    struct acted *a = &p->acted[at];
    const struct stage_run *run = next_run(p, a->task);

    a->rules = lifecycle_rules(e->retry, e->max_attempts, e->finish_by);
    a->is_sent = true;
    if (run->kind == RUN_ABSENT)
        return;
    a->alive_until = run->kind == RUN_DIES ? p->now + run->ms * USEC_PER_MS : USEC_MAX;
    will_report(p, at, e->attempt, 1, STATUS_RUNNING);
    if (run->kind == RUN_ENDS)
        will_report(p, at, e->attempt, MAX(run->ms, 2), run->end);
}

/* A worker that is told to stop does so, but for one that hangs. */
static void take_signal(struct play *p, const struct execution_signal *signal)
{
    size_t at = find(p, signal->execution_id);
    bool would_end = false;

    for (size_t i = 0; i < p->report_count; i++)
        if (p->reports[i].execution == at && p->reports[i].attempt == signal->attempt &&
            p->reports[i].at != 0) {
            would_end |= p->reports[i].status != STATUS_RUNNING;
            p->reports[i].at = 0;
        }
    if (would_end && p->acted[at].life.started_at != 0)
        will_report(p, at, signal->attempt, p->script->column_ms, STATUS_CANCELLED);
}

static void note(struct play *p, usec_t from, usec_t to, const char *text)
{
    struct stage_show *s = p->show;

    s->notes = array_grow(s->notes, s->note_count, &s->note_capacity, sizeof *s->notes);
    s->notes[s->note_count++] = (struct stage_note){from, to, text};
}

static void take_revision(struct play *p, const struct task_revision *r)
{
    if (uuid_is_nil(r->command_id))
        note(p, r->effective_at, r->effective_at,
             arena_printf(p->memory, "%s, by the scheduler: %s",
                          r->state == TASK_PAUSED ? "paused" : "resumed", r->reason));
}

static void take_outcome(struct play *p, const struct command_outcome *o)
{
    if (o->code == CODE_INVALID_SPEC || o->code == CODE_UNSUPPORTED)
        fail(p, "what is asked for", o->message);
    else if (o->result == OUTCOME_REJECTED)
        note(p, p->now, p->now,
             arena_printf(p->memory, "REJECTED (%s): %s",
                          enum_name(&outcome_code_enum, (int)o->code), o->message));
}

static void take_gap(struct play *p, const struct schedule_gap *g)
{
    note(p, g->from, g->to,
         arena_printf(p->memory, "gap: %d%s passed over (%s)", (int)g->count,
                      g->count == 1 ? " instant" : " instants",
                      enum_name(&reason_enum, (int)g->reason)));
}

static void take(struct play *p, const struct bus_record *r)
{
    enum record_kind kind;
    const void *record;

    if (r->value.data == NULL || codec_decode(r->value, p->memory, &kind, &record, NULL) != RC_OK)
        return;
    if (kind == RECORD_EXECUTION_CREATED)
        take_created(p, record);
    else if (kind == RECORD_EXECUTION_STATUS)
        hear(p, record);
    else if (kind == RECORD_COMMAND)
        obey(p, record, p->now);
    else if (kind == RECORD_EXECUTION_SIGNAL)
        take_signal(p, record);
    else if (kind == RECORD_SCHEDULE_GAP)
        take_gap(p, record);
    else if (kind == RECORD_TASK_REVISION)
        take_revision(p, record);
    else if (kind == RECORD_COMMAND_OUTCOME)
        take_outcome(p, record);
}

/* --- the clock --- */

static void aim(const struct play *p, struct command *c)
{
    const struct stage_execution *found = NULL;
    bool cancels = c->kind == COMMAND_CANCEL_EXECUTION;

    for (size_t i = 0; i < p->show->count; i++)
        if (life_is_over(&p->acted[i].life) != cancels && (found == NULL || !cancels))
            found = &p->show->executions[i];
    if (found == NULL)
        return;
    if (cancels)
        c->body.cancel_execution.execution_id = found->id;
    else if (c->kind == COMMAND_RETRY_EXECUTION)
        c->body.retry_execution = (struct retry_execution){found->id, found->scheduled_at, {0}};
}

static void give_orders(struct play *p)
{
    for (; p->ordered < p->script->order_count; p->ordered++) {
        const struct stage_order *o = &p->script->orders[p->ordered];
        struct command c = o->command;
        char name[32];

        if (STAGE_BEGIN + o->at_ms * USEC_PER_MS > p->now)
            return;
        (void)snprintf(name, sizeof name, "order %zu", p->ordered);
        c.command_id = uuid_named(CRONOBS_NAMESPACE, name);
        aim(p, &c);
        obey(p, &c, STAGE_BEGIN + o->at_ms * USEC_PER_MS);
    }
}

static void work(struct play *p)
{
    const struct worker_ref worker = {.name = "worker", .incarnation = CRONOBS_NAMESPACE};

    for (size_t i = 0; i < p->report_count; i++) {
        struct report *r = &p->reports[i];
        char name[32];

        if (r->at == 0 || r->at > p->now)
            continue;
        r->at = 0;
        (void)snprintf(name, sizeof name, "report %zu", i);
        hear(p, &(struct execution_status){
                    .event_id = uuid_named(CRONOBS_NAMESPACE, name),
                    .execution_id = p->show->executions[r->execution].id,
                    .task_id = task_id_of("default", p->acted[r->execution].task->key),
                    .attempt = r->attempt,
                    .status = r->status,
                    .worker = &worker});
    }
}

static void beat(struct play *p, size_t execution)
{
    const struct acted *a = &p->acted[execution];
    const struct heartbeat beat = {.execution_id = p->show->executions[execution].id,
                                   .task_id = task_id_of("default", a->task->key),
                                   .attempt = MAX(a->life.attempt, 1),
                                   .worker = {.name = "worker", .incarnation = CRONOBS_NAMESPACE},
                                   .occurred_at = p->now};

    core_take_heartbeat(p->core, p->now, framed(p, RECORD_HEARTBEAT, &beat));
}

static void give_signs(struct play *p)
{
    for (size_t i = 0; i < p->show->count; i++)
        if (p->acted[i].task->spec->heartbeat_ms > 0 && p->acted[i].life.started_at != 0 &&
            !life_is_over(&p->acted[i].life) && p->now <= p->acted[i].alive_until)
            beat(p, i);
}

static void decide(struct play *p)
{
    static const struct core_room room = {RECORDS_A_PLAN, RECORDS_A_PLAN, true};
    struct core_plan *plan = NULL;

    while (p->rc == RC_OK) {
        struct error err = {0};

        if (core_plan(p->core, p->now, true, room, &plan, &err) != RC_OK)
            fail(p, "the scheduler", err.text);
        if (p->rc != RC_OK || plan == NULL)
            return;
        for (size_t i = 0; i < plan->count; i++)
            take(p, &plan->records[i]);
        core_commit(p->core, plan);
        plan = NULL;
    }
}

static char letter(struct acted *a, const struct stage_execution *x, char before)
{
    static const char ends[STATUS_COUNT] = {
        [STATUS_SUCCEEDED] = 'S', [STATUS_FAILED] = 'F',    [STATUS_TIMED_OUT] = 'T',
        [STATUS_LOST] = 'L',      [STATUS_CANCELLED] = 'C', [STATUS_MISSED] = 'M',
        [STATUS_SKIPPED] = 'x',
    };
    bool failed = a->was_failed;

    a->was_failed = false;
    if (failed)
        return 'f';
    if (life_is_over(&a->life))
        return before == ' ' || strchr("SFTLCMx", before) == NULL ? ends[x->status] : '\0';
    switch (x->status) {
    case STATUS_WAITING:
        return '.';
    case STATUS_RUNNING:
        return '=';
    case STATUS_CANCELLING:
        return '!';
    case STATUS_RETRYING:
        return a->is_sent ? '-' : '~';
    default:
        return '-';
    }
}

/* What is to be seen at the end of a column; of what is over its end is seen once. */
static void look(struct play *p, size_t column)
{
    for (size_t i = 0; i < p->show->count; i++) {
        struct stage_execution *x = &p->show->executions[i];
        bool is_told = strpbrk(x->seen, "SFTLCMx") != NULL;
        char c = is_told ? ' ' : letter(&p->acted[i], x, column == 0 ? ' ' : x->seen[column - 1]);

        x->seen[column] = c == '\0' ? ' ' : c;
    }
}

static bool is_away(const struct play *p)
{
    int64_t ms = (p->now - STAGE_BEGIN) / USEC_PER_MS;

    return ms >= p->script->away_from_ms && ms < p->script->away_to_ms;
}

static void pass(struct play *p)
{
    usec_t step = p->script->column_ms * USEC_PER_MS / STEPS_A_COLUMN;
    usec_t end = STAGE_BEGIN + p->script->length_ms * USEC_PER_MS;
    size_t n = 0;

    for (p->now = STAGE_BEGIN; p->now < end && p->rc == RC_OK; p->now += step, n++) {
        give_orders(p);
        work(p);
        give_signs(p);
        if (!is_away(p)) {
            core_heard(p->core, p->now, p->now);
            decide(p);
        }
        if (n % STEPS_A_COLUMN == STEPS_A_COLUMN - 1)
            look(p, n / STEPS_A_COLUMN);
    }
}

static void put_tasks(struct play *p)
{
    for (size_t i = 0; i < p->script->task_count; i++) {
        const struct stage_task *t = &p->script->tasks[i];
        const struct command c = {.command_id = uuid_named(CRONOBS_NAMESPACE, t->key),
                                  .task_id = task_id_of("default", t->key),
                                  .actor = "you",
                                  .kind = COMMAND_PUT_TASK,
                                  .body.put_task.spec = *t->spec};

        obey(p, &c, STAGE_BEGIN);
    }
}

enum rc stage_play(const struct stage_script *script, struct zoneset *zones, struct arena *memory,
                   struct stage_show *ret, struct error *err)
{
    struct play *p = xcalloc(1, sizeof *p);
    enum rc rc;

    *ret = (struct stage_show){0};
    ret->executions = arena_alloc(memory, EXECUTIONS_MAX * sizeof *ret->executions);
    *p = (struct play){.script = script,
                       .memory = memory,
                       .show = ret,
                       .err = err,
                       .env = {.prefix = "",
                               .partitions = 1,
                               .instance = "stage",
                               .zones = zones,
                               .queue_exists = queue_exists,
                               .cancel_grace_ms = 30000}};
    p->core = core_new(&p->env, 0);
    put_tasks(p);
    pass(p);
    rc = p->rc;
    core_free(p->core);
    free(p);
    return rc;
}
