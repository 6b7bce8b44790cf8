/*
 * loop.h - one thread's event loop: timers, file descriptors, and a wake-up from other threads.
 *
 * Callbacks run one at a time on the thread that called loop_run; they must not block. A callback
 * that takes longer than LOOP_SLOW_US is told to `on_slow`. Everything made from a loop is freed
 * before it; a callback may free its own timer, watch or wake. Only loop_wake_send may be called
 * from other threads.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "base/error.h"

#define LOOP_SLOW_US (50 * USEC_PER_MS)

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_wake;

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 }; /* a bit set */

typedef void (*loop_fn)(void *ctx);
typedef void (*loop_watch_fn)(void *ctx, int events);
typedef void (*loop_slow_fn)(void *ctx, usec_t took);

MUST_CHECK enum rc loop_new(struct loop **ret, struct error *err);
void loop_free(struct loop *l); /* NULL is fine */
void loop_on_slow(struct loop *l, loop_slow_fn fn, void *ctx);
void loop_run(struct loop *l);  /* until loop_stop */
void loop_stop(struct loop *l); /* after the callbacks that are due now */

/* One shot; starting a started timer moves it. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *ctx);
void loop_timer_start(struct loop_timer *t, usec_t after); /* microseconds from now */
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine */

/* Watches nothing until loop_watch_set names events; level-triggered. The fd is borrowed: free
   the watch before it is closed. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_watch_fn fn, void *ctx);
void loop_watch_set(struct loop_watch *w, int events);
int loop_watch_fd(const struct loop_watch *w);
void loop_watch_free(struct loop_watch *w); /* NULL is fine */

/* loop_wake_send makes fn run soon on the loop's thread, once for any number of sends before it. */
MUST_CHECK enum rc loop_wake_new(struct loop *l, loop_fn fn, void *ctx, struct loop_wake **ret,
                                 struct error *err);
void loop_wake_send(struct loop_wake *w);
void loop_wake_free(struct loop_wake *w); /* NULL is fine */

/* For lib/http alone: libevent's own base, and the stop-watch round its callbacks. */
struct event_base;
struct event_base *loop_base(struct loop *l);
usec_t loop_enter(void);
void loop_leave(struct loop *l, usec_t entered);

DEFINE_SCOPED(loop, struct loop, loop_free)

#endif
