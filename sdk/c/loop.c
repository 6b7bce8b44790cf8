/*
 * The worker's thread: one loop that waits on four descriptors (the user's wishes, what was read of the queue and of
 * `control`, what was delivered) and the next deadline, and then does whatever can be done.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "c/observe.h"

enum { LONGEST_WAIT_MS = 1000 }; /* the group wants to be polled now and then */

static bool is_draining(struct cronobs_worker *w, bool *ret_stopping)
{
    bool draining;

    pthread_mutex_lock(&w->lock);
    draining = w->is_draining;
    *ret_stopping = w->is_stopping;
    pthread_mutex_unlock(&w->lock);
    return draining;
}

static void enter(struct cronobs_worker *w, enum worker_phase phase)
{
    pthread_mutex_lock(&w->lock);
    w->phase = phase;
    pthread_cond_broadcast(&w->ready); /* it may be over: all are told */
    worker_tell_user(w);
    pthread_mutex_unlock(&w->lock);
}

void worker_break(struct cronobs_worker *w, const struct error *err)
{
    read_stop(w);
    pthread_mutex_lock(&w->lock);
    (void)snprintf(w->failure.text, sizeof w->failure.text, "%s", err->text);
    pthread_mutex_unlock(&w->lock);
    enter(w, WORKER_BROKEN);
}

/* Leaves the group as soon as every claim that was begun is through. What was only read stays in the inbox until
   then: it holds the committed position back, so that others read it. */
static void drain_step(struct cronobs_worker *w)
{
    if (w->phase > WORKER_READING || claim_is_under_way(w))
        return;
    read_stop(w);
    enter(w, WORKER_DRAINED);
}

/* A producer that has failed for good: what was on its way comes back as failed and is sent by the next one. */
static void renew_producer(struct cronobs_worker *w)
{
    struct error err = {0};

    if (w->producer != NULL)
        bus_producer_free(TAKE(w->producer));
    w->producer_is_dead = bus_producer_new(w->bus, &w->producer, &err) != RC_OK;
    if (w->producer_is_dead)
        worker_notice(w, CRONOBS_NOTICE_ERROR, "%s", err.text);
}

static void queue_step(struct cronobs_worker *w)
{
    bool is_stopping, draining = is_draining(w, &is_stopping);

    if (w->phase <= WORKER_READING && w->consumer == NULL && !draining)
        read_start(w);
    if (w->consumer != NULL)
        read_step(w);
    control_step(w);
    heed_step(w);
    if (w->producer != NULL)
        (void)bus_producer_serve(w->producer, 0);
    if (w->consumer != NULL)
        claim_step(w);
    if (draining)
        drain_step(w);
}

static void step(struct cronobs_worker *w)
{
    w->tick = clock_monotonic();
    w->writer.now = clock_realtime();
    if (w->observer == NULL) {
        queue_step(w);
    } else {
        observe_step(w);
        heed_step(w);
        if (w->producer != NULL)
            (void)bus_producer_serve(w->producer, 0);
    }
    if (w->producer_is_dead)
        renew_producer(w);
    if (w->producer != NULL)
        send_step(w);
}

static int wait_ms(struct cronobs_worker *w)
{
    usec_t said = w->producer == NULL ? USEC_MAX : send_wake(w);
    usec_t wake = MIN(MIN(said, heed_wake(w)), claim_wake(w));
    usec_t now = clock_monotonic();

    if (w->observer != NULL)
        wake = MIN(wake, observe_wake(w));
    if (w->has_more || w->control.has_more || wake <= now)
        return 0;
    return (int)MIN((MIN(wake, now + USEC_PER_MIN) - now) / USEC_PER_MS + 1, LONGEST_WAIT_MS);
}

static void wait(struct cronobs_worker *w)
{
    struct pollfd fds[] = {
        {.fd = w->wake_io, .events = POLLIN},
        {.fd = w->consumer == NULL ? -1 : bus_consumer_fd(w->consumer), .events = POLLIN},
        {.fd = w->producer == NULL ? -1 : bus_producer_fd(w->producer), .events = POLLIN},
        {.fd = w->control.reader == NULL ? -1 : bus_consumer_fd(w->control.reader),
         .events = POLLIN},
    };
    uint64_t count;

    (void)poll(fds, ARRAY_LEN(fds), wait_ms(w));
    if (read(w->wake_io, &count, sizeof count) < 0 && errno != EAGAIN)
        worker_notice(w, CRONOBS_NOTICE_ERROR, "could not read an eventfd: %m");
    /* Whoever wakes from now on may have something that this turn misses. */
    atomic_store(&w->is_woken, false);
}

void *worker_thread(void *worker)
{
    struct cronobs_worker *w = worker;
    bool is_stopping = false;

    for (;;) {
        (void)is_draining(w, &is_stopping);
        if (is_stopping)
            break;
        step(w);
        wait(w);
    }
    if (w->consumer != NULL)
        read_stop(w);
    control_stop(w);
    if (w->observer != NULL)
        observe_stop(w);
    if (w->producer != NULL)
        bus_producer_free(TAKE(w->producer));
    return NULL;
}
