/*
 * histories_test.c - histories that other schedulers have got wrong, each by its name, on the real broker. Without one: tests/unit/scheduler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "stage.h"
#include "support/broker.h"

/* --- retries and verdicts --- */

/* Some are reported shortly before the time-outs of all, some when the first of those is seen, the last one when it is too late. */
static void a_verdict_races_a_success(void **state UNUSED)
{
    enum { RUNS = 12 };
    struct task_spec spec = stage_spec("race");
    const struct execution_created *runs[RUNS];
    size_t followed = 0;
    usec_t claimed;

    spec.run_timeout_ms = 1000;
    spec.retry = (struct retry_spec){
        .max_attempts = 2, .first_delay_ms = 100, .multiplier = 1, .on = "TIMED_OUT"};
    stage_put(spec);
    for (int i = 0; i < RUNS; i++)
        (void)stage_order("race", COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_sent("race", RUNS - 1) != NULL);
    for (size_t i = 0; i < RUNS; i++) {
        runs[i] = stage_sent("race", i);
        stage_report(runs[i], STATUS_RUNNING, 0);
    }
    claimed = clock_realtime();
    for (int i = 0; i < RUNS; i++) {
        if (i < RUNS / 2)
            stage_pass_until(claimed + (700 + 50 * i) * USEC_PER_MS);
        else if (i < RUNS - 1)
            WAIT_FOR(stage_said("race", STATUS_TIMED_OUT, 0) != NULL);
        else
            WAIT_FOR(!stage_is(runs[i], STATUS_RUNNING));
        stage_report(runs[i], STATUS_SUCCEEDED, 0);
    }
    for (size_t i = 0; i < RUNS; i++) {
        WAIT_FOR(stage_is(runs[i], STATUS_SUCCEEDED) || stage_is(runs[i], STATUS_RETRYING));
        followed += stage_is(runs[i], STATUS_RETRYING);
    }
    print_message("of %d in time: %zu\n", RUNS, RUNS - followed);
    WAIT_FOR(stage_sent_count("race") == RUNS + followed);
    for (size_t i = 0; i < RUNS + followed; i++) {
        const struct execution_created *x = stage_sent("race", i);

        assert_int_equal(x->attempt, i < RUNS ? 1 : 2);
        assert_true(i < RUNS || stage_is(x, STATUS_RETRYING));
        stage_report(x, STATUS_SUCCEEDED, 0); /* of the first ones once more, and that is nothing */
    }
    for (size_t i = 0; i < RUNS; i++)
        WAIT_FOR(stage_is(runs[i], STATUS_SUCCEEDED));
    assert_int_equal(stage_sent_count("race"), RUNS + followed);
}

static void a_retry_whose_back_off_ends_while_its_owner_is_away(void **state UNUSED)
{
    struct task_spec spec = stage_spec("away");
    const struct execution_status *announced;
    const struct execution_created *x, *second;

    spec.retry = (struct retry_spec){.max_attempts = 2, .first_delay_ms = 2000, .multiplier = 1};
    stage_put(spec);
    x = stage_run("away");
    stage_report(x, STATUS_RUNNING, 0);
    stage_report(x, STATUS_FAILED, 0);
    WAIT_FOR(stage_said("away", STATUS_RETRYING, 0) != NULL);
    announced = stage_said("away", STATUS_RETRYING, 0);
    stage_kill();
    assert_null(stage_sent("away", 1));
    stage_pass_until(announced->next_attempt_at + USEC_PER_MS);
    stage_start();
    WAIT_FOR(stage_sent("away", 1) != NULL);
    second = stage_sent("away", 1);
    assert_int_equal(second->attempt, 2);
    assert_true(uuid_equal(second->execution_id, x->execution_id));
    assert_true(stage_sent_at(second) >= announced->next_attempt_at);
    stage_report(second, STATUS_SUCCEEDED, 0);
    WAIT_FOR(stage_is(x, STATUS_SUCCEEDED));
    assert_int_equal(stage_sent_count("away"), 2);
}

/* --- cancels --- */

static struct task_spec remembered(const char *key)
{
    struct task_spec spec = stage_spec(key);

    spec.run_timeout_ms = 600000;
    spec.retry = (struct retry_spec){.max_attempts = 3, .first_delay_ms = 100, .multiplier = 1};
    return spec;
}

/* Before it, with it, and when its worker has been told. */
static void a_cancel_that_meets_a_success(void **state UNUSED)
{
    const struct execution_created *x[3];

    stage_put(remembered("met"));
    for (size_t i = 0; i < ARRAY_LEN(x); i++) {
        x[i] = stage_run("met");
        stage_report(x[i], STATUS_RUNNING, 0);
    }
    stage_report(x[0], STATUS_SUCCEEDED, 0);
    (void)stage_cancel(x[0]);
    (void)stage_cancel(x[1]);
    stage_report(x[1], STATUS_SUCCEEDED, 0);
    (void)stage_cancel(x[2]);
    WAIT_FOR(stage_is(x[2], STATUS_CANCELLING));
    stage_report(x[2], STATUS_SUCCEEDED, 0);
    stage_pass_until(clock_realtime() + (FLEET_GRACE_MS + 1000) * USEC_PER_MS);
    for (size_t i = 0; i < ARRAY_LEN(x); i++)
        assert_true(stage_is(x[i], STATUS_SUCCEEDED));
    assert_null(stage_said("met", STATUS_CANCELLED, 0));
    assert_int_equal(stage_sent_count("met"), 3);
}

/* It is told, waited for, and then its slot is another's. */
static void a_cancel_that_meets_a_worker_that_is_gone(void **state UNUSED)
{
    struct task_spec spec = remembered("gone");
    const struct execution_created *x;
    usec_t told;

    spec.overlap = OVERLAP_QUEUE_ALL;
    stage_put(spec);
    x = stage_run("gone");
    stage_report(x, STATUS_RUNNING, 0);
    (void)stage_order("gone", COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_said("gone", STATUS_WAITING, 0) != NULL);
    (void)stage_cancel(x);
    WAIT_FOR(stage_is(x, STATUS_CANCELLING));
    told = clock_realtime();
    stage_kill(); /* whoever waits for the end of the grace, too */
    stage_start();
    WAIT_FOR(stage_is(x, STATUS_CANCELLED));
    assert_true(clock_realtime() - told >= (FLEET_GRACE_MS - 1000) * USEC_PER_MS);
    WAIT_FOR(stage_sent("gone", 1) != NULL);
    assert_false(uuid_equal(stage_sent("gone", 1)->execution_id, x->execution_id));
    stage_report(stage_sent("gone", 1), STATUS_SUCCEEDED, 0);
    assert_int_equal(stage_sent_count("gone"), 2);
}

static void a_cancel_of_an_execution_that_waits(void **state UNUSED)
{
    struct task_spec spec = remembered("queued");
    struct execution_created waiting = {.task_id = task_id_of("default", "queued")};
    const struct execution_created *x;

    spec.overlap = OVERLAP_QUEUE_ALL;
    stage_put(spec);
    x = stage_run("queued");
    stage_report(x, STATUS_RUNNING, 0);
    (void)stage_order("queued", COMMAND_TRIGGER_TASK);
    (void)stage_order("queued", COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_said("queued", STATUS_WAITING, 1) != NULL);
    waiting.execution_id = stage_said("queued", STATUS_WAITING, 0)->execution_id;
    (void)stage_cancel(&waiting);
    WAIT_FOR(stage_life(waiting.execution_id, NULL).status == STATUS_CANCELLED);
    stage_report(x, STATUS_SUCCEEDED, 0);
    WAIT_FOR(stage_sent("queued", 1) != NULL);
    assert_true(uuid_equal(stage_sent("queued", 1)->execution_id,
                           stage_said("queued", STATUS_WAITING, 1)->execution_id));
    stage_report(stage_sent("queued", 1), STATUS_SUCCEEDED, 0);
}

/* --- tasks --- */

/* Both orders lie in the log when somebody comes to read them. */
static void a_task_that_is_deleted_and_made_again(void **state UNUSED)
{
    struct task_spec spec = remembered("reborn");
    const struct execution_created *x;

    spec.overlap = OVERLAP_QUEUE_ALL;
    stage_put(spec);
    x = stage_run("reborn");
    stage_report(x, STATUS_RUNNING, 0);
    (void)stage_order("reborn", COMMAND_TRIGGER_TASK);
    WAIT_FOR(stage_said("reborn", STATUS_WAITING, 0) != NULL);
    stage_kill();
    (void)stage_order("reborn", COMMAND_DELETE_TASK);
    (void)fleet_order(&stage, (struct command){.task_id = task_id_of("default", "reborn"),
                                               .kind = COMMAND_PUT_TASK,
                                               .body.put_task.spec = spec});
    (void)stage_order("reborn", COMMAND_TRIGGER_TASK);
    stage_start();
    WAIT_FOR(stage_said("reborn", STATUS_CANCELLED, 0) != NULL);
    WAIT_FOR(stage_said("reborn", STATUS_WAITING, 1) != NULL);
    assert_int_equal(stage_revision("reborn")->revision, 3);
    assert_int_equal(stage_revision("reborn")->state, TASK_ACTIVE);
    stage_report(x, STATUS_SUCCEEDED, 0);
    WAIT_FOR(stage_sent("reborn", 1) != NULL);
    assert_true(uuid_equal(stage_sent("reborn", 1)->execution_id,
                           stage_said("reborn", STATUS_WAITING, 1)->execution_id));
    assert_int_equal(stage_sent("reborn", 1)->revision, 3);
    stage_report(stage_sent("reborn", 1), STATUS_SUCCEEDED, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_races_a_success),
        cmocka_unit_test(a_retry_whose_back_off_ends_while_its_owner_is_away),
        cmocka_unit_test(a_cancel_that_meets_a_success),
        cmocka_unit_test(a_cancel_that_meets_a_worker_that_is_gone),
        cmocka_unit_test(a_cancel_of_an_execution_that_waits),
        cmocka_unit_test(a_task_that_is_deleted_and_made_again),
    };
    int code;

    code = fleet_child(argc, argv);
    return code >= 0 ? code : cmocka_run_group_tests(tests, stage_begin, stage_end);
}
