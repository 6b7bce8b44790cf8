/* What others may write into a queue: all that is an execution is run, what is none holds nothing up. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/spec.h"
#include "worker.h"

/* Into the partition where installation_publish puts what has this task. */
static void publish_raw(const char *topic, struct uuid task, struct bytes value)
{
    SCOPED(bus) struct bus *bus = broker_bus("raw");
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record record = {
        .topic = topic, .partition = partition_of(task, INSTALLATION_PARTITIONS), .value = value};

    MUST(bus_producer_new(bus, &p, &test_error));
    MUST(bus_producer_send(p, &record, NULL, NULL, &test_error));
    MUST(bus_producer_flush(p, TEST_DEADLINE_MS, &test_error));
}

static const char *queue_topic(void)
{
    char name[32];

    (void)snprintf(name, sizeof name, "executions.%s", worker_queue);
    return broker_topic(name);
}

/* With another schema id, and a field that we do not know behind ours. */
static struct uuid publish_newer(struct uuid task)
{
    const struct execution_created e = {.execution_id = execution_id_of(task, 0, "instant", ""),
                                        .task_id = task,
                                        .task_key = "newer",
                                        .attempt = 1,
                                        .status_partition =
                                            partition_of(task, INSTALLATION_PARTITIONS)};
    SCOPED_BUF frame = {0};

    MUST(codec_encode(RECORD_EXECUTION_CREATED, &e, &frame, &test_error));
    frame.data[4] = 99;
    buf_add(&frame, "\2?", 2);
    publish_raw(queue_topic(), task, buf_bytes(&frame));
    return e.execution_id;
}

static void publish_odd(struct uuid task, int attempt, int status_partition)
{
    const struct execution_created e = {.execution_id = execution_id_of(task, 0, "instant", ""),
                                        .task_id = task,
                                        .attempt = attempt,
                                        .status_partition = status_partition};
    SCOPED_BUF frame = {0};

    MUST(codec_encode(RECORD_EXECUTION_CREATED, &e, &frame, &test_error));
    publish_raw(queue_topic(), task, buf_bytes(&frame));
}

static void a_newer_execution_is_run(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = publish_newer(uuid_random());
    struct cronobs_job *job = worker_next(w);

    assert_string_equal(cronobs_execution(job)->task_key, "newer");
    worker_finish(job);
    worker_close(w);
    (void)installation_final(id);
}

static char letters[PAYLOAD_MAX_BYTES + 2]; /* a text of as many as are asked for, from its end */
static struct pair labels[10000];

static const char *text_of(int len)
{
    return letters + sizeof letters - 1 - len;
}

static void write_letters(void)
{
    memset(letters, 'k', sizeof letters - 1);
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        labels[i] = (struct pair){.name = text_of((int)i % 100 + 1), .value = "v"};
}

static void publish_each(struct uuid task, const struct execution_created *each, size_t count,
                         struct uuid *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct execution_created e = each[i];

        e.task_id = task;
        e.execution_id = uuid_is_nil(e.execution_id)
                             ? execution_id_of(task, clock_realtime(), "external", text_of((int)i))
                             : e.execution_id;
        ret[i] = installation_publish(worker_queue, e);
    }
}

/* The numbers and texts of an execution at their ends: it is run, and told of. */
static void whatever_a_task_may_ask_for_is_run(void **state UNUSED)
{
    const struct execution_created each[] = {
        {.heartbeat_ms = INT64_MAX, .run_timeout_ms = INT64_MIN},
        {.heartbeat_ms = INT64_MIN, .run_timeout_ms = INT64_MAX},
        {.scheduled_at = INT64_MIN, .due_at = INT64_MAX, .nominal_local = INT64_MIN},
        {.revision = INT32_MIN, .finish_by = INT64_MIN},
        {.payload = {letters, PAYLOAD_MAX_BYTES}},
        {.labels = {.items = labels, .count = LABELS_MAX}},
        {.task_key = text_of(SPEC_KEY_MAX), .content_type = text_of(NAME_MAX_BYTES)},
        {.payload = {letters, PAYLOAD_MAX_BYTES},
         .labels = {.items = labels, .count = LABELS_MAX},
         .task_key = text_of(SPEC_KEY_MAX)},
    };
    struct cronobs_config config = worker_config(16);
    struct uuid ids[ARRAY_LEN(each)];
    struct cronobs_worker *w;

    write_letters();
    publish_each(uuid_random(), each, ARRAY_LEN(each), ids);
    worker_passed_over = 0;
    w = worker_open(&config);
    WAIT_FOR(worker_work_off(w, ids, ARRAY_LEN(ids)) == ARRAY_LEN(ids));
    worker_close(w);
    assert_int_equal(worker_passed_over, 0);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        assert_int_equal(installation_history(ids[i])->status_count, 2);
        assert_in_range(installation_history(ids[i])->heartbeat_count, 0, 1);
    }
}

static void publish_what_is_no_execution(struct uuid task)
{
    static const struct bytes garbage[] = {
        {NULL, 0}, {"", 0}, {"{}", 2}, {"\0\0\0\0\5", 5}, {"\0\xff\xff\xff\xff\xff\xff", 7}};
    int right = partition_of(task, INSTALLATION_PARTITIONS);

    for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
        publish_raw(queue_topic(), task, garbage[i]);
        publish_raw(broker_topic("control"), UUID_NIL, garbage[i]);
    }
    publish_odd(task, 0, right);
    publish_odd(task, -1, right);
    publish_odd(task, INT32_MAX, right);
    publish_odd(task, 1, INSTALLATION_PARTITIONS);
    publish_odd(task, 1, -1);
    publish_odd(task, 1, -1);
    publish_odd(task, 1, INSTALLATION_PARTITIONS);
    publish_odd(task, 1, INT32_MAX);
}

/* What the history refuses has no report either; it is told of once, and what lies behind it is run. */
static void what_nobody_can_use_is_not_run_and_holds_nothing_up(void **state UNUSED)
{
    struct pair nameless = {"", "v"};
    const struct execution_created refused[] = {
        {.payload = {letters, PAYLOAD_MAX_BYTES + 1}},
        {.labels = {.items = labels, .count = LABELS_MAX + 1}},
        {.labels = {.items = labels, .count = ARRAY_LEN(labels)}},
        {.labels = {.items = &nameless, .count = 1}},
        {.task_key = letters},
        {.content_type = text_of(NAME_MAX_BYTES + 1)},
        {.attempt = INT32_MAX},
        {.max_attempts = INT32_MAX},
    };
    const struct uuid task = uuid_random();
    struct cronobs_config config = worker_config(16);
    struct uuid ids[ARRAY_LEN(refused)], last;
    struct cronobs_worker *w;

    write_letters();
    publish_what_is_no_execution(task);
    publish_each(task, refused, ARRAY_LEN(refused), ids);
    last = installation_publish(worker_queue, (struct execution_created){.task_id = task});
    worker_passed_over = 0;
    w = worker_open(&config);
    WAIT_FOR(worker_work_off(w, &last, 1) == 1);
    worker_close(w);
    assert_in_range(worker_passed_over, 1, 3); /* at most one each 10 s */
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_int_equal(installation_history(ids[i])->status_count, 0);
    assert_int_equal(installation_history(last)->status_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_newer_execution_is_run, worker_add_queue),
        cmocka_unit_test_setup(whatever_a_task_may_ask_for_is_run, worker_add_queue),
        cmocka_unit_test_setup(what_nobody_can_use_is_not_run_and_holds_nothing_up,
                               worker_add_queue),
    };

    return cmocka_run_group_tests(tests, worker_begin, worker_end);
}
