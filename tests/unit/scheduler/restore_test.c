#include "base/buf.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "cron/zoneset.h"
#include "scheduler/state.h"
#include "world.h"

static void starts_from_nothing(void **state UNUSED)
{
    struct world *w = world_new();
    int64_t next[2] = {-1, -1};

    assert_int_equal(core_restored(w->core, next, NULL), RC_OK);
    assert_int_equal(next[0], 0);
    assert_int_equal(next[1], 0);
    assert_true(core_wake(w->core) == USEC_MAX);
    assert_null(world_plan(w));
    world_free(w);
}

static void says_in_the_watermark_where_it_is(void **state UNUSED)
{
    struct world *w = world_new();
    const struct watermark *m;

    world_put(w, spec_of("a", "@every 10s"));
    world_report(w, command_numbered(1), "a", STATUS_RUNNING);
    world_go(w, SECONDS(10));
    m = world_watermark(w);
    assert_true(m->due == SECONDS(10));
    assert_int_equal(m->commands_next, 1);
    assert_int_equal(m->status_next, 1);
    assert_string_equal(m->tzdata, zoneset_version(w->zones));
    assert_string_equal(m->writer, "test-1");
    world_free(w);
}

static void goes_on_where_the_log_ends(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("b", "@every 15s");

    spec.overlap = OVERLAP_SKIP;
    world_put(w, spec_of("a", "@every 10s"));
    world_put(w, spec);
    world_turn(w);
    for (long t = 5; t <= 60; t += 5) {
        world_crash(w);
        world_go(w, SECONDS(t));
    }
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10 20 30 40 50 60");
    assert_string_equal(world_fired(w, "b", TRIGGER_SCHEDULED), "15");
    assert_string_equal(world_born(w, "b"),
                        "SKIPPED/OVERLAP@30 SKIPPED/OVERLAP@45 SKIPPED/OVERLAP@60");
    assert_int_equal(world_count(w, RECORD_TASK_STATE), 2); /* firing writes none */
    world_free(w);
}

static void fires_the_rest_of_one_instant_after_a_cut(void **state UNUSED)
{
    struct world *w = world_new();
    struct core_plan *plan;

    for (int i = 0; i < 6; i++) {
        static const char *const keys[] = {"a", "b", "c", "d", "e", "f"};

        world_put(w, spec_of(keys[i], "@every 10s"));
    }
    world_turn(w);
    w->limit = 2;
    w->now = SECONDS(10);
    while ((plan = world_plan(w)) != NULL) {
        world_commit(w, plan);
        world_crash(w); /* the others are due at W.due too: they are found again by their ids */
    }
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 6);
    world_free(w);
}

static void begins_a_gap_after_a_restore_where_the_task_was_decided(void **state UNUSED)
{
    struct world *w = world_new();
    const char *last = uuid_order(task_of("a"), task_of("b")) < 0 ? "b" : "a";

    world_put(w, spec_of("a", "@every 10s"));
    world_put(w, spec_of("b", "@every 10s"));
    world_turn(w);
    world_go(w, SECONDS(20));
    w->limit = 1;
    w->now = SECONDS(30);
    world_commit(w, world_plan(w)); /* W is at 30, but the last one's 30 is not decided */
    world_crash(w);
    world_go(w, SECONDS(200));
    assert_string_equal(world_gaps(w, last), "MISFIRE(20,130]=11");
    world_free(w);
}

static void remembers_pauses_commands_and_open_executions(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");
    struct uuid again = command_numbered(77);
    const struct command repeated = {.command_id = again,
                                     .task_id = task_of("a"),
                                     .actor = "test",
                                     .kind = COMMAND_TRIGGER_TASK};

    spec.run_timeout_ms = 30000;
    world_put(w, spec);
    world_send(w, repeated);
    world_order(w, "a", COMMAND_PAUSE_TASK);
    world_turn(w);
    world_report(w, world_outcome(w, again)->execution_id, "a", STATUS_RUNNING);
    world_turn(w);
    world_crash(w);
    assert_int_equal(core_task_count(w->core), 1);
    assert_int_equal(core_open_count(w->core), 1);
    assert_true(core_wake(w->core) == SECONDS(30));
    world_send(w, repeated);
    world_turn(w);
    assert_int_equal(world_count(w, RECORD_EXECUTION_CREATED), 1);
    world_free(w);
}

static void reads_what_was_not_decided_again(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    world_turn(w);
    core_discard(w->core, (world_put(w, spec_of("b", "@every 10s")), world_plan(w)));
    world_crash(w);
    assert_true(core_has_commands(w->core));
    world_turn(w);
    assert_int_equal(core_task_count(w->core), 2);
    world_free(w);
}

static void takes_no_message_twice(void **state UNUSED)
{
    struct world *w = world_new();

    world_put(w, spec_of("a", "@every 10s"));
    core_take_command(w->core, 0, w->now, w->commands[0].value, w->commands[0].value);
    world_turn(w);
    core_take_command(w->core, 0, w->now, w->commands[0].value, w->commands[0].value);
    assert_false(core_has_commands(w->core));
    assert_int_equal(world_count(w, RECORD_COMMAND_OUTCOME), 1);
    world_free(w);
}

/* --- refusing --- */

static void restore(struct core *c, const char *key, enum record_kind kind, const void *record)
{
    SCOPED_BUF frame = {0};
    struct error err = {0};

    assert_int_equal(codec_encode(kind, record, &frame, &err), RC_OK);
    core_restore(c, 7, bytes_of(key), buf_bytes(&frame));
}

static void restore_garbage(struct core *c, const char *key)
{
    core_restore(c, 9, bytes_of(key), bytes_of("x"));
}

static const char *task_key(char text[STATE_KEY_TEXT])
{
    return state_key_format(STATE_TASK, task_of("a"), text);
}

static struct task_state_record task_record(const char *zone)
{
    struct task_state_record r = {
        .task_id = task_of("a"), .revision = 1, .spec = spec_of("a", "* * * * *")};

    r.spec.schedules[0].zone = zone;
    return r;
}

static void stops_at_state_without_a_watermark(void **state UNUSED)
{
    struct world *w = world_new();
    struct error err = {0};
    struct task_state_record r = task_record("UTC");
    int64_t next[2];
    char key[STATE_KEY_TEXT];

    restore(w->core, task_key(key), RECORD_TASK_STATE, &r);
    assert_int_equal(core_restored(w->core, next, &err), RC_FATAL);
    assert_non_null(strstr(err.text, "no watermark"));
    world_free(w);
}

/* What comes last for a key counts, whatever came before it. */
static void stands_while_the_newest_watermark_or_task_cannot_be_read(void **state UNUSED)
{
    const struct watermark mark = {.due = EPOCH, .tzdata = "x", .writer = "y"};
    const struct task_state_record task = task_record("UTC");
    char key[STATE_KEY_TEXT];

    for (int i = 0; i < 4; i++) {
        struct world *w = world_new();
        const char *spoilt = i % 2 == 0 ? "watermark" : task_key(key);
        struct error err = {0};
        int64_t next[2];

        restore(w->core, "watermark", RECORD_WATERMARK, &mark);
        restore(w->core, task_key(key), RECORD_TASK_STATE, &task);
        restore_garbage(w->core, spoilt);
        if (i == 2)
            restore(w->core, "watermark", RECORD_WATERMARK, &mark);
        if (i == 3)
            core_restore(w->core, 10, bytes_of(spoilt), (struct bytes){NULL, 0});
        assert_int_equal(core_restored(w->core, next, &err), i < 2 ? RC_FATAL : RC_OK);
        if (i < 2) {
            assert_non_null(strstr(err.text, i == 0 ? "the Watermark" : "a task"));
            assert_int_equal(core_trouble_at(w->core), 9);
        }
        world_free(w);
    }
}

/* Passed over, it would be forgotten: its deadlines, and its task's slot. */
static void stands_while_an_open_execution_is_of_a_later_release(void **state UNUSED)
{
    const struct watermark mark = {.due = EPOCH, .tzdata = "x", .writer = "y"};
    const struct open_execution open = {
        .execution_id = command_numbered(5), .task_id = task_of("a"), .queue = "q"};
    const struct task_state_record task = task_record("UTC");
    char key[STATE_KEY_TEXT], name[STATE_KEY_TEXT];
    const struct bytes id = bytes_of(state_key_format(STATE_OPEN, open.execution_id, key));

    for (int i = 0; i < 3; i++) {
        struct world *w = world_new();
        struct error err = {0};
        SCOPED_BUF frame = {0};
        int64_t next[2];

        restore(w->core, "watermark", RECORD_WATERMARK, &mark);
        restore(w->core, task_key(name), RECORD_TASK_STATE, &task);
        assert_int_equal(codec_encode(RECORD_OPEN_EXECUTION, &open, &frame, &err), RC_OK);
        ((char *)frame.data)[4] = (char)(codec_schema_count() + 1);
        buf_add_text(&frame, "and more");
        core_restore(w->core, 9, id, buf_bytes(&frame));
        if (i == 1)
            restore(w->core, key, RECORD_OPEN_EXECUTION, &open);
        if (i == 2)
            core_restore(w->core, 10, id, (struct bytes){NULL, 0});
        assert_int_equal(core_restored(w->core, next, &err), i == 0 ? RC_FATAL : RC_OK);
        if (i == 0)
            assert_true(strstr(err.text, "an open execution") != NULL &&
                        core_trouble_at(w->core) == 9);
        world_free(w);
    }
}

/* Whoever takes back the record that is named must not hit another task. */
static void names_the_record_that_it_stands_at(void **state UNUSED)
{
    const struct watermark mark = {.due = EPOCH, .tzdata = "x", .writer = "y"};
    struct task_state_record other = task_record("UTC"), gone = task_record("Mars/Olympus");
    char key[STATE_KEY_TEXT], key_of_other[STATE_KEY_TEXT];

    (void)task_key(key);
    other.task_id = task_of("b");
    (void)state_key_format(STATE_TASK, other.task_id, key_of_other);
    for (int i = 0; i < 3; i++) {
        struct world *w = world_new();
        int64_t next[2];

        restore(w->core, "watermark", RECORD_WATERMARK, &mark);
        if (i == 0) /* the zone of its task is gone */
            restore(w->core, key, RECORD_TASK_STATE, &gone);
        else
            core_restore(w->core, 7, bytes_of(i == 1 ? key : "watermark"), bytes_of("x"));
        core_restore(w->core, 20, bytes_of(key_of_other), bytes_of("x"));
        restore(w->core, key_of_other, RECORD_TASK_STATE, &other);
        assert_int_equal(core_restored(w->core, next, NULL), RC_FATAL);
        assert_int_equal(core_trouble_at(w->core), 7);
        world_free(w);
    }
}

static void passes_over_what_nobody_can_use(void **state UNUSED)
{
    static const char *const keys[] = {"evil",
                                       "",
                                       "watermark2",
                                       "task/",
                                       "task/x",
                                       "open/x",
                                       "run/",
                                       "TASK/00000000-0000-0000-0000-000000000000",
                                       "open/00000000-0000-0000-0000-000000000000"};
    const struct watermark mark = {.due = EPOCH, .tzdata = "x", .writer = "y"};
    const struct open_execution orphan = {.execution_id = command_numbered(5),
                                          .task_id = task_of("nobody's")};
    struct world *w = world_new();
    char key[STATE_KEY_TEXT];
    const char *first;
    int64_t next[2];

    restore(w->core, "watermark", RECORD_WATERMARK, &mark);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        restore_garbage(w->core, keys[i]);
    core_restore(w->core, 9, (struct bytes){"watermark\0", 10}, bytes_of("x"));
    core_restore(w->core, 9, (struct bytes){NULL, 0}, bytes_of("x"));
    core_restore(w->core, 9, (struct bytes){NULL, 0}, (struct bytes){NULL, 0});
    restore(w->core, state_key_format(STATE_OPEN, orphan.execution_id, key), RECORD_OPEN_EXECUTION,
            &orphan);
    restore(w->core, state_key_format(STATE_OPEN, command_numbered(6), key), RECORD_OPEN_EXECUTION,
            &orphan);
    assert_int_equal(core_restored(w->core, next, NULL), RC_OK);
    assert_int_equal(core_strays(w->core, &first), ARRAY_LEN(keys) + 5);
    assert_non_null(strstr(first, "evil"));
    assert_int_equal(core_open_count(w->core), 0);
    world_free(w);
}

/* It goes on by the newest, and is told. */
static void tells_of_a_revision_that_is_not_there(void **state UNUSED)
{
    struct world *w = world_new();
    struct task_spec spec = spec_of("a", "@every 10s");
    const struct kept *k;
    const char *first;
    int64_t next[2];
    struct core *c;

    spec.run_timeout_ms = 3600000;
    world_put(w, spec);
    world_go(w, SECONDS(10));
    spec.title = "newer";
    world_put(w, spec);
    world_turn(w);
    c = core_new(&w->env, 0);
    for (k = w->log; k < w->log + w->count; k++)
        if (strcmp(k->topic, "t.state") == 0 && strncmp(k->key, "spec/", 5) != 0)
            core_restore(c, k - w->log, bytes_of(k->key), k->value);
    assert_int_equal(core_restored(c, next, NULL), RC_OK);
    assert_int_equal(core_strays(c, &first), 1);
    assert_non_null(strstr(first, "revision 1"));
    assert_int_equal(core_open_count(c), 1);
    core_free(c);
    world_free(w);
}

static void passes_over_tasks_of_other_partitions(void **state UNUSED)
{
    struct world *w = world_new();
    struct core_env env = w->env;
    char key[STATE_KEY_TEXT];
    const char *first;
    int64_t next[2];
    struct core *c;
    int here;

    env.partitions = 12;
    here = (partition_of(task_of("a"), 12) + 1) % 12;
    c = core_new(&env, here);
    restore_garbage(c, task_key(key));
    restore_garbage(c, state_key_format(STATE_RUN, task_of("a"), key));
    assert_int_equal(core_restored(c, next, NULL), RC_OK);
    assert_int_equal(core_strays(c, &first), 2);
    assert_int_equal(next[0], 0);
    core_free(c);
    world_free(w);
}

static void stops_at_a_task_whose_zone_is_gone_unless_that_is_past(void **state UNUSED)
{
    const struct watermark mark = {.due = EPOCH, .tzdata = "x", .writer = "y"};
    char key[STATE_KEY_TEXT];

    for (int healed = 0; healed < 2; healed++) {
        struct world *w = world_new();
        struct task_state_record gone = task_record("Mars/Olympus"), here = task_record("UTC");
        struct error err = {0};
        int64_t next[2];

        restore(w->core, "watermark", RECORD_WATERMARK, &mark);
        restore(w->core, task_key(key), RECORD_TASK_STATE, &gone);
        if (healed)
            restore(w->core, task_key(key), RECORD_TASK_STATE, &here);
        assert_int_equal(core_restored(w->core, next, &err), healed ? RC_OK : RC_FATAL);
        if (!healed)
            assert_string_equal(
                err.text,
                "could not plan task \"a\" of project \"default\": schedules/0/zone: unknown "
                "time zone 'Mars/Olympus'");
        world_free(w);
    }
}

static void knows_its_keys(void **state UNUSED)
{
    static const char *const others[] = {
        "spec/00000000-0000-0000-0000-000000000000",
        "spec/00000000-0000-0000-0000-000000000000/",
        "spec/00000000-0000-0000-0000-000000000000/07",
        "spec/00000000-0000-0000-0000-000000000000/7x",
        "spec/00000000-0000-0000-0000-000000000000/99999999999",
        "spec/00000000-0000-0000-0000-00000000000/7",
        "watermark/",
    };
    char text[STATE_KEY_TEXT];
    struct state_key read;

    for (int kind = 0; kind < STATE_KIND_COUNT; kind++) {
        struct uuid id = kind == STATE_WATERMARK ? UUID_NIL : command_numbered(kind);

        if (kind == STATE_SPEC)
            (void)state_spec_key_format(id, 1000000007, text);
        else
            (void)state_key_format((enum state_kind)kind, id, text);
        assert_int_equal(state_key_parse(bytes_of(text), &read, NULL), RC_OK);
        assert_int_equal(read.kind, kind);
        assert_true(uuid_equal(read.id, id));
        assert_int_equal(read.revision, kind == STATE_SPEC ? 1000000007 : 0);
    }
    assert_string_equal(state_key_format(STATE_OPEN, UUID_NIL, text),
                        "open/00000000-0000-0000-0000-000000000000");
    assert_string_equal(state_spec_key_format(UUID_NIL, 7, text),
                        "spec/00000000-0000-0000-0000-000000000000/7");
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(state_key_parse(bytes_of(others[i]), &read, NULL), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_from_nothing),
        cmocka_unit_test(says_in_the_watermark_where_it_is),
        cmocka_unit_test(goes_on_where_the_log_ends),
        cmocka_unit_test(fires_the_rest_of_one_instant_after_a_cut),
        cmocka_unit_test(begins_a_gap_after_a_restore_where_the_task_was_decided),
        cmocka_unit_test(remembers_pauses_commands_and_open_executions),
        cmocka_unit_test(reads_what_was_not_decided_again),
        cmocka_unit_test(takes_no_message_twice),
        cmocka_unit_test(stops_at_state_without_a_watermark),
        cmocka_unit_test(stands_while_the_newest_watermark_or_task_cannot_be_read),
        cmocka_unit_test(stands_while_an_open_execution_is_of_a_later_release),
        cmocka_unit_test(names_the_record_that_it_stands_at),
        cmocka_unit_test(passes_over_what_nobody_can_use),
        cmocka_unit_test(tells_of_a_revision_that_is_not_there),
        cmocka_unit_test(passes_over_tasks_of_other_partitions),
        cmocka_unit_test(stops_at_a_task_whose_zone_is_gone_unless_that_is_past),
        cmocka_unit_test(knows_its_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
