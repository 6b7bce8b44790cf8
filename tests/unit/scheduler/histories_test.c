/*
 * histories_test.c - histories that other schedulers have got wrong, each by its name.
 */
#include <stdio.h>

#include "model/lifecycle.h"
#include "world.h"

static const struct execution_created *sent(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_CREATED, n);
}

/* What the history makes of all that was reported, in the order of the log. */
static enum status shown(const struct world *w, struct uuid execution)
{
    struct life life = {0};

    for (size_t i = 0; i < w->status_count; i++) {
        const struct execution_status *report = w->statuses[i].record;
        const struct lifecycle_event event = {report, w->status_times[i], NULL, false};

        if (uuid_equal(report->execution_id, execution))
            (void)lifecycle_apply(&life, &event);
    }
    return life.status;
}

/* The worker announces, the deadline is proposed all the same, the worker ends: what the log has first counts. */
static void running_missed_succeeded_in_this_order(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", NULL);
    struct world *w = world_new();
    struct uuid x;

    spec.start_deadline_ms = 10000;
    world_put(w, spec);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    x = sent(w, 0)->execution_id;
    w->hears = false;
    world_report(w, x, "a", STATUS_RUNNING);
    world_go(w, SECONDS(10)); /* MISSED is in the log, behind RUNNING */
    assert_int_equal(
        ((const struct execution_status *)world_record(w, RECORD_EXECUTION_STATUS, 0))->status,
        STATUS_MISSED);
    assert_int_equal(shown(w, x), STATUS_RUNNING);
    world_report(w, x, "a", STATUS_SUCCEEDED);
    w->hears = true;
    world_crash(w);
    world_go(w, SECONDS(100));
    assert_int_equal(world_count(w, RECORD_EXECUTION_STATUS), 1);
    assert_int_equal(shown(w, x), STATUS_SUCCEEDED);
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

static void a_pause_that_is_written_while_a_due_instant_waits(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(12); /* due at 10, not decided yet */
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "");
    world_go(w, SECONDS(25));
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_turn(w);
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,25]=2");
    world_free(w);
}

static void an_edit_at_the_very_instant(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(10);
    world_put(w, spec_of("a", "@every 5s"));
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10"); /* the old one's, once */
    assert_int_equal(sent(w, 0)->revision, 1);
    world_go(w, SECONDS(15));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 15");
    world_free(w);
}

static void a_task_that_is_deleted_and_made_again(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "@every 10s");
    struct world *w = world_new();

    spec.overlap = OVERLAP_QUEUE_ALL;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(10));
    world_go(w, SECONDS(20)); /* waits */
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_put(w, spec);
    world_turn(w);
    assert_int_equal(world_revision(w, "a")->revision, 3);
    assert_int_equal(core_open_count(w->core), 1); /* what runs; what waited is cancelled */
    world_go(w, SECONDS(30));
    world_report(w, sent(w, 0)->execution_id, "a", STATUS_SUCCEEDED);
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 30");
    world_free(w);
}

/* 605 million instants: as many records as tasks, about, and no more looks than a gap may take. */
static void a_week_of_outage_with_a_thousand_tasks_of_every_second(void **state UNUSED)
{
    enum { TASKS_DUE = 1000 };
    static char keys[TASKS_DUE][8];
    struct world *w = world_new();
    struct map seen = {0};
    size_t before, gaps;

    for (size_t i = 0; i < TASKS_DUE; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "t%zu", i);
        world_put(w, spec_of(keys[i], "@every 1s"));
    }
    world_turn(w);
    world_crash(w);
    before = w->count;
    w->now = SECONDS(7 * 86400);
    world_turn(w);
    gaps = world_count(w, RECORD_SCHEDULE_GAP);
    assert_int_equal(gaps, TASKS_DUE);
    for (size_t i = 0; i < TASKS_DUE; i++) { /* one each, and none was counted for long */
        const struct schedule_gap *gap = world_record(w, RECORD_SCHEDULE_GAP, i);

        assert_null(map_find(&seen, gap->task_id));
        map_put(&seen, gap->task_id, keys[i]);
        assert_int_equal(gap->count, 10000);
        assert_true(gap->more);
    }
    /* of each the last minute, which is not missed but late, its gap, and its state */
    assert_true(w->count - before < TASKS_DUE * 70);
    map_clear(&seen);
    world_free(w);
}

static void resume_all_after_a_year(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "@every 1m");
    struct world *w = world_new();

    spec.misfire.limit = 7;
    world_put(w, spec);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    w->now = SECONDS(365 * 86400);
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_RESUME_TASK,
                                   .body.resume_task.gap = RESUME_ALL});
    world_turn(w);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 7);
    assert_int_equal(world_count(w, RECORD_SCHEDULE_GAP), 1);
    assert_true(((const struct schedule_gap *)world_record(w, RECORD_SCHEDULE_GAP, 0))->more);
    assert_true(sent(w, 6)->scheduled_at == SECONDS(365 * 86400));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(running_missed_succeeded_in_this_order),
        cmocka_unit_test(a_pause_that_is_written_while_a_due_instant_waits),
        cmocka_unit_test(an_edit_at_the_very_instant),
        cmocka_unit_test(a_task_that_is_deleted_and_made_again),
        cmocka_unit_test(a_week_of_outage_with_a_thousand_tasks_of_every_second),
        cmocka_unit_test(resume_all_after_a_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
