/*
 * extremes_test.c - whatever number stands in a record of commands, status or state: a plan is made, and is finite.
 */
#include "support/extremes.h"

#include "base/buf.h"
#include "codec/codec.h"
#include "scheduler/state.h"
#include "world.h"

enum { LIMIT = 50 };

/* --- state --- */

struct restoring {
    struct world *w;
    struct task_state_record task;
    struct open_execution open;
    struct watermark mark;
};

static void restore_one(struct core *c, enum state_kind key, struct uuid id, enum record_kind kind,
                        const void *record)
{
    SCOPED_BUF frame = {0};
    char text[STATE_KEY_TEXT];
    struct error err = {0};

    assert_int_equal(codec_encode(kind, record, &frame, &err), RC_OK);
    core_restore(c, kind, bytes_of(state_key_format(key, id, text)),
                 (struct bytes){frame.data, frame.len});
}

/* The state may be refused; if it is not, plans come of it. */
static void restore_and_plan(void *ctx)
{
    struct restoring *r = ctx;
    struct core *c = core_new(&r->w->env, 0);
    struct core_plan *plan = NULL;
    struct error err = {0};
    int64_t next[2];

    restore_one(c, STATE_TASK, task_of("a"), RECORD_TASK_STATE, &r->task);
    restore_one(c, STATE_OPEN, r->open.execution_id, RECORD_OPEN_EXECUTION, &r->open);
    restore_one(c, STATE_WATERMARK, UUID_NIL, RECORD_WATERMARK, &r->mark);
    if (core_restored(c, next, &err) == RC_OK)
        for (int i = 0; i < 3; i++) {
            (void)core_wake(c);
            if (core_plan(c, EPOCH + i * USEC_PER_DAY, true, (struct core_room){LIMIT, LIMIT, true},
                          &plan, &err) == RC_OK &&
                plan != NULL)
                core_commit(c, plan);
            plan = NULL;
        }
    core_free(c);
}

static void plans_by_any_number_in_its_state(void **state UNUSED)
{
    struct world *w = world_new();
    struct recent_command recent = {.at = EPOCH};
    struct window_spec window = {.until = EPOCH + USEC_PER_DAY};
    struct restoring r = {
        .w = w,
        .task = {.task_id = task_of("a"), .revision = 1, .recent = &recent, .recent_count = 1},
        .open = {.execution_id = execution_id_of(task_of("a"), EPOCH, "instant", ""),
                 .task_id = task_of("a"),
                 .attempt = 1,
                 .status = STATUS_RUNNING,
                 .queue = "default",
                 .claimed_at = EPOCH,
                 .run_timeout_ms = 1000},
        .mark = {.due = EPOCH, .tzdata = "x", .writer = "x"},
    };

    r.task.spec = spec_of("a", "@every 1h");
    r.task.spec.window = &window;
    r.task.spec.payload = bytes_of("");
    r.task.spec.start_deadline_ms = r.task.spec.run_timeout_ms = 1000;
    r.task.spec.misfire = (struct misfire_spec){MISFIRE_ALL, 60000, 86400000, 10};
    for (int paused = 0; paused < 2; paused++) {
        r.task.state = paused ? TASK_PAUSED : TASK_ACTIVE;
        r.task.paused_until = paused ? EPOCH + 1 : 0;
        restore_and_plan(&r);
        extremes_each(record_type_of(RECORD_TASK_STATE), &r.task, restore_and_plan, &r);
        extremes_each(record_type_of(RECORD_OPEN_EXECUTION), &r.open, restore_and_plan, &r);
        extremes_each(record_type_of(RECORD_WATERMARK), &r.mark, restore_and_plan, &r);
    }
    world_free(w);
}

/* --- commands and statuses --- */

struct ordering {
    struct world *w;
    struct command command;
    struct execution_status status;
};

static void order_one(void *ctx)
{
    struct ordering *o = ctx;

    o->command.command_id = UUID_NIL;
    world_send(o->w, o->command);
    o->w->now += USEC_PER_MS;
    world_turn(o->w);
}

static void carries_out_any_number_in_a_command(void **state UNUSED)
{
    static const enum command_kind kinds[] = {COMMAND_PUT_TASK,    COMMAND_PAUSE_TASK,
                                              COMMAND_RESUME_TASK, COMMAND_TRIGGER_TASK,
                                              COMMAND_BACKFILL,    COMMAND_RETRY_EXECUTION};
    struct window_spec window = {.until = EPOCH + USEC_PER_DAY};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct ordering o = {.w = world_new()};

        world_put(o.w, spec_of("a", "@every 1h"));
        o.command = (struct command){.task_id = task_of("a"), .actor = "a", .kind = kinds[i]};
        if (kinds[i] == COMMAND_PUT_TASK) {
            o.command.body.put_task.spec = spec_of("a", "@every 2h");
            o.command.body.put_task.spec.window = &window;
        }
        extremes_each(record_type_of(RECORD_COMMAND), &o.command, order_one, &o);
        world_free(o.w);
    }
}

static void report_one(void *ctx)
{
    struct ordering *o = ctx;

    world_say(o->w, &o->status);
    world_turn(o->w);
}

static void folds_any_number_in_a_report(void **state UNUSED)
{
    static const struct worker_ref worker = {"w", {{1}}};
    struct ordering o = {.w = world_new()};
    struct task_spec spec = spec_of("a", NULL);
    struct uuid trigger;

    spec.run_timeout_ms = 1000;
    world_put(o.w, spec);
    trigger = world_order(o.w, "a", COMMAND_TRIGGER_TASK);
    world_turn(o.w);
    o.status = (struct execution_status){.execution_id = world_outcome(o.w, trigger)->execution_id,
                                         .task_id = task_of("a"),
                                         .attempt = 1,
                                         .status = STATUS_RUNNING,
                                         .worker = &worker};
    extremes_each(record_type_of(RECORD_EXECUTION_STATUS), &o.status, report_one, &o);
    assert_int_equal(core_open_count(o.w->core), 1);
    world_free(o.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_by_any_number_in_its_state),
        cmocka_unit_test(carries_out_any_number_in_a_command),
        cmocka_unit_test(folds_any_number_in_a_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
