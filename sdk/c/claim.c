/*
 * Claiming, in three steps that each wait for the one before: RUNNING is in the log; the group's position is past
 * the execution; the user has it. Killed between the first two, the execution is run by whoever reads it
 * next; killed after them, it is one that was RUNNING when its worker died. Where the second had no answer before
 * the partition was taken away, the user gets it all the same: it may run twice, but nobody else might run it at all.
 * Where the group has no position yet, and none was asked for, the second step is left out, for whoever comes next looks
 * through `status`; so such a partition is let go only when no RUNNING for it is on its way.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "c/worker.h"

enum { SETTLE_LOOK_MS = 20 };

/* --- which ones --- */

static bool must_skip(struct cronobs_worker *w, const struct cronobs_job *job)
{
    const struct cronobs_execution *e = &job->view;

    if (inbox_has_seen(&w->inbox, job->execution_id, e->attempt) ||
        inbox_is_claiming(&w->inbox, job))
        return true; /* a second delivery */
    if (control_has_cancelled(w, job))
        return true;
    return e->start_by != 0 && e->start_by < w->writer.now;
}

static void start_claim(struct cronobs_worker *w, struct cronobs_job *job)
{
    job->worker = w;
    job->state = JOB_CLAIMING;
    beat_init(&job->beat, job->heartbeat_ms, w->config.heartbeat_ms);
    w->jobs = array_grow(w->jobs, w->job_count, &w->job_capacity, sizeof(struct cronobs_job *));
    w->jobs[w->job_count++] = job;
    w->busy++;
}

static void start_claims(struct cronobs_worker *w)
{
    struct cronobs_job *job;

    if (!w->control.is_read)
        return;
    pthread_mutex_lock(&w->lock);
    while (!w->is_draining && w->busy < w->config.concurrency &&
           (job = inbox_first(&w->inbox, JOB_WAITING)) != NULL) {
        if (must_skip(w, job)) {
            inbox_remove(&w->inbox, job);
            job_free(job);
        } else {
            start_claim(w, job);
        }
    }
    pthread_mutex_unlock(&w->lock);
}

bool claim_is_under_way(const struct cronobs_worker *w)
{
    return w->alone > 0 || inbox_first(&w->inbox, JOB_CLAIMING) != NULL ||
           inbox_first(&w->inbox, JOB_CLAIMED) != NULL;
}

/* --- the position --- */

static enum rc commit(struct cronobs_worker *w, struct error *err)
{
    struct bus_position *positions = xcalloc(w->inbox.partition_count, sizeof *positions);
    size_t count = inbox_positions(&w->inbox, w->topics.queue, positions);
    enum rc rc = RC_OK;

    if (count > 0)
        rc = bus_commit(w->consumer, positions, count, WORKER_COMMIT_MS, err);
    if (rc == RC_OK)
        inbox_committed(&w->inbox, positions, count);
    else if (rc == RC_RETRY)
        inbox_unanswered(&w->inbox, positions, count);
    free(positions);
    return rc;
}

/* Nobody has begun it, and nobody is to. */
void claim_cancel(struct cronobs_worker *w, struct cronobs_job *job)
{
    w->ready_count--;
    job_end(job, &(struct job_final){.is_set = true,
                                     .status = STATUS_CANCELLED,
                                     .message = xstrdup("it was cancelled before it began")});
    w->busy--;
}

/* Under the lock. */
static void hand_out_job(struct cronobs_worker *w, struct cronobs_job *job)
{
    inbox_note(&w->inbox, job->execution_id, job->view.attempt);
    beat_start(&job->beat, w->tick);
    job->state = JOB_READY;
    w->ready_count++;
    job->is_alone = false;
    if (job->is_cancelled)
        claim_cancel(w, job);
}

static void hand_out(struct cronobs_worker *w)
{
    struct cronobs_job *job;

    pthread_mutex_lock(&w->lock);
    while ((job = inbox_pop_committed(&w->inbox)) != NULL)
        hand_out_job(w, job);
    for (size_t i = 0; i < w->job_count && w->alone > 0; i++)
        if (w->jobs[i]->is_alone && w->jobs[i]->state == JOB_CLAIMED) {
            hand_out_job(w, w->jobs[i]);
            w->alone--;
        }
    if (w->ready_count > 0) {
        worker_wake(w->wake_user);
        worker_wake_one(w);
    }
    pthread_mutex_unlock(&w->lock);
}

static bool announces_alone(struct cronobs_worker *w)
{
    bool does = inbox_announces_alone(&w->inbox);

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count && !does; i++)
        does = w->jobs[i]->is_alone && w->jobs[i]->state == JOB_CLAIMING;
    pthread_mutex_unlock(&w->lock);
    return does;
}

void claim_settle(void *worker)
{
    struct cronobs_worker *w = worker;
    usec_t until = clock_monotonic() + WORKER_COMMIT_MS * USEC_PER_MS;

    while (announces_alone(w) && clock_monotonic() < until)
        (void)bus_producer_serve(w->producer, SETTLE_LOOK_MS);
}

void claim_forget(struct cronobs_worker *w)
{
    struct cronobs_job *job;
    bool is_alone;

    inbox_assume(&w->inbox);
    hand_out(w);
    pthread_mutex_lock(&w->lock);
    while ((job = inbox_pop(&w->inbox, &is_alone)) != NULL) {
        if (job->state == JOB_WAITING) {
            job_free(job);
        } else if (is_alone) {
            job->is_alone = true; /* announced soon, and then passed over by whoever comes next */
            w->alone++;
        } else {
            job->state = JOB_GONE; /* still in w->jobs: freed there */
            w->busy--;
        }
    }
    pthread_mutex_unlock(&w->lock);
}

static bool has_claimed(const struct cronobs_worker *w)
{
    return inbox_first(&w->inbox, JOB_CLAIMED) != NULL;
}

/* What needed no work is committed with the next claim; one behind another that is still being announced waits for that. */
static bool must_commit(const struct cronobs_worker *w)
{
    return inbox_has_settled(&w->inbox) || (has_claimed(w) && inbox_has_moved(&w->inbox));
}

usec_t claim_wake(const struct cronobs_worker *w)
{
    return must_commit(w) ? w->commit_at : USEC_MAX;
}

void claim_step(struct cronobs_worker *w)
{
    struct error err = {0};
    enum rc rc;

    start_claims(w);
    hand_out(w); /* what needs no commit */
    if (!must_commit(w) || w->tick < w->commit_at)
        return;
    rc = commit(w, &err);
    if (rc == RC_OK) {
        hand_out(w);
        return;
    }
    if (rc == RC_FENCED) {
        worker_break(w, &err);
        return;
    }
    /* Another member may own the partition by now; if so we are told by the next poll. */
    w->commit_at = w->tick + WORKER_RETRY_US;
    worker_notice(w, CRONOBS_NOTICE_WARNING, "will commit the position again: %s", err.text);
}
