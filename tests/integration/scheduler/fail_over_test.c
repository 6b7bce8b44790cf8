/* Instances are killed, stopped and replaced: every instant fires once, never early, and soon again. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "fleet.h"
#include "support/broker.h"

enum { PARTITIONS = 4, TASKS = 8 };

static const char *const keys[TASKS] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};
static struct fleet world;

static int begin(void **state UNUSED)
{
    fleet_begin(&world, PARTITIONS);
    for (int i = 0; i < TASKS; i++)
        fleet_put(&world, keys[i], "@every 1s");
    return 0;
}

static int end(void **state UNUSED)
{
    fleet_end(&world);
    return 0;
}

static bool all_fired_since(usec_t from)
{
    fleet_read(&world);
    return fleet_fired_since(&world, from) == TASKS;
}

static void judge(void)
{
    fleet_read(&world);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(fleet_faults(&world, keys[i]), 0);
}

static void tell(const char *what, usec_t from)
{
    print_message("B11 %s: longest lateness %.2f s\n", what,
                  (double)fleet_latest(&world, from) / (double)USEC_PER_SEC);
}

static usec_t wait_until_just_before_a_second(void)
{
    usec_t now = 0;

    WAIT_FOR((fleet_read(&world), now = clock_realtime(),
              now % USEC_PER_SEC > USEC_PER_SEC - 100 * USEC_PER_MS));
    return now;
}

static void fires_every_instant_once_through_kill_and_restart(void **state UNUSED)
{
    struct child c = fleet_start(&world, "kill-1");
    usec_t killed;

    WAIT_FOR(all_fired_since(clock_realtime() - USEC_PER_SEC));
    for (int round = 0; round < 5; round++) {
        killed = wait_until_just_before_a_second();
        child_kill(&c);
        c = fleet_start(&world, "kill-1");
        WAIT_FOR(all_fired_since(killed + USEC_PER_SEC));
        tell("killed just before an instant and restarted", killed);
    }
    child_signal(&c, SIGTERM);
    assert_int_equal(child_wait(&c), 0);
    judge();
}

static void another_takes_over_from_an_instance_that_stays_dead(void **state UNUSED)
{
    struct child a = fleet_start(&world, "over-1"), b = fleet_start(&world, "over-2");
    usec_t killed, both_own_since;

    WAIT_FOR(fleet_members(&world) == 2);
    both_own_since = clock_realtime() + USEC_PER_SEC;
    WAIT_FOR(all_fired_since(both_own_since));
    killed = clock_realtime();
    child_kill(&a);
    WAIT_FOR(all_fired_since(killed + USEC_PER_SEC));
    tell("another takes over (session 6 s)", killed - USEC_PER_SEC);
    child_kill(&b);
    judge();
}

static void a_stopped_instance_that_goes_on_later_writes_nothing_twice(void **state UNUSED)
{
    struct child a = fleet_start(&world, "stop-1"), b = fleet_start(&world, "stop-2");
    usec_t stopped, resumed, both_own_since;

    WAIT_FOR(fleet_members(&world) == 2);
    both_own_since = clock_realtime() + USEC_PER_SEC;
    WAIT_FOR(all_fired_since(both_own_since));
    stopped = clock_realtime();
    child_signal(&a, SIGSTOP);
    WAIT_FOR(all_fired_since(stopped + 2 * USEC_PER_SEC));
    tell("another takes over from a stopped one (session 6 s)", stopped - USEC_PER_SEC);
    resumed = clock_realtime();
    child_signal(&a, SIGCONT);
    WAIT_FOR(all_fired_since(resumed + 3 * USEC_PER_SEC));
    child_kill(&b);
    child_kill(&a);
    judge();
}

static void refuses_a_second_process_of_the_same_name(void **state UNUSED)
{
    struct child first = fleet_start(&world, "same-1"), second;
    usec_t since;

    WAIT_FOR(all_fired_since(clock_realtime() - USEC_PER_SEC));
    second = fleet_start(&world, "same-1");
    assert_int_equal(child_wait(&second), 64);
    since = clock_realtime();
    WAIT_FOR(all_fired_since(since));
    child_kill(&first);
}

static void refuses_another_number_of_partitions(void **state UNUSED)
{
    struct fleet other = world;
    struct child c;

    other.partitions = PARTITIONS + 1;
    c = fleet_start(&other, "wrong-1");
    assert_int_equal(child_wait(&c), 64);
}

/* --- what a dead instance leaves behind --- */

static void leave_open_transaction(struct bus *dead, int partition, struct bus_txn **ret)
{
    const struct watermark watermark = {.tzdata = "x", .writer = "dead-1"};
    SCOPED(text) char *topic = xasprintf("%sstate", world.prefix);
    const char *const topics[] = {topic};
    SCOPED_BUF value = {0};
    struct bus_record record = {
        .topic = topic, .partition = partition, .key = bytes_of("watermark")};

    MUST(codec_encode(RECORD_WATERMARK, &watermark, &value, &test_error));
    record.value = buf_bytes(&value);
    MUST(bus_txn_new(dead, topics, 1, 20000, ret, &test_error));
    MUST(bus_txn_begin(*ret, &test_error));
    MUST(bus_txn_produce(*ret, &record, &test_error));
    MUST(bus_txn_flush(*ret, 10000, &test_error));
}

static void ends_the_open_transaction_of_an_instance_that_is_no_member(void **state UNUSED)
{
    const struct bus_config config = {
        .brokers = broker_address(), .instance = "dead-1", .transaction_timeout_ms = 60000};
    SCOPED(bus) struct bus *dead = NULL;
    SCOPED(bus_txn) struct bus_txn *open = NULL;
    usec_t began = clock_realtime();
    struct child c;

    MUST(bus_kafka_new(&config, &dead, &test_error));
    leave_open_transaction(dead, partition_of(task_id_of("default", keys[0]), PARTITIONS), &open);
    c = fleet_start(&world, "reap-1");
    WAIT_FOR(all_fired_since(began + USEC_PER_SEC));
    assert_true(clock_realtime() - began < 20 * USEC_PER_SEC); /* 60 s without the reaper */
    assert_int_not_equal(bus_txn_commit(open, &test_error), RC_OK);
    child_kill(&c);
    judge();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fires_every_instant_once_through_kill_and_restart, begin,
                                        end),
        cmocka_unit_test_setup_teardown(another_takes_over_from_an_instance_that_stays_dead, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_stopped_instance_that_goes_on_later_writes_nothing_twice,
                                        begin, end),
        cmocka_unit_test_setup_teardown(refuses_a_second_process_of_the_same_name, begin, end),
        cmocka_unit_test_setup_teardown(refuses_another_number_of_partitions, begin, end),
        cmocka_unit_test_setup_teardown(ends_the_open_transaction_of_an_instance_that_is_no_member,
                                        begin, end),
    };
    int code;

    code = fleet_child(argc, argv);
    return code >= 0 ? code : cmocka_run_group_tests(tests, NULL, NULL);
}
