#include "api/exchange/slices.h"

#include <stdlib.h>

#include "base/clock.h"

#define SLICE (10 * USEC_PER_MS)

struct job {
    slice_fn step;
    void *ctx;
    struct job *next;
};

struct slices {
    struct loop_timer *timer;
    struct job *first, **last;
};

/* false: it is done. */
static bool run_for(const struct job *job, usec_t span)
{
    usec_t until = clock_monotonic() + span;

    do {
        if (!job->step(job->ctx))
            return false;
    } while (clock_monotonic() < until);
    return true;
}

static void push(struct slices *s, struct job *job)
{
    job->next = NULL;
    *s->last = job;
    s->last = &job->next;
}

static struct job *pop(struct slices *s)
{
    struct job *job = s->first;

    s->first = job->next;
    if (s->first == NULL)
        s->last = &s->first;
    return job;
}

/* A slice of the job whose turn it is; the loop comes back for the next one. */
static void on_timer(void *ctx)
{
    struct slices *s = ctx;
    struct job *job = pop(s);

    if (run_for(job, SLICE))
        push(s, job);
    else
        free(job);
    if (s->first != NULL)
        loop_timer_start(s->timer, 0);
}

struct slices *slices_new(struct loop *loop)
{
    struct slices *s = xcalloc(1, sizeof *s);

    s->last = &s->first;
    s->timer = loop_timer_new(loop, on_timer, s);
    return s;
}

void slices_free(struct slices *s)
{
    if (s == NULL)
        return;
    while (s->first != NULL) {
        struct job *job = pop(s);

        while (job->step(job->ctx))
            continue;
        free(job);
    }
    loop_timer_free(s->timer);
    free(s);
}

void slices_run(struct slices *s, slice_fn step, void *ctx)
{
    struct job *job;

    if (!run_for(&(struct job){.step = step, .ctx = ctx}, s == NULL ? USEC_MAX / 2 : SLICE))
        return;
    job = xcalloc(1, sizeof *job);
    job->step = step;
    job->ctx = ctx;
    push(s, job);
    loop_timer_start(s->timer, 0);
}
