/*
 * retries_test.c - further attempts: when they begin, what is sent, and what they survive.
 */
#include "scheduler/open.h"
#include "world.h"

static struct task_spec retried(const char *key, int attempts)
{
    struct task_spec spec = spec_of(key, NULL);

    spec.retry = (struct retry_spec){
        .max_attempts = attempts, .first_delay_ms = 10000, .max_delay_ms = 60000, .multiplier = 2};
    spec.payload = (struct bytes){"old", 3};
    return spec;
}

/* The task of that spec, triggered once at EPOCH. */
static struct world *triggered(struct task_spec spec, struct uuid *ret)
{
    struct world *w = world_new();
    const struct execution_created *x;

    world_put(w, spec);
    world_order(w, spec.key, COMMAND_TRIGGER_TASK);
    world_turn(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    assert_non_null(x);
    *ret = x->execution_id;
    return w;
}

static void report(struct world *w, struct uuid x, const char *key, int attempt, enum status status)
{
    world_report_on(w, x, key, attempt, status);
    world_turn(w);
}

/* The n-th word of the scheduler in status[p]. */
static const struct execution_status *said(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_STATUS, n);
}

static const struct execution_created *sent(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_CREATED, n);
}

static void a_failed_attempt_is_followed_by_another_at_its_time(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 3), &x);

    assert_non_null(sent(w, 0)->retry);
    w->now = SECONDS(5);
    report(w, x, "a", 1, STATUS_FAILED);
    assert_int_equal(said(w, 0)->status, STATUS_RETRYING);
    assert_int_equal(said(w, 0)->attempt, 2);
    assert_int_equal(said(w, 0)->reason, REASON_RETRY);
    assert_true(said(w, 0)->next_attempt_at == SECONDS(15));
    assert_true(uuid_equal(said(w, 0)->event_id, event_id_of(x, 2, "RETRYING")));
    assert_int_equal(core_open_count(w->core), 1);
    world_go(w, SECONDS(15) - 1);
    assert_null(sent(w, 1));
    world_go(w, SECONDS(15));
    assert_true(uuid_equal(sent(w, 1)->execution_id, x));
    assert_int_equal(sent(w, 1)->attempt, 2);
    assert_int_equal(sent(w, 1)->status_from, sent(w, 0)->status_from);
    assert_true(sent(w, 1)->scheduled_at == sent(w, 0)->scheduled_at);
    report(w, x, "a", 2, STATUS_FAILED);
    assert_true(said(w, 1)->next_attempt_at == SECONDS(35));
    world_go(w, SECONDS(35));
    report(w, x, "a", 3, STATUS_FAILED);
    assert_null(said(w, 2));
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* Before its end nobody sends it, after it whoever comes does, once; be RETRYING read back by then or not. */
static void a_retry_whose_back_off_ends_while_its_owner_is_away(void **state UNUSED)
{
    for (int is_read_back = 0; is_read_back < 2; is_read_back++) {
        struct uuid x;
        struct world *w = triggered(retried("a", 3), &x);

        world_report_on(w, x, "a", 1, STATUS_FAILED);
        if (is_read_back)
            world_turn(w);
        else
            world_commit(w, world_plan(w));
        world_crash(w);
        world_go(w, SECONDS(10) - 1);
        assert_null(sent(w, 1));
        world_crash(w);
        world_go(w, SECONDS(3600));
        world_crash(w);
        world_go(w, SECONDS(3601));
        assert_int_equal(sent(w, 1)->attempt, 2);
        assert_null(sent(w, 2));
        assert_int_equal(core_open_count(w->core), 1);
        world_free(w);
    }
}

static void success_ends_it_and_so_does_an_outcome_that_is_not_listed(void **state UNUSED)
{
    static const enum status ends[] = {STATUS_SUCCEEDED, STATUS_FAILED};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct task_spec spec = retried("a", 3);
        struct uuid x;
        struct world *w;

        spec.retry.on = "TIMED_OUT";
        spec.run_timeout_ms = 60000;
        w = triggered(spec, &x);
        report(w, x, "a", 1, ends[i]);
        assert_null(said(w, 0));
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* The verdict of the deadline is read back first: the worker was faster. */
static void a_verdict_races_a_success(void **state UNUSED)
{
    struct task_spec spec = retried("a", 3);
    struct uuid x;
    struct world *w;

    spec.run_timeout_ms = 60000;
    w = triggered(spec, &x);
    report(w, x, "a", 1, STATUS_RUNNING);
    w->hears = false;
    report(w, x, "a", 1, STATUS_SUCCEEDED);
    world_go(w, SECONDS(60));
    assert_int_equal(said(w, 0)->status, STATUS_TIMED_OUT);
    assert_int_equal(core_open_count(w->core), 1);
    w->hears = true;
    world_crash(w);
    world_go(w, SECONDS(200));
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(sent(w, 1));
    assert_null(said(w, 1));
    world_free(w);
}

static void is_sent_as_it_was_made_though_the_task_was_edited(void **state UNUSED)
{
    for (int crash = 0; crash < 2; crash++) {
        struct task_spec spec = retried("a", 2), edited = retried("a", 4);
        struct uuid x;
        struct world *w = triggered(spec, &x);

        edited.payload = (struct bytes){"new", 3};
        edited.queue = "other";
        report(w, x, "a", 1, STATUS_FAILED);
        world_put(w, edited);
        world_order(w, "a", COMMAND_PAUSE_TASK); /* a revision without a spec of its own */
        world_order(w, "a", COMMAND_RESUME_TASK);
        world_turn(w);
        if (crash)
            world_crash(w);
        world_go(w, SECONDS(10));
        assert_int_equal(sent(w, 1)->attempt, 2);
        assert_int_equal(sent(w, 1)->revision, 1);
        assert_int_equal(sent(w, 1)->max_attempts, 2);
        assert_true(bytes_equal(sent(w, 1)->payload, bytes_of("old")));
        if (crash)
            world_crash(w);
        report(w, x, "a", 2, STATUS_FAILED);
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* The record of the older spec is there as long as it is needed. */
static void forgets_an_older_spec_with_its_last_execution(void **state UNUSED)
{
    struct task_spec edited = retried("a", 3);
    struct uuid x;
    struct world *w = triggered(retried("a", 2), &x);
    size_t written = 0, tombstones = 0;

    edited.payload = (struct bytes){"new", 3};
    world_put(w, edited);
    world_turn(w);
    core_discard(w->core, world_plan(w));
    world_crash(w);
    report(w, x, "a", 1, STATUS_SUCCEEDED);
    for (size_t i = 0; i < w->count; i++)
        if (text_starts(w->log[i].key, "spec/")) {
            written += w->log[i].value.data != NULL;
            tombstones += w->log[i].value.data == NULL;
        }
    assert_int_equal(written, 1);
    assert_int_equal(tombstones, 1);
    world_free(w);
}

static void a_payload_of_its_own_is_sent_again(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid x;

    world_put(w, retried("a", 2));
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_TRIGGER_TASK,
                                   .body.trigger_task.payload = {"mine", 4}});
    world_turn(w);
    x = sent(w, 0)->execution_id;
    report(w, x, "a", 1, STATUS_FAILED);
    world_crash(w);
    world_go(w, SECONDS(10));
    assert_true(bytes_equal(sent(w, 1)->payload, bytes_of("mine")));
    world_free(w);
}

static void
a_retry_whose_back_off_ends_while_its_owner_is_away_is_sent_by_the_next_one(void **state UNUSED)
{
    struct task_spec spec = retried("a", 2);
    struct uuid x;
    struct world *w;

    spec.start_deadline_ms = 30000;
    w = triggered(spec, &x);
    report(w, x, "a", 1, STATUS_FAILED);
    w->now = SECONDS(500);
    world_crash(w);
    world_turn(w);
    assert_int_equal(sent(w, 1)->attempt, 2);
    assert_true(sent(w, 1)->start_by == SECONDS(530)); /* it could not be started before */
    world_crash(w);
    world_turn(w);
    assert_null(sent(w, 2)); /* once */
    world_go(w, SECONDS(530));
    assert_int_equal(said(w, 1)->status, STATUS_MISSED);
    assert_int_equal(said(w, 1)->attempt, 2);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* --- finish by --- */

static struct task_spec ending(const char *key)
{
    struct task_spec spec = retried(key, 10);

    spec.finish_by_ms = 25000;
    return spec;
}

static void opens_no_attempt_past_its_end(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(ending("a"), &x);

    assert_true(sent(w, 0)->finish_by == SECONDS(25));
    w->now = SECONDS(2);
    report(w, x, "a", 1, STATUS_FAILED);
    world_go(w, SECONDS(12));
    assert_int_equal(sent(w, 1)->attempt, 2);
    report(w, x, "a", 2, STATUS_FAILED); /* the third would begin at 32 */
    assert_null(said(w, 1));
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void
what_runs_at_its_end_is_timed_out_and_what_has_not_started_is_missed(void **state UNUSED)
{
    for (int started = 0; started < 2; started++) {
        struct uuid x;
        struct world *w = triggered(ending("a"), &x);

        if (started)
            report(w, x, "a", 1, STATUS_RUNNING);
        world_go(w, SECONDS(25));
        assert_int_equal(said(w, 0)->status, started ? STATUS_TIMED_OUT : STATUS_MISSED);
        assert_int_equal(said(w, 0)->reason, REASON_FINISH_BY);
        world_go(w, SECONDS(200));
        assert_null(said(w, 1));
        assert_null(sent(w, 1));
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

static void an_attempt_that_could_not_be_sent_in_time_is_missed(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(ending("a"), &x);

    report(w, x, "a", 1, STATUS_FAILED);
    world_go(w, SECONDS(30));
    assert_null(sent(w, 1));
    assert_int_equal(said(w, 1)->status, STATUS_MISSED);
    assert_int_equal(said(w, 1)->attempt, 2);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void an_instant_that_is_decided_past_its_end_is_missed(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 1m");

    spec.finish_by_ms = 20000;
    spec.misfire.policy = MISFIRE_ALL;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(80));
    assert_string_equal(world_born(w, "a"), "MISSED/FINISH_BY@60");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "");
    world_free(w);
}

/* --- slots, pauses, deletion --- */

static void an_execution_that_will_be_tried_again_holds_its_slot(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = retried("a", 2);
    static struct schedule_spec every = {.expression = "@every 20s", .zone = "UTC"};
    struct uuid x;

    spec.schedules = &every;
    spec.schedule_count = 1;
    spec.overlap = OVERLAP_SKIP;
    spec.retry.first_delay_ms = 30000;
    world_put(w, spec);
    world_go(w, SECONDS(20));
    x = sent(w, 0)->execution_id;
    report(w, x, "a", 1, STATUS_FAILED);
    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"), "SKIPPED/OVERLAP@40");
    world_go(w, SECONDS(50));
    assert_int_equal(sent(w, 1)->attempt, 2);
    report(w, x, "a", 2, STATUS_SUCCEEDED);
    world_go(w, SECONDS(60));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "20 20 60");
    world_free(w);
}

static void a_pause_holds_the_next_attempt(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 2), &x);

    report(w, x, "a", 1, STATUS_FAILED);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_go(w, SECONDS(100));
    assert_true(core_wake(w->core) == USEC_MAX);
    world_crash(w);
    world_go(w, SECONDS(110));
    assert_null(sent(w, 1));
    world_order(w, "a", COMMAND_RESUME_TASK);
    core_discard(w->core, world_plan(w));
    assert_null(sent(w, 1));
    world_turn(w);
    assert_int_equal(sent(w, 1)->attempt, 2);
    world_free(w);
}

static void
deletion_cancels_what_waits_for_its_next_attempt_though_it_is_made_again(void **state UNUSED)
{
    for (int again = 0; again < 2; again++) {
        struct uuid x;
        struct world *w = triggered(retried("a", 2), &x);

        report(w, x, "a", 1, STATUS_FAILED);
        world_order(w, "a", COMMAND_DELETE_TASK);
        if (again)
            world_put(w, retried("a", 5));
        world_turn(w);
        assert_int_equal(said(w, 1)->status, STATUS_CANCELLED);
        assert_int_equal(said(w, 1)->attempt, 2);
        assert_int_equal(said(w, 1)->reason, REASON_DELETED);
        world_go(w, SECONDS(100));
        assert_null(sent(w, 1));
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* Deleted before RETRYING is in the log: it has to be opened, for there is no other way out of FAILED. */
static void deletion_cancels_what_has_just_failed(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 2), &x);

    w->hears = false;
    report(w, x, "a", 1, STATUS_FAILED);
    w->hears = true;
    core_take_status(w->core, 0, w->now, w->statuses[0].value, w->statuses[0].value);
    world_commit(w, world_plan(w));
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    assert_int_equal(said(w, 0)->status, STATUS_RETRYING);
    assert_int_equal(said(w, 1)->status, STATUS_CANCELLED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void deletion_lets_an_attempt_finish_that_is_in_the_queue(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 3), &x);

    report(w, x, "a", 1, STATUS_FAILED);
    world_go(w, SECONDS(10));
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    assert_null(said(w, 1));
    report(w, x, "a", 2, STATUS_RUNNING);
    report(w, x, "a", 2, STATUS_SUCCEEDED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* It may finish, but nothing begins any more: an attempt that is opened and never sent would be open for ever. */
static void nothing_follows_what_fails_after_the_deletion(void **state UNUSED)
{
    for (int again = 0; again < 2; again++) {
        struct uuid x;
        struct world *w = triggered(retried("a", 3), &x);

        report(w, x, "a", 1, STATUS_RUNNING);
        world_order(w, "a", COMMAND_DELETE_TASK);
        world_turn(w);
        report(w, x, "a", 1, STATUS_FAILED);
        if (again)
            world_put(w, retried("a", 5));
        world_crash(w);
        world_go(w, SECONDS(100000));
        assert_int_equal(said(w, 1)->status, STATUS_CANCELLED);
        assert_int_equal(said(w, 1)->reason, REASON_DELETED);
        assert_null(sent(w, 1));
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* --- what others write --- */

static void say_as_scheduler(struct world *w, struct uuid x, int attempt, enum status status,
                             usec_t next)
{
    world_say(w, &(struct execution_status){
                     .event_id = event_id_of(x, attempt, enum_name(&status_enum, (int)status)),
                     .execution_id = x,
                     .task_id = task_of("a"),
                     .attempt = attempt,
                     .status = status,
                     .next_attempt_at = next,
                 });
    world_turn(w);
}

static void
a_forged_retry_opens_nothing_that_is_not_to_be_opened_and_not_at_another_time(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 2), &x);

    report(w, x, "a", 1, STATUS_RUNNING);
    say_as_scheduler(w, x, 2, STATUS_RETRYING, SECONDS(1)); /* while it runs */
    say_as_scheduler(w, x, 3, STATUS_RETRYING, SECONDS(1));
    w->hears = false;
    report(w, x, "a", 1, STATUS_FAILED);
    say_as_scheduler(w, x, 2, STATUS_RETRYING, SECONDS(1)); /* before the scheduler says it */
    w->hears = true;
    world_crash(w);
    world_turn(w);
    assert_null(said(w, 0)); /* it has been said */
    world_go(w, SECONDS(10) - 1);
    assert_null(sent(w, 1));
    world_go(w, SECONDS(10));
    assert_int_equal(sent(w, 1)->attempt, 2);
    report(w, x, "a", 2, STATUS_FAILED);
    say_as_scheduler(w, x, 3, STATUS_RETRYING, SECONDS(1));
    assert_int_equal(core_open_count(w->core), 0);
    world_go(w, SECONDS(100));
    assert_null(sent(w, 2));
    world_free(w);
}

/* The scheduler's TIMED_OUT(1) is on its way when the attempt is over by others' words: it must not wait for it for ever. */
static void a_proposal_about_an_attempt_that_is_over_is_not_waited_for(void **state UNUSED)
{
    struct task_spec spec = retried("a", 2);
    struct uuid x;
    struct world *w;

    spec.run_timeout_ms = 5000;
    w = triggered(spec, &x);
    report(w, x, "a", 1, STATUS_RUNNING);
    w->hears = false;
    report(w, x, "a", 1, STATUS_FAILED);
    say_as_scheduler(w, x, 2, STATUS_RETRYING, 0);
    w->now = SECONDS(5);
    world_turn(w); /* proposes TIMED_OUT of attempt 1 */
    w->hears = true;
    for (size_t i = 1; i < w->status_count; i++)
        core_take_status(w->core, (int64_t)i, w->status_times[i], w->statuses[i].value,
                         w->statuses[i].value);
    world_go(w, SECONDS(10));
    assert_int_equal(sent(w, 1)->attempt, 2);
    report(w, x, "a", 2, STATUS_RUNNING);
    world_go(w, SECONDS(15));
    assert_int_equal(said(w, 1)->status, STATUS_TIMED_OUT);
    assert_int_equal(said(w, 1)->attempt, 2);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void an_attempt_that_somebody_claims_too_early_is_sent_all_the_same(void **state UNUSED)
{
    struct uuid x;
    struct world *w = triggered(retried("a", 2), &x);

    report(w, x, "a", 1, STATUS_FAILED);
    report(w, x, "a", 2, STATUS_RUNNING);
    report(w, x, "a", 99, STATUS_SUCCEEDED);
    world_go(w, SECONDS(10));
    assert_int_equal(sent(w, 1)->attempt, 2);
    assert_int_equal(core_open_count(w->core), 1);
    report(w, x, "a", 2, STATUS_SUCCEEDED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_attempt_is_followed_by_another_at_its_time),
        cmocka_unit_test(a_retry_whose_back_off_ends_while_its_owner_is_away),
        cmocka_unit_test(success_ends_it_and_so_does_an_outcome_that_is_not_listed),
        cmocka_unit_test(a_verdict_races_a_success),
        cmocka_unit_test(is_sent_as_it_was_made_though_the_task_was_edited),
        cmocka_unit_test(forgets_an_older_spec_with_its_last_execution),
        cmocka_unit_test(a_payload_of_its_own_is_sent_again),
        cmocka_unit_test(
            a_retry_whose_back_off_ends_while_its_owner_is_away_is_sent_by_the_next_one),
        cmocka_unit_test(opens_no_attempt_past_its_end),
        cmocka_unit_test(what_runs_at_its_end_is_timed_out_and_what_has_not_started_is_missed),
        cmocka_unit_test(an_attempt_that_could_not_be_sent_in_time_is_missed),
        cmocka_unit_test(an_instant_that_is_decided_past_its_end_is_missed),
        cmocka_unit_test(an_execution_that_will_be_tried_again_holds_its_slot),
        cmocka_unit_test(a_pause_holds_the_next_attempt),
        cmocka_unit_test(deletion_cancels_what_waits_for_its_next_attempt_though_it_is_made_again),
        cmocka_unit_test(deletion_cancels_what_has_just_failed),
        cmocka_unit_test(deletion_lets_an_attempt_finish_that_is_in_the_queue),
        cmocka_unit_test(nothing_follows_what_fails_after_the_deletion),
        cmocka_unit_test(
            a_forged_retry_opens_nothing_that_is_not_to_be_opened_and_not_at_another_time),
        cmocka_unit_test(a_proposal_about_an_attempt_that_is_over_is_not_waited_for),
        cmocka_unit_test(an_attempt_that_somebody_claims_too_early_is_sent_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
