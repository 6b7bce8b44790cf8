/* Other rules for the zone of a task that runs: what moves, what stays, what is said of it. */
#include <stdio.h>

#include "unit/cron/zones.h"
#include "world.h"

enum { HOUR = 3600, DAY = 86400 };

static const char *const names[] = {"Test/Place"};

static void set_zone(struct zoneset *zones, const char *footer, int32_t offset)
{
    const struct test_zone t = {names[0], offset, {{0}}, footer};
    SCOPED_BUF bytes = {0};
    struct error err = {0};
    struct zone *z;

    add_tzif(&bytes, &t);
    if (zone_parse(t.name, buf_bytes(&bytes), &z, &err) != RC_OK)
        fail_msg("%s", err.text);
    zoneset_add(zones, z);
    zone_unref(z);
}

/* The clocks of the place stand at `hours` from UTC from now on, and always did. */
static void move_zone(struct world *w, int hours)
{
    struct zoneset *zones = zoneset_new("");
    char footer[32];

    (void)snprintf(footer, sizeof footer, "<+00>%d", -hours);
    set_zone(zones, hours == 0 ? "UTC0" : footer, hours * HOUR);
    world_rezone(w, zones, names[0]);
}

static struct task_spec placed(const char *key, const char *expression)
{
    struct task_spec spec = spec_of(key, expression);

    spec.schedules[0].zone = names[0];
    return spec;
}

/* A world whose place is at UTC, with that task, at that hour. */
static struct world *placed_world(const char *expression, long hour)
{
    struct world *w = world_new();

    move_zone(w, 0);
    world_put(w, placed("a", expression));
    world_turn(w);
    world_go(w, SECONDS(hour * HOUR));
    return w;
}

static void fires_where_the_new_rules_have_it(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 1);
    struct core_plan *plan;

    move_zone(w, 2); /* noon is at 10:00 UTC now */
    assert_true(core_wake(w->core) == 0);
    plan = world_plan(w);
    assert_int_equal(plan->moved_count, 1);
    assert_string_equal(plan->moved[0].key, "a");
    assert_true(plan->moved[0].from == SECONDS(12 * HOUR) &&
                plan->moved[0].to == SECONDS(10 * HOUR));
    world_commit(w, plan);
    assert_true(core_wake(w->core) == SECONDS(10 * HOUR));
    world_go(w, SECONDS(13 * HOUR) - 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "36000");
    assert_string_equal(world_gaps(w, "a"), "");
    world_free(w);
}

/* W stands at 11:30, noon moves from 12:00 to 10:00. */
static struct world *moved_behind(const char *expression)
{
    struct world *w = placed_world(expression, 11);

    world_put(w, spec_of("b", "@every 30m"));
    world_turn(w);
    world_go(w, SECONDS(11 * HOUR + 1800));
    assert_true(world_watermark(w)->due == SECONDS(11 * HOUR + 1800));
    move_zone(w, 2);
    world_turn(w);
    return w;
}

static void accounts_for_what_lies_behind_the_watermark(void **state UNUSED)
{
    struct world *w = moved_behind("0 12 * * *");

    assert_string_equal(world_gaps(w, "a"), "TZDATA(35999,36000]=1");
    world_crash(w);
    world_go(w, SECONDS(DAY + 10 * HOUR));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "122400"); /* 10:00 the day after */
    assert_string_equal(world_gaps(w, "a"), "TZDATA(35999,36000]=1");
    world_free(w);
}

static void tells_rows_of_them_apart(void **state UNUSED)
{
    /* 8:00 and 11:00 were decided, so they are no gap at 6:00 and 9:00; what was to come is one. */
    struct world *w = moved_behind("0 8,11 * * *");

    assert_string_equal(world_gaps(w, "a"), "MISFIRE(0,28800]=1");
    world_free(w);
    w = moved_behind("0,30 12,13 * * *");
    assert_string_equal(world_gaps(w, "a"), "TZDATA(35999,41400]=4");
    world_free(w);
}

static void counts_what_was_at_the_same_instant_as_decided(void **state UNUSED)
{
    struct world *w = moved_behind("0 * * * *");

    world_go(w, SECONDS(12 * HOUR));
    assert_string_equal(world_gaps(w, "a"), "MISFIRE(0,36000]=10"); /* and no TZDATA */
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "39600 43200");
    world_free(w);
}

static void never_fires_a_wall_time_again_that_comes_a_second_time(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 12);

    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "43200");
    move_zone(w, -2); /* noon is at 14:00 UTC now */
    world_turn(w);
    assert_true(core_wake(w->core) == SECONDS(DAY + 14 * HOUR));
    world_crash(w);
    assert_true(core_wake(w->core) == SECONDS(DAY + 14 * HOUR));
    assert_string_equal(world_gaps(w, "a"), "");
    world_free(w);
}

/* Elapsed time and single instants do not go by the clocks of the place. */
static void leaves_instants_alone_that_have_no_wall_time(void **state UNUSED)
{
    static const struct {
        const char *expression;
        long next;
    } cases[] = {{"@every 1h", 13 * HOUR},
                 {"rate(6 hours)", 18 * HOUR},
                 {"@at 2026-01-01T14:00:00Z", 14 * HOUR},
                 {"* * * * *", 12 * HOUR + 60}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int hours = -2; hours <= 2; hours++) {
            struct world *w = placed_world(cases[i].expression, 12);
            size_t gaps = world_count(w, RECORD_SCHEDULE_GAP);

            move_zone(w, hours);
            world_turn(w);
            assert_true(core_wake(w->core) == SECONDS(cases[i].next));
            assert_int_equal(world_count(w, RECORD_SCHEDULE_GAP), gaps);
            world_free(w);
        }
}

static void keeps_the_place_of_a_paused_task(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 12);

    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    move_zone(w, -2);
    world_turn(w);
    w->now = SECONDS(DAY + 15 * HOUR);
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_turn(w);
    /* the noon of the next day only */
    assert_string_equal(world_gaps(w, "a"), "PAUSED(50400,140400]=1");
    world_free(w);
}

static void leaves_other_zones_and_deleted_tasks_alone(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 1);
    struct core_plan *plan;

    world_put(w, spec_of("b", "0 12 * * *"));
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    move_zone(w, 2);
    while ((plan = world_plan(w)) != NULL) {
        assert_int_equal(plan->moved_count, 0);
        world_commit(w, plan);
    }
    assert_true(core_wake(w->core) == SECONDS(12 * HOUR));
    world_free(w);
}

static void follows_in_parts_and_again_after_an_abort(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 1);
    size_t moved = 0;
    char keys[5][8];

    for (int i = 0; i < 5; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "t%d", i);
        world_put(w, placed(keys[i], "0 12 * * *"));
    }
    world_turn(w);
    move_zone(w, 2);
    core_discard(w->core, world_plan(w));
    assert_true(core_is_rezoning(w->core));
    w->limit = 1;
    for (struct core_plan *plan; core_is_rezoning(w->core);) {
        plan = world_plan(w);
        moved += plan->moved_count;
        world_commit(w, plan);
    }
    assert_int_equal(moved, 6);
    assert_true(core_wake(w->core) == SECONDS(10 * HOUR));
    world_free(w);
}

static void puts_the_new_version_on_what_it_fires(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 1);
    struct zoneset *other = zoneset_new("");

    set_zone(other, "<+02>-2", 2 * HOUR);
    world_rezone(w, other, names[0]);
    world_go(w, SECONDS(10 * HOUR));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "36000");
    world_free(w);
}

/* tzdata changes, though no zone in use; another task comes to say the same; then the zone of both changes. */
static void keeps_all_in_sight_through_a_change_of_nothing(void **state UNUSED)
{
    struct world *w = placed_world("0 12 * * *", 1);
    struct zoneset *same = zoneset_new("");

    set_zone(same, "UTC0", 0);
    world_rezone(w, same, NULL);
    assert_false(core_is_rezoning(w->core));
    world_put(w, placed("b", "0 12 * * *"));
    world_turn(w);
    move_zone(w, 2);
    world_go(w, SECONDS(10 * HOUR));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "36000");
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "36000");
    world_free(w);
}

/* What was made before and after the change was made under one revision: its spec is kept until the last of them is over. */
static void keeps_what_a_revision_said_for_all_made_under_it(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec;
    const struct execution_created *x;

    move_zone(w, 0);
    spec = placed("a", "0 12 * * *");
    spec.retry = (struct retry_spec){.max_attempts = 2, .first_delay_ms = 1000};
    spec.payload = bytes_of("old");
    world_put(w, spec);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    move_zone(w, 2);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    spec.payload = bytes_of("new");
    world_put(w, spec);
    world_turn(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    world_report(w, x->execution_id, "a", STATUS_SUCCEEDED);
    world_turn(w);
    world_crash(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, 1);
    world_report(w, x->execution_id, "a", STATUS_FAILED);
    world_turn(w);
    world_go(w, w->now + 2 * USEC_PER_SEC);
    x = world_record(w, RECORD_EXECUTION_CREATED, 2);
    assert_non_null(x);
    assert_int_equal(x->attempt, 2);
    assert_true(bytes_equal(x->payload, bytes_of("old")));
    world_report_on(w, x->execution_id, "a", 2, STATUS_SUCCEEDED);
    world_turn(w);
    world_crash(w);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_where_the_new_rules_have_it),
        cmocka_unit_test(accounts_for_what_lies_behind_the_watermark),
        cmocka_unit_test(tells_rows_of_them_apart),
        cmocka_unit_test(counts_what_was_at_the_same_instant_as_decided),
        cmocka_unit_test(never_fires_a_wall_time_again_that_comes_a_second_time),
        cmocka_unit_test(leaves_instants_alone_that_have_no_wall_time),
        cmocka_unit_test(keeps_the_place_of_a_paused_task),
        cmocka_unit_test(leaves_other_zones_and_deleted_tasks_alone),
        cmocka_unit_test(follows_in_parts_and_again_after_an_abort),
        cmocka_unit_test(puts_the_new_version_on_what_it_fires),
        cmocka_unit_test(keeps_all_in_sight_through_a_change_of_nothing),
        cmocka_unit_test(keeps_what_a_revision_said_for_all_made_under_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
