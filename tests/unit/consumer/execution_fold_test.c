#include "consumer/execution_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

#define NOW INT64_C(1763000000000000)

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

static struct execution_row stub(void)
{
    struct uuid task = task_id_of("default", "a");

    return execution_stub(execution_id_of(task, NOW, "instant", ""), task);
}

static int tell_created(struct execution_row *row, const struct execution_created *r,
                        const char *topic, usec_t at)
{
    const struct intake in = {.message = {.topic = topic, .timestamp = at},
                              .feed = FEED_EXECUTIONS,
                              .kind = RECORD_EXECUTION_CREATED,
                              .record = r};

    return execution_fold_created(row, &in, memory);
}

static int tell_status(struct execution_row *row, const struct execution_status *r, usec_t at,
                       bool *ret_moved)
{
    const struct intake in = {.message = {.topic = "status", .timestamp = at},
                              .feed = FEED_STATUS,
                              .kind = RECORD_EXECUTION_STATUS,
                              .record = r};

    return execution_fold_status(row, &in, ret_moved);
}

static struct execution_created created(int attempt, int revision)
{
    return (struct execution_created){
        .task_id = task_id_of("default", "a"),
        .attempt = attempt,
        .max_attempts = 3,
        .revision = revision,
        .trigger = TRIGGER_SCHEDULED,
        .scheduled_at = NOW,
        .due_at = NOW,
        .zone = "UTC",
        .payload = {"x", 1},
    };
}

static void describes_a_row_and_never_sets_its_status(void **state UNUSED)
{
    struct execution_row row = stub();
    struct execution_created c = created(1, 4);

    row.status = STATUS_SUCCEEDED;
    assert_int_equal(tell_created(&row, &c, "executions.q", NOW + 1), EXECUTION_DESCRIBED);
    assert_int_equal(row.status, STATUS_SUCCEEDED);
    assert_int_equal(row.attempt, 1);
    assert_int_equal(row.created_attempt, 1);
    assert_int_equal(row.revision, 4);
    assert_int_equal(row.created_at, NOW + 1);
    assert_string_equal(row.queue, "q");
}

static void lets_the_lowest_attempt_describe_the_execution(void **state UNUSED)
{
    static const int orders[][2] = {{1, 2}, {2, 1}};

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct execution_row row = stub();

        for (int n = 0; n < 2; n++) {
            struct execution_created c = created(orders[i][n], 10 + orders[i][n]);

            (void)tell_created(&row, &c, "executions.q", NOW);
        }
        assert_int_equal(row.created_attempt, 1);
        assert_int_equal(row.revision, 11);
    }
}

static void changes_nothing_when_it_is_told_again(void **state UNUSED)
{
    struct execution_row row = stub();
    struct execution_created c = created(1, 4);

    (void)tell_created(&row, &c, "executions.q", NOW);
    assert_int_equal(tell_created(&row, &c, "executions.q", NOW + 5), EXECUTION_SAME);
    assert_int_equal(tell_created(&row, &c, "executions.r", NOW + 5), EXECUTION_SAME);
    assert_int_equal(row.created_at, NOW);
    assert_int_equal(tell_created(&row, &c, "executions.a", NOW + 5), EXECUTION_DESCRIBED);
    assert_string_equal(row.queue, "a"); /* whichever topic is read first */
}

static void believes_execution_created_more_than_a_status(void **state UNUSED)
{
    struct execution_created c = created(1, 4);
    const struct execution_status s = {.attempt = 1,
                                       .status = STATUS_SKIPPED,
                                       .scheduled_at = NOW + 7,
                                       .trigger = TRIGGER_CATCH_UP,
                                       .revision = 9,
                                       .queue = "s"};
    struct execution_row first = stub(), second = stub();
    bool moved;

    (void)tell_status(&first, &s, NOW, &moved);
    assert_int_equal(first.revision, 9); /* until it is described */
    assert_int_equal(first.scheduled_at, NOW + 7);
    assert_int_equal(first.trigger, TRIGGER_CATCH_UP);
    assert_string_equal(first.queue, "s");
    (void)tell_created(&first, &c, "executions.q", NOW);
    (void)tell_created(&second, &c, "executions.q", NOW);
    (void)tell_status(&second, &s, NOW, &moved);
    assert_int_equal(first.revision, 4);
    assert_int_equal(first.trigger, TRIGGER_SCHEDULED);
    assert_memory_equal(&first.scheduled_at, &second.scheduled_at, sizeof first.scheduled_at);
    assert_int_equal(second.revision, 4);
    assert_string_equal(second.queue, "q");
    assert_int_equal(first.status, STATUS_SKIPPED);
    assert_int_equal(second.status, STATUS_SKIPPED);
}

static void keeps_what_the_first_status_knew(void **state UNUSED)
{
    const struct execution_status first = {.attempt = 1, .status = STATUS_WAITING, .revision = 3},
                                  second = {.attempt = 1,
                                            .status = STATUS_WAITING,
                                            .revision = 5,
                                            .queue = "q"};
    struct execution_row row = stub();
    bool moved;

    assert_int_equal(tell_status(&row, &first, NOW, &moved), EXECUTION_LIFE | EXECUTION_DESCRIBED);
    assert_true(moved);
    assert_int_equal(tell_status(&row, &second, NOW, &moved),
                     EXECUTION_DESCRIBED); /* the queue is new */
    assert_false(moved);
    assert_int_equal(row.revision, 3);
    assert_string_equal(row.queue, "q");
    assert_int_equal(tell_status(&row, &second, NOW, &moved), EXECUTION_SAME);
}

static void keeps_and_marks_a_contradiction(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status run = {.attempt = 1, .status = STATUS_RUNNING, .worker = &worker},
                                  lost = {.attempt = 1, .status = STATUS_LOST},
                                  done = {
                                      .attempt = 1, .status = STATUS_SUCCEEDED, .worker = &worker};
    struct execution_row row = stub();
    bool moved;

    (void)tell_status(&row, &run, NOW, &moved);
    (void)tell_status(&row, &lost, NOW + 1, &moved);
    assert_int_equal(tell_status(&row, &done, NOW + 2, &moved), EXECUTION_LIFE);
    assert_false(moved);
    assert_true(row.contradicted);
    assert_int_equal(row.status, STATUS_LOST);
    assert_int_equal(row.finished_at, NOW + 1);
    assert_int_equal(tell_status(&row, &done, NOW + 3, &moved), EXECUTION_SAME);
}

static void follows_the_attempts(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status steps[] = {
        {.attempt = 1, .status = STATUS_RUNNING, .worker = &worker},
        {.attempt = 1,
         .status = STATUS_FAILED,
         .worker = &worker,
         .exit_code = {true, 3},
         .message = "no"},
        {.attempt = 2, .status = STATUS_RETRYING, .next_attempt_at = NOW + 60},
    };
    struct execution_row row = stub();
    bool moved;

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        (void)tell_status(&row, &steps[i], NOW + (usec_t)i, &moved);
        assert_true(moved);
        if (i == 1) {
            assert_int_equal(row.exit_code.value, 3);
            assert_string_equal(row.message, "no");
            assert_string_equal(row.worker, "w");
            assert_int_equal(row.started_at, NOW);
        }
    }
    assert_int_equal(row.attempt, 2);
    assert_int_equal(row.status, STATUS_RETRYING);
    assert_int_equal(row.next_attempt_at, NOW + 60);
    assert_int_equal(row.started_at, 0);
    assert_int_equal(row.finished_at, 0);
    assert_null(row.worker);
    assert_false(row.exit_code.is_set);
}

static void keeps_every_report_as_an_event(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status s = {.event_id = {{2}},
                                       .attempt = 7,
                                       .status = STATUS_RUNNING,
                                       .if_unclaimed = true,
                                       .occurred_at = INT64_MAX, /* a broken clock */
                                       .worker = &worker};
    const struct intake in = {
        .message = {.topic = "status", .partition = 3, .offset = 9, .timestamp = NOW},
        .record = &s};
    struct event_row e = execution_event_of(&in, false);

    assert_int_equal(e.kafka_partition, 3);
    assert_int_equal(e.kafka_offset, 9);
    assert_int_equal(e.attempt, 7);
    assert_int_equal(e.occurred_at, 0);
    assert_true(e.if_unclaimed);
    assert_false(e.moved);
    assert_string_equal(e.worker, "w");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_a_row_and_never_sets_its_status),
        cmocka_unit_test(lets_the_lowest_attempt_describe_the_execution),
        cmocka_unit_test(changes_nothing_when_it_is_told_again),
        cmocka_unit_test(believes_execution_created_more_than_a_status),
        cmocka_unit_test(keeps_what_the_first_status_knew),
        cmocka_unit_test(keeps_and_marks_a_contradiction),
        cmocka_unit_test(follows_the_attempts),
        cmocka_unit_test(keeps_every_report_as_an_event),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
