/*
 * Cancellations: topic `control`, read by a consumer of its own, without a group, for as long as the worker lives.
 *
 * Whoever has a job must hear that it is cancelled: also while its group has given its partitions to others, while it
 * drains, and after it lost its name to another process. So this does not hang on the group. What was cancelled before
 * it began must not be begun, and may lie in the queue for as long as the topic keeps its word: so it is read from
 * the beginning, and nothing is claimed before its end was reached once.
 *
 * A cancellation is about one attempt of one execution of one task, and stops nothing else (docs/decisions/0165).
 */
#include "c/worker.h"

enum { READ_MAX = 5000 };

/* --- whom it concerns --- */

/* Of an attempt: no other one is taken for it. */
static struct uuid key_of(struct uuid execution_id, struct uuid task_id, int attempt)
{
    struct uuid key = seen_key(execution_id, task_id);

    for (size_t i = 0; i < sizeof attempt; i++)
        key.b[i] ^= (uint8_t)((uint32_t)attempt >> (8 * i));
    return key;
}

bool control_has_cancelled(const struct cronobs_worker *w, const struct cronobs_job *job)
{
    return seen_has(&w->control.cancelled,
                    key_of(job->execution_id, job->task_id, job->view.attempt), 1, 0);
}

static bool is_meant(const struct cronobs_job *job, const struct execution_signal *signal)
{
    return !job->is_cancelled && job->state < JOB_ENDING && job->view.attempt == signal->attempt &&
           uuid_equal(job->execution_id, signal->execution_id) &&
           uuid_equal(job->task_id, signal->task_id);
}

/* Whoever has it is told without the lock: only this thread frees a job. */
static void cancel_job(struct cronobs_worker *w, struct cronobs_job *job)
{
    bool is_handed;

    pthread_mutex_lock(&w->lock);
    is_handed = job->state == JOB_HANDED;
    job->is_cancelled = true;
    if (job->state == JOB_READY)
        claim_cancel(w, job);
    worker_tell_user(w);
    pthread_mutex_unlock(&w->lock);
    if (is_handed && w->config.on_cancel != NULL)
        w->config.on_cancel(w->config.ctx, &job->view);
}

static struct cronobs_job *find_job(struct cronobs_worker *w, const struct execution_signal *signal)
{
    struct cronobs_job *job = NULL;

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count && job == NULL; i++)
        if (is_meant(w->jobs[i], signal))
            job = w->jobs[i];
    pthread_mutex_unlock(&w->lock);
    return job;
}

/* --- reading --- */

static void remember(struct cronobs_worker *w, const struct execution_signal *signal, usec_t at)
{
    struct seen *cancelled = &w->control.cancelled;

    seen_note(cancelled, key_of(signal->execution_id, signal->task_id, signal->attempt), 1, 0, at);
    if (cancelled->forgotten == 0 || w->control.is_too_much)
        return;
    w->control.is_too_much = true;
    worker_notice(
        w, CRONOBS_NOTICE_WARNING,
        "%s holds more than %d cancellations: what the oldest of them are about is run if "
        "it still waits in the queue",
        w->topics.control, WORKER_CANCELS_MAX);
}

static void take_signal(struct cronobs_worker *w, const struct bus_event *event)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_signal *signal;
    struct error err = {.text = "no value"};
    struct cronobs_job *job;
    const void *record;

    if (event->value.data == NULL ||
        codec_decode_as(RECORD_EXECUTION_SIGNAL, event->value, memory, &record, &err) != RC_OK) {
        read_pass_over(w, event, err.text);
        return;
    }
    signal = record;
    if (signal->signal != SIGNAL_CANCEL)
        return;
    remember(w, signal, event->timestamp);
    job = find_job(w, signal);
    if (job != NULL)
        cancel_job(w, job);
}

static void take_unreadable(struct cronobs_worker *w, const struct bus_event *event)
{
    read_pass_over(w, event, event->code);
    w->control.place.next = event->next;
}

static enum rc assign(struct cronobs_worker *w, struct error *err)
{
    const struct bus_position place = {.topic = w->topics.control, .offset = w->control.place.next};

    return bus_assign(w->control.reader, &place, 1, err);
}

static void close_reader(struct cronobs_worker *w)
{
    bus_consumer_free(TAKE(w->control.reader));
    w->control.has_more = false;
    w->control.reader_at = w->tick + WORKER_RETRY_US;
}

static void take_failure(struct cronobs_worker *w, const struct bus_event *event)
{
    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", event->err.text);
    if (event->err.rc == RC_RETRY)
        return;
    if (event->err.rc == RC_NOT_FOUND) /* its records were deleted, or the topic was made anew */
        w->control.place.next = BUS_BEGINNING;
    close_reader(w);
}

static void take_event(struct cronobs_worker *w, const struct bus_event *event)
{
    struct control *c = &w->control;

    switch (event->kind) {
    case BUS_MESSAGE:
        c->place.next = event->offset + 1;
        take_signal(w, event);
        break;
    case BUS_UNREADABLE:
        take_unreadable(w, event);
        break;
    case BUS_EOF:
        c->place.next = event->offset;
        c->is_read = true;
        break;
    case BUS_FAILED:
        take_failure(w, event);
        break;
    case BUS_ASSIGNED:
    case BUS_REVOKED:
    case BUS_NOTHING:
        break;
    }
}

static void take_events(struct cronobs_worker *w)
{
    struct bus_event event = {.kind = BUS_MESSAGE};

    for (int i = 0; i < READ_MAX && event.kind != BUS_NOTHING && w->control.reader != NULL; i++) {
        bus_poll(w->control.reader, 0, &event);
        take_event(w, &event);
    }
    w->control.has_more = w->control.reader != NULL && event.kind != BUS_NOTHING;
}

/* --- its reader --- */

static void open_reader(struct cronobs_worker *w)
{
    const char *const warm[] = {w->topics.control, NULL};
    const struct bus_consumer_config config = {.warm = warm, .isolation = BUS_COMMITTED};
    struct error err = {0};
    enum rc rc = bus_consumer_new(w->bus, &config, &w->control.reader, &err);

    if (rc == RC_OK)
        rc = assign(w, &err);
    if (rc == RC_OK)
        return;
    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", err.text);
    if (w->control.reader != NULL)
        close_reader(w);
    w->control.reader_at = w->tick + WORKER_START_US;
}

/* Before the topics were looked at there may be none to read. */
void control_step(struct cronobs_worker *w)
{
    if (w->control.reader == NULL && w->partitions > 0 && w->tick >= w->control.reader_at)
        open_reader(w);
    if (w->control.reader != NULL)
        take_events(w);
}

void control_stop(struct cronobs_worker *w)
{
    if (w->control.reader != NULL)
        close_reader(w);
}

void control_anew(struct cronobs_worker *w, const char *why)
{
    worker_notice(w, CRONOBS_NOTICE_ERROR, "reads cancellations anew: %s", why);
    w->control.place.was_behind = false;
    control_stop(w);
}
