#include "api/exchange/aside.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct job {
    loop_fn work, done;
    void *ctx;
    struct job *next;
};

struct jobs { /* in their order */
    struct job *first, **last;
};

struct aside {
    struct loop_wake *wake;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* under the lock */
    struct jobs asked, worked;
    bool is_stopping;
};

static void push(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    *jobs->last = job;
    jobs->last = &job->next;
}

static struct job *pop(struct jobs *jobs)
{
    struct job *job = jobs->first;

    if (job != NULL)
        jobs->first = job->next;
    if (jobs->first == NULL)
        jobs->last = &jobs->first;
    return job;
}

/* NULL: there will be none any more. */
static struct job *wait_for_job(struct aside *a)
{
    struct job *job;

    (void)pthread_mutex_lock(&a->lock);
    while (a->asked.first == NULL && !a->is_stopping)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    job = pop(&a->asked);
    (void)pthread_mutex_unlock(&a->lock);
    return job;
}

static void *run(void *arg)
{
    struct aside *a = arg;
    struct job *job;

    while ((job = wait_for_job(a)) != NULL) {
        job->work(job->ctx);
        (void)pthread_mutex_lock(&a->lock);
        push(&a->worked, job);
        (void)pthread_mutex_unlock(&a->lock);
        loop_wake_send(a->wake);
    }
    return NULL;
}

static struct job *take_worked(struct aside *a)
{
    struct job *job;

    (void)pthread_mutex_lock(&a->lock);
    job = pop(&a->worked);
    (void)pthread_mutex_unlock(&a->lock);
    return job;
}

static void on_wake(void *ctx)
{
    struct job *job;

    while ((job = take_worked(ctx)) != NULL) {
        job->done(job->ctx);
        free(job);
    }
}

enum rc aside_new(struct loop *loop, struct aside **ret, struct error *err)
{
    SCOPED(aside) struct aside *a = xcalloc(1, sizeof *a);

    a->asked.last = &a->asked.first;
    a->worked.last = &a->worked.first;
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_cond_init(&a->changed, NULL);
    TRY(loop_wake_new(loop, on_wake, a, &a->wake, err));
    if (pthread_create(&a->thread, NULL, run, a) != 0)
        return error_set(err, RC_FATAL, "could not start a thread: %s", strerror(errno));
    a->has_thread = true;
    *ret = TAKE(a);
    return RC_OK;
}

void aside_free(struct aside *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&a->lock);
    a->is_stopping = true;
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    if (a->has_thread)
        (void)pthread_join(a->thread, NULL);
    on_wake(a);
    loop_wake_free(a->wake);
    (void)pthread_cond_destroy(&a->changed);
    (void)pthread_mutex_destroy(&a->lock);
    free(a);
}

void aside_run(struct aside *a, loop_fn work, loop_fn done, void *ctx)
{
    struct job *job;

    if (a == NULL) {
        work(ctx);
        done(ctx);
        return;
    }
    job = xcalloc(1, sizeof *job);
    *job = (struct job){.work = work, .done = done, .ctx = ctx};
    (void)pthread_mutex_lock(&a->lock);
    push(&a->asked, job);
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
}
