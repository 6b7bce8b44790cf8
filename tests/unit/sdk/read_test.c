#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/driver.h"
#include "c/worker.h"

/* Else its thread would never wait again: jobs may run for hours after that. */
static void who_has_stopped_reading_has_nothing_more_to_read(void **state UNUSED)
{
    struct cronobs_worker w = {.has_more = true};

    pthread_mutex_init(&w.lock, NULL);
    read_stop(&w);
    assert_false(w.has_more);
    pthread_mutex_destroy(&w.lock);
}

/* --- batches that cannot be unpacked --- */

static int64_t spoiled; /* so many, then nothing */

static void poll_once(struct bus_consumer *c UNUSED, int timeout_ms UNUSED, struct bus_event *ret)
{
    static int64_t at;

    *ret = (struct bus_event){.kind = BUS_NOTHING, .topic = ""};
    if (at == spoiled)
        return;
    *ret = (struct bus_event){.kind = BUS_UNREADABLE,
                              .topic = "control",
                              .offset = at,
                              .next = at + 1,
                              .code = "_BAD_COMPRESSION"};
    at++;
}

static void count_notice(void *ctx, enum cronobs_notice kind UNUSED, const char *text UNUSED)
{
    ++*(int *)ctx;
}

/* Whoever may write could fill the log. */
static void batches_that_cannot_be_unpacked_are_told_seldom(void **state UNUSED)
{
    static const struct bus_driver driver = {.poll = poll_once};
    struct bus_consumer consumer = {&driver};
    int notices = 0;
    struct cronobs_worker w = {.consumer = &consumer,
                               .topics = {.control = "control", .queue = "executions.q"},
                               .config = {.on_notice = count_notice, .ctx = &notices},
                               .watch_at = USEC_MAX,
                               .tick = 1};

    pthread_mutex_init(&w.lock, NULL);
    pthread_mutex_init(&w.notice_lock, NULL);
    spoiled = 300;
    read_step(&w);
    assert_int_equal(w.control_next, 300);
    assert_int_equal(notices, 1);
    assert_int_equal(w.passed_over, 300);
    w.tick += USEC_PER_MIN;
    spoiled = 301;
    read_step(&w);
    assert_int_equal(notices, 2);
    pthread_mutex_destroy(&w.notice_lock);
    pthread_mutex_destroy(&w.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_stopped_reading_has_nothing_more_to_read),
        cmocka_unit_test(batches_that_cannot_be_unpacked_are_told_seldom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
