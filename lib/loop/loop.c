#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"

struct loop {
    struct event_base *base;
    loop_slow_fn on_slow;
    void *slow_ctx;
};

struct loop_timer {
    struct loop *loop;
    struct event *event;
    loop_fn fn;
    void *ctx;
};

struct loop_watch {
    struct loop *loop;
    struct event *event;
    int fd, events;
    loop_watch_fn fn;
    void *ctx;
};

struct loop_wake {
    struct loop_watch *watch;
    int fd;
    loop_fn fn;
    void *ctx;
};

enum rc loop_new(struct loop **ret, struct error *err)
{
    struct event_base *base = event_base_new();

    if (base == NULL)
        return error_set(err, RC_FATAL,
                         "could not make an event loop: out of file descriptors or memory");
    *ret = xcalloc(1, sizeof **ret);
    (*ret)->base = base;
    return RC_OK;
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    event_base_free(l->base);
    free(l);
}

void loop_on_slow(struct loop *l, loop_slow_fn fn, void *ctx)
{
    l->on_slow = fn;
    l->slow_ctx = ctx;
}

void loop_run(struct loop *l)
{
    (void)event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *l)
{
    (void)event_base_loopexit(l->base, NULL);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

usec_t loop_enter(void)
{
    return clock_monotonic();
}

void loop_leave(struct loop *l, usec_t entered)
{
    usec_t took = clock_monotonic() - entered;

    if (took > LOOP_SLOW_US && l->on_slow != NULL)
        l->on_slow(l->slow_ctx, took);
}

/* libevent answers NULL only when memory has run out. */
static struct event *event_or_abort(struct event *e)
{
    if (e == NULL)
        abort();
    return e;
}

/* --- timers --- */

static void timer_fired(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
    struct loop_timer *t = arg;
    struct loop *loop = t->loop; /* the callback may free t */
    usec_t entered = loop_enter();

    t->fn(t->ctx);
    loop_leave(loop, entered);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *ctx)
{
    struct loop_timer *t = xcalloc(1, sizeof *t);

    *t = (struct loop_timer){.loop = l, .fn = fn, .ctx = ctx};
    t->event = event_or_abort(event_new(l->base, -1, 0, timer_fired, t));
    return t;
}

void loop_timer_start(struct loop_timer *t, usec_t after)
{
    struct timeval tv;

    after = MAX(after, 0);
    tv.tv_sec = (time_t)(after / USEC_PER_SEC);
    tv.tv_usec = (suseconds_t)(after % USEC_PER_SEC);
    (void)event_add(t->event, &tv);
}

void loop_timer_stop(struct loop_timer *t)
{
    (void)event_del(t->event);
}

void loop_timer_free(struct loop_timer *t)
{
    if (t == NULL)
        return;
    event_free(t->event);
    free(t);
}

/* --- file descriptors --- */

static void watch_fired(evutil_socket_t fd UNUSED, short what, void *arg)
{
    struct loop_watch *w = arg;
    struct loop *loop = w->loop;
    usec_t entered = loop_enter();

    w->fn(w->ctx,
          ((what & EV_READ) != 0 ? LOOP_READ : 0) | ((what & EV_WRITE) != 0 ? LOOP_WRITE : 0));
    loop_leave(loop, entered);
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_watch_fn fn, void *ctx)
{
    struct loop_watch *w = xcalloc(1, sizeof *w);

    *w = (struct loop_watch){.loop = l, .fd = fd, .fn = fn, .ctx = ctx};
    w->event = event_or_abort(event_new(l->base, fd, 0, watch_fired, w));
    return w;
}

void loop_watch_set(struct loop_watch *w, int events)
{
    short what = EV_PERSIST;

    if (events == w->events)
        return;
    (void)event_del(w->event);
    w->events = events;
    if (events == 0)
        return;
    if ((events & LOOP_READ) != 0)
        what |= EV_READ;
    if ((events & LOOP_WRITE) != 0)
        what |= EV_WRITE;
    (void)event_assign(w->event, w->loop->base, w->fd, what, watch_fired, w);
    (void)event_add(w->event, NULL);
}

int loop_watch_fd(const struct loop_watch *w)
{
    return w->fd;
}

void loop_watch_free(struct loop_watch *w)
{
    if (w == NULL)
        return;
    event_free(w->event);
    free(w);
}

/* --- wake-ups --- */

static void wake_fired(void *ctx, int events UNUSED)
{
    struct loop_wake *w = ctx;
    uint64_t count;

    if (read(w->fd, &count, sizeof count) == (ssize_t)sizeof count)
        w->fn(w->ctx);
}

enum rc loop_wake_new(struct loop *l, loop_fn fn, void *ctx, struct loop_wake **ret,
                      struct error *err)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct loop_wake *w;

    if (fd < 0)
        return error_set(err, RC_FATAL, "could not make an eventfd: %s", strerror(errno));
    w = xcalloc(1, sizeof *w);
    *w = (struct loop_wake){.fd = fd, .fn = fn, .ctx = ctx};
    w->watch = loop_watch_new(l, fd, wake_fired, w);
    loop_watch_set(w->watch, LOOP_READ);
    *ret = w;
    return RC_OK;
}

void loop_wake_send(struct loop_wake *w)
{
    uint64_t one = 1;

    if (write(w->fd, &one, sizeof one) < 0)
        return; /* the counter is full: the wake-up is already on its way */
}

void loop_wake_free(struct loop_wake *w)
{
    if (w == NULL)
        return;
    loop_watch_free(w->watch);
    (void)close(w->fd);
    free(w);
}
