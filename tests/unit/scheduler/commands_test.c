#include "base/hash.h"
#include "model/spec.h"
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
    {COMMAND_SKIP_NEXT, {CODE_NOT_FOUND, CODE_OK, CODE_NOT_FOUND, CODE_DELETED}},
    {COMMAND_CANCEL_EXECUTION, {CODE_NOT_FOUND, CODE_NOT_FOUND, CODE_NOT_FOUND, CODE_NOT_FOUND}},
    {COMMAND_RETRY_EXECUTION, {CODE_NOT_FOUND, CODE_OK, CODE_OK, CODE_DELETED}},
    {COMMAND_BACKFILL, {CODE_NOT_FOUND, CODE_OK, CODE_OK, CODE_DELETED}},
};

static struct uuid order(struct world *w, enum command_kind kind)
{
    if (kind == COMMAND_PUT_TASK)
        return world_put(w, spec_of("a", "@every 10s"));
    if (kind == COMMAND_BACKFILL)
        return world_send(w, (struct command){.task_id = task_of("a"),
                                              .actor = "test",
                                              .kind = kind,
                                              .body.backfill = {SECONDS(-20), SECONDS(-5)}});
    return world_order(w, "a", kind);
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
            if (!accepted)
                assert_non_null(world_outcome(w, command)->message);
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
    {"a", 2, false},          {"a", 1, true},
    {"a", 0, true},           {"a", 3, true},
    {"b", 0, false},          {"b", 1, true},
    {"gone", 0, false},       {"gone", 2, false},
    {"gone", 1, true},        {"a", EXPECT_SOME, false},
    {"b", EXPECT_SOME, true}, {"gone", EXPECT_SOME, true},
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
        if (c->stale) {
            expect_outcome(w, command, OUTCOME_REJECTED, CODE_STALE_REVISION);
            assert_int_equal(world_outcome(w, command)->revision, strcmp(c->key, "a") == 0 ? 2 : 0);
        } else
            assert_int_equal(world_outcome(w, command)->result, OUTCOME_ACCEPTED);
        world_free(w);
    }
}

static void refuses_a_second_request_under_one_key(void **state UNUSED)
{
    static const uint8_t digests[][8] = {{1}, {2}};
    struct world *w = world_new();
    struct uuid key = idempotent_command_id_of(task_of("a"), "test", "k");
    struct command first = {.command_id = keyed_command_id_of(key, digests[0]),
                            .task_id = task_of("a"),
                            .actor = "test",
                            .kind = COMMAND_PAUSE_TASK};
    struct command second = first;

    second.command_id = keyed_command_id_of(key, digests[1]);
    second.kind = COMMAND_DELETE_TASK;
    world_put(w, spec_of("a", "@every 10s"));
    world_send(w, first);
    world_send(w, second);
    world_send(w, first); /* the same one again is no second request */
    world_turn(w);
    assert_int_equal(world_outcome(w, first.command_id)->result, OUTCOME_ACCEPTED);
    expect_outcome(w, second.command_id, OUTCOME_REJECTED, CODE_INVALID_SPEC);
    assert_string_equal(world_outcome(w, second.command_id)->message, COMMAND_KEY_REUSED);
    world_crash(w);
    second.command_id.b[15] = 7; /* a third one, after a restart */
    world_send(w, second);
    world_turn(w);
    assert_string_equal(world_outcome(w, second.command_id)->message, COMMAND_KEY_REUSED);
    world_free(w);
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
static void asks_for_a_fast_heartbeat(struct task_spec *s)
{
    s->heartbeat_ms = 999;
}
static void asks_for_odd_retries(struct task_spec *s)
{
    s->retry = (struct retry_spec){.max_attempts = 2, .on = "SUCCEEDED"};
}

static const struct spec_case {
    void (*spoil)(struct task_spec *spec);
    enum outcome_code code;
} spec_cases[] = {
    {breaks_expression, CODE_INVALID_SPEC},    {breaks_zone, CODE_INVALID_SPEC},
    {never_fires, CODE_INVALID_SPEC},          {asks_for_a_fast_heartbeat, CODE_INVALID_SPEC},
    {asks_for_odd_retries, CODE_INVALID_SPEC},
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
    w->now += 300 * USEC_PER_MS;
    world_turn(w);
    expect_outcome(w, command, OUTCOME_REJECTED, CODE_NO_QUEUE);
    world_free(w);
}

/* Brokers learn of a topic one after the other. The orders behind wait with the one that names it, and what is due for those. */
static void a_queue_that_was_made_a_moment_ago_is_waited_for(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid put, behind;

    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    w->now = SECONDS(10) - 100 * USEC_PER_MS;
    w->queue_is_gone = true;
    put = world_put(w, spec_of("a", NULL));
    behind = world_order(w, "b", COMMAND_PAUSE_TASK);
    w->now += 300 * USEC_PER_MS - 1;
    world_turn(w);
    assert_null(world_outcome(w, put));
    assert_null(world_outcome(w, behind));
    w->queue_is_gone = false;
    world_turn(w);
    expect_outcome(w, put, OUTCOME_ACCEPTED, CODE_CREATED);
    expect_outcome(w, behind, OUTCOME_ACCEPTED, CODE_OK);
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "");
    world_free(w);
}

/* A broker whose clock is ahead of ours holds up nobody. */
static void a_queue_is_not_waited_for_by_a_clock_that_is_behind(void **state UNUSED)
{
    struct world *w = world_new();
    struct uuid command;

    w->queue_is_gone = true;
    command = world_put(w, spec_of("a", NULL));
    w->now -= 1;
    world_turn(w);
    expect_outcome(w, command, OUTCOME_REJECTED, CODE_NO_QUEUE);
    world_free(w);
}

static void rejects_what_would_not_fit_into_a_record(void **state UNUSED)
{
    static char text[PAYLOAD_MAX_BYTES + 2];
    struct world *w = world_new();
    struct command trigger = {.task_id = task_of("a"),
                              .actor = "test",
                              .kind = COMMAND_TRIGGER_TASK,
                              .body.trigger_task.payload = {text, PAYLOAD_MAX_BYTES}};
    struct uuid fits, large, noted;

    memset(text, 'x', sizeof text - 1);
    world_put(w, spec_of("a", NULL));
    fits = world_send(w, trigger);
    trigger.body.trigger_task.payload.len++;
    large = world_send(w, trigger);
    noted = world_send(
        w, (struct command){
               .task_id = task_of("a"), .reason = text, .kind = COMMAND_PAUSE_TASK, .actor = "a"});
    world_turn(w);
    expect_outcome(w, fits, OUTCOME_ACCEPTED, CODE_OK);
    expect_outcome(w, large, OUTCOME_REJECTED, CODE_INVALID_SPEC);
    expect_outcome(w, noted, OUTCOME_REJECTED, CODE_INVALID_SPEC);
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

static const struct backlog_case {
    bool hurries;
    enum { OF_COMMANDS, OF_STATUSES } what;
    long fired;
} backlog_cases[] = {
    {true, OF_COMMANDS, 1},
    {false, OF_COMMANDS, 0},
    {true, OF_STATUSES, 1}, /* nothing is to be said to them, but they take time */
    {false, OF_STATUSES, 0},
};

static void add_backlog(struct world *w, const struct backlog_case *c)
{
    for (int i = 0; i < 1000; i++)
        if (c->what == OF_COMMANDS)
            world_order(w, "a", COMMAND_RESUME_TASK);
        else
            world_report(w, execution_id_of(task_of("a"), SECONDS(10), "instant", ""), "a",
                         STATUS_RUNNING);
}

/* However many wait: what is due has its place in every plan, unless it is told to wait for them. */
static void leaves_what_is_due_its_place_beside_a_backlog(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(backlog_cases); i++) {
        const struct backlog_case *c = &backlog_cases[i];
        struct world *w = world_new();
        struct task_spec spec = spec_of("a", "@every 10s");
        struct core_plan *plan;

        spec.run_timeout_ms = 3600000; /* reports are about something that is remembered */
        world_put(w, spec);
        world_turn(w);
        world_go(w, SECONDS(10));
        add_backlog(w, c);
        w->now = SECONDS(20);
        w->inputs = 100;
        w->hurries = c->hurries;
        plan = world_plan(w);
        assert_int_equal(plan->counts.fired, c->fired);
        assert_in_range(plan->counts.commands + plan->counts.statuses, 1, 100);
        assert_true(plan->more && plan->behind);
        world_commit(w, plan);
        world_turn(w);
        assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20");
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_each_command_by_the_state_of_its_task),
        cmocka_unit_test(numbers_revisions_without_end),
        cmocka_unit_test(compares_the_revision_and_sets),
        cmocka_unit_test(refuses_a_second_request_under_one_key),
        cmocka_unit_test(decides_a_repeated_command_once),
        cmocka_unit_test(forgets_command_ids_after_a_day_and_beyond_256),
        cmocka_unit_test(forgets_a_task_that_never_was_after_a_day),
        cmocka_unit_test(passes_over_what_is_not_a_command),
        cmocka_unit_test(rejects_a_spec_it_cannot_keep_to),
        cmocka_unit_test(rejects_a_spec_whose_queue_does_not_exist),
        cmocka_unit_test(a_queue_that_was_made_a_moment_ago_is_waited_for),
        cmocka_unit_test(a_queue_is_not_waited_for_by_a_clock_that_is_behind),
        cmocka_unit_test(rejects_what_would_not_fit_into_a_record),
        cmocka_unit_test(rejects_what_is_misplaced),
        cmocka_unit_test(takes_several_edits_and_triggers_in_one_turn),
        cmocka_unit_test(triggers_at_the_broker_time_of_the_command),
        cmocka_unit_test(obeys_the_overlap_rule_unless_told_otherwise),
        cmocka_unit_test(waits_for_a_clock_with_commands_that_would_fire),
        cmocka_unit_test(cuts_a_turn_of_many_commands),
        cmocka_unit_test(leaves_what_is_due_its_place_beside_a_backlog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
