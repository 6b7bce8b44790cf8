#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "c/worker.h"
#include "support/broker.h"
#include "support/memlog.h"

/* --- a worker's thread, and what others write to `control` --- */

static struct memlog *memory;
static struct bus *scheduler;
static struct bus_producer *pen;
static struct cronobs_worker w;
static int notices, told; /* by the worker; jobs whose owner was called */

static const struct uuid execution = {.b = {1}}, task = {.b = {2}};

static void count_notice(void *ctx UNUSED, enum cronobs_notice kind UNUSED, const char *text UNUSED)
{
    notices++;
}

static void count_cancel(void *ctx UNUSED, const struct cronobs_execution *e)
{
    assert_int_equal(e->attempt, 1);
    told++;
}

static int begin(void **state UNUSED)
{
    memory = memlog_new();
    memlog_set_time(memory, INT64_C(1763000000000000));
    memlog_add_topic(memory, "control", 1);
    scheduler = memlog_bus(memory, "scheduler", 10000, 40000);
    MUST(bus_producer_new(scheduler, &pen, &test_error));
    w = (struct cronobs_worker){
        .bus = memlog_bus(memory, "worker", 10000, 40000),
        .topics = {.control = "control"},
        .config = {.on_notice = count_notice, .on_cancel = count_cancel},
        .partitions = 4,
        .tick = 1,
        .wake_io = -1,
        .wake_user = -1,
        .process = getpid(),
        .control = {.place = {.next = BUS_BEGINNING}, .cancelled = {.max = WORKER_CANCELS_MAX}}};
    pthread_mutex_init(&w.lock, NULL);
    pthread_mutex_init(&w.notice_lock, NULL);
    pthread_cond_init(&w.changed, NULL);
    notices = told = 0;
    return 0;
}

static int end(void **state UNUSED)
{
    control_stop(&w);
    for (size_t i = 0; i < w.job_count; i++)
        job_free(w.jobs[i]);
    free(w.jobs);
    seen_clear(&w.control.cancelled);
    bus_free(w.bus);
    bus_producer_free(pen);
    bus_free(scheduler);
    memlog_free(memory);
    return 0;
}

static void write_bytes(struct bytes value)
{
    const struct bus_record record = {.topic = "control", .key = bytes_of("k"), .value = value};

    MUST(bus_producer_send(pen, &record, NULL, NULL, &test_error));
}

static void write_signal(const struct execution_signal *signal)
{
    SCOPED_BUF frame = {0};

    MUST(codec_encode(RECORD_EXECUTION_SIGNAL, signal, &frame, &test_error));
    write_bytes(buf_bytes(&frame));
}

static struct execution_signal cancel(void)
{
    return (struct execution_signal){
        .execution_id = execution, .task_id = task, .attempt = 1, .signal = SIGNAL_CANCEL};
}

static struct cronobs_job *job_in(enum job_state state)
{
    const struct execution_created e = {
        .execution_id = execution, .task_id = task, .attempt = 1, .max_attempts = 2};
    struct cronobs_job *job = job_new(&e, "default", 4);

    job->worker = &w;
    job->state = state;
    w.jobs = array_grow(w.jobs, w.job_count, &w.job_capacity, sizeof(struct cronobs_job *));
    w.jobs[w.job_count++] = job;
    w.busy++;
    return job;
}

/* --- --- */

static void whoever_has_the_job_is_told_once(void **state UNUSED)
{
    struct cronobs_job *job = job_in(JOB_HANDED);
    const struct execution_signal signal = cancel();

    control_step(&w);
    assert_false(cronobs_is_cancelled(job));
    write_signal(&signal);
    write_signal(&signal);
    control_step(&w);
    assert_true(cronobs_is_cancelled(job));
    assert_int_equal(told, 1);
    assert_int_equal(job->state, JOB_HANDED);
}

/* Also one that was said before the worker was there. */
static void what_was_cancelled_before_it_began_is_not_begun(void **state UNUSED)
{
    struct cronobs_job *job = job_in(JOB_WAITING);
    const struct execution_signal signal = cancel();

    write_signal(&signal);
    assert_false(w.control.is_read);
    assert_false(control_has_cancelled(&w, job));
    control_step(&w);
    assert_true(w.control.is_read);
    assert_true(control_has_cancelled(&w, job));
}

/* RUNNING is in the log, so it must be ended there. */
static void what_was_announced_and_is_in_nobodys_hands_is_reported(void **state UNUSED)
{
    static const struct job_writer writer = {.name = "w"};
    struct cronobs_job *job = job_in(JOB_READY);
    const struct execution_signal signal = cancel();

    write_signal(&signal);
    control_step(&w);
    assert_int_equal(job->state, JOB_ENDING);
    assert_int_equal(w.busy, 0);
    assert_int_equal(told, 0);
    assert_int_equal(job->final.status, STATUS_CANCELLED);
    assert_string_equal(job->final.message, "it was cancelled before it began");
    assert_int_equal(job_next_frame(job, &writer, 0, NULL), RC_OK);
}

static void what_is_about_another_attempt_execution_or_task_stops_nothing(void **state UNUSED)
{
    struct cronobs_job *job = job_in(JOB_HANDED);
    struct execution_signal others[8];

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        others[i] = cancel();
    others[0].attempt = 2;
    others[1].attempt = 0;
    others[2].attempt = INT32_MIN;
    others[3].execution_id = (struct uuid){.b = {9}};
    others[4].task_id = (struct uuid){.b = {9}};
    others[5].task_id = UUID_NIL;
    others[6].signal = SIGNAL_UNKNOWN;
    others[7].execution_id = task, others[7].task_id = execution;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        write_signal(&others[i]);
    write_bytes((struct bytes){0});
    write_bytes(bytes_of("cancel everything"));
    (void)memlog_spoil(memory, "control", 0, 3);
    control_step(&w);
    assert_false(cronobs_is_cancelled(job));
    assert_false(control_has_cancelled(&w, job));
    assert_true(w.control.is_read);
    assert_int_equal(w.passed_over, 3);
}

static void what_has_ended_is_not_cancelled(void **state UNUSED)
{
    struct cronobs_job *job = job_in(JOB_ENDING);
    const struct execution_signal signal = cancel();

    job->final = (struct job_final){.is_set = true, .status = STATUS_SUCCEEDED};
    write_signal(&signal);
    control_step(&w);
    assert_int_equal(job->final.status, STATUS_SUCCEEDED);
    assert_int_equal(told, 0);
}

/* Nobody would take it in: it would be RUNNING for ever. */
static void only_what_is_cancelled_can_be_reported_as_cancelled(void **state UNUSED)
{
    static const struct cronobs_outcome cancelled = {.status = CRONOBS_CANCELLED};
    struct cronobs_job *job = job_in(JOB_HANDED);
    const struct execution_signal signal = cancel();

    assert_int_equal(cronobs_finish(job, &cancelled), CRONOBS_INVALID);
    assert_int_equal(job->state, JOB_HANDED);
    write_signal(&signal);
    control_step(&w);
    assert_int_equal(cronobs_finish(job, &cancelled), CRONOBS_OK);
}

static void reading_goes_on_after_retention_took_what_was_next(void **state UNUSED)
{
    struct cronobs_job *job = job_in(JOB_HANDED);
    struct execution_signal signal = cancel();

    signal.attempt = 7;
    for (int i = 0; i < 10; i++)
        write_signal(&signal);
    w.control.place.next = 2;
    memlog_trim(memory, "control", 0, 8);
    signal.attempt = 1;
    write_signal(&signal);
    for (int i = 0; i < 4; i++) {
        control_step(&w);
        w.tick += USEC_PER_SEC;
    }
    assert_true(cronobs_is_cancelled(job));
}

static void what_is_remembered_is_bounded(void **state UNUSED)
{
    struct execution_signal signal = cancel();
    struct cronobs_job *job = job_in(JOB_WAITING);

    w.control.cancelled.max = 100;
    write_signal(&signal);
    control_step(&w);
    assert_true(control_has_cancelled(&w, job));
    for (int i = 2; i < 300; i++) {
        signal.attempt = i;
        write_signal(&signal);
    }
    control_step(&w);
    assert_false(control_has_cancelled(&w, job));
    assert_int_equal(w.control.cancelled.places.count, 100);
    assert_int_equal(notices, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whoever_has_the_job_is_told_once, begin, end),
        cmocka_unit_test_setup_teardown(what_was_cancelled_before_it_began_is_not_begun, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_was_announced_and_is_in_nobodys_hands_is_reported,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            what_is_about_another_attempt_execution_or_task_stops_nothing, begin, end),
        cmocka_unit_test_setup_teardown(what_has_ended_is_not_cancelled, begin, end),
        cmocka_unit_test_setup_teardown(only_what_is_cancelled_can_be_reported_as_cancelled, begin,
                                        end),
        cmocka_unit_test_setup_teardown(reading_goes_on_after_retention_took_what_was_next, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_remembered_is_bounded, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
