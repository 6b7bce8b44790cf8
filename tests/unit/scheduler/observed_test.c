/* Runs that somebody else starts: what the scheduler does about them, and what it does not. */
#include "scheduler/observed.h"

#include <stdio.h>

#include "asked.h"
#include "base/hash.h"
#include "model/lifecycle.h"

static const struct worker_ref cron = {"cron", {{7}}};

/* The n-th run of that task, begun at w->now of then. */
static struct uuid run_of(const char *key, usec_t at, int n)
{
    char nonce[16];

    (void)snprintf(nonce, sizeof nonce, "%d", n);
    return execution_id_of(task_of(key), at, "external", nonce);
}

static struct execution_status of(const struct world *w, struct uuid run, const char *key,
                                  enum status says)
{
    return (struct execution_status){.event_id = command_numbered(-2 - (int)w->status_count),
                                     .execution_id = run,
                                     .task_id = task_of(key),
                                     .attempt = 1,
                                     .status = says,
                                     .occurred_at = w->now,
                                     .trigger = TRIGGER_EXTERNAL,
                                     .scheduled_at = w->now,
                                     .worker = &cron};
}

static void tell(struct world *w, struct uuid run, const char *key, enum status says)
{
    const struct execution_status report = of(w, run, key, says);

    world_say(w, &report);
}

/* No instants, a minute to run. */
static struct task_spec limited(const char *key)
{
    struct task_spec spec = spec_of(key, NULL);

    spec.run_timeout_ms = 60000;
    return spec;
}

static struct world *observing(struct task_spec spec, struct uuid *ret_run)
{
    struct world *w = with(spec);

    *ret_run = run_of("a", w->now, 1);
    tell(w, *ret_run, "a", STATUS_RUNNING);
    world_turn(w);
    return w;
}

static void expect_open(const struct world *w, size_t count)
{
    assert_int_equal(core_open_count(w->core), count);
}

static void one_that_hangs_is_timed_out(void **state UNUSED)
{
    struct uuid run;
    struct world *w = observing(limited("a"), &run);

    expect_open(w, 1);
    world_go(w, SECONDS(60) - 1);
    assert_null(said(w, 0));
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    assert_int_equal(said(w, 0)->reason, REASON_RUN_TIMEOUT);
    assert_true(uuid_equal(said(w, 0)->execution_id, run));
    assert_true(uuid_equal(said(w, 0)->event_id, event_id_of(run, 1, "TIMED_OUT")));
    assert_null(said(w, 1));
    expect_open(w, 0);
    world_free(w);
}

/* By the broker's clock; what the reporter says of the time decides nothing. */
static void its_time_counts_from_when_the_brokers_have_its_report(void **state UNUSED)
{
    struct world *w = with(limited("a"));
    struct execution_status report = of(w, run_of("a", SECONDS(-86400), 1), "a", STATUS_RUNNING);

    report.occurred_at = report.scheduled_at = SECONDS(-86400);
    world_say(w, &report); /* a spool was emptied: it began yesterday */
    world_turn(w);
    expect_open(w, 1);
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    world_free(w);
}

static void one_whose_signs_of_life_stop_is_lost(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", NULL);
    struct uuid run;
    struct world *w;

    spec.heartbeat_ms = 10000;
    w = observing(spec, &run);
    w->now = SECONDS(30);
    world_sign_as(w,
                  &(struct heartbeat){
                      .execution_id = run, .task_id = task_of("a"), .attempt = 1, .worker = cron});
    while (w->now < SECONDS(69))
        world_hear(w, w->now + USEC_PER_SEC);
    assert_null(said(w, 0));
    while (w->now < SECONDS(80))
        world_hear(w, w->now + USEC_PER_SEC);
    assert_int_equal(said(w, 0)->status, STATUS_LOST);
    assert_int_equal(said(w, 0)->reason, REASON_HEARTBEAT);
    expect_open(w, 0);
    world_free(w);
}

static void one_that_ends_in_time_is_forgotten(void **state UNUSED)
{
    struct uuid run;
    struct world *w = observing(limited("a"), &run);

    tell(w, run, "a", STATUS_FAILED);
    world_turn(w);
    expect_open(w, 0);
    world_crash(w);
    world_go(w, SECONDS(60));
    assert_null(said(w, 0));
    world_free(w);
}

/* Most commands take less than a turn. Its end need not say again what it is of. */
static void one_that_begins_and_ends_within_a_turn_is_over(void **state UNUSED)
{
    struct world *w = with(limited("a"));
    struct uuid run = run_of("a", w->now, 1);

    tell(w, run, "a", STATUS_RUNNING);
    world_report(w, run, "a", STATUS_SUCCEEDED);
    core_discard(w->core, world_plan(w));
    world_turn(w);
    expect_open(w, 0);
    world_crash(w);
    expect_open(w, 0);
    world_go(w, SECONDS(60));
    assert_null(said(w, 0));
    assert_false(core_has_statuses(w->core));
    world_free(w);
}

static void without_limits_it_may_take_as_long_as_it_likes(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", NULL);
    struct uuid run;
    struct world *w;

    spec.retry.max_attempts = 3; /* the scheduler remembers what it makes of the task */
    spec.retry.on = "FAILED";
    w = observing(spec, &run);
    expect_open(w, 0);
    world_free(w);
}

static void it_keeps_the_limits_that_it_began_with(void **state UNUSED)
{
    struct task_spec spec = limited("a");
    struct uuid run;
    struct world *w = observing(spec, &run);

    spec.run_timeout_ms = 0;
    world_put(w, spec);
    world_turn(w);
    world_crash(w);
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    expect_open(w, 0);
    world_free(w);
}

static void a_task_that_is_paused_or_deleted_has_limits_all_the_same(void **state UNUSED)
{
    static const enum command_kind orders[] = {COMMAND_PAUSE_TASK, COMMAND_DELETE_TASK};

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct world *w = with(limited("a"));

        world_order(w, "a", orders[i]);
        world_turn(w);
        tell(w, run_of("a", w->now, 1), "a", STATUS_RUNNING);
        world_turn(w);
        world_go(w, SECONDS(60));
        assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
        world_free(w);
    }
}

/* --- what it is not --- */

static void it_is_not_tried_again_and_sets_nothing_off(void **state UNUSED)
{
    static struct then_spec then = {.project = "default", .task = "b", .on = THEN_ENDED};
    struct task_spec spec = limited("a");
    struct uuid run;
    struct world *w;

    spec.retry = (struct retry_spec){
        .max_attempts = 3, .first_delay_ms = 1000, .multiplier = 1, .on = "TIMED_OUT,FAILED"};
    spec.pause_after_failures = 1;
    spec.then = &then;
    spec.then_count = 1;
    w = observing(spec, &run);
    world_go(w, SECONDS(60));
    world_go(w, SECONDS(90));
    assert_int_equal(world_count(w, RECORD_EXECUTION_STATUS), 1); /* TIMED_OUT */
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 0);
    assert_int_equal(world_count(w, RECORD_COMMAND), 0);
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    world_free(w);
}

static void it_is_in_nobodys_way(void **state UNUSED)
{
    static const enum overlap_policy policies[] = {OVERLAP_SKIP, OVERLAP_QUEUE_ONE,
                                                   OVERLAP_CANCEL_OTHER};

    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct task_spec spec = overlapping(policies[i]);
        struct uuid run;
        struct world *w;

        spec.run_timeout_ms = 60000;
        w = observing(spec, &run);
        world_go(w, SECONDS(10));
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
        finish(w, 0);
        world_crash(w);
        world_go(w, SECONDS(20));
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
        start(w, 1);
        /* where the newest may run it cancels the one before, and not this one */
        world_go(w, SECONDS(30));
        assert_int_equal(signals(w), policies[i] == OVERLAP_CANCEL_OTHER);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
        tell(w, run, "a", STATUS_SUCCEEDED);
        world_turn(w);
        world_free(w);
    }
}

/* Its end frees no slot either: another policy asks for one, and it does not hold it. */
static void it_gets_no_limits_of_those_that_hold_a_slot(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", NULL);
    struct uuid run;
    struct world *w;

    spec.heartbeat_ms = 10000;
    w = observing(spec, &run);
    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec);
    world_turn(w);
    assert_true(core_wake(w->core) == USEC_MAX);
    world_free(w);
}

static void somebody_may_cancel_it(void **state UNUSED)
{
    struct uuid run;
    struct world *w = observing(limited("a"), &run);
    struct command cancel = {.task_id = task_of("a"),
                             .actor = "test",
                             .kind = COMMAND_CANCEL_EXECUTION,
                             .body.cancel_execution.execution_id = run};
    struct uuid id;

    id = world_send(w, cancel);
    world_turn(w);
    expect(w, id, CODE_OK);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLING);
    assert_int_equal(signals(w), 1);
    tell(w, run, "a", STATUS_CANCELLED);
    world_turn(w);
    expect_open(w, 0);
    world_free(w);
}

/* --- crashes --- */

static void whoever_takes_over_goes_on_with_it(void **state UNUSED)
{
    struct uuid run;
    struct world *w = observing(limited("a"), &run);

    world_crash(w);
    expect_open(w, 1);
    assert_true(core_wake(w->core) == SECONDS(60));
    tell(w, run, "a", STATUS_SUCCEEDED); /* not decided: it is read again */
    world_crash(w);
    world_turn(w);
    expect_open(w, 0);
    world_free(w);
}

static void a_report_that_was_not_decided_is_read_again(void **state UNUSED)
{
    struct world *w = with(limited("a"));

    tell(w, run_of("a", w->now, 1), "a", STATUS_RUNNING);
    core_discard(w->core, world_plan(w));
    expect_open(w, 0);
    world_crash(w);
    world_turn(w);
    expect_open(w, 1);
    tell(w, run_of("a", w->now, 1), "a", STATUS_RUNNING); /* and once more: it is the same run */
    world_turn(w);
    expect_open(w, 1);
    assert_true(core_wake(w->core) == SECONDS(60));
    world_free(w);
}

/* --- what anybody can make up --- */

static void only_a_workers_running_of_a_first_attempt_begins_one(void **state UNUSED)
{
    struct world *w = with(limited("a"));
    struct uuid run = run_of("a", w->now, 1);
    struct execution_status report = of(w, run, "a", STATUS_SUCCEEDED);

    world_say(w, &report);
    report = of(w, run, "a", STATUS_RUNNING);
    report.attempt = 2;
    world_say(w, &report);
    report.attempt = 1;
    report.trigger = TRIGGER_MANUAL;
    world_say(w, &report);
    report.trigger = TRIGGER_EXTERNAL;
    report.worker = NULL; /* nobody's */
    world_say(w, &report);
    report.event_id = event_id_of(run, 1, "RUNNING"); /* the scheduler's, who observes nothing */
    world_say(w, &report);
    report = of(w, run, "nobody's", STATUS_RUNNING);
    world_say(w, &report);
    world_turn(w);
    expect_open(w, 0);
    world_free(w);
}

/* The history takes none of these, or knows them to be the schedule's own. */
static void an_id_of_another_kind_begins_none(void **state UNUSED)
{
    struct world *w = with(limited("a"));
    const struct uuid ids[] = {
        command_numbered(1),
        uuid_random(),
        run_of("a", HISTORY_START - USEC_PER_MS, 1),
        run_of("a", w->now + USEC_PER_DAY + USEC_PER_SEC, 1),
        execution_id_of(task_of("a"), SECONDS(10), "instant", ""),
    };

    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        tell(w, ids[i], "a", STATUS_RUNNING);
    world_turn(w);
    expect_open(w, 0);
    tell(w, run_of("a", w->now + USEC_PER_DAY, 1), "a", STATUS_RUNNING);
    tell(w, run_of("a", HISTORY_START, 1), "a", STATUS_RUNNING);
    world_turn(w);
    expect_open(w, 2);
    world_free(w);
}

/* An instant whose id somebody has reported on before is an execution like any other. */
static void an_instant_that_was_reported_on_before_is_remembered(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "@every 10s");
    struct world *w;

    spec.start_deadline_ms = 5000;
    spec.run_timeout_ms = 60000;
    w = with(spec);
    tell(w, execution_id_of(task_of("a"), SECONDS(10), "instant", ""), "a", STATUS_RUNNING);
    world_turn(w);
    world_go(w, SECONDS(10));
    world_go(w, SECONDS(15));
    assert_int_equal(said(w, 0)->status, STATUS_MISSED);
    world_free(w);
}

/* Under another task's id it is another run, before the execution is made and after: it is in its way nowhere. */
static void an_id_of_another_tasks_execution_is_in_nobodys_way(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "@every 10s");
    struct world *w;

    spec.start_deadline_ms = 5000;
    w = with(spec);
    world_put(w, limited("b"));
    world_turn(w);
    tell(w, execution_id_of(task_of("a"), SECONDS(10), "instant", ""), "b", STATUS_RUNNING);
    world_go(w, SECONDS(10));
    expect_open(w, 2);
    tell(w, sent(w, 0)->execution_id, "b", STATUS_RUNNING); /* once more */
    world_crash(w);
    world_turn(w);
    expect_open(w, 2);
    world_go(w, SECONDS(15));
    assert_int_equal(said(w, 0)->status, STATUS_MISSED);
    assert_true(uuid_equal(said(w, 0)->task_id, task_of("a")));
    expect_open(w, 1);
    tell(w, sent(w, 0)->execution_id, "b", STATUS_SUCCEEDED);
    world_turn(w);
    expect_open(w, 0);
    world_free(w);
}

static void report_runs(struct world *w, const char *key, int count)
{
    for (int i = 0; i < count; i++)
        tell(w, run_of(key, w->now, i), key, STATUS_RUNNING);
    world_turn(w);
}

static void of_one_task_a_thousand_are_remembered(void **state UNUSED)
{
    struct world *w = with(limited("a"));

    world_put(w, limited("b"));
    world_turn(w);
    report_runs(w, "a", 3 * OBSERVED_MAX);
    expect_open(w, OBSERVED_MAX);
    report_runs(w, "b", 1); /* another task's are not left out for that */
    expect_open(w, OBSERVED_MAX + 1);
    world_crash(w);
    report_runs(w, "a", 3 * OBSERVED_MAX);
    expect_open(w, OBSERVED_MAX + 1);
    tell(w, run_of("a", w->now, 0), "a", STATUS_SUCCEEDED);
    tell(w, run_of("a", w->now, 4 * OBSERVED_MAX), "a", STATUS_RUNNING);
    world_turn(w);
    expect_open(w, OBSERVED_MAX + 1);
    world_go(w, SECONDS(60));
    expect_open(w, 0);
    assert_int_equal(world_count(w, RECORD_EXECUTION_STATUS), OBSERVED_MAX + 1);
    world_free(w);
}

static void where_there_are_many_each_task_has_a_few(void **state UNUSED)
{
    struct world *w = world_new();
    char keys[OBSERVED_MANY / OBSERVED_MAX + 1][8];

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        (void)snprintf(keys[i], sizeof keys[i], "t%zu", i);
        world_put(w, limited(keys[i]));
    }
    world_turn(w);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        report_runs(w, keys[i], OBSERVED_MAX);
    expect_open(w, OBSERVED_MANY + OBSERVED_FEW);
    world_go(w, SECONDS(60));
    expect_open(w, 0);
    report_runs(w, keys[ARRAY_LEN(keys) - 1], OBSERVED_MAX);
    expect_open(w, OBSERVED_MAX);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_hangs_is_timed_out),
        cmocka_unit_test(its_time_counts_from_when_the_brokers_have_its_report),
        cmocka_unit_test(one_whose_signs_of_life_stop_is_lost),
        cmocka_unit_test(one_that_ends_in_time_is_forgotten),
        cmocka_unit_test(one_that_begins_and_ends_within_a_turn_is_over),
        cmocka_unit_test(without_limits_it_may_take_as_long_as_it_likes),
        cmocka_unit_test(it_keeps_the_limits_that_it_began_with),
        cmocka_unit_test(a_task_that_is_paused_or_deleted_has_limits_all_the_same),
        cmocka_unit_test(it_is_not_tried_again_and_sets_nothing_off),
        cmocka_unit_test(it_is_in_nobodys_way),
        cmocka_unit_test(it_gets_no_limits_of_those_that_hold_a_slot),
        cmocka_unit_test(somebody_may_cancel_it),
        cmocka_unit_test(whoever_takes_over_goes_on_with_it),
        cmocka_unit_test(a_report_that_was_not_decided_is_read_again),
        cmocka_unit_test(only_a_workers_running_of_a_first_attempt_begins_one),
        cmocka_unit_test(an_id_of_another_kind_begins_none),
        cmocka_unit_test(an_instant_that_was_reported_on_before_is_remembered),
        cmocka_unit_test(an_id_of_another_tasks_execution_is_in_nobodys_way),
        cmocka_unit_test(of_one_task_a_thousand_are_remembered),
        cmocka_unit_test(where_there_are_many_each_task_has_a_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
