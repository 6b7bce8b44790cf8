#include "base/hash.h"
#include "codec/codec.h"
#include "shell.h"

/* Whoever may write to an input can open a transaction there and leave it: 15 minutes, and again. */
static void fires_beside_the_open_transactions_of_others(void **state UNUSED)
{
    struct bus *foreign = memlog_bus(shell.memory, "foreign", SESSION_MS, 900000);
    static const char *const inputs[] = {"commands", "status"};
    struct bus_txn *txn = NULL;
    usec_t late;

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    assert_int_equal(bus_txn_new(foreign, NULL, 0, 1000, &txn, NULL), RC_OK);
    assert_int_equal(bus_txn_begin(txn, NULL), RC_OK);
    for (int i = 0; i < 2 * PARTITIONS; i++) {
        const struct bus_record record = {.topic = inputs[i % 2],
                                          .partition = i / 2,
                                          .key = bytes_of("k"),
                                          .value = bytes_of("v")};

        assert_int_equal(bus_txn_produce(txn, &record, NULL), RC_OK);
    }
    shell_crash(&shell.processes[0]);
    shell_start(&shell.processes[0]);
    shell_put_task("q", TASKS); /* behind it: nobody can see this command yet */
    shell_pass(4);
    late = shell.real;
    (void)shell_judge(shell.real);
    assert_int_equal(bus_txn_abort(txn, NULL), RC_OK);
    shell_pass(4);
    (void)shell_judge(shell.real);
    assert_int_equal(shell.fired[shell.fired_count - 1].scheduled_at / USEC_PER_SEC,
                     shell.real / USEC_PER_SEC);
    /* decided when it was seen: its past does not fire */
    for (size_t i = 0; i < shell.fired_count; i++)
        if (uuid_equal(shell.fired[i].task_id, shell_task(TASKS)))
            assert_true(shell.fired[i].scheduled_at > late - 5 * USEC_PER_SEC);
    bus_txn_free(txn);
    bus_free(foreign);
}

/* What the log takes from others must never become a record that it does not take from us. */
static void goes_on_whatever_others_send(void **state UNUSED)
{
    enum { LARGE = 999600 };
    struct bytes large = {xcalloc(1, LARGE + 1), LARGE};
    char *text = memset((void *)(uintptr_t)large.data, 'x', LARGE);
    const struct worker_ref worker = {.name = "w", .incarnation = uuid_random()};
    const struct execution_status status = {.event_id = uuid_random(),
                                            .execution_id = uuid_random(),
                                            .task_id = shell_task(0),
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = &worker,
                                            .message = text,
                                            .result = {text, 1000}};
    int right = partition_of(status.task_id, PARTITIONS);

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    shell_order(0,
                (struct command){.kind = COMMAND_TRIGGER_TASK, .body.trigger_task.payload = large});
    shell_order(1, (struct command){.kind = COMMAND_PAUSE_TASK, .reason = text});
    shell_send("status", (right + 1) % PARTITIONS, status.task_id, RECORD_EXECUTION_STATUS,
               &status);
    shell_pass(3);
    (void)shell_judge(shell.real);
    free(text);
}

/* One such batch everywhere, of one record or of many, before the start and while it runs, the last in its partition or not. */
static void goes_on_behind_batches_that_nobody_can_unpack(void **state UNUSED)
{
    static const char *const spoilt[] = {"commands", "status", "state"};

    for (int p = 0; p < PARTITIONS; p++)
        (void)memlog_spoil(shell.memory, "status", p, 1 + p * 50);
    shell_start(&shell.processes[0]);
    shell_pass(1);
    for (size_t i = 0; i < ARRAY_LEN(spoilt); i++)
        for (int p = 0; p < PARTITIONS; p++)
            (void)memlog_spoil(shell.memory, spoilt[i], p, 1 + p * 50);
    shell_put_tasks();
    shell_pass(3);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(spoilt); i++)
            for (int p = 0; p < PARTITIONS; p++)
                (void)memlog_spoil(shell.memory, spoilt[i], p, 3);
        shell_crash(&shell.processes[0]);
        shell_start(&shell.processes[0]);
        shell_pass(3);
    }
    (void)shell_judge(shell.real);
}

static void send_garbage(const char *topic, int partition, const char *key)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record record = {
        .topic = topic, .partition = partition, .key = bytes_of(key), .value = {"x", 1}};

    assert_int_equal(bus_producer_new(shell.reader_bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

/* Has each task outside the partition fired up to now, and none inside it since `stopped`? */
static void judge_without(int partition, usec_t stopped)
{
    for (int n = 0; n < TASKS; n++) {
        struct uuid id = shell_task(n);
        bool stands = partition_of(id, PARTITIONS) == partition;
        usec_t last = 0;

        for (size_t i = 0; i < shell.fired_count; i++)
            if (uuid_equal(shell.fired[i].task_id, id))
                last = MAX(last, shell.fired[i].scheduled_at);
        assert_true(stands ? last <= stopped : last >= shell.real - USEC_PER_SEC);
    }
}

static void a_stray_record_in_the_state_stops_nothing(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    for (int p = 0; p < PARTITIONS; p++)
        send_garbage("state", p, "evil");
    shell_crash(&shell.processes[0]);
    shell_start(&shell.processes[0]);
    shell_pass(3);
    (void)shell_judge(shell.real);
}

static void a_watermark_that_cannot_be_read_stops_its_own_partition_only(void **state UNUSED)
{
    int partition = partition_of(shell_task(0), PARTITIONS);
    usec_t stopped;

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    shell_crash(&shell.processes[0]);
    stopped = shell.real;
    send_garbage("state", partition, "watermark");
    shell_start(&shell.processes[0]);
    shell_pass(25); /* it is tried again in between */
    judge_without(partition, stopped);
}

static void a_command_of_a_later_release_stops_its_own_partition_only(void **state UNUSED)
{
    int partition = partition_of(shell_task(0), PARTITIONS);
    const struct command command = {.command_id = uuid_random(),
                                    .task_id = shell_task(0),
                                    .actor = "test",
                                    .kind = COMMAND_PAUSE_TASK};
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    SCOPED_BUF value = {0};
    struct bus_record record = {.topic = "commands", .partition = partition, .key = {"k", 1}};
    usec_t stopped;

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    assert_int_equal(codec_encode(RECORD_COMMAND, &command, &value, NULL), RC_OK);
    value.data[4] = 99;
    record.value = buf_bytes(&value);
    assert_int_equal(bus_producer_new(shell.reader_bus, &p, NULL), RC_OK);
    for (int n = 0; n < PARTITIONS; n++)
        send_garbage("commands", n, "k");
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
    stopped = shell.real;
    shell_pass(25);
    judge_without(partition, stopped);
}

static void a_position_that_is_lost_stops_its_own_partition_only(void **state UNUSED)
{
    static const char *const topics_lost[] = {"commands", "status"};
    int partition = partition_of(shell_task(0), PARTITIONS);

    for (size_t i = 0; i < ARRAY_LEN(topics_lost); i++) {
        usec_t stopped;

        (void)shell_end(state);
        (void)shell_begin(state);
        shell_put_tasks();
        shell_start(&shell.processes[0]);
        shell_pass(3);
        shell_crash(&shell.processes[0]);
        stopped = shell.real;
        for (int n = 0; n < 3; n++)
            send_garbage(topics_lost[i], partition, "x");
        memlog_trim(shell.memory, topics_lost[i], partition, INT64_C(1000));
        shell_start(&shell.processes[0]);
        shell_pass(25);
        judge_without(partition, stopped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fires_beside_the_open_transactions_of_others, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(goes_on_whatever_others_send, shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(goes_on_behind_batches_that_nobody_can_unpack, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(a_stray_record_in_the_state_stops_nothing, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(
            a_watermark_that_cannot_be_read_stops_its_own_partition_only, shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(a_command_of_a_later_release_stops_its_own_partition_only,
                                        shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(a_position_that_is_lost_stops_its_own_partition_only,
                                        shell_begin, shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
