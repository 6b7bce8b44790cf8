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

int execution_fold_created(struct execution_row *row, const struct intake *in, struct arena *memory)
{
    const struct execution_created *r = in->record;
    const char *queue = queue_of(in->message.topic);

    if (!describes_better(row, r, queue))
        return EXECUTION_SAME;
    row->task_id = r->task_id;
    row->parent_execution_id = r->parent_execution_id;
    row->created_at = in->message.timestamp;
    row->created_attempt = r->attempt;
    row->max_attempts = r->max_attempts;
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
    return EXECUTION_DESCRIBED;
}

/* --- ExecutionStatus --- */

static struct execution_state state_of(const struct execution_row *row)
{
    return (struct execution_state){
        .status = (enum status)row->status,
        .attempt = row->attempt,
        .cancel_requested = row->cancel_requested,
        .contradicted = row->contradicted,
        .status_at = row->status_at,
        .started_at = row->started_at,
        .finished_at = row->finished_at,
        .next_attempt_at = row->next_attempt_at,
        .claimant = row->worker_incarnation,
        .worker = row->worker,
        .reason = (enum reason)row->reason,
        .exit_code = row->exit_code,
        .message = row->message,
    };
}

static void put_state(struct execution_row *row, const struct execution_state *s)
{
    row->status = (int32_t)s->status;
    row->attempt = s->attempt;
    row->cancel_requested = s->cancel_requested;
    row->contradicted = s->contradicted;
    row->status_at = s->status_at;
    row->started_at = s->started_at;
    row->finished_at = s->finished_at;
    row->next_attempt_at = instant_shown(s->next_attempt_at);
    row->worker_incarnation = s->claimant;
    row->worker = s->worker;
    row->reason = (int32_t)s->reason;
    row->exit_code = s->exit_code;
    row->message = s->message;
}

/* A status may know these before, or without, an ExecutionCreated; the first one that says it stands. The columns that
   only ExecutionCreated knows are all empty as long as that is so. */
static int fill_from_status(struct execution_row *row, const struct execution_status *r)
{
    const struct execution_row before = *row;

    if (row->created_attempt != 0)
        return EXECUTION_SAME;
    if (row->scheduled_at == 0)
        row->scheduled_at = instant_shown(r->scheduled_at);
    if (row->trigger == 0)
        row->trigger = (int32_t)r->trigger;
    if (row->revision == 0)
        row->revision = r->revision;
    if (row->queue == NULL)
        row->queue = r->queue;
    return before.scheduled_at != row->scheduled_at || before.trigger != row->trigger ||
                   before.revision != row->revision || before.queue != row->queue
               ? EXECUTION_DESCRIBED
               : EXECUTION_SAME;
}

/* The planted bug of a test build: the newest attempt wins, whatever is final already. */
static enum lifecycle_effect apply_by_attempt(struct execution_state *s,
                                              const struct lifecycle_event *event)
{
    if (event->report->attempt < s->attempt)
        return LIFECYCLE_KEPT;
    s->attempt = event->report->attempt;
    s->status = event->report->status;
    s->status_at = event->at;
    s->finished_at = status_is_final(s->status) ? event->at : 0;
    return LIFECYCLE_MOVED;
}

int execution_fold_status(struct execution_row *row, const struct intake *in, bool *ret_moved)
{
    const struct lifecycle_event event = {in->record, in->message.timestamp};
    struct execution_state s = state_of(row);
    enum lifecycle_effect effect;
    int changes = fill_from_status(row, in->record);

    if (fault_planted("fold-by-attempt"))
        effect = apply_by_attempt(&s, &event);
    else
        effect = lifecycle_apply(&s, &event, &s);
    if (effect == LIFECYCLE_MOVED || s.contradicted != row->contradicted)
        changes |= EXECUTION_LIFE;
    if (effect == LIFECYCLE_MOVED)
        row->blocked_by = event.report->blocked_by;
    put_state(row, &s);
    *ret_moved = effect == LIFECYCLE_MOVED;
    return changes;
}

struct event_row execution_event_of(const struct intake *in, bool moved)
{
    const struct execution_status *r = in->record;

    return (struct event_row){
        .execution_id = r->execution_id,
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
        .moved = moved,
        .worker = r->worker != NULL ? r->worker->name : NULL,
        .message = r->message,
        .result = r->result,
    };
}
