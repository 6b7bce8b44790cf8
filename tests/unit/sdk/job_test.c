#include "c/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static const struct execution_created created = {
    .execution_id = {.b = {1, 2, 3}},
    .task_id = {.b = {4, 5, 6}},
    .task_key = "report",
    .attempt = 2,
    .max_attempts = 3,
    .trigger = TRIGGER_MANUAL,
    .status_partition = 7,
    .payload = {"x\0y", 3},
};
static const struct job_writer writer = {.name = "w", .incarnation = {.b = {9}}, .now = 1000};

static struct cronobs_job *claimed_job(void)
{
    struct cronobs_job *job = job_new(&created, "default", 12);

    job->state = JOB_CLAIMED;
    return job;
}

static void add(struct cronobs_job *job, const char *text, size_t len, usec_t tick)
{
    job_add_line(job, job_line_new(LINE_INFO, STREAM_STDOUT, (struct bytes){text, len}), 5000,
                 tick);
}

/* The record in job->frame, which is taken as delivered. */
static const void *deliver(struct cronobs_job *job, enum record_kind kind, struct arena *memory)
{
    enum record_kind got;
    const void *record;

    assert_int_equal(codec_decode(buf_bytes(&job->frame), memory, &got, &record, NULL), RC_OK);
    assert_int_equal(got, kind);
    (void)job_delivered(job, 0);
    return record;
}

static void a_job_shows_what_the_record_says(void **state UNUSED)
{
    SCOPED(job) struct cronobs_job *job = job_new(&created, "default", 12);
    const struct cronobs_execution *e = &job->view;

    assert_string_equal(e->task_key, "report");
    assert_string_equal(e->queue, "default");
    assert_string_equal(e->trigger, "MANUAL");
    assert_string_equal(e->zone, "");
    assert_string_equal(e->content_type, "");
    assert_int_equal(e->attempt, 2);
    assert_int_equal(e->payload_len, 3);
    assert_memory_equal(e->payload, "x\0y", 4);
    assert_int_equal(job->log_partition, partition_of(created.execution_id, 12));
    assert_int_equal(job->status_partition, 7);
}

static void a_claim_publishes_running_and_waits_for_it(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = job_new(&created, "default", 12);
    const struct execution_status *status;

    assert_int_equal(job_wake(job), USEC_MAX);
    job->state = JOB_CLAIMING;
    assert_true(job_wake(job) <= 0);
    assert_int_equal(job_next_frame(job, &writer, 0, NULL), RC_OK);
    job->is_in_flight = true;
    assert_int_equal(job_wake(job), USEC_MAX);
    job->is_in_flight = false;

    status = deliver(job, RECORD_EXECUTION_STATUS, memory);
    assert_int_equal(job->state, JOB_CLAIMED);
    assert_int_equal(status->status, STATUS_RUNNING);
    assert_int_equal(status->attempt, 2);
    assert_int_equal(status->occurred_at, 1000);
    assert_string_equal(status->worker->name, "w");
    assert_true(uuid_equal(status->worker->incarnation, writer.incarnation));
    assert_false(uuid_is_nil(status->event_id));
}

static void a_record_that_failed_is_sent_again_unchanged(void **state UNUSED)
{
    SCOPED(job) struct cronobs_job *job = job_new(&created, "default", 12);
    SCOPED_BUF first = {0};

    job->state = JOB_CLAIMING;
    assert_int_equal(job_next_frame(job, &writer, 0, NULL), RC_OK);
    buf_add(&first, job->frame.data, job->frame.len);
    job->retry_at = 700;
    assert_int_equal(job_wake(job), 700);
    assert_int_equal(job_next_frame(job, &writer, 700, NULL), RC_OK);
    assert_int_equal(first.len, job->frame.len);
    assert_memory_equal(first.data, job->frame.data, first.len);
}

static void lines_wait_for_company_and_are_numbered(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = claimed_job();
    const struct log_batch *batch;

    add(job, "one", 3, 100);
    add(job, "", 0, 150);
    assert_int_equal(job_wake(job), 100 + JOB_BATCH_US);
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_NOT_FOUND);
    assert_int_equal(job_next_frame(job, &writer, 100 + JOB_BATCH_US, NULL), RC_OK);
    add(job, "three", 5, 300); /* while the first batch is on its way */
    batch = deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(batch->first_seq, 1);
    assert_int_equal(batch->line_count, 2);
    assert_true(uuid_equal(batch->writer, writer.incarnation));
    assert_int_equal(batch->lines[0].at, 5000);
    assert_int_equal(batch->lines[0].stream, STREAM_STDOUT);
    assert_int_equal(batch->lines[1].message_len, 0);

    job->state = JOB_ENDING; /* no time is lost once it is over */
    assert_int_equal(job_next_frame(job, &writer, 300, NULL), RC_OK);
    batch = deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(batch->first_seq, 3);
    assert_memory_equal(batch->lines[0].message, "three", 5);
}

static void lines_that_are_not_whole_are_marked(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = claimed_job();
    const struct log_batch *batch;

    for (int i = 0; i < 4; i++) {
        struct job_line *line =
            job_line_new(LINE_INFO, STREAM_STDOUT, (struct bytes){.data = "x", .len = 1});

        line->is_unfinished = i == 1 || i == 3;
        line->is_escaped = i == 2 || i == 3;
        job_add_line(job, line, 5000, 100);
    }
    assert_int_equal(job_next_frame(job, &writer, 100 + JOB_BATCH_US, NULL), RC_OK);
    batch = deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(batch->mark_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(batch->marks[i].line, i + 2);
        assert_int_equal(batch->marks[i].unfinished, i != 1);
        assert_int_equal(batch->marks[i].escaped, i != 0);
    }
}

static void a_batch_is_full_at_its_limits(void **state UNUSED)
{
    static char big[10000];
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = claimed_job();
    const struct log_batch *batch;

    for (int i = 0; i < JOB_BATCH_LINES + 1; i++)
        add(job, "x", 1, 100);
    assert_true(job_wake(job) <= 0);
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    batch = deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(batch->line_count, JOB_BATCH_LINES);
    assert_int_equal(job->line_count, 1);

    memset(big, 'y', sizeof big);
    for (int i = 0; i < 40; i++)
        add(job, big, sizeof big, 100);
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    assert_true(job->frame.len <= JOB_BATCH_BYTES);
    assert_true(job->frame.len > JOB_BATCH_BYTES - 2 * (int)sizeof big);
    batch = deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(batch->first_seq, JOB_BATCH_LINES + 1);
}

static void the_final_status_comes_after_the_last_line(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = claimed_job();
    const struct execution_status *status;

    add(job, "last words", 10, 100);
    job->final = (struct job_final){.is_set = true,
                                    .status = STATUS_FAILED,
                                    .reason = REASON_EXIT_CODE,
                                    .exit_code = {true, 3},
                                    .message = strdup("exit code 3")};
    job->state = JOB_ENDING;
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    (void)deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(job->state, JOB_ENDING);
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    status = deliver(job, RECORD_EXECUTION_STATUS, memory);
    assert_int_equal(status->status, STATUS_FAILED);
    assert_int_equal(status->exit_code.value, 3);
    assert_string_equal(status->message, "exit code 3");
    assert_int_equal(job->state, JOB_GONE);
}

static void an_abandoned_job_publishes_its_lines_and_no_status(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(job) struct cronobs_job *job = claimed_job();

    add(job, "x", 1, 100);
    job->state = JOB_ENDING;
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    (void)deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_NOT_FOUND);
    assert_int_equal(job->state, JOB_GONE);
}

static void what_lines_weigh_is_given_back(void **state UNUSED)
{
    SCOPED(job) struct cronobs_job *job = claimed_job();
    size_t weight;

    add(job, "abc", 3, 100);
    add(job, "d", 1, 100);
    weight = job->line_bytes;
    job->state = JOB_ENDING;
    assert_int_equal(job_next_frame(job, &writer, 100, NULL), RC_OK);
    assert_int_equal(job->line_bytes, 0);
    assert_int_equal(job_delivered(job, 0), weight);
    assert_int_equal(job_delivered(job, 0), 0);
}

/* The scheduler's TIMED_OUT is to come first. */
static void a_run_that_was_stopped_for_its_limit_is_reported_after_it(void **state UNUSED)
{
    struct execution_created e = created;
    SCOPED(job) struct cronobs_job *job = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status *status;
    const usec_t limit = 3 * USEC_PER_SEC, due = 1000 + limit + JOB_TIMEOUT_US;

    e.run_timeout_ms = 3000;
    job = job_new(&e, "default", 12);
    job->state = JOB_CLAIMING;
    assert_int_equal(job_next_frame(job, &writer, 900, NULL), RC_OK);
    (void)job_delivered(job, 1000);
    add(job, "bye", 3, 2000);
    job->state = JOB_ENDING;
    job->final =
        (struct job_final){.is_set = true, .status = STATUS_FAILED, .reason = REASON_RUN_TIMEOUT};
    assert_int_equal(job_next_frame(job, &writer, 2000, NULL), RC_OK); /* lines do not wait */
    (void)deliver(job, RECORD_LOG_BATCH, memory);
    assert_int_equal(job_wake(job), due);
    assert_int_equal(job_next_frame(job, &writer, due - 1, NULL), RC_NOT_FOUND);
    assert_int_equal(job->state, JOB_ENDING);
    assert_int_equal(job_next_frame(job, &writer, due, NULL), RC_OK);
    status = deliver(job, RECORD_EXECUTION_STATUS, memory);
    assert_int_equal(status->reason, REASON_RUN_TIMEOUT);
    assert_int_equal(job->state, JOB_GONE);
}

static void numbers_of_others_are_bounded(void **state UNUSED)
{
    static const struct {
        int64_t given, heartbeat, run_timeout;
    } cases[] = {
        {0, 0, 0},
        {-1, 0, 0},
        {INT64_MIN, 0, 0},
        {1, BEAT_MIN_MS / 2, 1},
        {5000, 2500, 5000},
        {INT64_MAX, BEAT_MAX_MS / 2, INT64_MAX},
        {INT64_C(9223372036854775), BEAT_MAX_MS / 2, INT64_C(9223372036854775)},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution_created e = created;
        SCOPED(job) struct cronobs_job *job = NULL;

        e.heartbeat_ms = e.run_timeout_ms = cases[i].given;
        job = job_new(&e, "default", 12);
        beat_init(&job->beat, job->heartbeat_ms, 0);
        assert_int_equal(job->beat.every, cases[i].heartbeat * USEC_PER_MS);
        assert_int_equal(job->view.run_timeout_ms, cases[i].run_timeout);
        job->state = JOB_ENDING;
        job->final = (struct job_final){.is_set = true, .reason = REASON_RUN_TIMEOUT};
        assert_true(job_wake(job) >= JOB_TIMEOUT_US); /* and nothing overflows */
    }
}

static void a_traceparent_is_shown_where_it_can_be_one(void **state UNUSED)
{
    static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    static char long_text[JOB_TRACE_MAX + 1];
    SCOPED(job) struct cronobs_job *job = job_new(&created, "default", 12);

    memset(long_text, 'a', sizeof long_text);
    assert_string_equal(job->view.traceparent, "");
    job_set_trace(job, (struct bytes){.data = NULL});
    job_set_trace(job, (struct bytes){.data = "\xff", .len = 1});
    job_set_trace(job, (struct bytes){.data = long_text, .len = sizeof long_text});
    assert_string_equal(job->view.traceparent, "");
    job_set_trace(job, bytes_of(trace));
    assert_string_equal(job->view.traceparent, trace);
}

static struct cronobs_job *job_with_limit(int64_t run_timeout_ms, usec_t running_at)
{
    struct execution_created e = created;
    struct cronobs_job *job;

    e.run_timeout_ms = run_timeout_ms;
    job = job_new(&e, "default", 12);
    job->running_at = running_at;
    job->state = JOB_HANDED;
    return job;
}

/* A second after the scheduler's own instant, so that its word is the first. */
static void a_job_is_overdue_a_second_after_its_run_timeout(void **state UNUSED)
{
    const usec_t due = 1000 + 3 * USEC_PER_SEC + JOB_OVERDUE_US;
    SCOPED(job) struct cronobs_job *job = job_with_limit(3000, 1000);
    SCOPED(job) struct cronobs_job *endless = job_with_limit(0, 1000);

    assert_int_equal(job_heed_wake(job), due);
    assert_false(job_heed(job, due - 1));
    assert_int_equal(cronobs_cause(job), CRONOBS_CAUSE_NONE);
    assert_true(job_heed(job, due));
    assert_int_equal(cronobs_cause(job), CRONOBS_CAUSE_TIMEOUT);
    assert_false(job_heed(job, due));
    assert_int_equal(job_heed_wake(endless), USEC_MAX);
    assert_int_equal(cronobs_cause(endless), CRONOBS_CAUSE_NONE);
}

static void who_goes_on_after_a_cause_is_told_once(void **state UNUSED)
{
    const usec_t ignores = 5000 + JOB_IGNORES_US;
    SCOPED(job) struct cronobs_job *job = job_with_limit(0, 1000);

    job->is_cancelled = true;
    assert_true(job_heed(job, 5000));
    assert_int_equal(cronobs_cause(job), CRONOBS_CAUSE_CANCEL);
    assert_int_equal(job_heed_wake(job), ignores);
    assert_false(job_heed(job, ignores - 1));
    assert_false(job->is_ignoring);
    assert_true(job_heed(job, ignores));
    assert_true(job->is_ignoring);
    assert_false(job_heed(job, ignores + JOB_IGNORES_US));
    assert_int_equal(job_heed_wake(job), USEC_MAX);
}

static void who_has_no_job_need_not_heed(void **state UNUSED)
{
    static const enum job_state states[] = {JOB_CLAIMING, JOB_CLAIMED, JOB_READY, JOB_ENDING,
                                            JOB_GONE};
    SCOPED(job) struct cronobs_job *job = job_with_limit(1, 0);

    job->is_cancelled = true;
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        job->state = states[i];
        assert_int_equal(job_heed_wake(job), USEC_MAX);
    }
}

static void expect_observed(struct cronobs_job *job, enum status says, struct arena *memory)
{
    const struct execution_status *said;

    assert_int_equal(job_next_frame(job, &writer, 0, NULL), RC_OK);
    said = deliver(job, RECORD_EXECUTION_STATUS, memory);
    assert_int_equal(said->status, says);
    assert_int_equal(said->trigger, TRIGGER_EXTERNAL);
    assert_int_equal(said->scheduled_at, 4000);
}

/* Its end may come before the brokers can be reached: RUNNING comes first all the same, and both say what it is. */
static void an_observed_run_is_announced_before_whatever_came_since(void **state UNUSED)
{
    SCOPED(job) struct cronobs_job *job = job_new(&created, "", 1);
    SCOPED(arena) struct arena *memory = arena_new(0);

    job->state = JOB_HANDED;
    job->is_observed = job->must_announce = true;
    job->view.scheduled_at = 4000;
    assert_true(job_wake(job) == USEC_MIN);
    add(job, "line", 4, 0);
    job_end(job, &(struct job_final){
                     .is_set = true, .status = STATUS_FAILED, .reason = REASON_RUN_TIMEOUT});
    expect_observed(job, STATUS_RUNNING, memory);
    assert_int_equal(job_next_frame(job, &writer, 0, NULL), RC_OK);
    (void)deliver(job, RECORD_LOG_BATCH, memory);
    expect_observed(job, STATUS_FAILED, memory);
    assert_int_equal(job->state, JOB_GONE);
}

static void an_observed_run_belongs_where_its_ids_say(void **state UNUSED)
{
    SCOPED(job) struct cronobs_job *job = job_new(&created, "", 1);

    job_place(job, 12);
    assert_int_equal(job->status_partition, partition_of(created.task_id, 12));
    assert_int_equal(job->log_partition, partition_of(created.execution_id, 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_was_stopped_for_its_limit_is_reported_after_it),
        cmocka_unit_test(a_traceparent_is_shown_where_it_can_be_one),
        cmocka_unit_test(a_job_is_overdue_a_second_after_its_run_timeout),
        cmocka_unit_test(who_goes_on_after_a_cause_is_told_once),
        cmocka_unit_test(who_has_no_job_need_not_heed),
        cmocka_unit_test(numbers_of_others_are_bounded),
        cmocka_unit_test(a_job_shows_what_the_record_says),
        cmocka_unit_test(a_claim_publishes_running_and_waits_for_it),
        cmocka_unit_test(a_record_that_failed_is_sent_again_unchanged),
        cmocka_unit_test(lines_wait_for_company_and_are_numbered),
        cmocka_unit_test(lines_that_are_not_whole_are_marked),
        cmocka_unit_test(a_batch_is_full_at_its_limits),
        cmocka_unit_test(the_final_status_comes_after_the_last_line),
        cmocka_unit_test(an_abandoned_job_publishes_its_lines_and_no_status),
        cmocka_unit_test(what_lines_weigh_is_given_back),
        cmocka_unit_test(an_observed_run_is_announced_before_whatever_came_since),
        cmocka_unit_test(an_observed_run_belongs_where_its_ids_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
