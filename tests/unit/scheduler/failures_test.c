/*
 * failures_test.c - so many executions in a row that fail pause their task.
 */
#include "world.h"

static struct world *pausing_after(int32_t failures, int attempts)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.pause_after_failures = failures;
    spec.retry = (struct retry_spec){.max_attempts = attempts};
    world_put(w, spec);
    world_turn(w);
    return w;
}

/* The next instant's execution, which ends like that. */
static void run(struct world *w, enum status end)
{
    size_t n = world_count(w, RECORD_EXECUTION_CREATED);
    const struct execution_created *x;

    world_go(w, w->now + 10 * USEC_PER_SEC);
    x = world_record(w, RECORD_EXECUTION_CREATED, n);
    assert_non_null(x);
    world_report_on(w, x->execution_id, "a", x->attempt, end);
    world_turn(w);
}

static void pauses_after_so_many_in_a_row_and_says_why(void **state UNUSED)
{
    struct world *w = pausing_after(3, 1);
    const struct task_revision *r;

    run(w, STATUS_FAILED);
    run(w, STATUS_FAILED);
    run(w, STATUS_SUCCEEDED);
    run(w, STATUS_FAILED);
    run(w, STATUS_FAILED);
    world_crash(w);
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    run(w, STATUS_FAILED);
    r = world_revision(w, "a");
    assert_int_equal(r->state, TASK_PAUSED);
    assert_string_equal(r->actor, "scheduler");
    assert_string_equal(r->reason, "3 executions in a row have failed");
    assert_true(uuid_is_nil(r->command_id));
    world_crash(w);
    world_go(w, w->now + 60 * USEC_PER_SEC);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 6);
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_turn(w);
    run(w, STATUS_FAILED); /* counted anew */
    run(w, STATUS_FAILED);
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    run(w, STATUS_FAILED);
    assert_int_equal(world_revision(w, "a")->state, TASK_PAUSED);
    world_free(w);
}

static void an_attempt_that_is_followed_by_another_is_no_failure(void **state UNUSED)
{
    struct world *w = pausing_after(1, 2);

    run(w, STATUS_FAILED);
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    world_free(w);
}

static void a_discarded_plan_counts_nothing(void **state UNUSED)
{
    struct world *w = pausing_after(1, 1);
    const struct execution_created *x;

    world_go(w, SECONDS(10));
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    world_report(w, x->execution_id, "a", STATUS_FAILED);
    core_discard(w->core, world_plan(w));
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    world_turn(w);
    assert_string_equal(world_revision(w, "a")->reason, "an execution has failed");
    world_report(w, x->execution_id, "a", STATUS_FAILED); /* again: it is over */
    world_turn(w);
    assert_int_equal(world_revision(w, "a")->revision, 2);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_after_so_many_in_a_row_and_says_why),
        cmocka_unit_test(an_attempt_that_is_followed_by_another_is_no_failure),
        cmocka_unit_test(a_discarded_plan_counts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
