/* A command and the instants before it: edits, pauses, resumes, deletions. */
#include "world.h"

static void plans_a_task_up_to_its_edit_under_the_old_revision(void **state UNUSED)
{
    struct world *w = world_new();
    const struct execution_created *x;

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(25);
    world_put(w, spec_of("a", "@every 8s"));
    world_go(w, SECONDS(40));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 32 40");
    x = world_record(w, RECORD_EXECUTION_CREATED, 1);
    assert_int_equal(x->revision, 1);
    x = world_record(w, RECORD_EXECUTION_CREATED, 2);
    assert_int_equal(x->revision, 2);
    assert_true(world_revision(w, "a")->effective_at == SECONDS(25));
    world_free(w);
}

static void plans_only_the_edited_task_ahead(void **state UNUSED)
{
    struct world *w = world_new();
    const struct execution_created *x;

    world_put(w, spec_of("a", "@every 20s"));
    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(25);
    world_put(w, spec_of("a", "@every 40s"));
    world_turn(w);
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    assert_string_equal(x->task_key, "a");
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "10 20");
    world_free(w);
}

static void never_lets_an_edit_take_effect_before_the_watermark(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(5);
    w->may_fire = false;
    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    w->may_fire = true;
    world_go(w, SECONDS(30));
    w->now = SECONDS(22); /* the broker's clock is behind */
    world_put(w, spec_of("a", "@every 1s"));
    world_go(w, SECONDS(31));
    assert_true(world_revision(w, "a")->effective_at == SECONDS(30));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30 31");
    world_free(w);
}

static void takes_a_broker_ahead_of_us_as_now(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(25);
    world_put(w, spec_of("a", "@every 5s"));
    world_go(w, SECONDS(12));
    assert_true(world_revision(w, "a")->effective_at == SECONDS(12));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    world_go(w, SECONDS(15));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 15");
    world_free(w);
}

/* Two tasks due at 10, the plan cut between them, and the clock set back: 10 has come all the same. */
static void decides_what_the_watermark_reached_though_the_clock_was_set_back(void **state UNUSED)
{
    struct world *w = world_new();
    const char *first = uuid_order(task_of("a"), task_of("b")) < 0 ? "a" : "b";
    const char *second = *first == 'a' ? "b" : "a";

    world_put(w, spec_of("a", "@every 10s"));
    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    w->limit = 1;
    w->now = SECONDS(10);
    world_commit(w, world_plan(w));
    w->now = SECONDS(9);
    world_put(w, spec_of(second, "@every 20s"));
    world_turn(w);
    assert_string_equal(world_fired(w, first, TRIGGER_SCHEDULED), "10");
    assert_string_equal(world_fired(w, second, TRIGGER_SCHEDULED), "10");
    world_free(w);
}

/* Misfires are decided ahead of a watermark that a cut holds back; a command that was read late must not undo them. */
static void never_lets_an_edit_take_effect_before_the_task_was_decided(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    w->limit = 1;
    w->now = SECONDS(200);
    world_commit(w, world_plan(w)); /* one of the two: decided up to 130, W at 10 */
    w->now = SECONDS(200);
    w->broker_ahead = -100 * USEC_PER_SEC;
    world_put(w, spec_of("a", "@every 50s"));
    world_put(w, spec_of("b", "@every 50s"));
    world_turn(w);
    for (const char *key = "a"; key != NULL; key = *key == 'a' ? "b" : NULL) {
        bool was_ahead = world_revision(w, key)->effective_at == SECONDS(130);

        assert_true(was_ahead || world_revision(w, key)->effective_at == SECONDS(100));
        assert_string_equal(world_gaps(w, key),
                            was_ahead ? "MISFIRE(0,130]=13" : "MISFIRE(0,90]=9");
    }
    world_free(w);
}

static void makes_up_for_misfires_before_an_edit_by_the_old_policy(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(35);
    world_put(w, spec_of("a", "@every 100s"));
    world_go(w, SECONDS(1000));
    assert_string_equal(world_gaps(w, "a"), "MISFIRE(0,20]=2 MISFIRE(35,900]=9");
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "30");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "1000");
    world_free(w);
}

/* A pause at 15 and `then` at 45 (decided at 47) of a task due every 10 s. */
static const struct pause_case {
    enum command_kind then;
    enum resume_gap gap;
    const char *gaps, *made_up, *fired_by_70;
} pause_cases[] = {
    {COMMAND_RESUME_TASK, RESUME_NONE, "PAUSED(10,45]=3", "", "10 50 60 70"},
    {COMMAND_RESUME_TASK, RESUME_LAST, "PAUSED(10,30]=2", "40", "10 50 60 70"},
    {COMMAND_RESUME_TASK, RESUME_ALL, "", "20 30 40", "10 50 60 70"},
    {COMMAND_DELETE_TASK, RESUME_NONE, "PAUSED(10,45]=3", "", "10"},
    {COMMAND_PUT_TASK, RESUME_NONE, "PAUSED(10,45]=3", "", "10"},
};

static void accounts_for_a_pause_at_its_end(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(pause_cases); i++) {
        const struct pause_case *c = &pause_cases[i];
        struct world *w = world_new();
        const struct schedule_gap *g;
        struct command then = {.task_id = task_of("a"), .actor = "test", .kind = c->then};

        print_message("case %zu\n", i);
        world_put(w, spec_of("a", "@every 10s"));
        world_turn(w);
        world_go(w, SECONDS(10));
        w->now = SECONDS(15);
        world_order(w, "a", COMMAND_PAUSE_TASK);
        world_go(w, SECONDS(16));
        assert_true(core_wake(w->core) == USEC_MAX);
        world_crash(w);
        world_go(w, SECONDS(45));
        if (c->then == COMMAND_PUT_TASK)
            then.body.put_task.spec = spec_of("a", "@every 20s");
        else
            then.body.resume_task.gap = c->gap;
        world_send(w, then);
        world_go(w, SECONDS(47));
        world_go(w, SECONDS(70));
        assert_string_equal(world_gaps(w, "a"), c->gaps);
        assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), c->made_up);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), c->fired_by_70);
        g = world_record(w, RECORD_SCHEDULE_GAP, 0);
        assert_int_equal(g == NULL ? 2 : g->revision, 2);
        world_free(w);
    }
}

static void leaves_instants_before_a_pause_to_its_gap(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(35); /* 10, 20 and 30 are due, but the pause is read first */
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_go(w, SECONDS(36));
    w->now = SECONDS(55);
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_go(w, SECONDS(60));
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,55]=5");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "60");
    world_free(w);
}

static void makes_up_only_within_the_misfire_window(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.misfire.window_ms = 3000;
    world_put(w, spec);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_go(w, SECONDS(45));
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_RESUME_TASK,
                                   .body.resume_task.gap = RESUME_LAST});
    world_turn(w);
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,45]=4");
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "");
    world_free(w);
}

static void closes_a_gap_for_good_by_an_edit_while_paused(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_go(w, SECONDS(35));
    world_put(w, spec_of("a", "@every 5s"));
    world_turn(w);
    w->now = SECONDS(52);
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_RESUME_TASK,
                                   .body.resume_task.gap = RESUME_ALL});
    world_turn(w);
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,35]=3");
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "40 45 50");
    world_free(w);
}

static void resumes_by_itself_when_the_pause_ends(void **state UNUSED)
{
    struct world *w = world_new();
    const struct task_revision *r;

    world_put(w, spec_of("a", "@every 10s"));
    world_send(w, (struct command){.task_id = task_of("a"),
                                   .actor = "test",
                                   .kind = COMMAND_PAUSE_TASK,
                                   .body.pause_task.until = SECONDS(35)});
    world_turn(w);
    world_crash(w);
    assert_true(core_wake(w->core) == SECONDS(35));
    world_go(w, SECONDS(41));
    r = world_revision(w, "a");
    assert_int_equal(r->revision, 3);
    assert_int_equal(r->state, TASK_ACTIVE);
    assert_true(r->effective_at == SECONDS(35));
    assert_true(uuid_is_nil(r->command_id));
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,35]=3");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "40");
    world_free(w);
}

/* Whether it is over is asked of the time at which the log got it, not of the one at which it is read. */
static void a_pause_may_be_over_when_it_is_read_but_not_when_it_is_sent(void **state UNUSED)
{
    struct world *w = world_new();
    struct command pause = {.task_id = task_of("a"),
                            .actor = "test",
                            .kind = COMMAND_PAUSE_TASK,
                            .body.pause_task.until = SECONDS(35)};

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(5);
    world_send(w, pause);
    world_go(w, SECONDS(61)); /* nobody read it until here */
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    assert_int_equal(world_revision(w, "a")->revision, 3);
    assert_string_equal(world_gaps(w, "a"), "PAUSED(0,35]=3");
    world_send(w, pause);
    pause.body.pause_task.until = -1;
    world_send(w, pause);
    world_turn(w);
    assert_int_equal(world_revision(w, "a")->revision, 3); /* both were rejected */
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    world_free(w);
}

static void accounts_for_what_a_deletion_leaves_undecided(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    world_go(w, SECONDS(10));
    w->now = SECONDS(35);
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_go(w, SECONDS(36));
    w->now = SECONDS(55);
    world_put(w, spec_of("a", "@every 10s"));
    world_go(w, SECONDS(60));
    assert_string_equal(world_gaps(w, "a"), "DELETED(10,35]=2");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 60");
    assert_int_equal(world_revision(w, "a")->revision, 3);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_a_task_up_to_its_edit_under_the_old_revision),
        cmocka_unit_test(plans_only_the_edited_task_ahead),
        cmocka_unit_test(never_lets_an_edit_take_effect_before_the_watermark),
        cmocka_unit_test(takes_a_broker_ahead_of_us_as_now),
        cmocka_unit_test(decides_what_the_watermark_reached_though_the_clock_was_set_back),
        cmocka_unit_test(never_lets_an_edit_take_effect_before_the_task_was_decided),
        cmocka_unit_test(makes_up_for_misfires_before_an_edit_by_the_old_policy),
        cmocka_unit_test(accounts_for_a_pause_at_its_end),
        cmocka_unit_test(leaves_instants_before_a_pause_to_its_gap),
        cmocka_unit_test(makes_up_only_within_the_misfire_window),
        cmocka_unit_test(closes_a_gap_for_good_by_an_edit_while_paused),
        cmocka_unit_test(resumes_by_itself_when_the_pause_ends),
        cmocka_unit_test(a_pause_may_be_over_when_it_is_read_but_not_when_it_is_sent),
        cmocka_unit_test(accounts_for_what_a_deletion_leaves_undecided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
