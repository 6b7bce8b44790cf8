/*
 * backfill_test.c - a past range that is run again: one instant after the other, beside the schedule and after it.
 */
#include "asked.h"
#include "scheduler/registry.h"

/* --- a range --- */

static struct uuid backfill(struct world *w, long from, long to)
{
    struct uuid id = world_send(w, (struct command){.task_id = task_of("a"),
                                                    .actor = "test",
                                                    .kind = COMMAND_BACKFILL,
                                                    .body.backfill = {SECONDS(from), SECONDS(to)}});

    world_turn(w);
    return id;
}

static void each_instant_of_a_range_runs_one_after_the_other(void **state UNUSED)
{
    static const enum overlap_policy policies[] = {OVERLAP_ALLOW, OVERLAP_SKIP, OVERLAP_QUEUE_ONE};

    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct task_spec spec = spec_of("a", "@every 10s");
        struct world *w;

        spec.overlap = policies[i];
        spec.window = &(struct window_spec){.from = SECONDS(-3600), .until = SECONDS(0)};
        w = with(spec);
        world_go(w, SECONDS(100));
        expect(w, backfill(w, -50, -10), CODE_OK); /* (from, to] */
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-40");
        assert_true(sent(w, 0)->due_at == SECONDS(100));
        assert_true(sent(w, 0)->nominal_local != 0);
        for (size_t n = 0; n < 4; n++) {
            world_report(w, sent(w, n)->execution_id, "a", STATUS_SUCCEEDED);
            world_go(w, w->now + 90000 * USEC_PER_SEC); /* no start deadline runs while it waits */
        }
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-40 -30 -20 -10");
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* What may overlap does not count: there is always something that runs. */
static void a_backfill_gets_its_turn_beside_what_runs_all_the_time(void **state UNUSED)
{
    struct world *w = with(watched("@every 10s")); /* nobody ends */
    size_t count;

    world_go(w, SECONDS(50));
    expect(w, backfill(w, -30, 0), CODE_OK);
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20");
    count = world_count(w, RECORD_EXECUTION_CREATED);
    world_crash(w);
    world_go(w, SECONDS(60));
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20");
    report(w, sent(w, count - 1)->execution_id, STATUS_SUCCEEDED);
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20 -10");
    world_free(w);
}

/* What waits since runs could not overlap is in its way, and is named. */
static void a_backfill_says_what_it_waits_for(void **state UNUSED)
{
    struct task_spec spec = watched("@every 10s");
    struct world *w;
    const struct execution_status *s;

    spec.overlap = OVERLAP_QUEUE_ALL;
    w = with(spec);
    world_go(w, SECONDS(20)); /* the second one waits */
    spec.overlap = OVERLAP_ALLOW;
    world_put(w, spec);
    expect(w, backfill(w, -10, 0), CODE_OK);
    s = said(w, 1);
    assert_int_equal(s->trigger, TRIGGER_BACKFILL);
    assert_false(uuid_is_nil(s->blocked_by));
    world_free(w);
}

/* The first one, which is sent at once, like those that waited: the command may have been long on its way. */
static void the_deadlines_of_a_backfill_count_from_when_each_is_sent(void **state UNUSED)
{
    struct task_spec spec = watched("@every 10s");
    struct world *w;

    spec.start_deadline_ms = 60000;
    spec.finish_by_ms = 120000;
    spec.window = &(struct window_spec){.from = SECONDS(-3600), .until = SECONDS(0)};
    w = with(spec);
    w->now = SECONDS(100);
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_BACKFILL,
                                   .body.backfill = {SECONDS(-30), SECONDS(-10)}});
    for (size_t n = 0; n < 2; n++) {
        world_go(w, w->now + 200 * USEC_PER_SEC);
        assert_true(sent(w, n)->due_at == SECONDS(100));
        assert_true(sent(w, n)->start_by == w->now + 60 * USEC_PER_SEC);
        assert_true(sent(w, n)->finish_by == w->now + 120 * USEC_PER_SEC);
        report(w, sent(w, n)->execution_id, STATUS_RUNNING);
        w->now += 100 * USEC_PER_SEC;
        if (n == 0) {
            w->now += 10 * USEC_PER_SEC;
            world_report(w, sent(w, n)->execution_id, "a", STATUS_SUCCEEDED);
        }
    }
    world_free(w);
}

/* As where runs may not overlap (a day): who is gone must not hold those behind it for ever. */
static void a_backfill_goes_on_when_its_worker_is_gone(void **state UNUSED)
{
    for (int begun = 0; begun < 2; begun++) {
        struct task_spec spec = spec_of("a", "@every 10s");
        struct world *w;

        spec.window = &(struct window_spec){.from = SECONDS(-3600), .until = SECONDS(0)};
        w = with(spec);
        expect(w, backfill(w, -30, -10), CODE_OK);
        if (begun)
            report(w, sent(w, 0)->execution_id, STATUS_RUNNING);
        world_go(w, SECONDS(86400) + 1);
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20 -10");
        world_go(w, SECONDS(2 * 86400) + 2);
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

static void a_range_is_of_the_past_and_of_a_thousand_instants(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "@every 10s");
    struct world *w;

    spec.window = &(struct window_spec){.from = SECONDS(-86400), .until = SECONDS(0)};
    w = with(spec);
    w->now = SECONDS(100);
    expect(w, backfill(w, -20, 101), CODE_INVALID_SPEC);
    expect(w, backfill(w, -20, -20), CODE_INVALID_SPEC);
    expect(w, backfill(w, -20000, -5), CODE_INVALID_SPEC);
    assert_int_equal(core_open_count(w->core), 0);
    expect(w, backfill(w, 5, 15), CODE_OK); /* none */
    expect(w, backfill(w, -10020, -20), CODE_OK);
    assert_int_equal(core_open_count(w->core), 1000);
    expect(w, backfill(w, -20, -1), CODE_OK);
    assert_int_equal(core_open_count(w->core), 1001);
    expect(w, backfill(w, -50, -20), CODE_OVERLAP); /* a thousand wait */
    world_free(w);
}

/* --- beside the schedule --- */

static void backfilled(struct world *w, long from, long to)
{
    expect(w, backfill(w, from, to), CODE_OK);
}

/* The newest of what was sent. */
static void finish_newest(struct world *w)
{
    finish(w, world_count(w, RECORD_EXECUTION_CREATED) - 1);
}

static void cancel_other_leaves_a_backfill_alone_and_is_left_alone(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_CANCEL_OTHER));
    const struct execution_created *own;

    start(w, 0);
    backfilled(w, -30, 0);
    assert_int_equal(signals(w), 0);
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20");
    start(w, 1);
    own = sent(w, 1);
    world_go(w, SECONDS(20)); /* cancels the one of 10, and nobody else */
    assert_int_equal(signals(w), 1);
    world_report(w, sent(w, 0)->execution_id, "a", STATUS_CANCELLED);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20");
    world_report(w, own->execution_id, "a", STATUS_SUCCEEDED);
    world_turn(w);
    world_crash(w);
    finish_newest(w);
    finish_newest(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-20 -10 0");
    assert_int_equal(core_open_count(w->core), 1);
    world_free(w);
}

/* An instant that a backfill alone holds up goes before what of it still waits. */
static void a_backfill_goes_last(void **state UNUSED)
{
    static const enum overlap_policy policies[] = {OVERLAP_SKIP, OVERLAP_QUEUE_ONE,
                                                   OVERLAP_QUEUE_ALL};

    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        struct world *w = begun(overlapping(policies[i]));

        finish(w, 0);
        backfilled(w, -40, 0);
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-30");
        world_go(w, SECONDS(20));
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
        finish_newest(w);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-30");
        world_crash(w);
        finish_newest(w);
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-30 -20");
        world_go(w, SECONDS(30));
        finish_newest(w);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30");
        finish_newest(w);
        finish_newest(w);
        finish_newest(w);
        assert_string_equal(world_fired(w, "a", TRIGGER_BACKFILL), "-30 -20 -10 0");
        assert_int_equal(core_open_count(w->core), 0);
        world_free(w);
    }
}

/* Under SKIP that one waits, and no second one; nor any while another instant's run is in the way. */
static void skip_lets_one_wait_for_a_backfill(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_SKIP));

    backfilled(w, -10, 0);
    world_go(w, SECONDS(20));
    finish(w, 0);
    world_go(w, SECONDS(30));
    world_go(w, SECONDS(40));
    assert_string_equal(world_born(w, "a"),
                        "WAITING/OVERLAP@0 SKIPPED/OVERLAP@20 WAITING/OVERLAP@30 "
                        "SKIPPED/OVERLAP@40");
    world_free(w);
}

/* What waits of a backfill takes none of the places of others. */
static void a_thousand_of_a_backfill_leave_room_to_wait(void **state UNUSED)
{
    struct world *w = begun(overlapping(OVERLAP_QUEUE_ALL));

    backfilled(w, -10000, 0);
    world_go(w, SECONDS(20));
    assert_true(strstr(world_born(w, "a"), "WAITING/OVERLAP@20") != NULL);
    assert_null(strstr(world_born(w, "a"), "SKIPPED"));
    world_free(w);
}

/* Thousands may run: whoever looks for what is to be sent next meets only what waits. */
static void expect_what_waits_in_front(const struct world *w, long waiting)
{
    const struct open *o = registry_find(w->core, task_of("a"))->opens;

    assert_null(o->newer);
    for (; o != NULL && o->slot == SLOT_WAITING; o = o->older)
        waiting--;
    assert_int_equal(waiting, 0);
    for (; o != NULL; o = o->older) {
        assert_int_not_equal(o->slot, SLOT_WAITING);
        assert_ptr_equal(o->newer->older, o);
    }
}

static void what_waits_stands_before_all_that_run(void **state UNUSED)
{
    struct world *w = with(watched("@every 10s")); /* nobody ends */

    world_go(w, SECONDS(50));
    expect(w, backfill(w, -50, 0), CODE_OK);
    expect_what_waits_in_front(w, 4);
    world_go(w, SECONDS(60));
    world_report(w, sent(w, 5)->execution_id, "a", STATUS_SUCCEEDED);
    core_discard(w->core, world_plan(w));
    expect_what_waits_in_front(w, 4);
    world_go(w, SECONDS(70));
    expect_what_waits_in_front(w, 3);
    world_crash(w);
    expect_what_waits_in_front(w, 3);
    world_order(w, "a", COMMAND_DELETE_TASK);
    core_discard(w->core, world_plan(w));
    expect_what_waits_in_front(w, 3);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instant_of_a_range_runs_one_after_the_other),
        cmocka_unit_test(a_backfill_gets_its_turn_beside_what_runs_all_the_time),
        cmocka_unit_test(a_backfill_says_what_it_waits_for),
        cmocka_unit_test(the_deadlines_of_a_backfill_count_from_when_each_is_sent),
        cmocka_unit_test(a_backfill_goes_on_when_its_worker_is_gone),
        cmocka_unit_test(a_range_is_of_the_past_and_of_a_thousand_instants),
        cmocka_unit_test(cancel_other_leaves_a_backfill_alone_and_is_left_alone),
        cmocka_unit_test(a_backfill_goes_last),
        cmocka_unit_test(skip_lets_one_wait_for_a_backfill),
        cmocka_unit_test(a_thousand_of_a_backfill_leave_room_to_wait),
        cmocka_unit_test(what_waits_stands_before_all_that_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
