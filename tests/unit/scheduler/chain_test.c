/*
 * chain_test.c - one task after another: which ends set off which, once, and what comes of it on the other side.
 */
#include "scheduler/open.h"
#include "world.h"

/* One that is set off or triggered, and sets off `then`; NULL: nothing. */
static struct task_spec link_of(const char *key, const char *then, enum then_on on)
{
    static struct then_spec thens[64];
    static size_t next;
    struct then_spec *one = &thens[next++ % ARRAY_LEN(thens)];
    struct task_spec spec = spec_of(key, NULL);

    *one = (struct then_spec){.task = then, .on = on};
    spec.then = one;
    spec.then_count = then != NULL;
    return spec;
}

/* `parent` and `child`, the parent triggered at EPOCH. */
static struct world *begun(struct task_spec parent, struct task_spec child)
{
    struct world *w = world_new();

    world_put(w, parent);
    world_put(w, child);
    world_order(w, parent.key, COMMAND_TRIGGER_TASK);
    world_turn(w);
    return w;
}

static struct world *begun_on(enum then_on on)
{
    return begun(link_of("parent", "child", on), spec_of("child", NULL));
}

static const struct execution_created *sent(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_CREATED, n);
}

/* The newest one of the task; NULL: none. */
static const struct execution_created *last_of(const struct world *w, const char *key)
{
    const struct execution_created *x, *last = NULL;

    for (size_t i = 0; (x = sent(w, i)) != NULL; i++)
        if (uuid_equal(x->task_id, task_of(key)))
            last = x;
    return last;
}

static size_t count_of(const struct world *w, const char *key)
{
    const struct execution_created *x;
    size_t count = 0;

    for (size_t i = 0; (x = sent(w, i)) != NULL; i++)
        count += uuid_equal(x->task_id, task_of(key));
    return count;
}

static void end(struct world *w, const char *key, enum status status)
{
    const struct execution_created *x = last_of(w, key);

    assert_non_null(x);
    world_report_on(w, x->execution_id, key, x->attempt, status);
    world_turn(w);
}

/* The n-th command that the scheduler has sent. */
static const struct command *link_sent(const struct world *w, size_t n)
{
    return world_record(w, RECORD_COMMAND, n);
}

static size_t links(const struct world *w)
{
    return world_count(w, RECORD_COMMAND);
}

/* --- the way of one link --- */

static void an_end_sets_off_what_follows(void **state UNUSED)
{
    struct world *w = begun_on(THEN_SUCCEEDED);
    const struct execution_created *parent = last_of(w, "parent"), *child;
    const struct command *c;

    w->now = SECONDS(7);
    end(w, "parent", STATUS_SUCCEEDED);
    c = link_sent(w, 0);
    assert_non_null(c);
    assert_int_equal(c->kind, COMMAND_TRIGGER_TASK);
    assert_true(uuid_equal(c->task_id, task_of("child")));
    assert_string_equal(c->actor, "scheduler");
    assert_non_null(strstr(c->reason, " of default~parent has ended SUCCEEDED"));
    assert_int_equal(world_outcome(w, c->command_id)->result, OUTCOME_ACCEPTED);
    child = last_of(w, "child");
    assert_int_equal(child->trigger, TRIGGER_CHAIN);
    assert_true(uuid_equal(child->parent_execution_id, parent->execution_id));
    assert_true(uuid_equal(world_outcome(w, c->command_id)->execution_id, child->execution_id));
    assert_true(child->scheduled_at == SECONDS(7));
    assert_true(child->due_at == SECONDS(7));
    assert_int_equal(links(w), 1);
    world_free(w);
}

static void which_ends_set_off_what(void **state UNUSED)
{
    static const struct {
        enum status end;
        bool follows[THEN_COUNT];
    } cases[] = {
        {STATUS_SUCCEEDED, {[THEN_SUCCEEDED] = true, [THEN_ENDED] = true}},
        {STATUS_FAILED, {[THEN_FAILED] = true, [THEN_ENDED] = true}},
        {STATUS_TIMED_OUT, {[THEN_FAILED] = true, [THEN_ENDED] = true}},
        {STATUS_MISSED, {[THEN_FAILED] = true, [THEN_ENDED] = true}},
        {STATUS_CANCELLED, {[THEN_ENDED] = true}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (enum then_on on = THEN_SUCCEEDED; on < THEN_COUNT; on++) {
            struct task_spec parent = link_of("parent", "child", on);
            struct world *w;

            parent.run_timeout_ms = 60000;
            parent.start_deadline_ms = 30000;
            w = begun(parent, spec_of("child", NULL));
            if (cases[i].end == STATUS_TIMED_OUT)
                end(w, "parent", STATUS_RUNNING);
            if (cases[i].end == STATUS_CANCELLED)
                world_send(w, (struct command){.task_id = task_of("parent"),
                                               .actor = "test",
                                               .kind = COMMAND_CANCEL_EXECUTION,
                                               .body.cancel_execution.execution_id =
                                                   last_of(w, "parent")->execution_id});
            if (cases[i].end == STATUS_SUCCEEDED || cases[i].end == STATUS_FAILED)
                end(w, "parent", cases[i].end);
            world_go(w, SECONDS(90));
            assert_int_equal(count_of(w, "child"), cases[i].follows[on]);
            world_free(w);
        }
}

static void the_end_is_that_of_all_attempts(void **state UNUSED)
{
    struct task_spec parent = link_of("parent", "child", THEN_FAILED);
    struct world *w;

    parent.retry = (struct retry_spec){
        .max_attempts = 2, .first_delay_ms = 10000, .max_delay_ms = 10000, .multiplier = 1};
    w = begun(parent, spec_of("child", NULL));
    end(w, "parent", STATUS_FAILED);
    assert_int_equal(links(w), 0);
    world_go(w, SECONDS(10));
    assert_int_equal(last_of(w, "parent")->attempt, 2);
    end(w, "parent", STATUS_FAILED);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

static void an_instant_that_is_missed_when_it_is_decided_sets_off_too(void **state UNUSED)
{
    struct task_spec parent = link_of("parent", "child", THEN_FAILED);
    struct schedule_spec schedule = {.expression = "@every 1h", .zone = "UTC"};
    struct world *w = world_new();

    parent.schedules = &schedule;
    parent.schedule_count = 1;
    parent.start_deadline_ms = 5000;
    world_put(w, parent);
    world_put(w, spec_of("child", NULL));
    world_turn(w);
    world_go(w, SECONDS(3630));
    assert_string_equal(world_born(w, "parent"), "MISSED/START_DEADLINE@3600");
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

/* Nothing was run, and nobody has asked for it to be: there is no end. */
static void what_is_skipped_sets_nothing_off(void **state UNUSED)
{
    struct task_spec parent = link_of("parent", "child", THEN_ENDED);
    struct schedule_spec schedule = {.expression = "@every 10s", .zone = "UTC"};
    struct world *w = world_new();

    parent.schedules = &schedule;
    parent.schedule_count = 1;
    parent.overlap = OVERLAP_SKIP;
    world_put(w, parent);
    world_put(w, spec_of("child", NULL));
    world_turn(w);
    world_go(w, SECONDS(10));
    world_go(w, SECONDS(20));
    assert_string_equal(world_born(w, "parent"), "SKIPPED/OVERLAP@20");
    assert_int_equal(links(w), 0);
    world_free(w);
}

/* --- once --- */

static void an_end_that_is_repeated_or_contradicted_sets_nothing_off_again(void **state UNUSED)
{
    struct world *w = begun_on(THEN_ENDED);

    end(w, "parent", STATUS_SUCCEEDED);
    end(w, "parent", STATUS_SUCCEEDED);
    end(w, "parent", STATUS_FAILED);
    end(w, "parent", STATUS_RUNNING);
    assert_int_equal(links(w), 1);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

/* The log may repeat a record; a day later nobody remembers the command, but the execution is the same. */
static void a_link_that_is_repeated_sets_nothing_off_again(void **state UNUSED)
{
    struct world *w = begun_on(THEN_SUCCEEDED);
    struct command repeated;

    end(w, "parent", STATUS_SUCCEEDED);
    repeated = *link_sent(w, 0);
    world_send(w, repeated);
    world_turn(w);
    assert_int_equal(count_of(w, "child"), 1);
    world_go(w, SECONDS(25 * 3600));
    world_crash(w);
    world_send(w, (struct command){
                      .task_id = task_of("child"), .actor = "test", .kind = COMMAND_PAUSE_TASK});
    world_send(w, (struct command){
                      .task_id = task_of("child"), .actor = "test", .kind = COMMAND_RESUME_TASK});
    world_turn(w);
    world_send(w, repeated);
    world_turn(w);
    assert_int_equal(count_of(w, "child"), 2);
    assert_true(uuid_equal(sent(w, 1)->execution_id, sent(w, 2)->execution_id));
    world_free(w);
}

/* The owner dies when its transaction was aborted, and when it was committed but nothing read yet. */
static void a_crash_between_end_and_link_loses_and_doubles_nothing(void **state UNUSED)
{
    struct world *w = begun_on(THEN_SUCCEEDED);
    struct core_plan *plan;

    w->obeys = false;
    world_report(w, last_of(w, "parent")->execution_id, "parent", STATUS_SUCCEEDED);
    plan = world_plan(w);
    assert_non_null(plan);
    core_discard(w->core, plan);
    world_crash(w);
    world_turn(w);
    assert_int_equal(links(w), 1);
    assert_int_equal(count_of(w, "child"), 0);
    w->obeys = true;
    world_crash(w);
    world_turn(w);
    world_crash(w);
    world_turn(w);
    assert_int_equal(links(w), 1);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

/* A report alone may lie for a second; one that others wait for does not. */
static void an_end_that_others_wait_for_is_not_left_lying(void **state UNUSED)
{
    struct world *w = begun_on(THEN_SUCCEEDED);

    world_report(w, last_of(w, "parent")->execution_id, "parent", STATUS_RUNNING);
    assert_true(core_wake(w->core) > w->now);
    world_report(w, last_of(w, "parent")->execution_id, "parent", STATUS_SUCCEEDED);
    assert_true(core_wake(w->core) == 0);
    world_turn(w);
    assert_true(core_wake(w->core) > w->now);
    world_free(w);
}

/* --- the other side --- */

static void what_does_not_run_is_an_execution_that_says_why(void **state UNUSED)
{
    struct calendar_rule thursday = {"weekday", "THU"};
    struct calendar_spec calendar = {"c", CALENDAR_EXCLUDE, &thursday, 1};
    struct window_spec window = {.daily_from = "12:00", .daily_to = "13:00"};
    struct task_spec child;
    struct world *w;

    child = spec_of("child", NULL);
    child.calendars = &calendar;
    child.calendar_count = 1;
    w = begun(link_of("parent", "child", THEN_ENDED), child);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_string_equal(world_born(w, "child"), "SKIPPED/CALENDAR@0");
    world_free(w);

    child = spec_of("child", NULL);
    child.window = &window;
    w = begun(link_of("parent", "child", THEN_ENDED), child);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_string_equal(world_born(w, "child"), "SKIPPED/WINDOW@0");
    world_free(w);

    w = begun_on(THEN_ENDED);
    world_order(w, "child", COMMAND_PAUSE_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_string_equal(world_born(w, "child"), "SKIPPED/PAUSED@0");
    assert_int_equal(world_outcome(w, link_sent(w, 0)->command_id)->result, OUTCOME_ACCEPTED);
    world_free(w);
}

static void a_child_that_is_not_there_or_deleted_refuses(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, link_of("parent", "nobody", THEN_ENDED));
    world_order(w, "parent", COMMAND_TRIGGER_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(world_outcome(w, link_sent(w, 0)->command_id)->code, CODE_NOT_FOUND);
    world_free(w);

    w = begun_on(THEN_ENDED);
    world_order(w, "child", COMMAND_DELETE_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(world_outcome(w, link_sent(w, 0)->command_id)->code, CODE_DELETED);
    assert_int_equal(count_of(w, "child"), 0);
    world_free(w);
}

/* Three ends while the first child runs. */
static struct world *crowded(enum overlap_policy policy)
{
    struct task_spec child = spec_of("child", NULL);
    struct world *w;

    child.overlap = policy;
    w = begun(link_of("parent", "child", THEN_ENDED), child);
    end(w, "parent", STATUS_SUCCEEDED);
    for (int i = 1; i < 3; i++) {
        w->now = SECONDS(i);
        world_order(w, "parent", COMMAND_TRIGGER_TASK);
        world_turn(w);
        end(w, "parent", STATUS_SUCCEEDED);
    }
    return w;
}

static void a_child_obeys_its_overlap_policy(void **state UNUSED)
{
    struct world *w = crowded(OVERLAP_ALLOW);
    const struct execution_created *parent;

    assert_string_equal(world_fired(w, "child", TRIGGER_CHAIN), "0 1 2");
    world_free(w);

    w = crowded(OVERLAP_SKIP);
    assert_string_equal(world_born(w, "child"), "SKIPPED/OVERLAP@1 SKIPPED/OVERLAP@2");
    world_free(w);

    w = crowded(OVERLAP_QUEUE_ONE);
    assert_string_equal(world_born(w, "child"), "WAITING/OVERLAP@1 SKIPPED/OVERLAP@2");
    world_crash(w);
    end(w, "child", STATUS_SUCCEEDED);
    assert_string_equal(world_fired(w, "child", TRIGGER_CHAIN), "0 1");
    parent = sent(w, 2); /* the second one that was triggered */
    assert_true(uuid_equal(last_of(w, "child")->parent_execution_id, parent->execution_id));
    world_free(w);
}

/* It is due when the other one has ended, however late its owner hears of it. */
static void a_child_that_hears_too_late_is_missed(void **state UNUSED)
{
    struct task_spec child = link_of("child", "last", THEN_FAILED);
    struct world *w;

    child.start_deadline_ms = 60000;
    w = begun(link_of("parent", "child", THEN_ENDED), child);
    world_put(w, spec_of("last", NULL));
    world_turn(w);
    w->obeys = false;
    end(w, "parent", STATUS_SUCCEEDED);
    w->now = SECONDS(60);
    w->obeys = true;
    world_crash(w);
    world_turn(w);
    assert_string_equal(world_born(w, "child"), "MISSED/START_DEADLINE@0");
    assert_int_equal(count_of(w, "last"), 1);
    assert_int_equal(link_sent(w, 1)->body.trigger_task.chain->depth, 2);
    world_free(w);
}

static void without_a_clock_to_trust_it_waits(void **state UNUSED)
{
    struct world *w = begun_on(THEN_ENDED);

    w->may_fire = false;
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(links(w), 1);
    assert_int_equal(count_of(w, "child"), 0);
    assert_true(core_has_commands(w->core));
    w->may_fire = true;
    world_turn(w);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

/* --- whose edges hold --- */

static void an_execution_is_followed_as_its_own_revision_says(void **state UNUSED)
{
    struct world *w = begun_on(THEN_ENDED);

    world_put(w, link_of("parent", NULL, THEN_ENDED));
    world_turn(w);
    world_crash(w); /* the old revision is kept for it */
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(count_of(w, "child"), 1);
    world_order(w, "parent", COMMAND_TRIGGER_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

static void a_deleted_parent_sets_nothing_off_a_paused_one_does(void **state UNUSED)
{
    struct world *w = begun_on(THEN_ENDED);

    world_order(w, "parent", COMMAND_DELETE_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(links(w), 0);
    world_free(w);

    w = begun_on(THEN_ENDED);
    world_order(w, "parent", COMMAND_PAUSE_TASK);
    world_turn(w);
    end(w, "parent", STATUS_SUCCEEDED);
    assert_int_equal(count_of(w, "child"), 1);
    world_free(w);
}

/* --- many --- */

static void a_chain_of_five(void **state UNUSED)
{
    static const char *const keys[] = {"a", "b", "c", "d", "e"};
    struct world *w = world_new();

    for (size_t i = 0; i < 5; i++)
        world_put(w, link_of(keys[i], i < 4 ? keys[i + 1] : NULL, THEN_SUCCEEDED));
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    for (size_t i = 0; i < 5; i++) {
        world_crash(w);
        w->now = SECONDS(i + 1);
        end(w, keys[i], STATUS_SUCCEEDED);
    }
    assert_int_equal(links(w), 4);
    for (size_t i = 1; i < 5; i++) {
        assert_int_equal(count_of(w, keys[i]), 1);
        assert_int_equal(link_sent(w, i - 1)->body.trigger_task.chain->depth, i);
        assert_true(uuid_equal(last_of(w, keys[i])->parent_execution_id,
                               last_of(w, keys[i - 1])->execution_id));
        assert_true(last_of(w, keys[i])->scheduled_at == SECONDS(i));
    }
    world_free(w);
}

/* Two saves at the same time can make one: it runs into its end. */
static void a_circle_stops_after_so_many_links(void **state UNUSED)
{
    struct world *w = begun(link_of("a", "b", THEN_SUCCEEDED), link_of("b", "a", THEN_SUCCEEDED));
    const struct command_outcome *o;
    size_t turns = 0;

    while (links(w) == turns && turns < 100)
        end(w, turns++ % 2 == 0 ? "a" : "b", STATUS_SUCCEEDED);
    o = world_outcome(w, link_sent(w, links(w) - 1)->command_id);
    assert_int_equal(links(w), 33);
    assert_int_equal(o->result, OUTCOME_REJECTED);
    assert_int_equal(o->code, CODE_INVALID_SPEC);
    assert_string_equal(
        o->message, "the chain is longer than 32 links: do tasks follow each other in a circle?");
    assert_int_equal(count_of(w, "a") + count_of(w, "b"), 33);
    world_free(w);
}

static void one_end_sets_off_many_and_many_ends_one(void **state UNUSED)
{
    static const struct then_spec all[] = {{.task = "b", .on = THEN_ENDED},
                                           {.task = "c", .on = THEN_SUCCEEDED},
                                           {.task = "d", .on = THEN_FAILED}};
    struct task_spec a = spec_of("a", NULL);
    struct world *w = world_new();

    a.then = arena_memdup(w->memory, all, sizeof all);
    a.then_count = ARRAY_LEN(all);
    world_put(w, a);
    world_put(w, link_of("b", "e", THEN_ENDED));
    world_put(w, link_of("c", "e", THEN_ENDED));
    world_put(w, link_of("d", "e", THEN_ENDED));
    world_put(w, spec_of("e", NULL));
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    end(w, "a", STATUS_SUCCEEDED);
    assert_int_equal(count_of(w, "b"), 1);
    assert_int_equal(count_of(w, "c"), 1);
    assert_int_equal(count_of(w, "d"), 0);
    end(w, "b", STATUS_SUCCEEDED);
    end(w, "c", STATUS_FAILED);
    assert_int_equal(count_of(w, "e"), 2);
    world_free(w);
}

/* --- what nobody should send --- */

static void a_link_that_cannot_be_is_refused(void **state UNUSED)
{
    static const struct chain_link bad[] = {
        {.ended_at = EPOCH, .depth = 0},
        {.ended_at = EPOCH, .depth = -1},
        {.ended_at = EPOCH, .depth = 33},
        {.ended_at = EPOCH, .depth = 1, .spent = -1},
        {.ended_at = EPOCH, .depth = 1, .spent = 10001},
        {.ended_at = 1, .depth = 1},
        {.ended_at = EPOCH + 2 * USEC_PER_DAY, .depth = 1},
    };
    struct world *w = world_new();

    world_put(w, spec_of("child", NULL));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct uuid id = world_send(w, (struct command){.task_id = task_of("child"),
                                                        .actor = "liar",
                                                        .kind = COMMAND_TRIGGER_TASK,
                                                        .body.trigger_task.chain = &bad[i]});

        world_turn(w);
        assert_int_equal(world_outcome(w, id)->code, CODE_INVALID_SPEC);
    }
    assert_int_equal(count_of(w, "child"), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_sets_off_what_follows),
        cmocka_unit_test(which_ends_set_off_what),
        cmocka_unit_test(the_end_is_that_of_all_attempts),
        cmocka_unit_test(an_instant_that_is_missed_when_it_is_decided_sets_off_too),
        cmocka_unit_test(what_is_skipped_sets_nothing_off),
        cmocka_unit_test(an_end_that_is_repeated_or_contradicted_sets_nothing_off_again),
        cmocka_unit_test(a_link_that_is_repeated_sets_nothing_off_again),
        cmocka_unit_test(a_crash_between_end_and_link_loses_and_doubles_nothing),
        cmocka_unit_test(an_end_that_others_wait_for_is_not_left_lying),
        cmocka_unit_test(what_does_not_run_is_an_execution_that_says_why),
        cmocka_unit_test(a_child_that_is_not_there_or_deleted_refuses),
        cmocka_unit_test(a_child_obeys_its_overlap_policy),
        cmocka_unit_test(a_child_that_hears_too_late_is_missed),
        cmocka_unit_test(without_a_clock_to_trust_it_waits),
        cmocka_unit_test(an_execution_is_followed_as_its_own_revision_says),
        cmocka_unit_test(a_deleted_parent_sets_nothing_off_a_paused_one_does),
        cmocka_unit_test(a_chain_of_five),
        cmocka_unit_test(a_circle_stops_after_so_many_links),
        cmocka_unit_test(one_end_sets_off_many_and_many_ends_one),
        cmocka_unit_test(a_link_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
