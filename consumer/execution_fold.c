#include "consumer/execution_fold.h"

#include <string.h>

#include "base/fault.h"
#include "consumer/task_rows.h"
#include "model/lifecycle.h"
#include "store/values.h"

struct execution_row execution_stub(struct uuid execution, struct uuid task)
{
    return (struct execution_row){
        .execution_id = execution, .task_id = task, .attempt = 1, .status = STATUS_PENDING};
}

bool execution_is_made(const struct execution_row *row)
{
    return row->created_attempt != 0 || row->trigger != TRIGGER_UNKNOWN;
}

/* --- ExecutionCreated --- */

/* The lowest attempt describes the execution; of two equal ones that of the queue which sorts first, so that the order
   in which two topics are read does not matter. */
static bool describes_better(const struct execution_row *row, const struct execution_created *r,
                             const char *queue)
{
    if (row->created_attempt == 0 || r->attempt != row->created_attempt)
        return row->created_attempt == 0 || r->attempt < row->created_attempt;
    return strcmp(queue, row->queue) < 0;
}

static void describe_retry(struct execution_row *row, const struct execution_created *r)
{
    const struct life_rules rules = lifecycle_rules(r->retry, r->max_attempts, row->finish_by);

    row->max_attempts = r->max_attempts;
    row->retry_on = rules.retry_on;
    row->retry_multiplier = rules.multiplier;
    row->retry_first_ms = rules.first_delay_ms;
    row->retry_max_ms = rules.max_delay_ms;
    row->retry_jitter_ms = rules.jitter_ms;
}

static struct life_rules rules_of(const struct execution_row *row)
{
    return (struct life_rules){
        .max_attempts = row->max_attempts,
        .retry_on = row->retry_on,
        .first_delay_ms = row->retry_first_ms,
        .max_delay_ms = row->retry_max_ms,
        .jitter_ms = row->retry_jitter_ms,
        .multiplier = row->retry_multiplier,
        .finish_by = row->finish_by,
    };
}

int execution_fold_created(struct execution_row *row, const struct intake *in, struct arena *memory)
{
    const struct execution_created *r = in->record;
    const char *queue = queue_of(in->message.topic);

    if (!describes_better(row, r, queue))
        return EXECUTION_SAME;
    row->parent_execution_id = r->parent_execution_id;
    row->created_at = in->message.timestamp;
    row->created_attempt = r->attempt;
    row->scheduled_at = instant_shown(r->scheduled_at);
    row->due_at = instant_shown(r->due_at);
    row->nominal_local = instant_shown(r->nominal_local);
    row->start_by = instant_shown(r->start_by);
    row->finish_by = instant_shown(r->finish_by);
    row->run_timeout_ms = r->run_timeout_ms;
    row->heartbeat_ms = r->heartbeat_ms;
    row->revision = r->revision;
    row->trigger = (int32_t)r->trigger;
    row->dst = (int32_t)r->dst;
    row->queue = queue;
    row->zone = r->zone;
    row->tzdata = r->tzdata;
    row->content_type = r->content_type;
    row->labels = labels_json(&r->labels, memory);
    row->payload = r->payload;
    row->status_from = r->status_from;
    row->waited = r->waited;
    describe_retry(row, r);
    return EXECUTION_DESCRIBED;
}

/* --- ExecutionStatus --- */

/* The first birth describes the row, the scheduler's rather than a worker's, and ExecutionCreated rather than any. */
int execution_fold_birth(struct execution_row *row, const struct intake *in)
{
    const struct execution_status *r = in->record;

    if (row->created_attempt != 0 || !lifecycle_is_birth(r))
        return EXECUTION_SAME;
    if (row->trigger != 0 && (row->trigger != TRIGGER_EXTERNAL || r->worker != NULL))
        return EXECUTION_SAME;
    row->scheduled_at = instant_shown(r->scheduled_at);
    row->trigger = (int32_t)r->trigger;
    row->revision = r->revision;
    row->queue = r->queue;
    row->status_from = in->message.offset;
    row->waited = r->status == STATUS_WAITING;
    execution_begin_anew(row);
    return EXECUTION_DESCRIBED;
}

static struct life life_of(const struct execution_row *row)
{
    return (struct life){(enum status)row->status, row->attempt, row->worker_incarnation,
                         row->started_at, row->next_attempt_at};
}

/* A worker says that it has stopped, not why it had to: the reason for which it was cancelled stays. */
static bool gives_no_reason(const struct event_row *e)
{
    return e->status == STATUS_CANCELLED && e->worker != NULL && e->reason == REASON_NONE;
}

/* The report moved it: what decides, and what is shown beside it. */
static void put_life(struct execution_row *row, const struct life *life, const struct event_row *e)
{
    row->status = (int32_t)life->status;
    row->attempt = life->attempt;
    row->worker_incarnation = life->claimant;
    row->started_at = life->started_at;
    row->next_attempt_at = life->next_attempt_at;
    row->status_at = e->received_at;
    row->finished_at = status_is_final(life->status) ? e->received_at : 0;
    row->cancel_requested |= life->status == STATUS_CANCELLING;
    row->blocked_by = e->blocked_by;
    if (!gives_no_reason(e))
        row->reason = e->reason;
    row->exit_code = e->exit_code;
    row->message = e->message;
    if (e->worker != NULL)
        row->worker = e->worker;
}

void execution_begin_anew(struct execution_row *row)
{
    const struct life none = {.attempt = 1};

    put_life(row, &none, &(struct event_row){.attempt = 0});
    row->worker = NULL;
    row->cancel_requested = row->contradicted = false;
}

/* The planted bug of a test build: the newest report wins, whatever is final already. */
static enum lifecycle_effect apply_newest(struct life *life, const struct lifecycle_event *event)
{
    if (event->report->attempt < life->attempt)
        return LIFECYCLE_KEPT;
    life->attempt = event->report->attempt;
    life->status = event->report->status;
    return LIFECYCLE_MOVED;
}

static enum lifecycle_effect apply(struct life *life, const struct execution_row *row,
                                   const struct event_row *e)
{
    const struct life_rules rules = rules_of(row);
    const struct worker_ref worker = {e->worker, e->worker_incarnation};
    const struct execution_status report = {
        .event_id = e->event_id,
        .execution_id = e->execution_id,
        .attempt = e->attempt,
        .status = (enum status)e->status,
        .reason = (enum reason)e->reason,
        .if_unclaimed = e->if_unclaimed,
        .worker = e->worker != NULL ? &worker : NULL,
    };
    const struct lifecycle_event event = {&report, e->received_at, &rules,
                                          row->waited && e->kafka_offset == row->status_from};

    return fault_planted("fold-by-attempt") ? apply_newest(life, &event)
                                            : lifecycle_apply(life, &event);
}

/* A report that comes again is no contradiction. */
static int contradict(struct execution_row *row, const struct event_row *e)
{
    if (e->is_repeat || row->contradicted)
        return EXECUTION_SAME;
    row->contradicted = true;
    return EXECUTION_LIFE;
}

int execution_fold_event(struct execution_row *row, struct event_row *event)
{
    bool is_about_it = event->kafka_offset >= row->status_from || fault_planted("any-time");
    struct life life = life_of(row);
    enum lifecycle_effect effect = is_about_it ? apply(&life, row, event) : LIFECYCLE_KEPT;

    event->moved = effect == LIFECYCLE_MOVED;
    if (effect == LIFECYCLE_CONTRADICTED)
        return contradict(row, event);
    if (effect == LIFECYCLE_KEPT)
        return EXECUTION_SAME;
    put_life(row, &life, event);
    return EXECUTION_LIFE;
}

struct event_row execution_event_of(const struct intake *in)
{
    const struct execution_status *r = in->record;

    return (struct event_row){
        .execution_id = r->execution_id,
        .task_id = r->task_id,
        .event_id = r->event_id,
        .worker_incarnation = r->worker != NULL ? r->worker->incarnation : UUID_NIL,
        .blocked_by = r->blocked_by,
        .received_at = in->message.timestamp,
        .occurred_at = instant_shown(r->occurred_at),
        .next_attempt_at = instant_shown(r->next_attempt_at),
        .kafka_offset = in->message.offset,
        .kafka_partition = in->message.partition,
        .attempt = r->attempt,
        .status = (int32_t)r->status,
        .reason = (int32_t)r->reason,
        .exit_code = r->exit_code,
        .if_unclaimed = r->if_unclaimed,
        .worker = r->worker != NULL ? r->worker->name : NULL,
        .message = r->message,
        .result = r->result,
    };
}
