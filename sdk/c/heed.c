/*
 * Causes to stop: whoever has a job is told of them once, and who goes on all the same is named and left alone.
 */
#include "c/worker.h"

void heed_step(struct cronobs_worker *w)
{
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count; i++) {
        struct cronobs_job *job = w->jobs[i];
        bool was_ignoring = job->is_ignoring;

        if (!job_heed(job, w->tick))
            continue;
        if (job->is_ignoring && !was_ignoring)
            worker_notice(w, CRONOBS_NOTICE_WARNING,
                          "execution %s goes on for 30 s although it %s: it keeps its place",
                          job->view.execution_id,
                          job->is_cancelled ? "was cancelled" : "is over its run timeout");
        else
            worker_tell_user(w);
    }
    pthread_mutex_unlock(&w->lock);
}

usec_t heed_wake(struct cronobs_worker *w)
{
    usec_t wake = USEC_MAX;

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->job_count; i++)
        wake = MIN(wake, job_heed_wake(w->jobs[i]));
    pthread_mutex_unlock(&w->lock);
    return wake;
}
