#include "worker.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"

static void a_job_is_announced_handed_out_and_reported(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct uuid id =
        installation_publish(worker_queue, (struct execution_created){.payload = {"in\0put", 6},
                                                                      .trigger = TRIGGER_MANUAL});
    struct cronobs_worker *w = worker_open(&config);
    struct cronobs_job *job = worker_next(w);
    const struct history *h;

    assert_memory_equal(cronobs_execution(job)->payload, "in\0put", 7);
    assert_string_equal(cronobs_execution(job)->trigger, "MANUAL");
    WAIT_FOR((h = installation_history(id))->status_count == 1);
    assert_int_equal(h->statuses[0]->status, STATUS_RUNNING);
    worker_log(job, CRONOBS_STREAM_STDOUT, "one");
    worker_log(job, CRONOBS_STREAM_STDERR, "two \xff");
    assert_int_equal(
        cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_FAILED,
                                                      .reason = CRONOBS_REASON_EXIT_CODE,
                                                      .has_exit_code = true,
                                                      .exit_code = 3,
                                                      .message = "exit code 3",
                                                      .result = "r",
                                                      .result_len = 1}),
        CRONOBS_OK);
    worker_close(w);

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
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = installation_publish(worker_queue, (struct execution_created){0});
    struct cronobs_job *job = worker_next(w);
    const char *at;
    char line[300];

    for (int i = 0; i < LINES; i++) {
        (void)snprintf(line, sizeof line, "line %d %.*s", i, i % 200, "........................");
        worker_log(job, CRONOBS_STREAM_LOG, line);
    }
    worker_finish(job);
    worker_close(w);
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

/* What was said in one call is one line, in whatever pieces it went out. */
static void unfinished_and_long_lines_are_marked(void **state UNUSED)
{
    enum { LONG = 10000 };
    static char text[LONG];
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = installation_publish(worker_queue, (struct execution_created){0});
    struct cronobs_job *job = worker_next(w);
    const char *out, *err;

    memset(text, '\xff', sizeof text); /* four times as long when it is escaped */
    assert_int_equal(cronobs_log_unfinished(job, CRONOBS_LEVEL_INFO, CRONOBS_STREAM_STDOUT,
                                            "Name: ", strlen("Name: ")),
                     CRONOBS_OK);
    assert_int_equal(cronobs_log(job, CRONOBS_LEVEL_INFO, CRONOBS_STREAM_STDERR, text, sizeof text),
                     CRONOBS_OK);
    worker_log(job, CRONOBS_STREAM_STDOUT, "x");
    worker_log(job, CRONOBS_STREAM_STDOUT, "next");
    worker_log(job, CRONOBS_STREAM_STDERR, "next");
    worker_finish(job);
    worker_close(w);
    (void)installation_final(id);
    out = installation_lines(id, STREAM_STDOUT);
    err = installation_lines(id, STREAM_STDERR);
    assert_string_equal(out, "Name: x\nnext");
    assert_int_equal(strlen(err), 4 * LONG + strlen("\nnext"));
    for (size_t i = 0; i < LONG; i++)
        assert_memory_equal(err + 4 * i, "\\xff", 4);
    assert_int_equal(installation_history(id)->line_count, 7); /* 3 of the long one */
}

static void a_second_delivery_is_not_run_again(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(4);
    struct cronobs_worker *w = worker_open(&config);
    const struct execution_created twice = {.task_id = uuid_random(),
                                            .scheduled_at = clock_realtime()};
    struct uuid id = installation_publish(worker_queue, twice);
    struct uuid later;
    struct cronobs_job *job, *other;

    assert_true(uuid_equal(installation_publish(worker_queue, twice), id));
    later =
        installation_publish(worker_queue, (struct execution_created){.task_id = twice.task_id});
    job = worker_next(w);
    other = worker_next(w);
    assert_string_not_equal(cronobs_execution(other)->execution_id,
                            cronobs_execution(job)->execution_id);
    worker_finish(job);
    worker_finish(other);
    worker_close(w);
    (void)installation_final(later);
    assert_int_equal(installation_history(id)->status_count, 2); /* RUNNING, SUCCEEDED */
}

static void what_is_past_its_start_deadline_is_left_to_the_scheduler(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct uuid task = uuid_random();
    struct uuid late = installation_publish(
        worker_queue,
        (struct execution_created){.task_id = task, .start_by = clock_realtime() - 1});
    struct uuid id = installation_publish(
        worker_queue, (struct execution_created){.task_id = task,
                                                 .scheduled_at = clock_realtime() + 5000,
                                                 .start_by = clock_realtime() + USEC_PER_DAY});
    struct cronobs_worker *w = worker_open(&config);

    worker_finish(worker_next(w));
    worker_close(w);
    (void)installation_final(id);
    assert_int_equal(installation_history(late)->status_count, 0);
}

static void no_more_jobs_are_handed_out_than_there_are_places(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(2);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid ids[3];
    struct cronobs_job *jobs[3];

    ids[0] = installation_publish(worker_queue, (struct execution_created){0});
    jobs[0] = worker_next(w);
    ids[1] = installation_publish(worker_queue, (struct execution_created){0});
    jobs[1] = worker_next(w);
    ids[2] = installation_publish(worker_queue, (struct execution_created){0});
    assert_int_equal(cronobs_next(w, 700, &jobs[2], &worker_why), CRONOBS_IDLE);
    assert_int_equal(installation_history(ids[2])->status_count, 0);
    worker_finish(jobs[0]);
    jobs[2] = worker_next(w);
    worker_finish(jobs[1]);
    worker_finish(jobs[2]);
    worker_close(w);
    assert_int_equal(installation_final(ids[2])->status, STATUS_SUCCEEDED);
}

static void *wait_for_a_job(void *worker)
{
    struct cronobs_error why;
    struct cronobs_job *job = NULL;

    return cronobs_next(worker, TEST_DEADLINE_MS, &job, &why) == CRONOBS_OK ? job : NULL;
}

/* Many jobs come at once, and nobody comes back for a second one: each thread must be woken. */
static void threads_that_wait_have_a_job_each(void **state UNUSED)
{
    enum { COUNT = 50 };
    const struct cronobs_config config = worker_config(COUNT);
    struct cronobs_worker *w;
    struct uuid ids[COUNT];
    pthread_t threads[COUNT];
    void *jobs[COUNT];

    for (int i = 0; i < COUNT; i++)
        ids[i] = installation_publish(worker_queue, (struct execution_created){0});
    w = worker_open(&config);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_a_job, w), 0);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], &jobs[i]), 0);
        assert_non_null(jobs[i]);
    }
    for (int i = 0; i < COUNT; i++)
        worker_finish(jobs[i]);
    worker_close(w);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(installation_final(ids[i])->status, STATUS_SUCCEEDED);
}

static void a_drained_worker_leaves_the_rest_to_the_next(void **state UNUSED)
{
    enum { COUNT = 40 };
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid ids[COUNT];
    struct cronobs_job *job = NULL;

    for (int i = 0; i < COUNT; i++)
        ids[i] = installation_publish(worker_queue, (struct execution_created){0});
    job = worker_next(w);
    cronobs_drain(w);
    worker_finish(job);
    while (cronobs_next(w, TEST_DEADLINE_MS, &job, &worker_why) == CRONOBS_OK)
        worker_finish(job); /* claimed before it was drained */
    assert_int_equal(cronobs_next(w, 0, &job, &worker_why), CRONOBS_DRAINED);
    worker_close(w);

    w = worker_open(&config);
    WAIT_FOR(worker_work_off(w, ids, COUNT) == COUNT);
    worker_close(w);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(installation_history(ids[i])->status_count, 2);
}

static void two_workers_of_a_group_share_the_queue(void **state UNUSED)
{
    enum { COUNT = 60 };
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *workers[] = {worker_open(&config), worker_open(&config)};
    struct uuid ids[COUNT];

    for (int i = 0; i < COUNT; i++)
        ids[i] = installation_publish(worker_queue, (struct execution_created){0});
    WAIT_FOR((worker_work_off(workers[0], ids, 0), worker_work_off(workers[1], ids, COUNT)) ==
             COUNT);
    worker_close(workers[0]);
    worker_close(workers[1]);
    for (int i = 0; i < COUNT; i++)
        (void)installation_final(ids[i]);
}

static void a_cancelled_execution_is_not_started_and_a_running_one_is_told(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid running = installation_publish(worker_queue, (struct execution_created){0});
    struct cronobs_job *job = worker_next(w);
    struct uuid waiting = installation_publish(worker_queue, (struct execution_created){0});

    assert_false(cronobs_is_cancelled(job));
    installation_cancel(waiting);
    installation_cancel(running);
    WAIT_FOR((installation_history(running), cronobs_is_cancelled(job)));
    assert_int_equal(cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_CANCELLED}),
                     CRONOBS_OK);
    (void)installation_publish(worker_queue, (struct execution_created){0});
    worker_finish(worker_next(w));
    worker_close(w);
    assert_int_equal(installation_final(running)->status, STATUS_CANCELLED);
    assert_int_equal(installation_history(waiting)->status_count, 0);
}

static void a_group_without_a_position_leaves_old_executions_alone(void **state UNUSED)
{
    struct cronobs_config config = worker_config(1);
    usec_t published;
    struct uuid old = installation_publish(worker_queue, (struct execution_created){0}), fresh;
    struct cronobs_job *job = NULL;
    struct cronobs_worker *w;

    published = clock_realtime();
    WAIT_FOR((installation_history(old), clock_realtime() > published + 2 * USEC_PER_SEC));
    config.backlog_ms = 2000;
    w = worker_open(&config);
    /* What the worker comes to only after the backlog's time is old, too: a slow one needs another. */
    WAIT_FOR(((void)installation_publish(worker_queue, (struct execution_created){0}),
              cronobs_next(w, 1000, &job, &worker_why) == CRONOBS_OK));
    assert_int_equal(uuid_from_text(cronobs_execution(job)->execution_id, &fresh, NULL), RC_OK);
    assert_false(uuid_equal(fresh, old));
    worker_finish(job);
    worker_close(w);
    (void)installation_final(fresh);
    assert_int_equal(installation_history(old)->status_count, 0);
}

/* As when the group was deleted, or its offsets have expired: Kafka knows nothing of it. */
static void a_group_without_a_position_runs_only_what_nobody_has_reported_on(void **state UNUSED)
{
    enum { FINISHED = 50, PENDING = 3 };
    struct cronobs_config config = worker_config(4);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid finished[FINISHED], pending[PENDING], started;
    struct cronobs_job *job;
    char group[64];

    for (int i = 0; i < FINISHED; i++)
        finished[i] = installation_publish(worker_queue, (struct execution_created){0});
    WAIT_FOR(worker_work_off(w, finished, FINISHED) == FINISHED);
    started = installation_publish(worker_queue, (struct execution_created){0});
    job = worker_next(w);
    /* RUNNING for ever */
    assert_int_equal(cronobs_close(w, 100, &worker_why), CRONOBS_UNDELIVERED);
    for (int i = 0; i < PENDING; i++)
        pending[i] = installation_publish(worker_queue, (struct execution_created){0});

    (void)snprintf(group, sizeof group, "%s-again", worker_queue);
    config.group = group;
    w = worker_open(&config);
    WAIT_FOR(worker_work_off(w, pending, PENDING) == PENDING);
    assert_int_equal(cronobs_next(w, 1000, &job, &worker_why), CRONOBS_IDLE);
    worker_close(w);
    for (int i = 0; i < FINISHED; i++)
        assert_int_equal(installation_history(finished[i])->status_count, 2);
    assert_int_equal(installation_history(started)->status_count, 1);
}

/* The second attempt is work that nobody has begun, whatever is known of the first. */
static void a_group_without_a_position_runs_an_attempt_that_is_new(void **state UNUSED)
{
    struct cronobs_config config = worker_config(1);
    struct execution_created e = {.task_id = uuid_random(), .scheduled_at = clock_realtime()};
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = installation_publish(worker_queue, e);
    char group[64];

    worker_finish(worker_next(w));
    worker_close(w);
    e.attempt = 2;
    assert_true(uuid_equal(installation_publish(worker_queue, e), id));
    (void)snprintf(group, sizeof group, "%s-again", worker_queue);
    config.group = group;
    w = worker_open(&config);
    WAIT_FOR(worker_work_off(w, &id, 0) == 0 && installation_history(id)->status_count == 4);
    worker_close(w);
    assert_int_equal(installation_history(id)->statuses[2]->attempt, 2);
}

static void a_job_that_asks_for_heartbeats_sends_them_by_itself(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id =
        installation_publish(worker_queue, (struct execution_created){.heartbeat_ms = 50});
    struct cronobs_job *job = worker_next(w);

    WAIT_FOR(installation_history(id)->heartbeat_count >= 3);
    assert_false(cronobs_contact_lost(job));
    worker_finish(job);
    worker_close(w);
}

/* Also of a job that does not ask for signs of life; its last word comes before its end. */
static void what_a_job_says_of_its_progress_is_told(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = installation_publish(worker_queue, (struct execution_created){0});
    struct cronobs_job *job = worker_next(w);

    assert_int_equal(cronobs_heartbeat(job, 101, NULL), CRONOBS_INVALID);
    assert_int_equal(cronobs_heartbeat(job, -2, NULL), CRONOBS_INVALID);
    assert_int_equal(cronobs_heartbeat(job, 40, "half\xff way"), CRONOBS_OK);
    WAIT_FOR(installation_history(id)->heartbeat_count == 1);
    assert_int_equal(installation_history(id)->heartbeat->progress.value, 40);
    assert_string_equal(installation_history(id)->heartbeat->message, "half\\xff way");
    assert_int_equal(cronobs_heartbeat(job, 100, NULL), CRONOBS_OK);
    worker_finish(job);
    worker_close(w);
    WAIT_FOR(installation_history(id)->heartbeat_count == 2);
    assert_int_equal(installation_history(id)->heartbeat->progress.value, 100);
    assert_null(installation_history(id)->heartbeat->message);
}

static void closing_says_what_was_left_unfinished(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);

    for (int i = 0; i < 200; i++) /* more than are read ahead */
        (void)installation_publish(worker_queue, (struct execution_created){0});
    (void)worker_next(w);
    assert_int_equal(cronobs_close(w, 100, &worker_why), CRONOBS_UNDELIVERED);
    assert_string_equal(worker_why.text, "1 executions were not reported to the end");
}

/* Finishes a job if there is one. */
static enum cronobs_rc work_on(struct cronobs_worker *w)
{
    struct cronobs_job *job = NULL;
    enum cronobs_rc rc = cronobs_next(w, 100, &job, &worker_why);

    if (rc == CRONOBS_OK)
        worker_finish(job);
    return rc;
}

static void a_name_taken_by_another_process_breaks_the_worker(void **state UNUSED)
{
    struct cronobs_config config = worker_config(1);
    struct cronobs_worker *first, *second;

    config.instance = "same";
    first = worker_open(&config);
    (void)installation_publish(worker_queue, (struct execution_created){0});
    worker_finish(worker_next(first));
    second = worker_open(&config);
    WAIT_FOR(work_on(first) == CRONOBS_BROKEN);
    assert_int_equal(cronobs_close(first, TEST_DEADLINE_MS, NULL), CRONOBS_OK);
    (void)installation_publish(worker_queue, (struct execution_created){0});
    worker_finish(worker_next(second));
    worker_close(second);
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
        assert_int_equal(cronobs_open(&cases[i].config, &w, &worker_why), CRONOBS_INVALID);
        assert_string_equal(worker_why.text, cases[i].text);
    }
}

/* Its thread and its connections are not in the child, whose calls would wait for ever. */
static void a_forked_child_has_no_worker(void **state UNUSED)
{
    const struct cronobs_config config = worker_config(1);
    struct cronobs_worker *w = worker_open(&config);
    struct uuid id = installation_publish(worker_queue, (struct execution_created){0});
    struct cronobs_job *job = worker_next(w);
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        const struct cronobs_outcome outcome = {.status = CRONOBS_SUCCEEDED};
        struct cronobs_error err;
        struct cronobs_job *other;
        bool is_refused =
            cronobs_next(w, 100, &other, &err) == CRONOBS_BROKEN &&
            cronobs_log(job, CRONOBS_LEVEL_INFO, CRONOBS_STREAM_LOG, "x", 1) == CRONOBS_BROKEN &&
            cronobs_finish(job, &outcome) == CRONOBS_BROKEN &&
            cronobs_close(w, 100, &err) == CRONOBS_BROKEN;

        _exit(is_refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    worker_finish(job);
    worker_close(w);
    (void)installation_final(id);
    assert_int_equal(installation_history(id)->status_count, 2);
    assert_int_equal(installation_history(id)->line_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test_setup(a_job_is_announced_handed_out_and_reported, worker_add_queue),
        cmocka_unit_test_setup(many_lines_arrive_in_order_before_the_final_status,
                               worker_add_queue),
        cmocka_unit_test_setup(unfinished_and_long_lines_are_marked, worker_add_queue),
        cmocka_unit_test_setup(a_second_delivery_is_not_run_again, worker_add_queue),
        cmocka_unit_test_setup(what_is_past_its_start_deadline_is_left_to_the_scheduler,
                               worker_add_queue),
        cmocka_unit_test_setup(no_more_jobs_are_handed_out_than_there_are_places, worker_add_queue),
        cmocka_unit_test_setup(threads_that_wait_have_a_job_each, worker_add_queue),
        cmocka_unit_test_setup(a_drained_worker_leaves_the_rest_to_the_next, worker_add_queue),
        cmocka_unit_test_setup(two_workers_of_a_group_share_the_queue, worker_add_queue),
        cmocka_unit_test_setup(a_cancelled_execution_is_not_started_and_a_running_one_is_told,
                               worker_add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_leaves_old_executions_alone,
                               worker_add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_runs_only_what_nobody_has_reported_on,
                               worker_add_queue),
        cmocka_unit_test_setup(a_group_without_a_position_runs_an_attempt_that_is_new,
                               worker_add_queue),
        cmocka_unit_test_setup(what_a_job_says_of_its_progress_is_told, worker_add_queue),
        cmocka_unit_test_setup(a_job_that_asks_for_heartbeats_sends_them_by_itself,
                               worker_add_queue),
        cmocka_unit_test_setup(closing_says_what_was_left_unfinished, worker_add_queue),
        cmocka_unit_test_setup(a_name_taken_by_another_process_breaks_the_worker, worker_add_queue),
        cmocka_unit_test_setup(a_forked_child_has_no_worker, worker_add_queue),
    };

    return cmocka_run_group_tests(tests, worker_begin, worker_end);
}
