/*
 * requests_test.c - cancel, retry, skip the next: what becomes of each, whatever it meets.
 */
#include "asked.h"
#include "scheduler/open.h"

static struct uuid triggered(struct world *w)
{
    size_t count = world_count(w, RECORD_EXECUTION_CREATED);
    const struct execution_created *x;

    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, count);
    assert_non_null(x);
    return x->execution_id;
}

static struct uuid cancel(struct world *w, struct uuid x)
{
    struct uuid id = world_send(w, (struct command){.task_id = task_of("a"),
                                                    .actor = "test",
                                                    .kind = COMMAND_CANCEL_EXECUTION,
                                                    .body.cancel_execution.execution_id = x});

    world_turn(w);
    return id;
}

/* --- cancel --- */

static void what_nobody_has_begun_is_cancelled_at_once(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x, command;

    w->now = SECONDS(5);
    x = triggered(w);
    command = cancel(w, x);
    expect(w, command, CODE_OK);
    assert_true(uuid_equal(world_outcome(w, command)->execution_id, x));
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLED);
    assert_int_equal(said(w, 0)->reason, REASON_CANCEL_REQUESTED);
    assert_int_equal(world_count(w, RECORD_EXECUTION_SIGNAL), 1); /* it lies in the queue */
    assert_int_equal(core_open_count(w->core), 0);
    expect(w, cancel(w, x), CODE_NOT_FOUND);
    world_free(w);
}

static void a_worker_is_told_and_says_so(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w);

    report(w, x, STATUS_RUNNING);
    cancel(w, x);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLING);
    assert_int_equal(world_count(w, RECORD_EXECUTION_SIGNAL), 1);
    expect(w, cancel(w, x), CODE_UNCHANGED);
    report(w, x, STATUS_CANCELLED);
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(said(w, 1));
    world_free(w);
}

static void a_cancel_that_meets_a_success_loses(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w);

    report(w, x, STATUS_RUNNING);
    w->hears = false;
    report(w, x, STATUS_SUCCEEDED); /* in the log, not read yet */
    cancel(w, x);
    w->hears = true;
    world_crash(w);
    world_go(w, SECONDS(100));
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(said(w, 1)); /* no CANCELLED: the worker was first */
    world_free(w);
}

static void a_cancel_of_a_worker_that_is_gone_ends_with_the_grace(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w);

    report(w, x, STATUS_RUNNING);
    cancel(w, x);
    world_crash(w);
    world_go(w, SECONDS(30) - 1);
    assert_null(said(w, 1));
    world_go(w, SECONDS(30));
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* RUNNING is in the log already when the scheduler still takes it for PENDING: CANCELLED loses, CANCELLING follows. */
static void a_cancel_that_meets_a_claim_follows_it(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w);

    w->hears = false;
    report(w, x, STATUS_RUNNING);
    cancel(w, x);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLED);
    w->hears = true;
    for (size_t i = 0; i < w->status_count; i++)
        core_take_status(w->core, (int64_t)i, w->status_times[i], w->statuses[i].value,
                         w->statuses[i].value);
    world_turn(w);
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLING);
    world_go(w, SECONDS(30));
    assert_int_equal(said(w, 2)->status, STATUS_CANCELLED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void what_waits_or_is_to_be_tried_again_is_cancelled_too(void **state UNUSED)
{
    struct task_spec spec = watched(NULL);
    struct world *w;
    struct uuid first, second;

    spec.overlap = OVERLAP_QUEUE_ALL;
    spec.retry.max_attempts = 3;
    w = with(spec);
    first = triggered(w);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    second = said(w, 0)->execution_id;
    assert_int_equal(said(w, 0)->status, STATUS_WAITING);
    cancel(w, second);
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLED);
    assert_int_equal(world_count(w, RECORD_EXECUTION_SIGNAL), 0); /* it never was in a queue */
    report(w, first, STATUS_FAILED);
    assert_int_equal(said(w, 2)->status, STATUS_RETRYING);
    cancel(w, first);
    assert_int_equal(said(w, 3)->status, STATUS_CANCELLED);
    assert_int_equal(said(w, 3)->attempt, 2);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void a_cancelled_run_is_not_tried_again(void **state UNUSED)
{
    struct task_spec spec = watched(NULL);
    struct world *w;
    struct uuid x;

    spec.retry.max_attempts = 3;
    w = with(spec);
    x = triggered(w);
    report(w, x, STATUS_RUNNING);
    cancel(w, x);
    report(w, x, STATUS_FAILED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* The words of a task without deadlines: one of them ends it, whatever it is. */
static void what_is_not_remembered_can_be_cancelled_all_the_same(void **state UNUSED)
{
    struct world *w = with(spec_of("a", NULL));
    struct uuid x = triggered(w);

    assert_int_equal(core_open_count(w->core), 0);
    expect(w, cancel(w, x), CODE_OK);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLED);
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLING);
    assert_int_equal(world_count(w, RECORD_EXECUTION_SIGNAL), 1);
    expect(w, cancel(w, x), CODE_UNCHANGED);
    world_crash(w);
    world_go(w, SECONDS(30));
    assert_int_equal(said(w, 2)->status, STATUS_CANCELLED);
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(said(w, 3));
    expect(w, cancel(w, command_numbered(5)), CODE_NOT_FOUND); /* no execution's id */
    world_free(w);
}

static void a_deleted_tasks_run_can_be_cancelled(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w);

    report(w, x, STATUS_RUNNING);
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    expect(w, cancel(w, x), CODE_OK);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLING);
    world_free(w);
}

/* The command lay there while no scheduler did: the worker is told only now. */
static void the_grace_of_what_is_not_remembered_begins_with_the_word(void **state UNUSED)
{
    struct world *w = with(spec_of("a", NULL));
    struct uuid x = triggered(w);

    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_CANCEL_EXECUTION,
                                   .body.cancel_execution.execution_id = x});
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLING);
    assert_null(said(w, 2));
    world_go(w, SECONDS(90));
    assert_int_equal(said(w, 2)->status, STATUS_CANCELLED);
    world_free(w);
}

/* Else its end would be said as soon as it is there. */
static void what_is_yet_to_come_cannot_be_cancelled(void **state UNUSED)
{
    struct world *w = with(spec_of("a", "@every 10s"));

    world_go(w, SECONDS(5));
    expect(w, cancel(w, execution_id_of(task_of("a"), SECONDS(10), "instant", "")), CODE_NOT_FOUND);
    world_go(w, SECONDS(40));
    assert_null(said(w, 0));
    world_free(w);
}

/* --- retry --- */

static struct uuid retry(struct world *w, struct uuid x, usec_t scheduled_at, struct bytes payload)
{
    struct uuid id =
        world_send(w, (struct command){.task_id = task_of("a"),
                                       .actor = "test",
                                       .kind = COMMAND_RETRY_EXECUTION,
                                       .body.retry_execution = {x, scheduled_at, payload}});

    world_turn(w);
    return id;
}

/* Of a task that remembers nothing: for the grace it is known as one to be cancelled, over or not. */
static void what_was_cancelled_unseen_can_run_again(void **state UNUSED)
{
    struct world *w = with(spec_of("a", NULL));
    struct uuid x = triggered(w);

    expect(w, cancel(w, x), CODE_OK);
    expect(w, retry(w, x, SECONDS(0), (struct bytes){NULL, 0}), CODE_OK);
    assert_int_equal(sent(w, 1)->trigger, TRIGGER_RETRY);
    world_free(w);
}

static void a_retry_is_a_new_execution_of_the_same_instant(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid x = triggered(w), command;
    const struct execution_created *again;

    expect(w, retry(w, x, SECONDS(0), (struct bytes){NULL, 0}), CODE_OVERLAP); /* it is not over */
    report(w, x, STATUS_FAILED);
    w->now = SECONDS(50);
    command = retry(w, x, SECONDS(0), (struct bytes){"that", 4});
    expect(w, command, CODE_OK);
    again = sent(w, 1);
    assert_int_equal(again->trigger, TRIGGER_RETRY);
    assert_true(uuid_equal(again->parent_execution_id, x));
    assert_true(uuid_equal(again->execution_id, world_outcome(w, command)->execution_id));
    assert_false(uuid_equal(again->execution_id, x));
    assert_true(again->scheduled_at == SECONDS(0));
    assert_true(again->due_at == SECONDS(50));
    assert_true(bytes_equal(again->payload, bytes_of("that")));
    expect(w, retry(w, x, SECONDS(86400 * 3), (struct bytes){NULL, 0}), CODE_INVALID_SPEC);
    world_free(w);
}

static void a_command_that_comes_again_has_no_second_effect(void **state UNUSED)
{
    static const enum command_kind kinds[] = {COMMAND_TRIGGER_TASK, COMMAND_RETRY_EXECUTION,
                                              COMMAND_BACKFILL, COMMAND_SKIP_NEXT,
                                              COMMAND_CANCEL_EXECUTION};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct world *w = with(watched("@every 1h"));
        struct command c = {.command_id = command_numbered(77),
                            .task_id = task_of("a"),
                            .actor = "test",
                            .kind = kinds[i]};
        size_t records;

        world_go(w, SECONDS(3600));
        if (c.kind == COMMAND_BACKFILL)
            c.body.backfill = (struct backfill_task){SECONDS(-7200), SECONDS(0)};
        if (c.kind == COMMAND_CANCEL_EXECUTION)
            c.body.cancel_execution.execution_id = sent(w, 0)->execution_id;
        world_send(w, c);
        world_turn(w);
        records = world_count(w, RECORD_EXECUTION_CREATED) +
                  world_count(w, RECORD_COMMAND_OUTCOME) + world_count(w, RECORD_EXECUTION_STATUS);
        w->now += 3600 * USEC_PER_SEC / 2;
        world_send(w, c);
        world_turn(w);
        world_crash(w);
        world_send(w, c);
        world_turn(w);
        assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED) +
                             world_count(w, RECORD_COMMAND_OUTCOME) +
                             world_count(w, RECORD_EXECUTION_STATUS),
                         records);
        world_free(w);
    }
}

/* Its id is forgotten by then, the execution's is not: it is computed from the command's time. */
static void a_trigger_that_comes_again_a_day_later_is_another_one(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct command c = {.command_id = command_numbered(77),
                        .task_id = task_of("a"),
                        .actor = "test",
                        .kind = COMMAND_TRIGGER_TASK};

    world_send(w, c);
    world_turn(w);
    w->now += RECENT_COMMANDS_KEPT + USEC_PER_SEC;
    world_order(w, "a", COMMAND_RESUME_TASK); /* whatever: the list is looked through */
    world_send(w, c);
    world_turn(w);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 2);
    assert_false(uuid_equal(sent(w, 0)->execution_id, sent(w, 1)->execution_id));
    world_free(w);
}

/* --- skip the next --- */

/* Seconds after EPOCH up to which, as the outcome says, is to be skipped; 0: nothing is. */
static long told(const struct world *w, struct uuid command)
{
    usec_t until = world_outcome(w, command)->skip_until;

    return until == 0 ? 0 : SINCE(until);
}

static void the_next_instant_is_skipped_and_the_one_after_if_asked_again(void **state UNUSED)
{
    struct world *w = with(watched("@every 10s"));
    struct uuid command;

    world_go(w, SECONDS(12));
    command = world_order(w, "a", COMMAND_SKIP_NEXT);
    world_turn(w);
    expect(w, command, CODE_OK);
    assert_string_equal(world_outcome(w, command)->message, "2026-01-01T00:00:20Z is skipped");
    world_crash(w);
    world_go(w, SECONDS(35));
    assert_string_equal(world_born(w, "a"), "SKIPPED/SKIP_NEXT@20");
    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_go(w, SECONDS(60));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 30 60");
    world_free(w);
}

/* The mark is a time, which under another schedule would leave out all until then. */
static void an_edit_leaves_so_many_to_be_skipped(void **state UNUSED)
{
    struct world *w = with(watched("@every 1h"));

    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_turn(w);
    world_go(w, SECONDS(7));
    world_put(w, watched("@every 10s"));
    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"), "SKIPPED/SKIP_NEXT@10");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "20 30 40");
    world_free(w);
}

static void an_edit_of_other_things_skips_what_was_named(void **state UNUSED)
{
    struct task_spec spec = watched("@every 10s");
    struct world *w = with(spec);

    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_turn(w);
    spec.title = "another";
    world_go(w, SECONDS(12));
    world_put(w, spec);
    world_crash(w);
    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"), "SKIPPED/SKIP_NEXT@10 SKIPPED/SKIP_NEXT@20");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "30 40");
    world_free(w);
}

/* It is decided, before the edit, in the very turn of the edit. */
static void an_instant_that_is_skipped_with_the_edit_counts(void **state UNUSED)
{
    struct task_spec spec = watched("@every 10s");
    struct world *w = with(spec);

    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_turn(w);
    spec.title = "another";
    w->now = SECONDS(12);
    world_put(w, spec);
    world_go(w, SECONDS(30));
    assert_string_equal(world_born(w, "a"), "SKIPPED/SKIP_NEXT@10");
    world_free(w);
}

static void what_was_to_be_skipped_is_forgotten_with_the_task(void **state UNUSED)
{
    struct world *w = with(watched("@every 1h"));

    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_put(w, watched("@every 10s"));
    world_go(w, SECONDS(20));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    world_free(w);
}

static void each_outcome_says_what_is_to_be_skipped(void **state UNUSED)
{
    static const struct {
        enum command_kind kind;
        enum outcome_code code;
        long until;
    } steps[] = {
        {COMMAND_TRIGGER_TASK, CODE_OK, 0},
        {COMMAND_SKIP_NEXT, CODE_OK, 10},
        {COMMAND_SKIP_NEXT, CODE_OK, 20},
        {COMMAND_TRIGGER_TASK, CODE_OK, 20}, /* that is of no schedule */
        {COMMAND_PAUSE_TASK, CODE_OK, 20},
        {COMMAND_SKIP_NEXT, CODE_NOT_FOUND, 20}, /* refused: it is as it was */
        {COMMAND_RESUME_TASK, CODE_OK, 20},
        {COMMAND_RESUME_TASK, CODE_NOT_PAUSED, 20},
        {COMMAND_DELETE_TASK, CODE_OK, 0},
        {COMMAND_SKIP_NEXT, CODE_DELETED, 0},
    };
    struct world *w = with(watched("@every 10s"));
    struct uuid command;

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        command = world_order(w, "a", steps[i].kind);
        world_turn(w);
        expect(w, command, steps[i].code);
        if (told(w, command) != steps[i].until)
            fail_msg("step %zu: up to %ld", i, told(w, command));
    }
    command = world_put(w, watched("@every 7s"));
    world_turn(w);
    assert_int_equal(told(w, command), 0);
    world_free(w);
}

static void an_edit_says_where_it_has_moved_what_is_to_be_skipped(void **state UNUSED)
{
    struct world *w = with(watched("@every 1h"));
    struct uuid command;

    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_order(w, "a", COMMAND_SKIP_NEXT);
    world_go(w, SECONDS(7));
    command = world_put(w, watched("@every 10s"));
    world_turn(w);
    assert_int_equal(told(w, command), 20);
    world_go(w, SECONDS(12)); /* one is over */
    command = world_put(w, watched("@every 1h"));
    world_crash(w);
    world_turn(w);
    assert_int_equal(told(w, command), 3600);
    command = world_put(w, watched(NULL)); /* no instant, none to be skipped */
    world_turn(w);
    assert_int_equal(told(w, command), 0);
    world_free(w);
}

static void nothing_is_skipped_where_nothing_is_to_come(void **state UNUSED)
{
    struct world *w = with(watched(NULL));
    struct uuid command = world_order(w, "a", COMMAND_SKIP_NEXT);

    world_turn(w);
    expect(w, command, CODE_NOT_FOUND);
    assert_int_equal(world_outcome(w, command)->revision, 1); /* the task is there */
    world_put(w, watched("@every 10s"));
    world_order(w, "a", COMMAND_PAUSE_TASK);
    command = world_order(w, "a", COMMAND_SKIP_NEXT);
    world_turn(w);
    expect(w, command, CODE_NOT_FOUND);
    assert_int_equal(world_outcome(w, command)->revision, 3);
    command = world_order(w, "nobody", COMMAND_SKIP_NEXT);
    world_turn(w);
    expect(w, command, CODE_NOT_FOUND);
    assert_int_equal(world_outcome(w, command)->revision, 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_has_begun_is_cancelled_at_once),
        cmocka_unit_test(a_worker_is_told_and_says_so),
        cmocka_unit_test(a_cancel_that_meets_a_success_loses),
        cmocka_unit_test(a_cancel_of_a_worker_that_is_gone_ends_with_the_grace),
        cmocka_unit_test(a_cancel_that_meets_a_claim_follows_it),
        cmocka_unit_test(what_waits_or_is_to_be_tried_again_is_cancelled_too),
        cmocka_unit_test(a_cancelled_run_is_not_tried_again),
        cmocka_unit_test(what_is_not_remembered_can_be_cancelled_all_the_same),
        cmocka_unit_test(a_deleted_tasks_run_can_be_cancelled),
        cmocka_unit_test(the_grace_of_what_is_not_remembered_begins_with_the_word),
        cmocka_unit_test(what_is_yet_to_come_cannot_be_cancelled),
        cmocka_unit_test(what_was_cancelled_unseen_can_run_again),
        cmocka_unit_test(a_retry_is_a_new_execution_of_the_same_instant),
        cmocka_unit_test(a_command_that_comes_again_has_no_second_effect),
        cmocka_unit_test(a_trigger_that_comes_again_a_day_later_is_another_one),
        cmocka_unit_test(the_next_instant_is_skipped_and_the_one_after_if_asked_again),
        cmocka_unit_test(an_edit_leaves_so_many_to_be_skipped),
        cmocka_unit_test(an_edit_of_other_things_skips_what_was_named),
        cmocka_unit_test(an_instant_that_is_skipped_with_the_edit_counts),
        cmocka_unit_test(what_was_to_be_skipped_is_forgotten_with_the_task),
        cmocka_unit_test(each_outcome_says_what_is_to_be_skipped),
        cmocka_unit_test(an_edit_says_where_it_has_moved_what_is_to_be_skipped),
        cmocka_unit_test(nothing_is_skipped_where_nothing_is_to_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
