#include "base/hash.h"
#include "codec/codec.h"
#include "shell.h"

static size_t fired_since(int p, usec_t since)
{
    size_t count = 0;

    for (size_t i = 0; i < shell.fired_count; i++)
        count += partition_of(shell.fired[i].task_id, PARTITIONS) == p && shell.fired[i].at > since;
    return count;
}

static void breaks_alone(const char *topic, int p, bool is_known)
{
    usec_t broken;

    memlog_break(shell.memory, topic, p, is_known);
    shell_pass(2); /* what was begun before fails, once */
    broken = shell.real;
    shell_pass(6);
    for (int other = 0; other < PARTITIONS; other++) {
        size_t tasks = 0;

        for (int n = 0; n < TASKS; n++)
            tasks += partition_of(shell_task(n), PARTITIONS) == other;
        if (other == p)
            assert_int_equal(fired_since(other, broken), 0);
        else
            assert_in_range(fired_since(other, broken), 5 * tasks, 7 * tasks);
    }
    memlog_heal(shell.memory, topic, p);
    shell_pass(8);
    (void)shell_judge(shell.real);
}

/* One queue's partition, then one of each topic that a turn writes to; known to be without a leader, and not yet known. */
static void a_partition_that_cannot_be_written_stops_only_itself(void **state)
{
    static const char *const outputs[] = {"executions.q", "state"};
    int p = partition_of(shell_task(0), PARTITIONS);

    for (size_t i = 0; i < 2 * ARRAY_LEN(outputs); i++) {
        (void)shell_end(state);
        (void)shell_begin(state);
        shell_put_tasks();
        shell_start(&shell.processes[0]);
        shell_pass(3);
        breaks_alone(outputs[i / 2], p, i % 2 == 0);
    }
}

/* With a restart in between: nothing is remembered of it, and nothing need be. */
static void a_start_beside_a_partition_that_cannot_be_written(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    shell_crash(&shell.processes[0]);
    memlog_break(shell.memory, "executions.q", partition_of(shell_task(0), PARTITIONS), false);
    shell_start(&shell.processes[0]);
    breaks_alone("executions.q", partition_of(shell_task(0), PARTITIONS), false);
}

/* As a stock client makes one, by subscribing to it, where the broker allows it: with one partition. */
static void goes_on_beside_a_queue_of_another_shape(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    memlog_add_topic(shell.memory, "executions.odd", 1);
    for (int n = TASKS; n < 2 * TASKS; n++)
        shell_put_task("odd", n);
    shell_pass(3);
    shell_crash(&shell.processes[0]);
    shell_start(&shell.processes[0]);
    shell_pass(3);
    (void)shell_judge(shell.real);
}

static int count_skipped(void)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    SCOPED(arena) struct arena *scratch = arena_new(0);
    struct bus_event e;
    int count = 0;

    assert_int_equal(bus_consumer_new(shell.reader_bus, &config, &c, NULL), RC_OK);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(bus_assign_add(c, (struct bus_position){"status", p, BUS_BEGINNING}, NULL),
                         RC_OK);
    for (bus_poll(c, 0, &e); e.kind != BUS_NOTHING; bus_poll(c, 0, &e)) {
        const struct execution_status *status;
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE)
            continue;
        assert_int_equal(codec_decode(e.value, scratch, &kind, &record, NULL), RC_OK);
        status = record;
        count += status->status == STATUS_SKIPPED && status->reason == REASON_NO_QUEUE;
    }
    return count;
}

static void skips_what_a_vanished_queue_was_to_get_and_goes_on(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    bus_consumer_free(TAKE(shell.reader));
    memlog_delete_topic(shell.memory, "executions.q");
    shell_pass(4);
    assert_in_range(count_skipped(), 3 * TASKS, 4 * TASKS);
}

static void skips_what_a_queue_made_anew_in_another_shape_was_to_get(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    bus_consumer_free(TAKE(shell.reader));
    memlog_delete_topic(shell.memory, "executions.q");
    memlog_add_topic(shell.memory, "executions.q", 1);
    shell_pass(4);
    assert_in_range(count_skipped(), 3 * TASKS, 4 * TASKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_partition_that_cannot_be_written_stops_only_itself,
                                        shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(a_start_beside_a_partition_that_cannot_be_written,
                                        shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(goes_on_beside_a_queue_of_another_shape, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(skips_what_a_vanished_queue_was_to_get_and_goes_on,
                                        shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(skips_what_a_queue_made_anew_in_another_shape_was_to_get,
                                        shell_begin, shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
