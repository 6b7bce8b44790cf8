#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "c/cronobs.h"
#include "codec/codec.h"
#include "model/spec.h"
#include "support/installation.h"

static struct cronobs_error why;

static int passed_over; /* notices that say so */

static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    passed_over += strncmp(text, "passed over ", 12) == 0 ? 1 : 0;
    if (kind != CRONOBS_NOTICE_INFO)
        print_message("worker: %s\n", text);
}

static char queue[16]; /* a fresh one for each test */

static int begin(void **state UNUSED)
{
    installation_create();
    return 0;
}

static int add_queue(void **state UNUSED)
{
    static int count;

    (void)snprintf(queue, sizeof queue, "q%d", count++);
    installation_add_queue(queue);
    return 0;
}

static int end(void **state UNUSED)
{
    installation_end();
    return 0;
}

static struct cronobs_config config_of(int concurrency)
{
    return (struct cronobs_config){.brokers = broker_address(),
                                   .topic_prefix = broker_prefix(),
                                   .queue = queue,
                                   .concurrency = concurrency,
                                   .session_timeout_ms = 6000,
                                   .on_notice = on_notice};
}

static struct cronobs_worker *open_worker(const struct cronobs_config *config)
{
    struct cronobs_worker *w = NULL;

    assert_int_equal(cronobs_open(config, &w, &why), CRONOBS_OK);
    return w;
}

static struct cronobs_job *next_job(struct cronobs_worker *w)
{
    struct cronobs_job *job = NULL;
    enum cronobs_rc rc = cronobs_next(w, TEST_DEADLINE_MS, &job, &why);

    if (rc != CRONOBS_OK)
        print_error("cronobs_next: %s\n", why.text);
    assert_int_equal(rc, CRONOBS_OK);
    return job;
}

static void finish(struct cronobs_job *job)
{
    assert_int_equal(cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_SUCCEEDED}),
                     CRONOBS_OK);
}

static void close_worker(struct cronobs_worker *w)
{
    enum cronobs_rc rc = cronobs_close(w, TEST_DEADLINE_MS, &why);

    if (rc != CRONOBS_OK)
        print_error("cronobs_close: %s\n", why.text);
    assert_int_equal(rc, CRONOBS_OK);
}

static void log_text(struct cronobs_job *job, enum cronobs_stream stream, const char *text)
{
    assert_int_equal(cronobs_log(job, CRONOBS_LEVEL_INFO, stream, text, strlen(text)), CRONOBS_OK);
}

/* --- */

static void a_job_is_announced_handed_out_and_reported(void **state UNUSED)
{
    const struct cronobs_config config = config_of(1);
    struct uuid id = installation_publish(
        queue, (struct execution_created){.payload = {"in\0put", 6}, .trigger = TRIGGER_MANUAL});
    struct cronobs_worker *w = open_worker(&config);
    struct cronobs_job *job = next_job(w);
    const struct history *h;

    assert_memory_equal(cronobs_execution(job)->payload, "in\0put", 7);
    assert_string_equal(cronobs_execution(job)->trigger, "MANUAL");
    WAIT_FOR((h = installation_history(id))->status_count == 1);
    assert_int_equal(h->statuses[0]->status, STATUS_RUNNING);
    log_text(job, CRONOBS_STREAM_STDOUT, "one");
    log_text(job, CRONOBS_STREAM_STDERR, "two \xff");
    assert_int_equal(
        cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_FAILED,
                                                      .reason = CRONOBS_REASON_EXIT_CODE,
                                                      .has_exit_code = true,
                                                      .exit_code = 3,
                                                      .message = "exit code 3",
                                                      .result = "r",
                                                      .result_len = 1}),
        CRONOBS_OK);
    close_worker(w);

    assert_int_equal(installation_final(id)->status, STATUS_FAILED);
    assert_int_equal(installation_final(id)->exit_code.value, 3);
    assert_int_equal(installation_final(id)->reason, REASON_EXIT_CODE);
    assert_string_equal(installation_final(id)->message, "exit code 3");
    assert_int_equal(installation_final(id)->result.len, 1);
    assert_string_equal(installation_lines(id, STREAM_COUNT), "one\ntwo \\xff");
    assert_string_equal(installation_lines(id, STREAM_STDERR), "two \\xff");
}

static void many_lines_arrive_in_order_before_the_final_status(void **state UNUSED)
{
    enum { LINES = 25000 };
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid id = installation_publish(queue, (struct execution_created){0});
    struct cronobs_job *job = next_job(w);
    const char *at;
    char line[300];

    for (int i = 0; i < LINES; i++) {
        (void)snprintf(line, sizeof line, "line %d %.*s", i, i % 200, "........................");
        log_text(job, CRONOBS_STREAM_LOG, line);
    }
    finish(job);
    close_worker(w);
    (void)installation_final(id);
    assert_int_equal(installation_history(id)->line_count, LINES);
    at = installation_lines(id, STREAM_COUNT);
    for (int i = 0; i < LINES; i++) {
        (void)snprintf(line, sizeof line, "line %d ", i);
        assert_true(text_starts(at, line));
        at = strchrnul(at, '\n');
        at += *at == '\n' ? 1 : 0;
    }
}

static void a_second_delivery_is_not_run_again(void **state UNUSED)
{
    const struct cronobs_config config = config_of(4);
    struct cronobs_worker *w = open_worker(&config);
    const struct execution_created twice = {.task_id = uuid_random(),
                                            .scheduled_at = clock_realtime()};
    struct uuid id = installation_publish(queue, twice);
    struct uuid later;
    struct cronobs_job *job, *other;

    assert_true(uuid_equal(installation_publish(queue, twice), id));
    later = installation_publish(queue, (struct execution_created){.task_id = twice.task_id});
    job = next_job(w);
    other = next_job(w);
    assert_string_not_equal(cronobs_execution(other)->execution_id,
                            cronobs_execution(job)->execution_id);
    finish(job);
    finish(other);
    close_worker(w);
    (void)installation_final(later);
    assert_int_equal(installation_history(id)->status_count, 2); /* RUNNING, SUCCEEDED */
}

static void what_is_past_its_start_deadline_is_left_to_the_scheduler(void **state UNUSED)
{
    const struct cronobs_config config = config_of(1);
    struct uuid task = uuid_random();
    struct uuid late = installation_publish(
        queue, (struct execution_created){.task_id = task, .start_by = clock_realtime() - 1});
    struct uuid id = installation_publish(
        queue, (struct execution_created){.task_id = task,
                                          .scheduled_at = clock_realtime() + 5000,
                                          .start_by = clock_realtime() + USEC_PER_DAY});
    struct cronobs_worker *w = open_worker(&config);

    finish(next_job(w));
    close_worker(w);
    (void)installation_final(id);
    assert_int_equal(installation_history(late)->status_count, 0);
}

static void no_more_jobs_are_handed_out_than_there_are_places(void **state UNUSED)
{
    const struct cronobs_config config = config_of(2);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid ids[3];
    struct cronobs_job *jobs[3];

    ids[0] = installation_publish(queue, (struct execution_created){0});
    jobs[0] = next_job(w);
    ids[1] = installation_publish(queue, (struct execution_created){0});
    jobs[1] = next_job(w);
    ids[2] = installation_publish(queue, (struct execution_created){0});
    assert_int_equal(cronobs_next(w, 700, &jobs[2], &why), CRONOBS_IDLE);
    assert_int_equal(installation_history(ids[2])->status_count, 0);
    finish(jobs[0]);
    jobs[2] = next_job(w);
    finish(jobs[1]);
    finish(jobs[2]);
    close_worker(w);
    assert_int_equal(installation_final(ids[2])->status, STATUS_SUCCEEDED);
}

/* Finishes what the worker has; how many of the executions are reported to the end? */
static size_t work_off(struct cronobs_worker *w, const struct uuid *ids, size_t count)
{
    struct cronobs_job *job;
    size_t done = 0;

    while (cronobs_next(w, 10, &job, &why) == CRONOBS_OK)
        finish(job);
    for (size_t i = 0; i < count; i++)
        done += installation_history(ids[i])->status_count >= 2 ? 1 : 0;
    return done;
}

static void a_drained_worker_leaves_the_rest_to_the_next(void **state UNUSED)
{
    enum { COUNT = 40 };
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid ids[COUNT];
    struct cronobs_job *job = NULL;

    for (int i = 0; i < COUNT; i++)
        ids[i] = installation_publish(queue, (struct execution_created){0});
    job = next_job(w);
    cronobs_drain(w);
    finish(job);
    while (cronobs_next(w, TEST_DEADLINE_MS, &job, &why) == CRONOBS_OK)
        finish(job); /* claimed before it was drained */
    assert_int_equal(cronobs_next(w, 0, &job, &why), CRONOBS_DRAINED);
    close_worker(w);

    w = open_worker(&config);
    WAIT_FOR(work_off(w, ids, COUNT) == COUNT);
    close_worker(w);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(installation_history(ids[i])->status_count, 2);
}

static void two_workers_of_a_group_share_the_queue(void **state UNUSED)
{
    enum { COUNT = 60 };
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *workers[] = {open_worker(&config), open_worker(&config)};
    struct uuid ids[COUNT];

    for (int i = 0; i < COUNT; i++)
        ids[i] = installation_publish(queue, (struct execution_created){0});
    WAIT_FOR((work_off(workers[0], ids, 0), work_off(workers[1], ids, COUNT)) == COUNT);
    close_worker(workers[0]);
    close_worker(workers[1]);
    for (int i = 0; i < COUNT; i++)
        (void)installation_final(ids[i]);
}

static void a_cancelled_execution_is_not_started_and_a_running_one_is_told(void **state UNUSED)
{
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid running = installation_publish(queue, (struct execution_created){0});
    struct cronobs_job *job = next_job(w);
    struct uuid waiting = installation_publish(queue, (struct execution_created){0});

    assert_false(cronobs_is_cancelled(job));
    installation_cancel(waiting);
    installation_cancel(running);
    WAIT_FOR((installation_history(running), cronobs_is_cancelled(job)));
    assert_int_equal(cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_CANCELLED}),
                     CRONOBS_OK);
    (void)installation_publish(queue, (struct execution_created){0});
    finish(next_job(w));
    close_worker(w);
    assert_int_equal(installation_final(running)->status, STATUS_CANCELLED);
    assert_int_equal(installation_history(waiting)->status_count, 0);
}

static void a_group_without_a_position_leaves_old_executions_alone(void **state UNUSED)
{
    struct cronobs_config config = config_of(1);
    usec_t published;
    struct uuid old = installation_publish(queue, (struct execution_created){0}), fresh;
    struct cronobs_job *job = NULL;
    struct cronobs_worker *w;

    published = clock_realtime();
    WAIT_FOR((installation_history(old), clock_realtime() > published + 2 * USEC_PER_SEC));
    config.backlog_ms = 2000;
    w = open_worker(&config);
    /* What the worker comes to only after the backlog's time is old, too: a slow one needs another. */
    WAIT_FOR(((void)installation_publish(queue, (struct execution_created){0}),
              cronobs_next(w, 1000, &job, &why) == CRONOBS_OK));
    assert_int_equal(uuid_from_text(cronobs_execution(job)->execution_id, &fresh, NULL), RC_OK);
    assert_false(uuid_equal(fresh, old));
    finish(job);
    close_worker(w);
    (void)installation_final(fresh);
    assert_int_equal(installation_history(old)->status_count, 0);
}

/* As when the group was deleted, or its offsets have expired: Kafka knows nothing of it. */
static void a_group_without_a_position_runs_only_what_nobody_has_reported_on(void **state UNUSED)
{
    enum { FINISHED = 50, PENDING = 3 };
    struct cronobs_config config = config_of(4);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid finished[FINISHED], pending[PENDING], started;
    struct cronobs_job *job;
    char group[64];

    for (int i = 0; i < FINISHED; i++)
        finished[i] = installation_publish(queue, (struct execution_created){0});
    WAIT_FOR(work_off(w, finished, FINISHED) == FINISHED);
    started = installation_publish(queue, (struct execution_created){0});
    job = next_job(w);
    assert_int_equal(cronobs_close(w, 100, &why), CRONOBS_UNDELIVERED); /* RUNNING for ever */
    for (int i = 0; i < PENDING; i++)
        pending[i] = installation_publish(queue, (struct execution_created){0});

    (void)snprintf(group, sizeof group, "%s-again", queue);
    config.group = group;
    w = open_worker(&config);
    WAIT_FOR(work_off(w, pending, PENDING) == PENDING);
    assert_int_equal(cronobs_next(w, 1000, &job, &why), CRONOBS_IDLE);
    close_worker(w);
    for (int i = 0; i < FINISHED; i++)
        assert_int_equal(installation_history(finished[i])->status_count, 2);
    assert_int_equal(installation_history(started)->status_count, 1);
}

/* The second attempt is work that nobody has begun, whatever is known of the first. */
static void a_group_without_a_position_runs_an_attempt_that_is_new(void **state UNUSED)
{
    struct cronobs_config config = config_of(1);
    struct execution_created e = {.task_id = uuid_random(), .scheduled_at = clock_realtime()};
    struct cronobs_worker *w = open_worker(&config);
    struct uuid id = installation_publish(queue, e);
    char group[64];

    finish(next_job(w));
    close_worker(w);
    e.attempt = 2;
    assert_true(uuid_equal(installation_publish(queue, e), id));
    (void)snprintf(group, sizeof group, "%s-again", queue);
    config.group = group;
    w = open_worker(&config);
    WAIT_FOR(work_off(w, &id, 0) == 0 && installation_history(id)->status_count == 4);
    close_worker(w);
    assert_int_equal(installation_history(id)->statuses[2]->attempt, 2);
}

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

    (void)snprintf(name, sizeof name, "executions.%s", queue);
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
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid id = publish_newer(uuid_random());
    struct cronobs_job *job = next_job(w);

    assert_string_equal(cronobs_execution(job)->task_key, "newer");
    finish(job);
    close_worker(w);
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
        ret[i] = installation_publish(queue, e);
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
    struct cronobs_config config = config_of(16);
    struct uuid ids[ARRAY_LEN(each)];
    struct cronobs_worker *w;

    write_letters();
    publish_each(uuid_random(), each, ARRAY_LEN(each), ids);
    passed_over = 0;
    w = open_worker(&config);
    WAIT_FOR(work_off(w, ids, ARRAY_LEN(ids)) == ARRAY_LEN(ids));
    close_worker(w);
    assert_int_equal(passed_over, 0);
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
    struct cronobs_config config = config_of(16);
    struct uuid ids[ARRAY_LEN(refused)], last;
    struct cronobs_worker *w;

    write_letters();
    publish_what_is_no_execution(task);
    publish_each(task, refused, ARRAY_LEN(refused), ids);
    last = installation_publish(queue, (struct execution_created){.task_id = task});
    passed_over = 0;
    w = open_worker(&config);
    WAIT_FOR(work_off(w, &last, 1) == 1);
    close_worker(w);
    assert_in_range(passed_over, 1, 3); /* at most one each 10 s */
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_int_equal(installation_history(ids[i])->status_count, 0);
    assert_int_equal(installation_history(last)->status_count, 2);
}

static void a_job_that_asks_for_heartbeats_sends_them_by_itself(void **state UNUSED)
{
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);
    struct uuid id = installation_publish(queue, (struct execution_created){.heartbeat_ms = 50});
    struct cronobs_job *job = next_job(w);

    WAIT_FOR(installation_history(id)->heartbeat_count >= 3);
    finish(job);
    close_worker(w);
}

static void closing_says_what_was_left_unfinished(void **state UNUSED)
{
    const struct cronobs_config config = config_of(1);
    struct cronobs_worker *w = open_worker(&config);

    for (int i = 0; i < 200; i++) /* more than are read ahead */
        (void)installation_publish(queue, (struct execution_created){0});
    (void)next_job(w);
    assert_int_equal(cronobs_close(w, 100, &why), CRONOBS_UNDELIVERED);
    assert_string_equal(why.text, "1 executions were not reported to the end");
}

/* Finishes a job if there is one. */
static enum cronobs_rc work_on(struct cronobs_worker *w)
{
    struct cronobs_job *job = NULL;
    enum cronobs_rc rc = cronobs_next(w, 100, &job, &why);

    if (rc == CRONOBS_OK)
        finish(job);
    return rc;
}

static void a_name_taken_by_another_process_breaks_the_worker(void **state UNUSED)
{
    struct cronobs_config config = config_of(1);
    struct cronobs_worker *first, *second;

    config.instance = "same";
    first = open_worker(&config);
    (void)installation_publish(queue, (struct execution_created){0});
    finish(next_job(first));
    second = open_worker(&config);
    WAIT_FOR(work_on(first) == CRONOBS_BROKEN);
    assert_int_equal(cronobs_close(first, TEST_DEADLINE_MS, NULL), CRONOBS_OK);
    (void)installation_publish(queue, (struct execution_created){0});
    finish(next_job(second));
    close_worker(second);
}

static void wrong_settings_are_refused(void **state UNUSED)
{
    static const struct refusal_case {
        struct cronobs_config config;
        const char *text;
    } cases[] = {
        {{.queue = "q"}, "brokers: no address given"},
        {{.brokers = "b"}, "queue: no name given"},
        {{.brokers = "b", .queue = "q", .concurrency = 1001},
         "concurrency: 1001 is outside 1-1000"},
        {{.brokers = "b", .queue = "q", .name = "M\xfcller"}, "name: is not UTF-8"},
    };
    struct cronobs_worker *w = NULL;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(cronobs_open(&cases[i].config, &w, &why), CRONOBS_INVALID);
        assert_string_equal(why.text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test_setup(a_job_is_announced_handed_out_and_reported, add_queue),
        cmocka_unit_test_setup(many_lines_arrive_in_order_before_the_final_status, add_queue),
        cmocka_unit_test_setup(a_second_delivery_is_not_run_again, add_queue),
        cmocka_unit_test_setup(what_is_past_its_start_deadline_is_left_to_the_scheduler, add_queue),
        cmocka_unit_test_setup(no_more_jobs_are_handed_out_than_there_are_places, add_queue),
        cmocka_unit_test_setup(a_drained_worker_leaves_the_rest_to_the_next, add_queue),
        cmocka_unit_test_setup(two_workers_of_a_group_share_the_queue, add_queue),
        cmocka_unit_test_setup(a_cancelled_execution_is_not_started_and_a_running_one_is_told,
                               add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_leaves_old_executions_alone, add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_runs_only_what_nobody_has_reported_on,
                               add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_runs_an_attempt_that_is_new, add_queue),
        cmocka_unit_test_setup(a_newer_execution_is_run, add_queue),
        cmocka_unit_test_setup(whatever_a_task_may_ask_for_is_run, add_queue),
        cmocka_unit_test_setup(what_nobody_can_use_is_not_run_and_holds_nothing_up, add_queue),
        cmocka_unit_test_setup(a_job_that_asks_for_heartbeats_sends_them_by_itself, add_queue),
        cmocka_unit_test_setup(closing_says_what_was_left_unfinished, add_queue),
        cmocka_unit_test_setup(a_name_taken_by_another_process_breaks_the_worker, add_queue),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
