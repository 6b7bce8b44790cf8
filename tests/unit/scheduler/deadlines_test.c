#include "base/hash.h"
#include "model/lifecycle.h"
#include "world.h"

/* A task triggered at 0 with a start deadline of 10 s and a run timeout of 60 s. */
static struct world *triggered(struct uuid *ret_execution)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", NULL);
    struct uuid trigger;

    spec.start_deadline_ms = 10000;
    spec.run_timeout_ms = 60000;
    world_put(w, spec);
    trigger = world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    *ret_execution = world_outcome(w, trigger)->execution_id;
    return w;
}

static const struct execution_status *said(const struct world *w, size_t index)
{
    return world_record(w, RECORD_EXECUTION_STATUS, index);
}

static void counts_the_run_timeout_from_the_claim(void **state UNUSED)
{
    static const struct worker_ref other = {"other", {{8}}};
    struct uuid x;
    struct world *w = triggered(&x);

    world_report(w, x, "a", STATUS_RUNNING);
    w->now = SECONDS(7); /* when it is decided does not matter, only the broker's time */
    world_turn(w);
    assert_true(core_wake(w->core) == SECONDS(60));
    world_report(w, x, "a", STATUS_RUNNING); /* the same worker's again: no new claim */
    world_turn(w);
    assert_true(core_wake(w->core) == SECONDS(60));
    world_say(w, &(struct execution_status){.event_id = command_numbered(900),
                                            .execution_id = x,
                                            .task_id = task_of("a"),
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = &other});
    world_turn(w);
    assert_true(core_wake(w->core) == SECONDS(67));
    world_go(w, SECONDS(67) - 1);
    assert_null(said(w, 0));
    world_go(w, SECONDS(67));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    assert_int_equal(said(w, 0)->reason, REASON_RUN_TIMEOUT);
    assert_null(said(w, 0)->worker);
    assert_int_equal(said(w, 0)->attempt, 1);
    assert_true(uuid_equal(said(w, 0)->event_id, event_id_of(x, 1, "TIMED_OUT")));
    assert_null(said(w, 1));
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void misses_what_nobody_starts(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    world_go(w, SECONDS(10) - 1);
    assert_null(said(w, 0));
    world_go(w, SECONDS(10));
    assert_int_equal(said(w, 0)->status, STATUS_MISSED);
    assert_int_equal(said(w, 0)->reason, REASON_START_DEADLINE);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void frees_the_slot_only_when_the_proposal_is_read_back(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 20s");

    spec.overlap = OVERLAP_SKIP;
    spec.start_deadline_ms = 5000;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(20));
    w->hears = false;
    world_go(w, SECONDS(25));
    world_go(w, SECONDS(26)); /* one proposal at a time */
    assert_int_equal(world_count(w, RECORD_EXECUTION_STATUS), 1);
    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"), "SKIPPED/OVERLAP@40");
    assert_int_equal(core_open_count(w->core), 1);
    w->hears = true;
    core_take_status(w->core, 0, w->now, w->statuses[0].value, w->statuses[0].value);
    world_go(w, SECONDS(60));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "20 60");
    world_free(w);
}

static void gives_way_when_the_worker_was_first(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    w->hears = false;
    world_report(w, x, "a", STATUS_RUNNING); /* in the log before MISSED, but not read yet */
    world_go(w, SECONDS(10));
    assert_int_equal(said(w, 0)->status, STATUS_MISSED);
    w->hears = true;
    for (size_t i = 0; i < w->status_count; i++)
        core_take_status(w->core, (int64_t)i, SECONDS(9 + (long)i), w->statuses[i].value,
                         w->statuses[i].value);
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 1);
    assert_true(core_wake(w->core) == SECONDS(69)); /* its run timeout counts again */
    world_go(w, SECONDS(69));
    assert_int_equal(said(w, 1)->status, STATUS_TIMED_OUT);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void proposes_again_after_a_restore_at_most(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    w->hears = false;
    world_go(w, SECONDS(10));
    world_crash(w);
    world_go(w, SECONDS(11));
    /* the record says that one is on its way */
    assert_int_equal(world_count(w, RECORD_EXECUTION_STATUS), 1);
    w->hears = true;
    world_crash(w);
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 0);
    world_crash(w);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* What a report does to an execution that is RUNNING. */
static const struct report_case {
    enum status status;
    int32_t attempt;
    enum { WORKER, SCHEDULER, NOBODY } who;
    size_t open_after;
} report_cases[] = {
    {STATUS_SUCCEEDED, 1, WORKER, 0}, {STATUS_FAILED, 1, WORKER, 0},
    {STATUS_SUCCEEDED, 2, WORKER, 1}, {STATUS_RUNNING, 1, WORKER, 1},
    {STATUS_TIMED_OUT, 1, WORKER, 1}, {STATUS_CANCELLED, 1, WORKER, 1},
    {STATUS_MISSED, 1, SCHEDULER, 1}, {STATUS_TIMED_OUT, 1, SCHEDULER, 0},
    {STATUS_LOST, 1, SCHEDULER, 0},   {STATUS_LOST, 1, NOBODY, 1},
    {STATUS_FAILED, 1, NOBODY, 1},    {STATUS_RETRYING, 2, SCHEDULER, 1},
};

static void closes_an_execution_by_the_fold_alone(void **state UNUSED)
{
    const struct worker_ref worker = {.name = "w", .incarnation = command_numbered(5)};

    for (size_t i = 0; i < ARRAY_LEN(report_cases); i++) {
        const struct report_case *c = &report_cases[i];
        struct uuid x;
        struct world *w = triggered(&x);

        world_report(w, x, "a", STATUS_RUNNING);
        world_say(w, &(struct execution_status){
                         .event_id = c->who != SCHEDULER
                                         ? command_numbered(900)
                                         : event_id_of(x, c->attempt,
                                                       enum_name(&status_enum, (int)c->status)),
                         .execution_id = x,
                         .task_id = task_of("a"),
                         .attempt = c->attempt,
                         .status = c->status,
                         .occurred_at = w->now,
                         .worker = c->who == WORKER ? &worker : NULL});
        world_turn(w);
        assert_int_equal(core_open_count(w->core), c->open_after);
        world_free(w);
    }
}

/* The projection keeps such a report's bytes and folds it not: were it folded here, the two would differ for ever. */
static void ignores_a_report_over_the_limits_as_the_projection_does(void **state UNUSED)
{
    static char large[RESULT_MAX_BYTES + 1];
    const struct worker_ref worker = {.name = "w", .incarnation = command_numbered(5)};
    struct uuid x;
    struct world *w = triggered(&x);

    world_say(w, &(struct execution_status){.event_id = command_numbered(900),
                                            .execution_id = x,
                                            .task_id = task_of("a"),
                                            .attempt = 1,
                                            .status = STATUS_SUCCEEDED,
                                            .worker = &worker,
                                            .result = {large, sizeof large}});
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 1);
    assert_false(core_has_statuses(w->core));
    world_free(w);
}

/* It names the execution, but not the task that it is of: the history has a row of its own for that, so nothing moves here. */
static void ignores_a_report_under_the_id_of_another_task(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    world_put(w, spec_of("b", NULL));
    world_turn(w);
    world_report(w, x, "b", STATUS_SUCCEEDED);
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 1);
    world_report(w, x, "a", STATUS_SUCCEEDED);
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void ignores_unknown_executions_but_moves_on(void **state UNUSED)
{
    struct world *w = world_new();

    world_report(w, command_numbered(1), "a", STATUS_RUNNING);
    core_take_status(w->core, 1, w->now, bytes_of("x"), bytes_of("not a frame"));
    core_take_status(w->core, 2, w->now, bytes_of("x"), (struct bytes){NULL, 0});
    assert_true(core_has_statuses(w->core));
    world_turn(w);
    assert_int_equal(w->count, 1);
    assert_int_equal(world_watermark(w)->status_next, 3);
    assert_false(core_has_statuses(w->core));
    world_free(w);
}

static void copies_misplaced_statuses_to_their_partition(void **state UNUSED)
{
    struct world *w = world_new();
    char text[UUID_TEXT];

    w->env.partitions = 12;
    world_report(w, command_numbered(1), "a", STATUS_RUNNING);
    world_turn(w);
    assert_int_equal(w->count, 2);
    assert_string_equal(w->log[1].topic, "t.status");
    assert_string_equal(w->log[1].key, uuid_to_text(task_of("a"), text));
    assert_int_equal(w->log[1].partition, partition_of(task_of("a"), 12));
    assert_int_not_equal(w->log[1].partition, 0);
    assert_true(bytes_equal(w->log[1].value, w->statuses[0].value));
    world_free(w);
}

static void gives_deadlines_to_tasks_that_wait_for_themselves(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", NULL);
    const struct execution_created *x;

    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec);
    world_put(w, spec_of("b", NULL));
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_order(w, "b", COMMAND_TRIGGER_TASK);
    world_turn(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    assert_true(x->start_by == SECONDS(86400));
    assert_int_equal(x->run_timeout_ms, 86400000);
    x = world_record(w, RECORD_EXECUTION_CREATED, 1);
    assert_true(x->start_by == 0 && x->run_timeout_ms == 0);
    assert_int_equal(core_open_count(w->core), 1);
    world_go(w, SECONDS(86400));
    assert_int_equal(said(w, 0)->status, STATUS_MISSED);
    world_free(w);
}

static void lets_a_deleted_task_finish(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    world_report(w, x, "a", STATUS_RUNNING);
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    world_crash(w);
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void undoes_discarded_folds(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(&x);

    world_report(w, x, "a", STATUS_SUCCEEDED);
    core_discard(w->core, world_plan(w));
    assert_int_equal(core_open_count(w->core), 1);
    assert_true(core_wake(w->core) == SECONDS(10));
    world_turn(w);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_the_run_timeout_from_the_claim),
        cmocka_unit_test(misses_what_nobody_starts),
        cmocka_unit_test(frees_the_slot_only_when_the_proposal_is_read_back),
        cmocka_unit_test(gives_way_when_the_worker_was_first),
        cmocka_unit_test(proposes_again_after_a_restore_at_most),
        cmocka_unit_test(closes_an_execution_by_the_fold_alone),
        cmocka_unit_test(ignores_a_report_over_the_limits_as_the_projection_does),
        cmocka_unit_test(ignores_a_report_under_the_id_of_another_task),
        cmocka_unit_test(ignores_unknown_executions_but_moves_on),
        cmocka_unit_test(copies_misplaced_statuses_to_their_partition),
        cmocka_unit_test(gives_deadlines_to_tasks_that_wait_for_themselves),
        cmocka_unit_test(lets_a_deleted_task_finish),
        cmocka_unit_test(undoes_discarded_folds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
