/* Signs of life through the whole scheduler: what it cannot read yet is no silence. */
#include "base/hash.h"
#include "codec/codec.h"
#include "shell.h"

static struct uuid execution;
static int place; /* the task's partition */

/* Reads the whole topic: the last execution, or how often somebody is LOST. */
static int read_all(const char *topic)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(bus_consumer) struct bus_consumer *reader = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_event e;
    int lost = 0;

    assert_int_equal(bus_consumer_new(shell.reader_bus, &config, &reader, NULL), RC_OK);
    assert_int_equal(
        bus_assign_add(reader, (struct bus_position){topic, place, BUS_BEGINNING}, NULL), RC_OK);
    for (bus_poll(reader, 0, &e); e.kind != BUS_NOTHING; bus_poll(reader, 0, &e)) {
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE || codec_decode(e.value, memory, &kind, &record, NULL) != RC_OK)
            continue;
        if (kind == RECORD_EXECUTION_CREATED)
            execution = ((const struct execution_created *)record)->execution_id;
        else
            lost += ((const struct execution_status *)record)->status == STATUS_LOST;
    }
    return lost;
}

static int lost(void)
{
    return read_all("status");
}

static void claim(const struct worker_ref *by)
{
    const struct execution_status status = {.event_id = uuid_random(),
                                            .execution_id = execution,
                                            .task_id = shell_task(0),
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = by};

    shell_send("status", place, status.task_id, RECORD_EXECUTION_STATUS, &status);
}

static void pass_with_signs(double seconds, const struct worker_ref *of)
{
    const struct heartbeat sign = {
        .execution_id = execution, .task_id = shell_task(0), .attempt = 1, .worker = *of};

    for (double passed = 0; passed < seconds; passed += 0.5) {
        shell_send("heartbeats", place, sign.task_id, RECORD_HEARTBEAT, &sign);
        shell_pass(0.5);
    }
}

static const struct worker_ref first = {"first", {{1}}}, second = {"second", {{2}}};

/* A run that is to give a sign each second; the first worker has it. */
static int begin(void **state)
{
    (void)shell_begin(state);
    place = partition_of(shell_task(0), PARTITIONS);
    shell_order(0, (struct command){.kind = COMMAND_PUT_TASK,
                                    .body.put_task.spec = {.key = "t0",
                                                           .project = "default",
                                                           .queue = "q",
                                                           .heartbeat_ms = 1000,
                                                           .max_concurrency = 1,
                                                           .retry = {.max_attempts = 1}}});
    shell_order(0, (struct command){.kind = COMMAND_TRIGGER_TASK});
    shell_start(&shell.processes[0]);
    shell_pass(2);
    (void)read_all("executions.q");
    claim(&first);
    pass_with_signs(3, &first);
    return 0;
}

/* Somebody's open transaction. */
static struct bus_txn *hang(const char *topic, struct bus **ret_bus)
{
    const struct bus_record record = {
        .topic = topic, .partition = place, .key = bytes_of("k"), .value = bytes_of("v")};
    struct bus_txn *txn = NULL;

    *ret_bus = memlog_bus(shell.memory, "foreign", SESSION_MS, 900000);
    assert_int_equal(bus_txn_new(*ret_bus, NULL, 0, 1000, &txn, NULL), RC_OK);
    assert_int_equal(bus_txn_begin(txn, NULL), RC_OK);
    assert_int_equal(bus_txn_produce(txn, &record, NULL), RC_OK);
    return txn;
}

static void end_of(struct bus_txn *txn, struct bus *bus)
{
    assert_int_equal(bus_txn_abort(txn, NULL), RC_OK);
    bus_txn_free(txn);
    bus_free(bus);
}

static void expect_lost_after_silence(void)
{
    assert_int_equal(lost(), 0);
    shell_pass(3);
    assert_int_equal(lost(), 0);
    shell_pass(4);
    assert_int_equal(lost(), 1);
}

static void a_worker_that_falls_silent_is_lost(void **state UNUSED)
{
    pass_with_signs(20, &first);
    expect_lost_after_silence();
}

static void heartbeats_behind_an_open_transaction_are_no_silence(void **state UNUSED)
{
    struct bus *bus;
    struct bus_txn *txn = hang("heartbeats", &bus);

    pass_with_signs(30, &first);
    assert_int_equal(lost(), 0);
    end_of(txn, bus);
    pass_with_signs(5, &first);
    expect_lost_after_silence();
}

/* Who has it now nobody can know; that is not the first one's silence. */
static void a_claim_behind_a_hung_foreign_transaction_on_status_is_not_lost(void **state UNUSED)
{
    struct bus *bus;
    struct bus_txn *txn = hang("status", &bus);

    claim(&second);
    pass_with_signs(30, &second);
    assert_int_equal(lost(), 0);
    end_of(txn, bus);
    pass_with_signs(5, &second);
    expect_lost_after_silence();
}

/* What is due does not wait for a long backlog of reports; LOST does, for a claim may be among them. */
static void a_claim_in_a_backlog_of_reports_is_not_lost(void **state UNUSED)
{
    shell_pass(3.95); /* just before it would be */
    for (int i = 0; i < 100000; i++)
        claim(&first); /* again, and nothing new */
    claim(&second);
    pass_with_signs(8, &second);
    expect_lost_after_silence();
}

static void a_new_owner_gives_four_heartbeats(void **state UNUSED)
{
    shell_pass(3);
    shell_crash(&shell.processes[0]);
    shell_start(&shell.processes[0]);
    shell_pass(3.9); /* silent for seven seconds */
    assert_int_equal(lost(), 0);
    shell_pass(4);
    assert_int_equal(lost(), 1);
}

static void a_worker_that_lives_through_the_death_of_an_owner_is_not_lost(void **state UNUSED)
{
    for (int i = 0; i < 5; i++) {
        shell_crash(&shell.processes[0]);
        pass_with_signs(5, &first); /* nobody is there to hear it */
        shell_start(&shell.processes[0]);
        pass_with_signs(4 + i, &first);
    }
    expect_lost_after_silence();
}

/* Kafka keeps them for a day, and anybody may delete them. */
static void heartbeats_that_are_gone_stop_nothing(void **state UNUSED)
{
    shell_put_task("q", 1);
    shell.processes[0].is_frozen = true;
    pass_with_signs(2, &first);
    memlog_trim(shell.memory, "heartbeats", place, 8);
    shell.processes[0].is_frozen = false;
    pass_with_signs(25, &first);
    assert_int_equal(lost(), 0);
    expect_lost_after_silence();
    assert_true(shell.fired[shell.fired_count - 1].scheduled_at > shell.real - 2 * USEC_PER_SEC);
}

/* Whoever was doubted before counts anew after: what was said meanwhile nobody has read. */
static void whoever_was_doubted_before_a_deaf_time_is_not_lost_after_it(void **state UNUSED)
{
    shell_pass(2.5);
    shell.processes[0].is_frozen = true;
    pass_with_signs(1, &first);
    memlog_trim(shell.memory, "heartbeats", place, 8);
    shell.processes[0].is_frozen = false;
    pass_with_signs(9.5, &first);
    shell_pass(2.5);
    assert_int_equal(lost(), 0);
    pass_with_signs(5, &first);
    expect_lost_after_silence();
}

/* Seen or not: a clock that was set says nothing about others. */
static void a_clock_that_is_set_makes_nobody_silent(void **state UNUSED)
{
    for (int i = 0; i < 3; i++) {
        shell.jump_by = (i - 1) * 3600 * USEC_PER_SEC;
        shell.jump_in = 3;
        pass_with_signs(10, &first);
        assert_int_equal(lost(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_worker_that_falls_silent_is_lost, begin, shell_end),
        cmocka_unit_test_setup_teardown(heartbeats_behind_an_open_transaction_are_no_silence, begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(
            a_claim_behind_a_hung_foreign_transaction_on_status_is_not_lost, begin, shell_end),
        cmocka_unit_test_setup_teardown(a_claim_in_a_backlog_of_reports_is_not_lost, begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(a_new_owner_gives_four_heartbeats, begin, shell_end),
        cmocka_unit_test_setup_teardown(
            a_worker_that_lives_through_the_death_of_an_owner_is_not_lost, begin, shell_end),
        cmocka_unit_test_setup_teardown(heartbeats_that_are_gone_stop_nothing, begin, shell_end),
        cmocka_unit_test_setup_teardown(whoever_was_doubted_before_a_deaf_time_is_not_lost_after_it,
                                        begin, shell_end),
        cmocka_unit_test_setup_teardown(a_clock_that_is_set_makes_nobody_silent, begin, shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
