/* Between the time an instant is scheduled and the time it is due: with jitter, much can happen. */
#include "world.h"

enum { HOUR = 3600, SPREAD_MS = 1800000 };

static struct task_spec hourly(int64_t jitter_ms)
{
    struct task_spec spec = spec_of("a", "@every 1h");

    spec.jitter_ms = jitter_ms;
    return spec;
}

/* A world with an hourly task that is jittered by up to 30 minutes; *ret_due: of its first instant, 3600. */
static struct world *spread_world(usec_t *ret_due)
{
    struct world *w = world_new();

    world_put(w, hourly(SPREAD_MS));
    world_turn(w);
    *ret_due = core_wake(w->core);
    assert_in_range(SINCE(*ret_due), HOUR + 1, HOUR + SPREAD_MS / 1000 - 1);
    return w;
}

static const struct execution_created *last_created(const struct world *w)
{
    return world_record(w, RECORD_EXECUTION_CREATED, world_count(w, RECORD_EXECUTION_CREATED) - 1);
}

static void fires_when_it_is_due_not_when_it_is_scheduled(void **state UNUSED)
{
    usec_t due;
    struct world *w = world_new();
    struct task_spec spec = hourly(SPREAD_MS);
    const struct execution_created *x;

    spec.start_deadline_ms = 5000;
    world_put(w, spec);
    world_turn(w);
    due = core_wake(w->core);
    world_go(w, due - 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "");
    world_go(w, due);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "3600");
    x = last_created(w);
    assert_true(x->due_at == due && x->start_by == due + 5 * USEC_PER_SEC);
    assert_true(
        uuid_equal(x->execution_id, execution_id_of(task_of("a"), SECONDS(HOUR), "instant", "")));
    assert_true(world_watermark(w)->due == due);
    world_free(w);
}

static void fires_it_once_whenever_it_crashes(void **state UNUSED)
{
    usec_t due;
    struct world *w = spread_world(&due);
    const usec_t times[] = {SECONDS(HOUR) - 1, SECONDS(HOUR), due - 1, due, due + 1, due + 2};

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        world_go(w, times[i]);
        world_crash(w);
        world_turn(w);
    }
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "3600");
    world_free(w);
}

static void counts_lateness_from_when_it_is_due(void **state UNUSED)
{
    usec_t due;
    struct world *w = spread_world(&due);

    world_go(w, due + 60 * USEC_PER_SEC);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "3600");
    due = core_wake(w->core);
    world_go(w, due + 60 * USEC_PER_SEC + 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "7200");
    world_free(w);
}

static void gives_it_to_the_edit_that_comes_between(void **state UNUSED)
{
    usec_t due;
    struct world *w = spread_world(&due);
    struct task_spec spec = hourly(SPREAD_MS);

    w->now = due - 1;
    spec.title = "renamed";
    world_put(w, spec);
    world_turn(w);
    world_crash(w);
    world_go(w, due);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "3600");
    assert_int_equal(last_created(w)->revision, 2);
    assert_string_equal(world_gaps(w, "a"), "");
    world_free(w);
}

static void records_it_when_the_edit_has_no_such_instant(void **state UNUSED)
{
    usec_t due;
    struct world *w = spread_world(&due);

    w->now = due - 1;
    world_put(w, hourly(0));
    world_go(w, SECONDS(2 * HOUR));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "7200");
    assert_string_equal(world_gaps(w, "a"), "EDITED(3599,3600]=1");
    world_free(w);
}

static void never_fires_again_what_was_fired_without_jitter(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, hourly(0));
    world_turn(w);
    world_go(w, SECONDS(HOUR));
    world_put(w, hourly(SPREAD_MS));
    world_turn(w);
    world_crash(w);
    assert_true(core_wake(w->core) > SECONDS(2 * HOUR));
    assert_string_equal(world_gaps(w, "a"), "");
    world_free(w);
}

static void leaves_it_out_when_the_task_is_made_after_it(void **state UNUSED)
{
    usec_t due;
    struct world *first = spread_world(&due), *w = world_new();

    w->now = due - 1;
    world_put(w, hourly(SPREAD_MS));
    world_turn(w);
    world_crash(w);
    assert_true(core_wake(w->core) > SECONDS(2 * HOUR));
    world_free(first);
    world_free(w);
}

static void forgets_it_with_the_task(void **state UNUSED)
{
    usec_t due;
    struct world *w = spread_world(&due);

    w->now = due - 1;
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_turn(w);
    assert_string_equal(world_gaps(w, "a"), "");
    world_put(w, hourly(SPREAD_MS));
    world_go(w, due);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "");
    world_free(w);
}

static void accounts_for_it_in_the_gap_of_a_pause(void **state UNUSED)
{
    static const struct {
        enum resume_gap gap;
        const char *gaps, *made_up;
    } cases[] = {
        {RESUME_NONE, "PAUSED(0,7200]=2", ""},
        {RESUME_LAST, "PAUSED(7199,7200]=1", "3600"},
        {RESUME_ALL, "PAUSED(7199,7200]=1", "3600"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        usec_t due;
        struct world *w = spread_world(&due);
        struct command resume = {
            .task_id = task_of("a"), .actor = "test", .kind = COMMAND_RESUME_TASK};

        w->now = due - 1;
        world_order(w, "a", COMMAND_PAUSE_TASK);
        world_turn(w);
        w->now = SECONDS(2 * HOUR);
        resume.body.resume_task.gap = cases[i].gap;
        world_send(w, resume);
        world_turn(w);
        assert_string_equal(world_gaps(w, "a"), cases[i].gaps);
        assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), cases[i].made_up);
        assert_true(core_wake(w->core) > SECONDS(3 * HOUR));
        world_free(w);
    }
}

static void counts_only_what_calendars_and_window_leave(void **state UNUSED)
{
    struct world *w = world_new();
    struct calendar_rule rules[] = {{"hours", "03:00-04:30"}};
    struct calendar_spec calendar = {"nap", CALENDAR_EXCLUDE, rules, 1};
    struct window_spec window = {
        .until = SECONDS(9 * HOUR), .daily_from = "02:00", .daily_to = "07:00"};
    struct task_spec spec = hourly(0);

    spec.calendars = &calendar;
    spec.calendar_count = 1;
    spec.window = &window;
    world_put(w, spec);
    world_turn(w);
    assert_true(core_wake(w->core) == SECONDS(2 * HOUR));
    world_go(w, SECONDS(2 * HOUR));
    world_go(w, SECONDS(8 * HOUR));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "7200");
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "21600"); /* 6:00 */
    assert_string_equal(world_gaps(w, "a"), "MISFIRE(7200,18000]=1");    /* 5:00 */
    assert_true(core_wake(w->core) == USEC_MAX);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_when_it_is_due_not_when_it_is_scheduled),
        cmocka_unit_test(fires_it_once_whenever_it_crashes),
        cmocka_unit_test(counts_lateness_from_when_it_is_due),
        cmocka_unit_test(gives_it_to_the_edit_that_comes_between),
        cmocka_unit_test(records_it_when_the_edit_has_no_such_instant),
        cmocka_unit_test(never_fires_again_what_was_fired_without_jitter),
        cmocka_unit_test(leaves_it_out_when_the_task_is_made_after_it),
        cmocka_unit_test(forgets_it_with_the_task),
        cmocka_unit_test(accounts_for_it_in_the_gap_of_a_pause),
        cmocka_unit_test(counts_only_what_calendars_and_window_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
