#include "base/hash.h"
#include "world.h"

static void expect_outcome(const struct world *w, struct uuid command, enum outcome_result result,
                           enum outcome_code code)
{
    const struct command_outcome *o = world_outcome(w, command);

    assert_non_null(o);
    assert_string_equal(enum_name(&outcome_code_enum, (int)o->code),
                        enum_name(&outcome_code_enum, (int)code));
    assert_int_equal(o->result, result);
}

/* What a command of each kind answers to a task in each state (none yet, active, paused, deleted). */
static const struct answer_case {
    enum command_kind kind;
    enum outcome_code answers[4];
} answer_cases[] = {
    {COMMAND_PUT_TASK, {CODE_CREATED, CODE_UNCHANGED, CODE_UNCHANGED, CODE_CREATED}},
    {COMMAND_DELETE_TASK, {CODE_NOT_FOUND, CODE_OK, CODE_OK, CODE_DELETED}},
    {COMMAND_PAUSE_TASK, {CODE_NOT_FOUND, CODE_OK, CODE_UNCHANGED, CODE_DELETED}},
    {COMMAND_RESUME_TASK, {CODE_NOT_FOUND, CODE_NOT_PAUSED, CODE_OK, CODE_DELETED}},
    {COMMAND_TRIGGER_TASK, {CODE_NOT_FOUND, CODE_OK, CODE_OK, CODE_DELETED}},
    {COMMAND_SKIP_NEXT, {CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED}},
    {COMMAND_CANCEL_EXECUTION,
     {CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED}},
    {COMMAND_RETRY_EXECUTION,
     {CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED}},
    {COMMAND_BACKFILL, {CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED, CODE_UNSUPPORTED}},
};

static struct uuid order(struct world *w, enum command_kind kind)
{
    return kind == COMMAND_PUT_TASK ? world_put(w, spec_of("a", "@every 10s"))
                                    : world_order(w, "a", kind);
}

static void answers_each_command_by_the_state_of_its_task(void **state UNUSED)
{
    static const enum command_kind before[4][2] = {{COMMAND_KIND_COUNT, COMMAND_KIND_COUNT},
                                                   {COMMAND_PUT_TASK, COMMAND_KIND_COUNT},
                                                   {COMMAND_PUT_TASK, COMMAND_PAUSE_TASK},
                                                   {COMMAND_PUT_TASK, COMMAND_DELETE_TASK}};

    for (size_t i = 0; i < ARRAY_LEN(answer_cases); i++)
        for (size_t s = 0; s < 4; s++) {
            struct world *w = world_new();
            enum outcome_code code = answer_cases[i].answers[s];
            bool accepted = code <= CODE_UNCHANGED;
            struct uuid command;

            print_message("%s in state %zu\n",
                          enum_name(&command_kind_enum, (int)answer_cases[i].kind), s);
            for (size_t b = 0; b < 2 && before[s][b] != COMMAND_KIND_COUNT; b++)
                (void)order(w, before[s][b]);
            command = order(w, answer_cases[i].kind);
            world_turn(w);
            expect_outcome(w, command, accepted ? OUTCOME_ACCEPTED : OUTCOME_REJECTED, code);
            assert_int_equal(world_outcome(w, command)->message == NULL, accepted);
            assert_int_equal(world_count(w, RECORD_COMMAND_OUTCOME), w->command_count);
            world_free(w);
        }
}

static void numbers_revisions_without_end(void **state UNUSED)
{
    struct world *w = world_new();
    static const enum task_state states[] = {TASK_ACTIVE, TASK_PAUSED,  TASK_PAUSED,
                                             TASK_ACTIVE, TASK_DELETED, TASK_ACTIVE};
    const struct task_revision *r;

    world_put(w, spec_of("a", "@every 10s"));
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_put(w, spec_of("a", "@every 20s"));
    world_order(w, "a", COMMAND_RESUME_TASK);
    world_order(w, "a", COMMAND_DELETE_TASK);
    world_put(w, spec_of("a", "@every 30s"));
    world_turn(w);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        r = world_record(w, RECORD_TASK_REVISION, i);
        assert_int_equal(r->revision, (int)i + 1);
        assert_int_equal(r->state, states[i]);
        assert_string_equal(r->actor, "test");
        assert_true(uuid_equal(r->command_id, command_numbered((int)i)));
    }
    assert_string_equal(r->spec.schedules[0].expression, "@every 30s");
    assert_int_equal(core_task_count(w->core), 1);
    world_free(w);
}

/* Compare-and-set: `expected` against a task at revision 2, and against none. */
static const struct expected_case {
    const char *key;
    int32_t expected;
    bool stale;
} expected_cases[] = {
    {"a", 2, false}, {"a", 1, true},     {"a", 0, true},     {"a", 3, true},    {"b", 0, false},
    {"b", 1, true},  {"gone", 0, false}, {"gone", 2, false}, {"gone", 1, true},
};

static void compares_the_revision_and_sets(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(expected_cases); i++) {
        const struct expected_case *c = &expected_cases[i];
        struct world *w = world_new();
        struct uuid command;

        world_put(w, spec_of("a", "@every 10s"));
        world_put(w, spec_of("a", "@every 20s"));
        world_put(w, spec_of("gone", "@every 20s"));
        world_order(w, "gone", COMMAND_DELETE_TASK);
        command =
            world_send(w, (struct command){.task_id = task_of(c->key),
                                           .actor = "test",
                                           .expected_revision = {true, c->expected},
                                           .kind = COMMAND_PUT_TASK,
                                           .body.put_task.spec = spec_of(c->key, "@every 30s")});
        world_turn(w);
        if (c->stale)
            expect_outcome(w, command, OUTCOME_REJECTED, CODE_STALE_REVISION);
        else
            assert_int_equal(world_outcome(w, command)->result, OUTCOME_ACCEPTED);
        world_free(w);
    }
}

static void decides_a_repeated_command_once(void **state UNUSED)
{
    struct world *w = world_new();
    struct command pause = {.command_id = command_numbered(100),
                            .task_id = task_of("a"),
                            .actor = "test",
                            .kind = COMMAND_PAUSE_TASK};
    struct command trigger = {.command_id = command_numbered(101),
                              .task_id = task_of("a"),
                              .actor = "test",
                              .kind = COMMAND_TRIGGER_TASK};

    world_send(w, pause); /* rejected: there is no task; and stays so */
    world_turn(w);
    world_crash(w);
    world_put(w, spec_of("a", "@every 10s"));
    world_send(w, pause);
    world_send(w, trigger);
    world_send(w, trigger);
    world_turn(w);
    world_crash(w);
    w->now = SECONDS(3);
    world_send(w, trigger);
    world_turn(w);
    expect_outcome(w, pause.command_id, OUTCOME_REJECTED, CODE_NOT_FOUND);
    assert_int_equal(world_count(w, RECORD_COMMAND_OUTCOME), 3);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 1);
    assert_int_equal(world_revision(w, "a")->state, TASK_ACTIVE);
    world_free(w);
}

static void forgets_command_ids_after_a_day_and_beyond_256(void **state UNUSED)
{
    struct world *w = world_new();
    const struct task_state_record *r;

    world_put(w, spec_of("a", NULL));
    for (int i = 0; i < 300; i++)
        world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    r = world_record(w, RECORD_TASK_STATE, world_count(w, RECORD_TASK_STATE) - 1);
    assert_int_equal(r->recent_count, 256);
    assert_true(uuid_equal(r->recent[255].command_id, command_numbered(300)));
    w->now = SECONDS(86400);
    world_order(w, "a", COMMAND_TRIGGER_TASK);
    world_turn(w);
    r = world_record(w, RECORD_TASK_STATE, world_count(w, RECORD_TASK_STATE) - 1);
    assert_int_equal(r->recent_count, 1);
    world_free(w);
}

static void forgets_a_task_that_never_was_after_a_day(void **state UNUSED)
{
    struct world *w = world_new();

    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    assert_int_equal(core_task_count(w->core), 0);
    assert_true(core_wake(w->core) == SECONDS(86400));
    world_crash(w);
    assert_true(core_wake(w->core) == SECONDS(86400));
    world_go(w, SECONDS(86400));
    assert_true(core_wake(w->core) == USEC_MAX);
    assert_true(w->log[w->count - 1].value.data == NULL);
    world_crash(w);
    assert_true(core_wake(w->core) == USEC_MAX);
    world_free(w);
}

static void passes_over_what_is_not_a_command(void **state UNUSED)
{
    struct world *w = world_new();

    core_take_command(w->core, 0, w->now, bytes_of("x"), bytes_of("not a frame"));
    core_take_command(w->core, 1, w->now, bytes_of("x"), (struct bytes){NULL, 0});
    world_turn(w);
    assert_int_equal(w->count, 1);
    assert_int_equal(world_watermark(w)->commands_next, 2);
    assert_false(core_has_commands(w->core));
    world_free(w);
}

/* --- specs --- */

static void breaks_expression(struct task_spec *s)
{
    s->schedules[0].expression = "60 * * * *";
}
static void breaks_zone(struct task_spec *s)
{
    s->schedules[0].zone = "Mars/Olympus";
}
static void never_fires(struct task_spec *s)
{
    s->schedules[0].expression = "0 0 30 2 *";
}
static void asks_for_jitter(struct task_spec *s)
{
    s->jitter_ms = 5;
}
static void asks_for_queueing(struct task_spec *s)
{
    s->overlap = OVERLAP_QUEUE_ONE;
}
static void asks_for_retries(struct task_spec *s)
{
    s->retry.max_attempts = 2;
}

static const struct spec_case {
    void (*spoil)(struct task_spec *spec);
    enum outcome_code code;
} spec_cases[] = {
    {breaks_expression, CODE_INVALID_SPEC}, {breaks_zone, CODE_INVALID_SPEC},
    {never_fires, CODE_INVALID_SPEC},       {asks_for_jitter, CODE_UNSUPPORTED},
    {asks_for_queueing, CODE_UNSUPPORTED},  {asks_for_retries, CODE_UNSUPPORTED},
};

static void rejects_a_spec_it_cannot_keep_to(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(spec_cases); i++) {
        struct world *w = world_new();
        struct task_spec spec = spec_of("a", "@every 10s");
        struct uuid command;

        spec_cases[i].spoil(&spec);
        command = world_put(w, spec);
        world_turn(w);
        expect_outcome(w, command, OUTCOME_REJECTED, spec_cases[i].code);
        print_message("%s\n", world_outcome(w, command)->message);
        assert_int_equal(world_count(w, RECORD_TASK_REVISION), 0);
        world_free(w);
    }
}

static void rejects_a_spec_whose_queue_does_not_exist(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid command;

    w->queue_is_gone = true;
    command = world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    expect_outcome(w, command, OUTCOME_REJECTED, CODE_NO_QUEUE);
    world_free(w);
}

static void rejects_what_is_misplaced(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid wrong_id, wrong_partition;
    int home = partition_of(task_of("a"), 12);

    wrong_id = world_send(w, (struct command){.task_id = task_of("b"),
                                              .actor = "test",
                                              .kind = COMMAND_PUT_TASK,
                                              .body.put_task.spec = spec_of("a", "@every 10s")});
    world_turn(w);
    expect_outcome(w, wrong_id, OUTCOME_REJECTED, CODE_MISPLACED);
    w->env.partitions = 12;
    assert_int_not_equal(home, 0);
    wrong_partition = world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    expect_outcome(w, wrong_partition, OUTCOME_REJECTED, CODE_MISPLACED);
    assert_int_equal(core_task_count(w->core), 0);
    world_free(w);
}

/* --- a command and the instants before it --- */

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

static void takes_several_edits_and_triggers_in_one_turn(void **state UNUSED)
{
    struct world *w = world_new();

    for (int i = 0; i < 3; i++) {
        world_put(w, spec_of("a", i % 2 == 0 ? "@every 10s" : "@every 20s"));
        world_order(w, "a", COMMAND_TRIGGER_TASK);
    }
    world_turn(w);
    assert_int_equal(w->turns, 1);
    assert_int_equal(world_revision(w, "a")->revision, 3);
    for (size_t i = 0; i < w->count; i++)
        if (w->log[i].kind == RECORD_EXECUTION_CREATED)
            assert_string_equal(w->log[i].topic, "t.executions.default");
    world_free(w);
}

/* --- triggers --- */

static void triggers_at_the_broker_time_of_the_command(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");
    const struct execution_created *x;
    char nonce[UUID_TEXT];
    struct uuid own, other;

    spec.payload = bytes_of("own");
    world_put(w, spec);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    w->now = SECONDS(3);
    own = world_order(w, "a", COMMAND_TRIGGER_TASK);
    other = world_send(w, (struct command){.task_id = task_of("a"),
                                           .actor = "test",
                                           .kind = COMMAND_TRIGGER_TASK,
                                           .body.trigger_task.payload = bytes_of("other")});
    world_go(w, SECONDS(4));
    x = world_record(w, RECORD_EXECUTION_CREATED, 0);
    assert_true(x->scheduled_at == SECONDS(3) && x->due_at == SECONDS(3));
    assert_int_equal(x->trigger, TRIGGER_MANUAL);
    assert_true(x->nominal_local == 0);
    assert_true(bytes_equal(x->payload, bytes_of("own")));
    assert_true(uuid_equal(x->execution_id, world_outcome(w, own)->execution_id));
    assert_true(uuid_equal(x->execution_id, execution_id_of(task_of("a"), SECONDS(3), "command",
                                                            uuid_to_text(own, nonce))));
    x = world_record(w, RECORD_EXECUTION_CREATED, 1);
    assert_true(bytes_equal(x->payload, bytes_of("other")));
    assert_true(uuid_equal(x->execution_id, world_outcome(w, other)->execution_id));
    assert_true(world_watermark(w)->due == 0);
    world_free(w);
}

static void obeys_the_overlap_rule_unless_told_otherwise(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", NULL);
    struct uuid first, second, third;

    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec);
    first = world_order(w, "a", COMMAND_TRIGGER_TASK);
    second = world_order(w, "a", COMMAND_TRIGGER_TASK);
    third = world_send(w, (struct command){.task_id = task_of("a"),
                                           .actor = "test",
                                           .kind = COMMAND_TRIGGER_TASK,
                                           .body.trigger_task.ignore_overlap = true});
    world_turn(w);
    expect_outcome(w, first, OUTCOME_ACCEPTED, CODE_OK);
    expect_outcome(w, second, OUTCOME_REJECTED, CODE_OVERLAP);
    expect_outcome(w, third, OUTCOME_ACCEPTED, CODE_OK);
    assert_int_equal(core_open_count(w->core), 2);
    world_free(w);
}

static void waits_for_a_clock_with_commands_that_would_fire(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid edit;

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    w->may_fire = false;
    w->now = SECONDS(15);
    edit = world_put(w, spec_of("a", "@every 20s"));
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    assert_null(world_outcome(w, edit));
    assert_true(core_has_commands(w->core));
    w->may_fire = true;
    world_turn(w);
    expect_outcome(w, edit, OUTCOME_ACCEPTED, CODE_UPDATED);
    assert_int_equal(world_revision(w, "a")->revision, 3);
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    world_free(w);
}

static void cuts_a_turn_of_many_commands(void **state UNUSED)
{
    struct world *w = world_new();
    char keys[10][8];

    for (int i = 0; i < 10; i++) {
        keys[i][0] = (char)('a' + i);
        keys[i][1] = '\0';
        world_put(w, spec_of(keys[i], "@every 10s"));
    }
    w->limit = 7;
    world_turn(w);
    assert_true(w->cut > 0);
    assert_int_equal(core_task_count(w->core), 10);
    assert_int_equal(world_watermark(w)->commands_next, 10);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_each_command_by_the_state_of_its_task),
        cmocka_unit_test(numbers_revisions_without_end),
        cmocka_unit_test(compares_the_revision_and_sets),
        cmocka_unit_test(decides_a_repeated_command_once),
        cmocka_unit_test(forgets_command_ids_after_a_day_and_beyond_256),
        cmocka_unit_test(forgets_a_task_that_never_was_after_a_day),
        cmocka_unit_test(passes_over_what_is_not_a_command),
        cmocka_unit_test(rejects_a_spec_it_cannot_keep_to),
        cmocka_unit_test(rejects_a_spec_whose_queue_does_not_exist),
        cmocka_unit_test(rejects_what_is_misplaced),
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
        cmocka_unit_test(accounts_for_what_a_deletion_leaves_undecided),
        cmocka_unit_test(takes_several_edits_and_triggers_in_one_turn),
        cmocka_unit_test(triggers_at_the_broker_time_of_the_command),
        cmocka_unit_test(obeys_the_overlap_rule_unless_told_otherwise),
        cmocka_unit_test(waits_for_a_clock_with_commands_that_would_fire),
        cmocka_unit_test(cuts_a_turn_of_many_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
