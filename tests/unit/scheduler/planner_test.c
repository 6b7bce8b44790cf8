#include <stdio.h>

#include "cron/zoneset.h"
#include "world.h"

static const struct execution_created *created(const struct world *w, size_t index)
{
    return world_record(w, RECORD_EXECUTION_CREATED, index);
}

static void fires_each_instant_once_and_never_early(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_go(w, SECONDS(1));
    assert_true(core_wake(w->core) == SECONDS(10));
    world_go(w, SECONDS(10) - 1);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "");
    world_go(w, SECONDS(10));
    world_go(w, SECONDS(10));
    world_go(w, SECONDS(34));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30");
    assert_true(core_wake(w->core) == SECONDS(40));
    world_free(w);
}

static void says_everything_a_worker_needs(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "0 9 * * *");
    struct pair label = {"team", "ops"};
    const struct execution_created *x;

    spec.payload = bytes_of("hello");
    spec.content_type = "text/plain";
    spec.labels = (struct pairs){&label, 1};
    spec.run_timeout_ms = 5000;
    spec.start_deadline_ms = 7000;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(9 * 3600 + 2));
    x = created(w, 0);
    assert_non_null(x);
    assert_true(uuid_equal(x->execution_id,
                           execution_id_of(task_of("a"), SECONDS(9 * 3600), "instant", "")));
    assert_string_equal(x->task_key, "a");
    assert_string_equal(x->project, "default");
    assert_int_equal(x->revision, 1);
    assert_int_equal(x->attempt, 1);
    assert_int_equal(x->max_attempts, 1);
    assert_true(x->scheduled_at == SECONDS(9 * 3600) && x->due_at == x->scheduled_at);
    assert_true(x->nominal_local == SECONDS(9 * 3600));
    assert_string_equal(x->zone, "UTC");
    assert_string_equal(x->tzdata, zoneset_version(w->zones));
    assert_int_equal(x->dst, DST_NONE);
    assert_true(x->start_by == x->due_at + 7 * USEC_PER_SEC);
    assert_int_equal(x->run_timeout_ms, 5000);
    assert_int_equal(x->status_partition, 0);
    assert_true(bytes_equal(x->payload, bytes_of("hello")));
    assert_string_equal(x->content_type, "text/plain");
    assert_int_equal(x->labels.count, 1);
    assert_string_equal(x->labels.items[0].value, "ops");
    world_free(w);
}

static void fires_an_instant_of_two_schedules_once(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", NULL);
    struct schedule_spec both[] = {{.expression = "@every 20s", .zone = "UTC"},
                                   {.expression = "@every 30s", .zone = "UTC"}};

    spec.schedules = both;
    spec.schedule_count = 2;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(60));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "20 30 40 60");
    world_free(w);
}

/* Every 10 s, put at 0, decided up to 5, then nobody is there until `back`. */
static const struct misfire_case {
    struct misfire_spec misfire;
    long back;
    const char *fired, *made_up, *gaps;
} misfire_cases[] = {
    /* default: `last`, later than 60 s; 40 and later are just late */
    {{.policy = MISFIRE_LAST}, 100, "40 50 60 70 80 90 100", "", "MISFIRE(0,30]=3"},
    {{.policy = MISFIRE_LAST}, 70, "10 20 30 40 50 60 70", "", ""},
    {{.policy = MISFIRE_NONE}, 100, "40 50 60 70 80 90 100", "", "MISFIRE(0,30]=3"},
    {{.policy = MISFIRE_ALL}, 100, "40 50 60 70 80 90 100", "10 20 30", ""},
    {{.policy = MISFIRE_ALL, .limit = 2}, 100, "40 50 60 70 80 90 100", "20 30", "MISFIRE(0,10]=1"},
    {{.policy = MISFIRE_ALL, .window_ms = 80000},
     100,
     "40 50 60 70 80 90 100",
     "20 30",
     "MISFIRE(0,10]=1"},
    {{.policy = MISFIRE_ALL, .after_ms = 1000}, 33, "", "10 20 30", ""},
    {{.policy = MISFIRE_LAST, .after_ms = 1000}, 33, "", "30", "MISFIRE(0,20]=2"},
    {{.policy = MISFIRE_LAST, .after_ms = 1000}, 31, "30", "", "MISFIRE(0,20]=2"},
    {{.policy = MISFIRE_NONE, .after_ms = 1000}, 33, "", "", "MISFIRE(0,30]=3"},
    {{.policy = MISFIRE_LAST, .after_ms = 1000, .window_ms = 2000}, 33, "", "", "MISFIRE(0,30]=3"},
    {{.policy = MISFIRE_NONE},
     200000,
     "199940 199950 199960 199970 199980 199990 200000",
     "",
     "MISFIRE(0,199930]=10000+"},
};

static void makes_up_for_what_the_misfire_policy_says(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(misfire_cases); i++) {
        const struct misfire_case *c = &misfire_cases[i];
        struct world *w = world_new();
        struct task_spec spec = spec_of("a", "@every 10s");

        print_message("case %zu\n", i);
        spec.misfire = c->misfire;
        world_put(w, spec);
        world_turn(w);
        world_go(w, SECONDS(c->back));
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), c->fired);
        assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), c->made_up);
        assert_string_equal(world_gaps(w, "a"), c->gaps);
        world_free(w);
    }
}

static void cuts_a_plan_in_the_order_of_due_and_id(void **state UNUSED)
{
    struct world *w = world_new();
    const char *const keys[] = {"a", "b", "c", "d", "e"};
    struct mark_seen {
        usec_t due;
        struct uuid id;
    } last = {0};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        world_put(w, spec_of(keys[i], "@every 10s"));
    world_turn(w);
    w->limit = 3;
    world_go(w, SECONDS(20));
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 10);
    assert_int_equal(w->cut, 3);
    for (size_t i = 0; i < 10; i++) {
        const struct execution_created *x = created(w, i);

        assert_true(x->due_at > last.due ||
                    (x->due_at == last.due && uuid_order(x->task_id, last.id) > 0));
        last = (struct mark_seen){x->due_at, x->task_id};
    }
    assert_true(world_watermark(w)->due == last.due);
    assert_true(uuid_equal(world_watermark(w)->task_id, last.id));
    world_free(w);
}

static void cuts_a_plan_of_large_payloads_before_memory_does(void **state UNUSED)
{
    enum { COUNT = 1200, PAYLOAD = 64 << 10 };
    static char payload[PAYLOAD];
    static char keys[COUNT][8];
    struct world *w = world_new();
    size_t fired = 0;

    for (int i = 0; i < COUNT; i++) {
        struct task_spec spec;

        (void)snprintf(keys[i], sizeof keys[i], "t%d", i);
        spec = spec_of(keys[i], "@every 10s");
        spec.payload = (struct bytes){payload, PAYLOAD};
        world_put(w, spec);
    }
    world_turn(w);
    for (struct core_plan *plan; fired < COUNT;) {
        size_t bytes = 0;

        w->now = SECONDS(10);
        plan = world_plan(w);
        assert_non_null(plan);
        for (size_t i = 0; i < plan->count; i++)
            bytes += plan->records[i].value.len;
        assert_in_range(bytes, 1, 48 << 20);
        fired += (size_t)plan->counts.fired;
        core_commit(w->core, plan);
    }
    assert_int_equal(fired, COUNT);
    world_free(w);
}

static void never_moves_the_watermark_past_an_undecided_instant(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("misfires", "@every 8s");
    struct core_plan *plan;

    spec.misfire.policy = MISFIRE_ALL;
    world_put(w, spec);
    world_put(w, spec_of("b", "@every 12s"));
    world_turn(w);
    w->limit = 1;
    w->now = SECONDS(150);
    while ((plan = world_plan(w)) != NULL) {
        usec_t before;

        world_commit(w, plan);
        before = world_watermark(w)->due;
        world_crash(w);
        assert_true(core_wake(w->core) >= before);
    }
    assert_string_equal(world_fired(w, "misfires", TRIGGER_CATCH_UP),
                        "8 16 24 32 40 48 56 64 72 80 88");
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "96 108 120 132 144");
    assert_string_equal(world_gaps(w, "b"), "MISFIRE(0,84]=7");
    world_free(w);
}

static void skips_what_overlaps_and_says_by_whom(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");
    const struct execution_status *s;

    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(10));
    world_report(w, created(w, 0)->execution_id, "a", STATUS_RUNNING);
    world_go(w, SECONDS(20));
    s = world_record(w, RECORD_EXECUTION_STATUS, 0);
    assert_string_equal(world_born(w, "a"), "SKIPPED/OVERLAP@20");
    assert_true(uuid_equal(s->blocked_by, created(w, 0)->execution_id));
    assert_true(
        uuid_equal(s->execution_id, execution_id_of(task_of("a"), SECONDS(20), "instant", "")));
    assert_true(uuid_equal(s->event_id, event_id_of(s->execution_id, 1, "SKIPPED")));
    assert_null(s->worker);
    assert_int_equal(s->trigger, TRIGGER_SCHEDULED);
    assert_int_equal(s->revision, 1);
    assert_string_equal(s->queue, "default");
    world_report(w, created(w, 0)->execution_id, "a", STATUS_SUCCEEDED);
    world_go(w, SECONDS(30));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 30");
    assert_int_equal(core_open_count(w->core), 1);
    world_free(w);
}

static void runs_as_many_at_once_as_may(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.overlap = OVERLAP_SKIP;
    spec.max_concurrency = 2;
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(30));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    assert_string_equal(world_born(w, "a"), "SKIPPED/OVERLAP@30");
    world_free(w);
}

static void queues_made_up_instants_that_overlap(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.overlap = OVERLAP_SKIP;
    spec.misfire = (struct misfire_spec){.policy = MISFIRE_ALL, .after_ms = 1000};
    world_put(w, spec);
    world_turn(w);
    world_go(w, SECONDS(35));
    assert_string_equal(world_fired(w, "a", TRIGGER_CATCH_UP), "10");
    assert_string_equal(world_born(w, "a"), "WAITING/OVERLAP@20 WAITING/OVERLAP@30");
    world_free(w);
}

static void skips_instants_of_a_queue_that_is_gone(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->queue_is_gone = true;
    world_go(w, SECONDS(10));
    w->queue_is_gone = false;
    world_go(w, SECONDS(20));
    assert_string_equal(world_born(w, "a"), "SKIPPED/NO_QUEUE@10");
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "20");
    world_free(w);
}

static void lets_the_first_check_that_holds_decide(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.overlap = OVERLAP_SKIP;
    spec.start_deadline_ms = 5000;
    world_put(w, spec);
    world_turn(w);
    w->queue_is_gone = true;
    world_go(w, SECONDS(27)); /* 10 and 20 are past their start deadline, and have no queue */
    assert_string_equal(world_born(w, "a"), "MISSED/START_DEADLINE@10 MISSED/START_DEADLINE@20");
    world_free(w);
}

static void fires_nothing_without_a_clock_to_trust(void **state UNUSED)
{
    struct world *w = world_new();

    w->may_fire = false;
    world_put(w, spec_of("a", "@every 10s"));
    world_go(w, SECONDS(1));
    assert_int_equal(world_count(w, RECORD_TASK_REVISION), 1);
    world_go(w, SECONDS(25));
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 0);
    w->may_fire = true;
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
    world_free(w);
}

static void fires_nothing_twice_when_the_clock_is_set_back(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    world_go(w, SECONDS(30));
    world_go(w, SECONDS(5));
    world_put(w, spec_of("b", "@every 10s"));
    world_go(w, SECONDS(6));
    assert_true(world_revision(w, "b")->effective_at == SECONDS(30));
    world_go(w, SECONDS(40));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30 40");
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "40");
    world_free(w);
}

static void changes_nothing_when_a_plan_is_discarded(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");
    struct core_plan *plan;

    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec);
    core_discard(w->core, world_plan(w));
    assert_int_equal(core_task_count(w->core), 0);
    world_turn(w);
    w->now = SECONDS(20);
    for (int i = 0; i < 3; i++) {
        plan = world_plan(w);
        assert_int_equal(plan->counts.fired, 1);
        assert_int_equal(plan->counts.skipped, 1);
        core_discard(w->core, plan);
        assert_int_equal(core_open_count(w->core), 0);
        assert_true(core_wake(w->core) == SECONDS(10));
    }
    world_turn(w);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_each_instant_once_and_never_early),
        cmocka_unit_test(says_everything_a_worker_needs),
        cmocka_unit_test(fires_an_instant_of_two_schedules_once),
        cmocka_unit_test(makes_up_for_what_the_misfire_policy_says),
        cmocka_unit_test(cuts_a_plan_in_the_order_of_due_and_id),
        cmocka_unit_test(cuts_a_plan_of_large_payloads_before_memory_does),
        cmocka_unit_test(never_moves_the_watermark_past_an_undecided_instant),
        cmocka_unit_test(skips_what_overlaps_and_says_by_whom),
        cmocka_unit_test(runs_as_many_at_once_as_may),
        cmocka_unit_test(queues_made_up_instants_that_overlap),
        cmocka_unit_test(skips_instants_of_a_queue_that_is_gone),
        cmocka_unit_test(lets_the_first_check_that_holds_decide),
        cmocka_unit_test(fires_nothing_without_a_clock_to_trust),
        cmocka_unit_test(fires_nothing_twice_when_the_clock_is_set_back),
        cmocka_unit_test(changes_nothing_when_a_plan_is_discarded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
