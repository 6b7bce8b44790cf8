#include "base/buf.h"
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

static void restore(struct core *c, const char *key, enum record_kind kind, const void *record,
                    enum rc expected)
{
    SCOPED_BUF frame = {0};
    struct error err = {0};

    assert_int_equal(codec_encode(kind, record, &frame, &err), RC_OK);
    assert_int_equal(core_restore(c, bytes_of(key), buf_bytes(&frame), &err), expected);
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

    restore(w->core, task_key(key), RECORD_TASK_STATE, &r, RC_OK);
    assert_int_equal(core_restored(w->core, next, &err), RC_FATAL);
    assert_non_null(strstr(err.text, "no watermark"));
    world_free(w);
}

static void stops_at_state_it_cannot_read(void **state UNUSED)
{
    struct world *w = world_new();
    struct error err = {0};
    struct task_state_record r = task_record("UTC");
    char key[STATE_KEY_TEXT];

    assert_int_equal(core_restore(w->core, bytes_of("what/ever"), bytes_of("x"), &err), RC_FATAL);
    assert_int_equal(core_restore(w->core, bytes_of(task_key(key)), bytes_of("x"), &err), RC_FATAL);
    restore(w->core, "watermark", RECORD_TASK_STATE, &r, RC_FATAL);
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

        restore(w->core, "watermark", RECORD_WATERMARK, &mark, RC_OK);
        restore(w->core, task_key(key), RECORD_TASK_STATE, &gone, RC_OK);
        if (healed)
            restore(w->core, task_key(key), RECORD_TASK_STATE, &here, RC_OK);
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
    char text[STATE_KEY_TEXT];

    for (int kind = 0; kind < STATE_KEY_COUNT; kind++) {
        struct uuid id = kind == STATE_WATERMARK ? UUID_NIL : command_numbered(kind), found;
        enum state_key read;

        (void)state_key_format((enum state_key)kind, id, text);
        assert_int_equal(state_key_parse(bytes_of(text), &read, &found, NULL), RC_OK);
        assert_int_equal(read, kind);
        assert_true(uuid_equal(found, id));
    }
    assert_string_equal(state_key_format(STATE_OPEN, UUID_NIL, text),
                        "open/00000000-0000-0000-0000-000000000000");
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
        cmocka_unit_test(stops_at_state_it_cannot_read),
        cmocka_unit_test(stops_at_a_task_whose_zone_is_gone_unless_that_is_past),
        cmocka_unit_test(knows_its_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
