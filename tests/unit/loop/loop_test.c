#include "loop/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static struct loop *loop;
static struct loop_timer *timers[3];
static char order[8];
static size_t fired;

static int set_up(void **state UNUSED)
{
    fired = 0;
    return loop_new(&loop, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state UNUSED)
{
    loop_free(loop);
    return 0;
}

static void note_a(void *ctx UNUSED)
{
    order[fired++] = 'a';
}

static void note_b(void *ctx UNUSED)
{
    order[fired++] = 'b';
}

static void stop(void *ctx UNUSED)
{
    order[fired++] = '.';
    loop_stop(loop);
}

static void timers_fire_in_the_order_of_their_times(void **state UNUSED)
{
    timers[0] = loop_timer_new(loop, stop, NULL);
    timers[1] = loop_timer_new(loop, note_b, NULL);
    timers[2] = loop_timer_new(loop, note_a, NULL);
    loop_timer_start(timers[0], 6000);
    loop_timer_start(timers[1], 1000);
    loop_timer_start(timers[2], 0);
    loop_timer_start(timers[1], 3000); /* moved, not doubled */
    loop_run(loop);
    assert_memory_equal(order, "ab.", 3);
    for (size_t i = 0; i < ARRAY_LEN(timers); i++)
        loop_timer_free(timers[i]);
}

static void a_stopped_timer_does_not_fire(void **state UNUSED)
{
    timers[0] = loop_timer_new(loop, stop, NULL);
    timers[1] = loop_timer_new(loop, note_a, NULL);
    loop_timer_start(timers[1], 1000);
    loop_timer_start(timers[0], 5000);
    loop_timer_stop(timers[1]);
    loop_run(loop);
    assert_int_equal(fired, 1);
    loop_timer_free(timers[0]);
    loop_timer_free(timers[1]);
}

static void free_itself(void *ctx)
{
    struct loop_timer **t = ctx;

    loop_timer_free(*t);
    loop_stop(loop);
}

static void a_timer_may_free_itself(void **state UNUSED)
{
    timers[0] = loop_timer_new(loop, free_itself, &timers[0]);
    loop_timer_start(timers[0], 0);
    loop_run(loop);
}

static struct loop_watch *watch;
static int ends[2];

static void echo(void *ctx UNUSED, int events)
{
    char byte;

    if ((events & LOOP_WRITE) != 0) {
        assert_int_equal(write(ends[0], "x", 1), 1);
        loop_watch_set(watch, LOOP_READ);
        assert_int_equal(read(ends[1], &byte, 1), 1);
        assert_int_equal(write(ends[1], "y", 1), 1);
        return;
    }
    assert_int_equal(events, LOOP_READ);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    loop_stop(loop);
}

static void a_descriptor_is_watched_for_what_was_asked(void **state UNUSED)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    watch = loop_watch_new(loop, ends[0], echo, NULL);
    assert_int_equal(loop_watch_fd(watch), ends[0]);
    loop_watch_set(watch, LOOP_WRITE);
    loop_run(loop);
    loop_watch_free(watch);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void *send_wake(void *wake)
{
    for (int i = 0; i < 100; i++)
        loop_wake_send(wake);
    return NULL;
}

static void another_thread_wakes_the_loop(void **state UNUSED)
{
    struct loop_wake *wake;
    pthread_t thread;

    assert_int_equal(loop_wake_new(loop, stop, NULL, &wake, NULL), RC_OK);
    assert_int_equal(pthread_create(&thread, NULL, send_wake, wake), 0);
    loop_run(loop);
    (void)pthread_join(thread, NULL);
    assert_true(fired >= 1 && fired < 100);
    loop_wake_free(wake);
}

static void hold_up(void *ctx UNUSED)
{
    usec_t until = clock_monotonic() + LOOP_SLOW_US + 5000;

    while (clock_monotonic() < until)
        continue; /* what a callback must not do */
    loop_stop(loop);
}

static void note_slow(void *ctx, usec_t took)
{
    *(usec_t *)ctx = took;
}

static void a_callback_that_holds_the_loop_up_is_told(void **state UNUSED)
{
    usec_t took = 0;

    loop_on_slow(loop, note_slow, &took);
    timers[0] = loop_timer_new(loop, hold_up, NULL);
    loop_timer_start(timers[0], 0);
    loop_run(loop);
    assert_true(took > LOOP_SLOW_US);
    loop_timer_free(timers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stopped_timer_does_not_fire, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timer_may_free_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_descriptor_is_watched_for_what_was_asked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(another_thread_wakes_the_loop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callback_that_holds_the_loop_up_is_told, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
