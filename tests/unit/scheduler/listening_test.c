/* Signs of life: who falls silent is LOST, and nobody else is. */
#include "base/hash.h"
#include "world.h"

enum { N = 10 }; /* seconds */

static struct task_spec beating(const char *key)
{
    struct task_spec spec = spec_of(key, NULL);

    spec.heartbeat_ms = N * 1000;
    return spec;
}

/* It is claimed at 0. */
static struct world *running(struct task_spec spec, struct uuid *ret)
{
    struct world *w = world_new();

    world_put(w, spec);
    world_order(w, spec.key, COMMAND_TRIGGER_TASK);
    world_turn(w);
    *ret = ((const struct execution_created *)world_record(w, RECORD_EXECUTION_CREATED, 0))
               ->execution_id;
    world_report(w, *ret, spec.key, STATUS_RUNNING);
    world_turn(w);
    return w;
}

static const struct execution_status *said(const struct world *w, size_t index)
{
    return world_record(w, RECORD_EXECUTION_STATUS, index);
}

/* Whoever wants to know hears everything each second. */
static void hear_until(struct world *w, long second)
{
    while (SINCE(w->now) < second)
        world_hear(w, w->now + USEC_PER_SEC);
}

static void expect_lost_at(struct world *w, long second)
{
    hear_until(w, second - 1);
    assert_null(said(w, 0));
    hear_until(w, second);
    assert_non_null(said(w, 0));
    assert_int_equal(said(w, 0)->status, STATUS_LOST);
    assert_int_equal(said(w, 0)->reason, REASON_HEARTBEAT);
}

static void whoever_is_silent_for_four_heartbeats_is_lost(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    assert_int_equal(
        ((const struct execution_created *)world_record(w, RECORD_EXECUTION_CREATED, 0))
            ->heartbeat_ms,
        N * 1000);
    hear_until(w, 5);
    world_sign(w, x, "a", 1);
    hear_until(w, 35); /* doubted by now */
    world_sign(w, x, "a", 1);
    expect_lost_at(w, 75);
    assert_true(uuid_equal(said(w, 0)->event_id, event_id_of(x, 1, "LOST")));
    assert_null(said(w, 0)->worker);
    assert_int_equal(core_open_count(w->core), 0);
    assert_true(core_listens_at(w->core) == USEC_MAX);
    world_free(w);
}

static void whoever_never_gives_a_sign_is_lost(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    expect_lost_at(w, 4 * N);
    world_free(w);
}

static void nobody_is_listened_to_who_is_to_give_no_signs_or_has_not_begun(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", NULL);
    struct world *w;
    struct uuid x;

    spec.run_timeout_ms = 1000000;
    w = running(spec, &x);
    assert_true(core_listens_at(w->core) == USEC_MAX);
    world_put(w, beating("b"));
    world_order(w, "b", COMMAND_TRIGGER_TASK);
    world_turn(w);
    assert_true(core_listens_at(w->core) == USEC_MAX);
    hear_until(w, 500);
    assert_null(said(w, 0));
    world_free(w);
}

static void heartbeats_that_stop_while_the_topic_lags_are_no_silence(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    world_go(w, SECONDS(1000)); /* nothing has been heard up to its end */
    assert_null(said(w, 0));
    for (w->now = SECONDS(5); w->now < SECONDS(1000); w->now += 5 * USEC_PER_SEC)
        world_sign(w, x, "a", 1); /* now they are read */
    hear_until(w, 1030);
    assert_null(said(w, 0));
    expect_lost_at(w, 995 + 4 * N);
    world_free(w);
}

/* The brokers were away: its worker cannot have said anything, and needs time to come back. */
static void two_heartbeats_are_left_to_whoever_could_not_be_heard(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    w->now = SECONDS(15);
    core_heard(w->core, SECONDS(15), SECONDS(15));
    w->now = SECONDS(300);
    core_heard(w->core, SECONDS(20), SECONDS(300)); /* asked before, answered now */
    hear_until(w, 319);
    assert_null(said(w, 0));
    world_sign(w, x, "a", 1);
    hear_until(w, 350);
    assert_null(said(w, 0));
    expect_lost_at(w, 319 + 4 * N);
    world_free(w);
}

static const struct odd_sign {
    const char *what;
    int attempt, incarnation;
    const char *key;
} odd_signs[] = {
    {"an attempt that was not", 2, -1, "a"},
    {"no attempt", 0, -1, "a"},
    {"somebody who does not run it", 1, -9, "a"},
    {"another task's id", 1, -1, "b"},
};

static void a_sign_of_anybody_else_is_none(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(odd_signs); i++) {
        const struct odd_sign *s = &odd_signs[i];
        struct uuid x;
        struct world *w = running(beating("a"), &x);

        print_message("%s\n", s->what);
        for (int n = 0; n < 3; n++) {
            hear_until(w, 10 * (n + 1));
            world_sign_as(w,
                          &(struct heartbeat){.execution_id = x,
                                              .task_id = task_of(s->key),
                                              .attempt = s->attempt,
                                              .worker = {"w", command_numbered(s->incarnation)}});
            core_take_heartbeat(w->core, w->now, bytes_of("no record at all"));
            core_take_heartbeat(w->core, w->now, w->commands[0].value);
        }
        expect_lost_at(w, 4 * N);
        world_free(w);
    }
}

static void a_sign_from_the_future_counts_as_of_now(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 5);
    w->broker_ahead = 86400 * USEC_PER_SEC;
    world_sign(w, x, "a", 1);
    expect_lost_at(w, 2 * N + 4 * N); /* from when it was looked at */
    world_free(w);
}

static void claim(struct world *w, struct uuid x, int incarnation)
{
    const struct worker_ref worker = {"other", command_numbered(incarnation)};

    world_say(w, &(struct execution_status){.event_id = command_numbered(900 - incarnation),
                                            .execution_id = x,
                                            .task_id = task_of("a"),
                                            .attempt = 1,
                                            .status = STATUS_RUNNING,
                                            .worker = &worker});
}

static void another_claim_is_listened_to_from_its_beginning(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 30);
    claim(w, x, -7);
    world_turn(w);
    for (int n = 0; n < 5; n++) {
        hear_until(w, 35 + 5 * n);
        world_sign(w, x, "a", 1); /* who had it before goes on */
    }
    expect_lost_at(w, 30 + 4 * N);
    world_free(w);
}

/* It was read with the silence, and is folded first. */
static void a_claim_that_waits_to_be_folded_is_not_lost(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 39);
    w->now = SECONDS(40);
    claim(w, x, -7);
    world_hear(w, SECONDS(40));
    assert_null(said(w, 0));
    expect_lost_at(w, 80);
    world_free(w);
}

static void a_new_owner_counts_from_when_it_has_heard_everything(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 39);
    world_crash(w);
    world_go(w, SECONDS(100)); /* reads, and has not caught up yet */
    assert_null(said(w, 0));
    world_hear(w, SECONDS(101));
    expect_lost_at(w, 101 + 4 * N);
    world_free(w);
}

static void a_new_owner_hears_signs_too(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    world_crash(w);
    world_sign(w, x, "a", 1); /* before it has heard everything, too */
    world_hear(w, SECONDS(1));
    hear_until(w, 30);
    world_sign(w, x, "a", 1);
    expect_lost_at(w, 70);
    world_free(w);
}

static void what_its_worker_said_before_wins(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 39);
    w->hears = false;
    world_report(w, x, "a", STATUS_SUCCEEDED); /* in the log, not read yet */
    world_hear(w, SECONDS(40));                /* and somebody says that all of it was read */
    assert_int_equal(said(w, 0)->status, STATUS_LOST);
    w->hears = true;
    world_crash(w);
    world_go(w, SECONDS(41));
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(world_record(w, RECORD_EXECUTION_CREATED, 1));
    world_free(w);
}

static void a_lost_attempt_is_followed_by_the_next_one(void **state UNUSED)
{
    struct task_spec spec = beating("a");
    const struct execution_created *second;
    struct world *w;
    struct uuid x;

    spec.retry = (struct retry_spec){.max_attempts = 2, .first_delay_ms = 5000, .on = "LOST"};
    w = running(spec, &x);
    expect_lost_at(w, 40);
    hear_until(w, 46);
    second = world_record(w, RECORD_EXECUTION_CREATED, 1);
    assert_int_equal(second->attempt, 2);
    assert_int_equal(second->heartbeat_ms, N * 1000);
    assert_true(core_listens_at(w->core) == USEC_MAX); /* nobody has begun it */
    world_report_on(w, x, "a", 2, STATUS_RUNNING);
    world_turn(w);
    hear_until(w, 66);
    world_sign(w, x, "a", 1); /* the dead one's, late */
    hear_until(w, 85);
    assert_int_equal(core_open_count(w->core), 1);
    hear_until(w, 86);
    assert_int_equal(core_open_count(w->core), 0);
    assert_null(world_record(w, RECORD_EXECUTION_CREATED, 2));
    world_free(w);
}

static void silence_gives_the_slot_to_what_waits(void **state UNUSED)
{
    struct task_spec spec = beating("a");
    struct world *w;
    struct uuid x;

    spec.overlap = OVERLAP_QUEUE_ALL;
    w = running(spec, &x);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 1);
    hear_until(w, 39);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 1);
    hear_until(w, 40);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 2);
    world_free(w);
}

static void cancel(struct world *w, struct uuid x)
{
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_CANCEL_EXECUTION,
                                   .body.cancel_execution.execution_id = x});
    world_turn(w);
}

static void a_cancelled_worker_that_is_gone_is_lost_and_not_tried_again(void **state UNUSED)
{
    struct task_spec spec = beating("a");
    struct world *w;
    struct uuid x;

    spec.retry.max_attempts = 3;
    w = running(spec, &x);
    hear_until(w, 30);
    cancel(w, x);
    assert_int_equal(said(w, 0)->status, STATUS_CANCELLING);
    hear_until(w, 40);
    assert_int_equal(said(w, 1)->status, STATUS_LOST);
    hear_until(w, 200);
    assert_null(world_record(w, RECORD_EXECUTION_CREATED, 1));
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void a_plan_that_is_thrown_away_forgets_no_silence(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 39);
    w->now = SECONDS(40);
    core_heard(w->core, w->now, w->now);
    core_discard(w->core, world_plan(w));
    world_turn(w);
    assert_int_equal(said(w, 0)->status, STATUS_LOST);
    world_free(w);
}

static void a_clock_that_was_set_makes_nobody_silent(void **state UNUSED)
{
    struct uuid x;
    struct world *w = running(beating("a"), &x);

    hear_until(w, 39);
    core_heard(w->core, SECONDS(3640), SECONDS(3640));
    core_listen_anew(w->core);
    w->now = SECONDS(3641);
    hear_until(w, 3642);
    expect_lost_at(w, 3642 + 4 * N);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_silent_for_four_heartbeats_is_lost),
        cmocka_unit_test(whoever_never_gives_a_sign_is_lost),
        cmocka_unit_test(nobody_is_listened_to_who_is_to_give_no_signs_or_has_not_begun),
        cmocka_unit_test(heartbeats_that_stop_while_the_topic_lags_are_no_silence),
        cmocka_unit_test(two_heartbeats_are_left_to_whoever_could_not_be_heard),
        cmocka_unit_test(a_sign_of_anybody_else_is_none),
        cmocka_unit_test(a_sign_from_the_future_counts_as_of_now),
        cmocka_unit_test(another_claim_is_listened_to_from_its_beginning),
        cmocka_unit_test(a_claim_that_waits_to_be_folded_is_not_lost),
        cmocka_unit_test(a_new_owner_counts_from_when_it_has_heard_everything),
        cmocka_unit_test(a_new_owner_hears_signs_too),
        cmocka_unit_test(what_its_worker_said_before_wins),
        cmocka_unit_test(a_lost_attempt_is_followed_by_the_next_one),
        cmocka_unit_test(silence_gives_the_slot_to_what_waits),
        cmocka_unit_test(a_cancelled_worker_that_is_gone_is_lost_and_not_tried_again),
        cmocka_unit_test(a_plan_that_is_thrown_away_forgets_no_silence),
        cmocka_unit_test(a_clock_that_was_set_makes_nobody_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
