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

/* At offset `at`. A report without a worker and an event id is told as the scheduler's. */
static int tell_status(struct execution_row *row, const struct execution_status *r, usec_t at)
{
    struct execution_status said = *r;
    const struct intake in = {.message = {.topic = "status", .offset = at, .timestamp = at},
                              .feed = FEED_STATUS,
                              .kind = RECORD_EXECUTION_STATUS,
                              .record = &said};
    struct event_row event;
    int changes;

    said.execution_id = row->execution_id;
    if (r->worker == NULL && uuid_is_nil(r->event_id))
        said.event_id =
            event_id_of(row->execution_id, r->attempt, enum_name(&status_enum, (int)r->status));
    event = execution_event_of(&in);
    changes = execution_fold_birth(row, &in);
    return changes | execution_fold_event(row, &event);
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

    (void)tell_status(&first, &s, NOW);
    assert_int_equal(first.revision, 9); /* until it is described */
    assert_int_equal(first.scheduled_at, NOW + 7);
    assert_int_equal(first.trigger, TRIGGER_CATCH_UP);
    assert_string_equal(first.queue, "s");
    (void)tell_created(&first, &c, "executions.q", NOW);
    (void)tell_created(&second, &c, "executions.q", NOW);
    (void)tell_status(&second, &s, NOW);
    assert_int_equal(first.revision, 4);
    assert_int_equal(first.trigger, TRIGGER_SCHEDULED);
    assert_memory_equal(&first.scheduled_at, &second.scheduled_at, sizeof first.scheduled_at);
    assert_int_equal(second.revision, 4);
    assert_string_equal(second.queue, "q");
    assert_int_equal(first.status, STATUS_SKIPPED);
    assert_int_equal(second.status, STATUS_SKIPPED);
}

/* What makes an execution without an ExecutionCreated, in the order in which it is told; and the trigger that stands. */
static void believes_the_first_birth_and_the_scheduler_before_a_worker(void **state UNUSED)
{
    static const struct worker_ref worker = {"w", {{1}}};
    static const struct execution_status claim = {.attempt = 1,
                                                  .status = STATUS_RUNNING,
                                                  .worker = &worker,
                                                  .queue = "lie",
                                                  .trigger = TRIGGER_SCHEDULED,
                                                  .scheduled_at = NOW,
                                                  .revision = 9},
                                         nobody = {.event_id = {{3}},
                                                   .attempt = 1,
                                                   .status = STATUS_SKIPPED,
                                                   .trigger = TRIGGER_SCHEDULED,
                                                   .scheduled_at = NOW},
                                         bare = {.attempt = 1,
                                                 .status = STATUS_MISSED,
                                                 .queue = "q"},
                                         seen = {.attempt = 1,
                                                 .status = STATUS_RUNNING,
                                                 .worker = &worker,
                                                 .trigger = TRIGGER_EXTERNAL,
                                                 .scheduled_at = NOW + 1},
                                         skipped = {.attempt = 1,
                                                    .status = STATUS_SKIPPED,
                                                    .trigger = TRIGGER_CATCH_UP,
                                                    .scheduled_at = NOW,
                                                    .revision = 3,
                                                    .queue = "q"},
                                         missed = {.attempt = 1,
                                                   .status = STATUS_MISSED,
                                                   .trigger = TRIGGER_SCHEDULED,
                                                   .scheduled_at = NOW};
    static const struct birth_case {
        const struct execution_status *told[3];
        enum trigger trigger;
        int32_t revision;
    } cases[] = {
        {{&claim, &nobody, &bare}, TRIGGER_UNKNOWN, 0},
        {{&seen}, TRIGGER_EXTERNAL, 0},
        {{&skipped, &missed, &seen}, TRIGGER_CATCH_UP, 3},
        {{&seen, &skipped, &missed}, TRIGGER_CATCH_UP, 3},
        {{&claim, &missed, &skipped}, TRIGGER_SCHEDULED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct execution_row row = stub();

        for (size_t n = 0; n < 3 && cases[i].told[n] != NULL; n++)
            (void)tell_status(&row, cases[i].told[n], NOW);
        assert_int_equal(row.trigger, cases[i].trigger);
        assert_int_equal(row.revision, cases[i].revision);
        assert_int_equal(execution_is_made(&row), cases[i].trigger != TRIGGER_UNKNOWN);
    }
}

static void keeps_and_marks_a_contradiction(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status run = {.attempt = 1, .status = STATUS_RUNNING, .worker = &worker},
                                  lost = {.attempt = 1, .status = STATUS_LOST},
                                  done = {
                                      .attempt = 1, .status = STATUS_SUCCEEDED, .worker = &worker};
    struct execution_row row = stub();

    (void)tell_status(&row, &run, NOW);
    (void)tell_status(&row, &lost, NOW + 1);
    assert_int_equal(tell_status(&row, &done, NOW + 2), EXECUTION_LIFE);
    assert_true(row.contradicted);
    assert_int_equal(row.status, STATUS_LOST);
    assert_int_equal(row.finished_at, NOW + 1);
    assert_int_equal(tell_status(&row, &done, NOW + 3), EXECUTION_SAME);
}

/* Its id can be computed: what was said of it before it was made is not about it. */
static void a_life_begins_where_the_execution_is_made(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status done = {.attempt = 1,
                                          .status = STATUS_SUCCEEDED,
                                          .worker = &worker},
                                  skipped = {.attempt = 1,
                                             .status = STATUS_SKIPPED,
                                             .trigger = TRIGGER_SCHEDULED,
                                             .scheduled_at = NOW};
    struct execution_created c = created(1, 1);
    struct execution_row row = stub();

    (void)tell_status(&row, &done, 5);
    assert_int_equal(row.status, STATUS_SUCCEEDED);
    (void)tell_status(&row, &skipped, 6);
    assert_int_equal(row.status, STATUS_SKIPPED);
    assert_int_equal(row.status_from, 6);
    assert_null(row.worker);
    (void)tell_status(&row, &skipped, 7); /* again: it is the first that counts */
    assert_int_equal(row.status_from, 6);

    row = stub();
    c.status_from = 10;
    assert_int_equal(tell_created(&row, &c, "executions.a", NOW), EXECUTION_DESCRIBED);
    assert_int_equal(tell_status(&row, &done, 9), EXECUTION_SAME);
    assert_int_equal(row.status, STATUS_PENDING);
    assert_int_equal(tell_status(&row, &done, 10), EXECUTION_LIFE);
    assert_int_equal(row.status, STATUS_SUCCEEDED);
}

static void shows_who_when_and_why_of_the_report_that_moved_it_last(void **state UNUSED)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_status run = {.attempt = 1,
                                         .status = STATUS_RUNNING,
                                         .worker = &worker,
                                         .message = "off"},
                                  fail = {.attempt = 1,
                                          .status = STATUS_FAILED,
                                          .worker = &worker,
                                          .exit_code = {true, 3},
                                          .message = "no"},
                                  again = {.attempt = 2,
                                           .status = STATUS_RETRYING,
                                           .next_attempt_at = NOW + 60};
    struct execution_row row = stub();

    assert_int_equal(tell_status(&row, &run, NOW), EXECUTION_LIFE);
    assert_int_equal(row.started_at, NOW);
    assert_string_equal(row.message, "off");
    assert_int_equal(row.finished_at, 0);
    assert_int_equal(tell_status(&row, &fail, NOW + 1), EXECUTION_LIFE);
    assert_int_equal(tell_status(&row, &again, NOW + 2), EXECUTION_SAME);
    assert_int_equal(row.status, STATUS_FAILED);
    assert_int_equal(row.finished_at, NOW + 1);
    assert_int_equal(row.started_at, NOW);
    assert_int_equal(row.exit_code.value, 3);
    assert_string_equal(row.message, "no");
    assert_string_equal(row.worker, "w");
}

/* A worker says that it has stopped; why it had to was said before. */
static void what_was_cancelled_keeps_the_reason_for_which_it_was(void **state UNUSED)
{
    static const struct {
        enum status ends;
        enum reason says, shown;
    } cases[] = {
        {STATUS_CANCELLED, REASON_NONE, REASON_OVERLAP},
        {STATUS_CANCELLED, REASON_WORKER_SHUTDOWN, REASON_WORKER_SHUTDOWN},
        {STATUS_SUCCEEDED, REASON_NONE, REASON_NONE}, /* it was faster */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct worker_ref worker = {"w", {{1}}};
        const struct execution_status run = {
            .attempt = 1, .status = STATUS_RUNNING, .worker = &worker};
        const struct execution_status stop = {
            .attempt = 1, .status = STATUS_CANCELLING, .reason = REASON_OVERLAP};
        const struct execution_status end = {
            .attempt = 1, .status = cases[i].ends, .reason = cases[i].says, .worker = &worker};
        struct execution_row row = stub();

        assert_int_equal(tell_status(&row, &run, NOW), EXECUTION_LIFE);
        assert_int_equal(tell_status(&row, &stop, NOW + 1), EXECUTION_LIFE);
        assert_int_equal(row.reason, REASON_OVERLAP);
        assert_int_equal(tell_status(&row, &end, NOW + 2), EXECUTION_LIFE);
        assert_int_equal(row.status, cases[i].ends);
        assert_int_equal(row.reason, cases[i].shown);
    }
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
    struct event_row e = execution_event_of(&in);

    assert_int_equal(e.kafka_partition, 3);
    assert_int_equal(e.kafka_offset, 9);
    assert_int_equal(e.attempt, 7);
    assert_int_equal(e.occurred_at, 0);
    assert_true(e.if_unclaimed);
    assert_false(e.moved);
    assert_string_equal(e.worker, "w");
}

/* A status, of whatever kind, is no maker. */
static void nothing_but_a_description_or_a_trigger_makes_an_execution(void **state UNUSED)
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        struct execution_row row = stub();

        row.status = status;
        assert_false(execution_is_made(&row));
        row.created_attempt = 1;
        assert_true(execution_is_made(&row));
        row.created_attempt = 0;
        row.trigger = TRIGGER_EXTERNAL;
        assert_true(execution_is_made(&row));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_a_row_and_never_sets_its_status),
        cmocka_unit_test(lets_the_lowest_attempt_describe_the_execution),
        cmocka_unit_test(changes_nothing_when_it_is_told_again),
        cmocka_unit_test(believes_execution_created_more_than_a_status),
        cmocka_unit_test(believes_the_first_birth_and_the_scheduler_before_a_worker),
        cmocka_unit_test(keeps_and_marks_a_contradiction),
        cmocka_unit_test(a_life_begins_where_the_execution_is_made),
        cmocka_unit_test(shows_who_when_and_why_of_the_report_that_moved_it_last),
        cmocka_unit_test(what_was_cancelled_keeps_the_reason_for_which_it_was),
        cmocka_unit_test(keeps_every_report_as_an_event),
        cmocka_unit_test(nothing_but_a_description_or_a_trigger_makes_an_execution),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
