/* What lies in between: an instant that is scheduled and not due, a queue that is gone, a partition on its way to another owner. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "stage.h"
#include "support/broker.h"

static struct task_spec every(const char *key, struct schedule_spec *schedule)
{
    struct task_spec spec = stage_spec(key);

    spec.schedules = schedule;
    spec.schedule_count = 1;
    spec.misfire = (struct misfire_spec){
        .policy = MISFIRE_ALL, .after_ms = 60000, .window_ms = 86400000, .limit = 100};
    return spec;
}

/* Each of its instants, from its first one on, once and never early. */
static void expect_all(const char *key, usec_t apart)
{
    const struct execution_created *x, *before = NULL;

    for (size_t n = 0; (x = stage_sent(key, n)) != NULL; n++) {
        assert_true(before == NULL || x->scheduled_at == before->scheduled_at + apart);
        assert_true(stage_sent_at(x) + USEC_PER_MS > x->due_at);
        before = x;
    }
}

static void a_jittered_instant_over_a_crash(void **state UNUSED)
{
    struct schedule_spec schedule = {.expression = "@every 2s", .zone = "UTC"};
    struct task_spec spec = every("jittered", &schedule);
    const struct execution_created *last;

    spec.jitter_ms = 1900;
    stage_put(spec);
    WAIT_FOR(stage_sent("jittered", 0) != NULL);
    last = stage_sent("jittered", 0);
    for (size_t n = 0; n < 3; n++) {
        /* the next one is scheduled, and not due */
        stage_pass_until(last->scheduled_at + (2000 + 100 * (int)n) * USEC_PER_MS);
        stage_kill();
        stage_start();
        WAIT_FOR(stage_sent("jittered", stage_sent_count("jittered")) == NULL &&
                 stage_sent("jittered", stage_sent_count("jittered") - 1)->scheduled_at >
                     last->scheduled_at + 2 * USEC_PER_SEC);
        last = stage_sent("jittered", stage_sent_count("jittered") - 1);
    }
    expect_all("jittered", 2 * USEC_PER_SEC);
    (void)stage_order("jittered", COMMAND_DELETE_TASK);
}

/* Every second in which the queue was not there, and no other: none is lost, and none is in the queue besides. */
static size_t expect_each_skipped(const char *key)
{
    const struct execution_status *s, *before = NULL;
    size_t n = 0;

    for (; (s = stage_said(key, STATUS_SKIPPED, n)) != NULL; n++) {
        assert_int_equal(s->reason, REASON_NO_QUEUE);
        assert_true(before == NULL || s->scheduled_at == before->scheduled_at + USEC_PER_SEC);
        for (size_t i = 0; i < stage_sent_count(key); i++)
            assert_true(stage_sent(key, i)->scheduled_at != s->scheduled_at);
        before = s;
    }
    for (size_t i = 0; i < stage_sent_count(key); i++)
        if (stage_sent(key, i)->scheduled_at > before->scheduled_at) {
            assert_true(stage_sent(key, i)->scheduled_at == before->scheduled_at + USEC_PER_SEC);
            break;
        }
    return n;
}

static void a_queue_that_vanishes(void **state UNUSED)
{
    struct schedule_spec schedule = {.expression = "@every 1s", .zone = "UTC"};
    struct task_spec spec = every("homeless", &schedule);
    SCOPED(text) char *topic = xasprintf("%sexecutions.vanishing", stage.prefix);

    stage_add_queue("vanishing");
    spec.queue = "vanishing";
    stage_put(spec);
    stage_put(every("neighbour", &schedule));
    WAIT_FOR(stage_sent("homeless", 0) != NULL);
    broker_delete_topic(topic);
    WAIT_FOR(stage_said("homeless", STATUS_SKIPPED, 1) != NULL);
    stage_add_queue("vanishing");
    WAIT_FOR(stage_sent("homeless", stage_sent_count("homeless")) == NULL &&
             stage_sent("homeless", stage_sent_count("homeless") - 1)->scheduled_at >
                 stage_said("homeless", STATUS_SKIPPED, 1)->scheduled_at);
    print_message("%zu skipped\n", expect_each_skipped("homeless"));
    expect_all("neighbour", USEC_PER_SEC);
    (void)stage_order("homeless", COMMAND_DELETE_TASK);
    (void)stage_order("neighbour", COMMAND_DELETE_TASK);
}

/* Orders keep coming while a second one joins, and while it has left and nobody knows yet. */
static void a_partition_that_is_handed_over_in_mid_turn(void **state UNUSED)
{
    enum { BURSTS = 40, ORDERS = 5, TASKS = 4 };
    static const char *const keys[TASKS] = {"h0", "h1", "h2", "h3"};
    struct child second;
    size_t sent = 0;

    for (size_t t = 0; t < TASKS; t++)
        stage_put(stage_spec(keys[t]));
    second = stage_start_another("-b");
    for (int burst = 0; burst < BURSTS; burst++) {
        for (int i = 0; i < ORDERS; i++)
            (void)stage_order(keys[(burst + i) % TASKS], COMMAND_TRIGGER_TASK);
        stage_pass_until(clock_realtime() + 50 * USEC_PER_MS);
    }
    WAIT_FOR(fleet_members(&stage) == 2);
    child_signal(&second, SIGTERM);
    assert_int_equal(child_wait(&second), 0);
    for (size_t t = 0; t < TASKS; t++)
        (void)stage_order(keys[t], COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_sent_count("h0") == BURSTS * ORDERS / TASKS + 1);
    for (size_t t = 0; t < TASKS; t++)
        WAIT_FOR(stage_sent_count(keys[t]) == BURSTS * ORDERS / TASKS + 1);
    for (size_t t = 0; t < TASKS; t++)
        sent += stage_sent_count(keys[t]);
    assert_int_equal(sent, BURSTS * ORDERS + TASKS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jittered_instant_over_a_crash),
        cmocka_unit_test(a_queue_that_vanishes),
        cmocka_unit_test(a_partition_that_is_handed_over_in_mid_turn),
    };
    int code;

    code = fleet_child(argc, argv);
    return code >= 0 ? code : cmocka_run_group_tests(tests, stage_begin, stage_end);
}
