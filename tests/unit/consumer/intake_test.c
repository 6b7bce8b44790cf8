#include "consumer/intake.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/hash.h"
#include "codec/codec.h"

#define NOW INT64_C(1763000000000000)

enum { PARTITIONS = 4 };

static struct arena *memory;

static int set_up(void **state UNUSED)
{
    memory = arena_new(0);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    arena_free(memory);
    return 0;
}

static struct uuid task(void)
{
    return task_id_of("default", "a");
}

static struct uuid execution(usec_t at)
{
    return execution_id_of(task(), at, "instant", "");
}

static struct intake take_bytes(const char *topic, int partition, struct bytes value)
{
    const struct message m = {topic, partition, 7, NOW, {"key", 3}, value};

    return intake_take(&m, PARTITIONS, memory);
}

static struct intake take(const char *topic, int partition, enum record_kind kind,
                          const void *record)
{
    SCOPED_BUF frame = {0};
    struct error err;

    assert_int_equal(codec_encode(kind, record, &frame, &err), RC_OK);
    return take_bytes(topic, partition, buf_bytes(&frame));
}

static struct execution_status status(void)
{
    return (struct execution_status){
        .event_id = uuid_named(UUID_NIL, "event"),
        .execution_id = execution(NOW),
        .task_id = task(),
        .attempt = 1,
        .status = STATUS_RUNNING,
    };
}

static struct intake take_status(const struct execution_status *s)
{
    return take("status", partition_of(task(), PARTITIONS), RECORD_EXECUTION_STATUS, s);
}

static void keeps_the_beginning_of_a_value_longer_than_any_record(void **state UNUSED)
{
    static const size_t sizes[] = {CODEC_FRAME_MAX, CODEC_FRAME_MAX + 1, 20 << 20};
    char *zeros = xcalloc(1, sizes[2]);

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t before = arena_used(memory);
        struct intake in = take_bytes("logs", 0, (struct bytes){zeros, sizes[i]});
        SCOPED(sha256) struct sha256 *sum = sha256_new();
        uint8_t digest[SHA256_SIZE];

        sha256_add(sum, zeros, sizes[i]);
        sha256_finish(sum, digest);
        assert_int_equal(in.refusal, i == 0 ? REFUSED_UNDECODABLE : REFUSED_LIMITS);
        assert_int_equal(in.value_len, sizes[i]);
        assert_memory_equal(intake_sha256(&in, memory), digest, SHA256_SIZE);
        assert_int_equal(in.message.value.len, i == 0 ? sizes[i] : (size_t)DEAD_VALUE_KEPT);
        assert_true(arena_used(memory) - before < 2 * CODEC_FRAME_MAX);
    }
    free(zeros);
}

static void keeps_the_beginning_of_a_long_key(void **state UNUSED)
{
    char key[DEAD_KEY_KEPT + 1] = "k";
    const struct message m = {"logs", 0, 7, NOW, {key, sizeof key}, {"v", 1}};

    assert_int_equal(intake_take(&m, PARTITIONS, memory).message.key.len, DEAD_KEY_KEPT);
}

static void keeps_the_place_of_a_batch_that_cannot_be_unpacked(void **state UNUSED)
{
    const struct message m = {.topic = "status", .partition = 2, .offset = 7};
    struct intake in = intake_unreadable(&m, 99, "_BAD_COMPRESSION");

    assert_int_equal(in.refusal, REFUSED_UNREADABLE);
    assert_int_equal(in.message.offset, 7);
    assert_int_equal(in.last_offset, 99);
    assert_null(in.message.value.data);
    assert_string_equal(refusal_name(in.refusal), "unreadable batch");
    assert_string_equal(in.detail, "_BAD_COMPRESSION");
}

/* As a later release writes it: an id that we do not know, and a field more. */
static struct intake take_newer(const char *topic, enum record_kind kind, const void *record)
{
    SCOPED_BUF frame = {0};
    struct error err;

    assert_int_equal(codec_encode(kind, record, &frame, &err), RC_OK);
    frame.data[4] = 99;
    buf_add_text(&frame, "\x08more");
    return take_bytes(topic, partition_of(task(), PARTITIONS), buf_bytes(&frame));
}

static void tells_a_record_of_a_later_release_from_garbage(void **state UNUSED)
{
    static const char garbage[] = "\0\0\0\0\x63garbage";
    const struct command command = {
        .command_id = execution(NOW), .task_id = task(), .actor = "a", .kind = COMMAND_PAUSE_TASK};
    const struct execution_status report = status();
    struct intake in = take_newer("commands", RECORD_COMMAND, &command);

    assert_int_equal(in.refusal, REFUSED_NEWER);
    assert_true(intake_must_stop(&in));
    /* a worker's: it may be newer than we are */
    in = take_newer("status", RECORD_EXECUTION_STATUS, &report);
    assert_int_equal(in.refusal, REFUSED_NEWER);
    assert_false(intake_must_stop(&in));
    in = take_bytes("commands", 0, (struct bytes){garbage, sizeof garbage});
    assert_int_equal(in.refusal, REFUSED_UNDECODABLE);
    assert_false(intake_must_stop(&in));
}

static void knows_what_each_topic_carries(void **state UNUSED)
{
    assert_int_equal(feed_of("commands"), FEED_COMMANDS);
    assert_int_equal(feed_of("logs"), FEED_LOGS);
    assert_int_equal(feed_of("executions.a.b"), FEED_EXECUTIONS);
    assert_string_equal(queue_of("executions.a.b"), "a.b");
    assert_int_equal(feed_of("state"), FEED_NONE);
    assert_int_equal(feed_of("control"), FEED_NONE);
}

static void takes_a_record_and_keeps_its_bytes(void **state UNUSED)
{
    struct execution_status s = status();
    struct intake in = take_status(&s);

    assert_int_equal(in.refusal, REFUSED_NOT);
    assert_int_equal(in.kind, RECORD_EXECUTION_STATUS);
    assert_int_equal(((const struct execution_status *)in.record)->status, STATUS_RUNNING);
    assert_memory_equal(in.message.key.data, "key", 3);
}

static void refuses_bytes_that_are_no_record(void **state UNUSED)
{
    static const struct bytes values[] = {{"hello", 5}, {"", 0}, {NULL, 0}, {"\0\0\0\0\6", 5}};

    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        struct intake in = take_bytes("status", 0, values[i]);

        assert_int_equal(in.refusal, REFUSED_UNDECODABLE);
        assert_true(in.detail != NULL && *in.detail != '\0');
        assert_int_equal(in.message.value.len, values[i].len);
    }
}

static void refuses_a_record_in_the_wrong_topic(void **state UNUSED)
{
    struct execution_status s = status();
    struct intake in = take("logs", 0, RECORD_EXECUTION_STATUS, &s);

    assert_int_equal(in.refusal, REFUSED_UNEXPECTED);
    assert_string_equal(in.detail, "ExecutionStatus");
}

static void refuses_ids_of_the_wrong_version_or_time(void **state UNUSED)
{
    const struct id_case {
        struct uuid id;
        enum dead_reason refusal;
    } cases[] = {
        {execution(NOW), REFUSED_NOT},
        {execution(NOW + USEC_PER_DAY), REFUSED_NOT},
        {execution(NOW + USEC_PER_DAY + USEC_PER_MS), REFUSED_BAD_ID},
        {execution(INT64_C(946684800000000)), REFUSED_NOT}, /* 2000-01-01 */
        {execution(INT64_C(946684799999000)), REFUSED_BAD_ID},
        {task(), REFUSED_BAD_ID}, /* version 5 */
        {UUID_NIL, REFUSED_BAD_ID},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution_status s = status();
        struct log_batch logs = {
            .execution_id = cases[i].id, .task_id = task(), .attempt = 1, .first_seq = 1};

        s.execution_id = cases[i].id;
        assert_int_equal(take_status(&s).refusal, cases[i].refusal);
        assert_int_equal(
            take("logs", partition_of(cases[i].id, PARTITIONS), RECORD_LOG_BATCH, &logs).refusal,
            cases[i].refusal);
    }
}

static void refuses_what_is_outside_its_tasks_partition(void **state UNUSED)
{
    int wrong = (partition_of(task(), PARTITIONS) + 1) % PARTITIONS;
    struct execution_status s = status();
    struct execution_created e = {.execution_id = execution(NOW),
                                  .task_id = task(),
                                  .task_key = "a",
                                  .project = "p",
                                  .attempt = 1,
                                  .payload = {"", 0}};

    assert_int_equal(take("status", wrong, RECORD_EXECUTION_STATUS, &s).refusal, REFUSED_MISPLACED);
    assert_int_equal(take("executions.q", wrong, RECORD_EXECUTION_CREATED, &e).refusal,
                     REFUSED_MISPLACED);
}

static void refuses_log_batches_outside_their_executions_partition(void **state UNUSED)
{
    int right = partition_of(execution(NOW), PARTITIONS);

    for (int p = 0; p < PARTITIONS; p++) {
        struct log_batch b = {
            .execution_id = execution(NOW), .task_id = task(), .attempt = 1, .first_seq = 1};

        assert_int_equal(take("logs", p, RECORD_LOG_BATCH, &b).refusal,
                         p == right ? REFUSED_NOT : REFUSED_MISPLACED);
    }
}

static void refuses_what_no_scheduler_says_of_a_task(void **state UNUSED)
{
    int right = partition_of(task(), PARTITIONS), wrong = (right + 1) % PARTITIONS;
    const struct task_revision revision = {
        .task_id = task(), .revision = 1, .spec = {.key = "a", .project = "p", .queue = "q"}};
    const struct schedule_gap gap = {
        .task_id = task(), .revision = 1, .from = NOW, .to = NOW + 1, .count = 1};
    const struct command_outcome outcome = {.task_id = task(), .revision = 1};
    struct task_revision odd = revision;
    struct schedule_gap strange = gap;
    struct command_outcome wordy = outcome;

    assert_int_equal(take("tasks", right, RECORD_TASK_REVISION, &revision).refusal, REFUSED_NOT);
    assert_int_equal(take("tasks", wrong, RECORD_TASK_REVISION, &revision).refusal,
                     REFUSED_MISPLACED);
    odd.revision = 0;
    assert_int_equal(take("tasks", right, RECORD_TASK_REVISION, &odd).refusal, REFUSED_LIMITS);
    odd = revision;
    odd.spec.retry.multiplier = NAN;
    assert_int_equal(take("tasks", right, RECORD_TASK_REVISION, &odd).refusal, REFUSED_LIMITS);
    assert_int_equal(take("tasks", right, RECORD_SCHEDULE_GAP, &gap).refusal, REFUSED_NOT);
    assert_int_equal(take("tasks", wrong, RECORD_SCHEDULE_GAP, &gap).refusal, REFUSED_MISPLACED);
    strange.count = -5;
    assert_int_equal(take("tasks", right, RECORD_SCHEDULE_GAP, &strange).refusal, REFUSED_LIMITS);
    strange = gap;
    strange.from = INT64_MAX;
    assert_int_equal(take("tasks", right, RECORD_SCHEDULE_GAP, &strange).refusal, REFUSED_LIMITS);
    assert_false(take("tasks", right, RECORD_COMMAND_OUTCOME, &outcome).is_misplaced);
    assert_true(take("tasks", wrong, RECORD_COMMAND_OUTCOME, &outcome).is_misplaced);
    wordy.revision = -1;
    assert_int_equal(take("tasks", right, RECORD_COMMAND_OUTCOME, &wordy).refusal, REFUSED_LIMITS);
}

static void refuses_statuses_over_the_limits(void **state UNUSED)
{
    static char big[70000];
    struct execution_status s = status();

    s.attempt = 0;
    assert_int_equal(take_status(&s).refusal, REFUSED_LIMITS);
    s.attempt = ATTEMPT_MAX + 1;
    assert_int_equal(take_status(&s).refusal, REFUSED_LIMITS);
    s = status();
    s.result = (struct bytes){big, 65536};
    assert_int_equal(take_status(&s).refusal, REFUSED_NOT);
    s.result.len++;
    assert_int_equal(take_status(&s).refusal, REFUSED_LIMITS);
}

/* Whatever lifecycle_check_created refuses: no worker runs that. */
static void refuses_executions_over_the_limits(void **state UNUSED)
{
    static char big[PAYLOAD_MAX_BYTES + 1];
    struct pair label = {"", "v"};
    int right = partition_of(task(), PARTITIONS);

    for (size_t over = 0; over < 2; over++) {
        struct execution_created e = {.execution_id = execution(NOW),
                                      .task_id = task(),
                                      .attempt = 1,
                                      .payload = {big, PAYLOAD_MAX_BYTES + over}};
        struct intake in = take("executions.q", right, RECORD_EXECUTION_CREATED, &e);

        assert_int_equal(in.refusal, over == 0 ? REFUSED_NOT : REFUSED_LIMITS);
        e.payload.len = 1;
        e.labels = (struct pairs){&label, over};
        in = take("executions.q", right, RECORD_EXECUTION_CREATED, &e);
        assert_int_equal(in.refusal, over == 0 ? REFUSED_NOT : REFUSED_LIMITS);
    }
}

static void refuses_log_batches_over_the_limits(void **state UNUSED)
{
    static struct log_line lines[LOG_LINES_MAX + 1];
    static char text[LOG_MESSAGE_MAX + 1];
    const struct log_case {
        int64_t first_seq;
        size_t lines, bytes;
        enum dead_reason refusal;
    } cases[] = {
        {1, LOG_LINES_MAX, 1, REFUSED_NOT},
        {1, LOG_LINES_MAX + 1, 1, REFUSED_LIMITS},
        {0, 1, 1, REFUSED_LIMITS},
        {INT64_MAX, 1, 1, REFUSED_LIMITS},
        {1, 16, LOG_MESSAGE_MAX, REFUSED_NOT},
        {1, 17, LOG_MESSAGE_MAX, REFUSED_LIMITS},
        {1, 1, LOG_MESSAGE_MAX + 1, REFUSED_LIMITS},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log_batch b = {.execution_id = execution(NOW),
                              .task_id = task(),
                              .attempt = 1,
                              .first_seq = cases[i].first_seq,
                              .lines = lines,
                              .line_count = cases[i].lines};

        for (size_t n = 0; n < ARRAY_LEN(lines); n++)
            lines[n] = (struct log_line){.message = text, .message_len = cases[i].bytes};
        assert_int_equal(
            take("logs", partition_of(b.execution_id, PARTITIONS), RECORD_LOG_BATCH, &b).refusal,
            cases[i].refusal);
    }
}

static void gives_every_refusal_a_name(void **state UNUSED)
{
    for (int r = 0; r < REFUSED_COUNT; r++)
        assert_non_null(refusal_name((enum dead_reason)r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_each_topic_carries),
        cmocka_unit_test(keeps_the_beginning_of_a_value_longer_than_any_record),
        cmocka_unit_test(tells_a_record_of_a_later_release_from_garbage),
        cmocka_unit_test(keeps_the_beginning_of_a_long_key),
        cmocka_unit_test(keeps_the_place_of_a_batch_that_cannot_be_unpacked),
        cmocka_unit_test(takes_a_record_and_keeps_its_bytes),
        cmocka_unit_test(refuses_bytes_that_are_no_record),
        cmocka_unit_test(refuses_a_record_in_the_wrong_topic),
        cmocka_unit_test(refuses_ids_of_the_wrong_version_or_time),
        cmocka_unit_test(refuses_what_is_outside_its_tasks_partition),
        cmocka_unit_test(refuses_log_batches_outside_their_executions_partition),
        cmocka_unit_test(refuses_what_no_scheduler_says_of_a_task),
        cmocka_unit_test(refuses_statuses_over_the_limits),
        cmocka_unit_test(refuses_executions_over_the_limits),
        cmocka_unit_test(refuses_log_batches_over_the_limits),
        cmocka_unit_test(gives_every_refusal_a_name),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
