/*
 * overlap_test.c - what happens to an instant while others are unfinished: the five policies, and the way out of waiting.
 */
#include "asked.h"
#include "base/hash.h"
#include "scheduler/open.h"
#include "scheduler/registry.h"

/* --- the five policies --- */

static void allow_lets_them_run_side_by_side(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_ALLOW));

    world_go(w, SECONDS(30));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30");
    world_free(w);
}

static void skip_records_who_was_in_the_way(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_SKIP));
    const struct execution_status *s;

    world_go(w, SECONDS(20));
    assert_string_equal(world_born(w, "a"), "SKIPPED/OVERLAP@20");
    s = world_record(w, RECORD_EXECUTION_STATUS, 0);
    assert_true(uuid_equal(s->blocked_by, sent(w, 0)->execution_id));
    finish(w, 0);
    world_go(w, SECONDS(30));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 30");
    world_free(w);
}

static void queue_one_keeps_one_and_skips_the_others(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ONE));
    const struct execution_status *s;

    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"),
                        "WAITING/OVERLAP@20 SKIPPED/OVERLAP@30 SKIPPED/OVERLAP@40");
    s = world_record(w, RECORD_EXECUTION_STATUS, 0);
    assert_true(uuid_equal(s->blocked_by, sent(w, 0)->execution_id));
    assert_int_equal(s->trigger, TRIGGER_SCHEDULED);
    finish(w, 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    assert_true(sent(w, 1)->waited);
    s = world_record(w, RECORD_EXECUTION_STATUS, 3);
    assert_int_equal(s->status, STATUS_PENDING);
    assert_int_equal(s->reason, REASON_RELEASED);
    world_go(w, SECONDS(50));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20"); /* 50 waits */
    finish(w, 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 50");
    world_free(w);
}

static void queue_all_of_1000_are_released_in_order(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));
    long last = 10;

    for (long s = 20; s <= 10020; s += 10)
        world_go(w, SECONDS(s));
    assert_int_equal(core_open_count(w->core), 1001);
    assert_true(strstr(world_born(w, "a"), "SKIPPED/QUEUE_FULL@10020") != NULL);
    world_crash(w);
    for (size_t n = 0; n <= 1000; n++) {
        long at = SINCE(sent(w, n)->scheduled_at);

        assert_true(n == 0 || at == last + 10);
        last = at;
        finish(w, n);
        assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), n < 1000 ? n + 2 : n + 1);
    }
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void cancel_other_stops_the_older_and_runs_when_it_is_over(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_CANCEL_OTHER));
    const struct execution_signal *signal;

    start(w, 0);
    world_go(w, SECONDS(20));
    /* CANCELLING frees no slot */
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    assert_int_equal(signals(w), 1);
    signal = world_record(w, RECORD_EXECUTION_SIGNAL, 0);
    assert_true(uuid_equal(signal->execution_id, sent(w, 0)->execution_id));
    assert_int_equal(signal->attempt, 1);
    world_go(w, SECONDS(30)); /* a newer one takes the place of the one that waits */
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    world_report(w, sent(w, 0)->execution_id, "a", STATUS_CANCELLED);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 30");
    assert_int_equal(core_open_count(w->core), 1);
    world_free(w);
}

static void cancel_other_cancels_at_once_what_nobody_has_begun(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_CANCEL_OTHER));

    world_go(w, SECONDS(20));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    /* it is in the queue: whoever finds it there leaves it alone */
    assert_int_equal(signals(w), 1);
    world_free(w);
}

static void cancel_other_leaves_as_many_as_may_run(void **state UNUSED)
{
    struct task_spec spec = overlapping(OVERLAP_CANCEL_OTHER);
    struct world *w;

    spec.max_concurrency = 2;
    w = begun(spec);
    start(w, 0);
    world_go(w, SECONDS(20));
    start(w, 1);
    world_go(w, SECONDS(30));
    assert_int_equal(signals(w), 1);
    assert_true(
        uuid_equal(((const struct execution_signal *)world_record(w, RECORD_EXECUTION_SIGNAL, 0))
                       ->execution_id,
                   sent(w, 0)->execution_id));
    world_go(w, SECONDS(61)); /* its worker is gone: the grace is over */
    assert_true(world_count(w, RECORD_EXECUTION_CREATED) >= 3);
    world_free(w);
}

/* --- catching up --- */

static void what_was_missed_queues_under_every_policy(void **state UNUSED)
{
    static const enum overlap_policy policies[] = {OVERLAP_SKIP, OVERLAP_QUEUE_ONE,
                                                   OVERLAP_QUEUE_ALL};

    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct task_spec spec = overlapping(policies[i]);
        struct world *w;

        spec.misfire = (struct misfire_spec){.policy = MISFIRE_ALL, .after_ms = 1000};
        w = begun(spec);
        finish(w, 0);
        world_go(w, SECONDS(55));
        assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "20");
        assert_int_equal(core_open_count(w->core), 4);
        for (size_t n = 1; n <= 4; n++)
            finish(w, n);
        assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "20 30 40 50");
        world_free(w);
    }
}

static void what_a_resumption_makes_up_for_queues_too(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_SKIP));

    finish(w, 0);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_go(w, SECONDS(45));
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_RESUME_TASK,
                                   .body.resume_task.gap = RESUME_ALL});
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "20");
    assert_string_equal(world_born(w, "a"), "WAITING/OVERLAP@30 WAITING/OVERLAP@40");
    world_free(w);
}

/* --- by hand --- */

static struct uuid trigger(struct world *w, bool ignore_overlap)
{
    struct uuid id =
        world_send(w, (struct command){.task_id = task_of("a"),
                                       .actor = "test",
                                       .kind = COMMAND_TRIGGER_TASK,
                                       .body.trigger_task.ignore_overlap = ignore_overlap});
    world_turn(w);
    return id;
}

static void a_trigger_obeys_or_ignores_the_policy(void **state UNUSED)
{
    static const struct {
        enum overlap_policy policy;
        enum outcome_result first, second; /* both while one runs */
        size_t waiting;
    } cases[] = {
        {OVERLAP_SKIP, OUTCOME_REJECTED, OUTCOME_REJECTED, 0},
        {OVERLAP_QUEUE_ONE, OUTCOME_ACCEPTED, OUTCOME_REJECTED, 1},
        {OVERLAP_QUEUE_ALL, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, 2},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *w = begun(overlapping(cases[i].policy));

        assert_int_equal(world_outcome(w, trigger(w, false))->result, cases[i].first);
        assert_int_equal(world_outcome(w, trigger(w, false))->result, cases[i].second);
        assert_int_equal(core_open_count(w->core), 1 + cases[i].waiting);
        assert_int_equal(world_outcome(w, trigger(w, true))->result, OUTCOME_ACCEPTED);
        assert_int_equal(sent(w, 1)->trigger, TRIGGER_MANUAL);
        assert_false(sent(w, 1)->waited);
        world_free(w);
    }
}

static void a_payload_waits_with_its_trigger(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));

    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_TRIGGER_TASK,
                                   .body.trigger_task.payload = {"mine", 4}});
    world_turn(w);
    world_crash(w);
    finish(w, 0);
    assert_true(bytes_equal(sent(w, 1)->payload, bytes_of("mine")));
    world_free(w);
}

/* --- while it waits --- */

static void what_waits_is_sent_as_it_was_made_though_the_task_was_edited(void **state UNUSED)
{
    struct task_spec spec = overlapping(OVERLAP_QUEUE_ALL);
    struct world *w;

    spec.payload = (struct bytes){"old", 3};
    w = begun(spec);
    world_go(w, SECONDS(20));
    spec.payload = (struct bytes){"new", 3};
    world_put(w, spec);
    world_turn(w);
    world_crash(w);
    finish(w, 0);
    assert_int_equal(sent(w, 1)->revision, 1);
    assert_true(bytes_equal(sent(w, 1)->payload, bytes_of("old")));
    assert_true(sent(w, 1)->nominal_local != 0);
    world_free(w);
}

static void more_room_lets_more_of_them_run(void **state UNUSED)
{
    struct task_spec spec = overlapping(OVERLAP_QUEUE_ALL);
    struct world *w = begun(spec);

    world_go(w, SECONDS(40));
    spec.max_concurrency = 3;
    world_put(w, spec);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30");
    spec.overlap = OVERLAP_ALLOW;
    world_put(w, spec);
    core_discard(w->core, world_plan(w));
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30 40");
    world_free(w);
}

static void a_pause_holds_what_waits_and_deletion_cancels_it(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));

    world_go(w, SECONDS(20));
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    finish(w, 0);
    world_crash(w);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    world_go(w, SECONDS(30));
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    finish(w, 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void what_waits_too_long_is_missed(void **state UNUSED)
{
    struct task_spec spec = overlapping(OVERLAP_QUEUE_ONE);
    struct world *w;

    spec.start_deadline_ms = 15000;
    spec.run_timeout_ms = 86400000;
    w = begun(spec);
    start(w, 0);
    world_go(w, SECONDS(20));
    world_go(w, SECONDS(29));
    assert_int_equal(core_open_count(w->core), 2);
    world_go(w, SECONDS(35));
    assert_int_equal(core_open_count(w->core), 1);
    finish(w, 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    assert_string_equal(world_born(w, "a"), "WAITING/OVERLAP@20 SKIPPED/OVERLAP@30");
    world_free(w);
}

static void a_queue_that_vanishes_is_a_reason_to_miss_what_waits(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));

    world_go(w, SECONDS(20));
    w->queue_is_gone = true;
    finish(w, 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* The slot of what was sent is free when the end is read back, not before; handed over in between. */
static void a_partition_handed_over_in_mid_turn_releases_once(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));
    struct core_plan *plan;

    world_go(w, SECONDS(20));
    world_report(w, sent(w, 0)->execution_id, "a", STATUS_SUCCEEDED);
    plan = world_plan(w); /* the log has it, but its maker is gone before it knows */
    assert_non_null(plan);
    core_discard(w->core, plan);
    world_crash(w);
    world_turn(w);
    world_crash(w);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    world_free(w);
}

/* --- after a restart, after an edit --- */

static void cancel_other_cancels_the_oldest_after_a_restart(void **state UNUSED)
{
    enum { RUNS = 8 };
    struct task_spec spec = overlapping(OVERLAP_CANCEL_OTHER);
    struct world *w;

    spec.max_concurrency = RUNS;
    w = begun(spec);
    for (long s = 20; s <= RUNS * 10; s += 10)
        world_go(w, SECONDS(s));
    for (size_t n = 0; n < RUNS; n++)
        start(w, n);
    world_crash(w);
    for (size_t n = 0; n < 3; n++) {
        const struct execution_signal *s;

        world_go(w, SECONDS(RUNS * 10 + 10 * ((long)n + 1)));
        s = world_record(w, RECORD_EXECUTION_SIGNAL, n);
        assert_true(uuid_equal(s->execution_id, sent(w, n)->execution_id));
        world_report(w, s->execution_id, "a", STATUS_CANCELLED);
        world_turn(w);
        start(w, RUNS + n);
    }
    world_free(w);
}

/* Runs could overlap, and had no limits; then they may not any more. Whoever is gone does not hold the slot for ever. */
static void what_ran_without_limits_gets_some_when_it_is_in_the_way(void **state UNUSED)
{
    for (int begun_by_then = 0; begun_by_then < 2; begun_by_then++) {
        struct task_spec spec = overlapping(OVERLAP_ALLOW);
        struct world *w;

        spec.pause_after_failures = 100;
        w = begun(spec);
        if (begun_by_then)
            start(w, 0);
        w->now = SECONDS(10 + 3 * 86400);
        spec.overlap = OVERLAP_SKIP;
        spec.misfire.policy = MISFIRE_NONE;
        spec.schedules->expression = "@every 1d";
        world_put(w, spec);
        world_turn(w);
        world_crash(w);
        world_turn(w);
        assert_true(core_open_count(w->core) > 0); /* from now on: it is not over at once */
        world_go(w, SECONDS(10 + 4 * 86400) + 1);
        world_go(w, SECONDS(10 + 5 * 86400) + 2);
        assert_null(map_find(&w->core->opens, sent(w, 0)->execution_id));
        world_free(w);
    }
}

/* --- what others write --- */

static void say(struct world *w, struct uuid x, enum status status, usec_t scheduled_at)
{
    world_say(w, &(struct execution_status){
                     .event_id = event_id_of(x, 1, enum_name(&status_enum, (int)status)),
                     .execution_id = x,
                     .task_id = task_of("a"),
                     .attempt = 1,
                     .status = status,
                     .scheduled_at = scheduled_at,
                     .trigger = scheduled_at == 0 ? TRIGGER_UNKNOWN : TRIGGER_SCHEDULED,
                 });
    world_turn(w);
}

static void a_forged_release_neither_sends_nor_traps(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));
    struct uuid x = execution_id_of(task_of("a"), SECONDS(20), "instant", "");

    say(w, x, STATUS_WAITING, SECONDS(20)); /* before it is made: of nothing */
    world_go(w, SECONDS(20));
    say(w, x, STATUS_PENDING, 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    say(w, x, STATUS_WAITING, SECONDS(20)); /* back again: not where its life begins */
    finish(w, 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    start(w, 1);
    finish(w, 1);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void what_runs_never_waits_whatever_is_said(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));

    say(w, sent(w, 0)->execution_id, STATUS_WAITING, SECONDS(10));
    start(w, 0);
    finish(w, 0);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* A worker that tells of a run of its own, under the id of what is to come, ends nothing: the history begins with what the scheduler says. */
static void what_waits_is_born_by_the_scheduler_alone(void **state UNUSED)
{
    static const enum status says[] = {STATUS_SUCCEEDED, STATUS_RUNNING, STATUS_WAITING};

    for (size_t i = 0; i < ARRAY_LEN(says); i++) {
        struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));
        const struct worker_ref worker = {.name = "w", .incarnation = command_numbered(-1)};
        struct core_plan *plan;

        w->now = SECONDS(20);
        plan = world_plan(w); /* it waits, and its report is not in the log yet */
        w->hears = false;
        world_say(w, &(struct execution_status){
                         .event_id = command_numbered(-7),
                         .execution_id = execution_id_of(task_of("a"), SECONDS(20), "instant", ""),
                         .task_id = task_of("a"),
                         .attempt = 1,
                         .status = says[i],
                         .trigger = TRIGGER_EXTERNAL,
                         .scheduled_at = SECONDS(20),
                         .worker = &worker,
                     });
        world_commit(w, plan);
        w->hears = true;
        world_crash(w); /* the partition's next owner reads both, in this order */
        world_turn(w);
        assert_int_equal(core_open_count(w->core), 2);
        finish(w, 0);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allow_lets_them_run_side_by_side),
        cmocka_unit_test(skip_records_who_was_in_the_way),
        cmocka_unit_test(queue_one_keeps_one_and_skips_the_others),
        cmocka_unit_test(queue_all_of_1000_are_released_in_order),
        cmocka_unit_test(cancel_other_stops_the_older_and_runs_when_it_is_over),
        cmocka_unit_test(cancel_other_cancels_at_once_what_nobody_has_begun),
        cmocka_unit_test(cancel_other_leaves_as_many_as_may_run),
        cmocka_unit_test(what_was_missed_queues_under_every_policy),
        cmocka_unit_test(what_a_resumption_makes_up_for_queues_too),
        cmocka_unit_test(a_trigger_obeys_or_ignores_the_policy),
        cmocka_unit_test(a_payload_waits_with_its_trigger),
        cmocka_unit_test(what_waits_is_sent_as_it_was_made_though_the_task_was_edited),
        cmocka_unit_test(more_room_lets_more_of_them_run),
        cmocka_unit_test(a_pause_holds_what_waits_and_deletion_cancels_it),
        cmocka_unit_test(what_waits_too_long_is_missed),
        cmocka_unit_test(a_queue_that_vanishes_is_a_reason_to_miss_what_waits),
        cmocka_unit_test(a_partition_handed_over_in_mid_turn_releases_once),
        cmocka_unit_test(cancel_other_cancels_the_oldest_after_a_restart),
        cmocka_unit_test(what_ran_without_limits_gets_some_when_it_is_in_the_way),
        cmocka_unit_test(a_forged_release_neither_sends_nor_traps),
        cmocka_unit_test(what_runs_never_waits_whatever_is_said),
        cmocka_unit_test(what_waits_is_born_by_the_scheduler_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
