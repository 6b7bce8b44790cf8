/*
 * Publishing: each job's records one after another, each again and again until the brokers have it.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "c/worker.h"

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why)
{
    struct cronobs_job *job = ctx;
    struct cronobs_worker *w = job->worker;

    if (rc == RC_FATAL || rc == RC_FENCED)
        w->producer_is_dead = true;
    if (rc == RC_INVALID)
        worker_notice(w, CRONOBS_NOTICE_ERROR, "dropped a record of execution %s: %s",
                      job->view.execution_id, why);
    else if (rc != RC_OK)
        worker_notice(w, CRONOBS_NOTICE_WARNING, "will publish it again: %s", why);

    pthread_mutex_lock(&w->lock);
    job->is_in_flight = false;
    job->retry_at = clock_monotonic() + WORKER_RETRY_US;
    if (rc == RC_OK)
        w->heard_at = clock_monotonic();
    if (rc == RC_OK || rc == RC_INVALID)
        w->unsent_bytes -= job_delivered(job, clock_monotonic());
    if (w->was_full && w->unsent_bytes < WORKER_UNSENT_MAX / 2) {
        w->was_full = false;
        worker_tell_user(w);
    }
    pthread_mutex_unlock(&w->lock);
}

/* Status and heartbeat go by task, log lines by execution: the key says so, and the partition. */
static enum rc send_frame(struct cronobs_worker *w, struct cronobs_job *job, struct error *err)
{
    bool is_log = job->frame_kind == RECORD_LOG_BATCH;
    const struct bus_record record = {
        .topic = is_log ? w->topics.logs : w->topics.status,
        .partition = is_log ? job->log_partition : job->status_partition,
        .key = bytes_of(is_log ? job->view.execution_id : job->view.task_id),
        .value = buf_bytes(&job->frame)};
    enum rc rc = bus_producer_send(w->producer, &record, on_delivered, job, err);

    job->is_in_flight = rc == RC_OK;
    job->retry_at = w->tick + WORKER_RETRY_US;
    if (rc == RC_FATAL || rc == RC_FENCED)
        w->producer_is_dead = true;
    return rc;
}

/* Under the lock. */
static void send_job(struct cronobs_worker *w, struct cronobs_job *job)
{
    struct error err = {0};
    enum rc rc = job_next_frame(job, &w->writer, w->tick, &err);

    if (rc == RC_OK)
        rc = send_frame(w, job, &err);
    if (rc == RC_INVALID) {
        worker_notice(w, CRONOBS_NOTICE_ERROR, "dropped a record of execution %s: %s",
                      job->view.execution_id, err.text);
        w->unsent_bytes -= job_delivered(job, w->tick);
    } else if (rc != RC_OK && rc != RC_NOT_FOUND) {
        worker_notice(w, CRONOBS_NOTICE_WARNING, "will publish it again: %s", err.text);
    }
}

static void on_beat(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                    const char *why)
{
    struct cronobs_job *job = ctx;
    struct cronobs_worker *w = job->worker;

    if (rc == RC_FATAL || rc == RC_FENCED)
        w->producer_is_dead = true;
    if (rc != RC_OK)
        worker_notice(w, CRONOBS_NOTICE_WARNING, "a sign of life was lost: %s", why);
    pthread_mutex_lock(&w->lock);
    if (rc == RC_OK)
        beat_told(&job->beat, w->tick);
    beat_answered(&job->beat, rc == RC_OK || rc == RC_INVALID);
    pthread_mutex_unlock(&w->lock);
}

/* Under the lock. One that gets lost does no harm: the next one follows. */
static void send_beat(struct cronobs_worker *w, struct cronobs_job *job)
{
    const struct heartbeat beat = job_heartbeat(job, &w->writer);
    SCOPED_BUF frame = {0};
    struct bus_record record = {.topic = w->topics.heartbeats,
                                .partition = job->status_partition,
                                .key = bytes_of(job->view.task_id)};
    enum rc rc;

    beat_sent(&job->beat, w->tick);
    rc = codec_encode(RECORD_HEARTBEAT, &beat, &frame, NULL);
    record.value = buf_bytes(&frame);
    if (rc == RC_OK)
        rc = bus_producer_send(w->producer, &record, on_beat, job, NULL);
    if (rc == RC_FATAL || rc == RC_FENCED)
        w->producer_is_dead = true;
    if (rc != RC_OK)
        beat_answered(&job->beat, rc == RC_INVALID);
}

void send_step(struct cronobs_worker *w)
{
    size_t kept = 0;

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count; i++) {
        struct cronobs_job *job = w->jobs[i];

        if (job_beat_wake(job) <= w->tick)
            send_beat(w, job); /* what it did last comes before its end */
        if (job->state != JOB_GONE && job_wake(job) <= w->tick)
            send_job(w, job);
        if (job->state == JOB_GONE && !job->is_in_flight && job->beat.in_flight == 0)
            job_free(job);
        else
            w->jobs[kept++] = job;
    }
    if (kept == 0 && w->job_count > 0)
        worker_tell_user(w);
    w->job_count = kept;
    pthread_mutex_unlock(&w->lock);
}

usec_t send_wake(struct cronobs_worker *w)
{
    usec_t wake = USEC_MAX;

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count; i++) {
        const struct cronobs_job *job = w->jobs[i];

        wake = MIN(wake, job->state == JOB_GONE ? USEC_MAX : job_wake(job));
        wake = MIN(wake, job_beat_wake(job));
    }
    pthread_mutex_unlock(&w->lock);
    return wake;
}
