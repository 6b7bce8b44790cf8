/*
 * chain_bound_test.c - how many executions one sets off, over all links: 10,000, shared out by each end.
 */
#include <stdio.h>

#include "model/spec.h"
#include "world.h"

enum { WIDEST = 16 };

/* A rung of a ladder: tasks that each set off all of the next rung. */
static void put_rung(struct world *w, int rung, int width, int next_width)
{
    char keys[WIDEST][8];
    struct then_spec then[WIDEST];

    for (int i = 0; i < next_width; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "r%d.%d", rung + 1, i);
        then[i] = (struct then_spec){.task = keys[i], .on = THEN_SUCCEEDED};
    }
    for (int i = 0; i < width; i++) {
        char key[8];
        struct task_spec spec;

        (void)snprintf(key, sizeof key, "r%d.%d", rung, i);
        spec = spec_of(key, NULL);
        spec.then = then;
        spec.then_count = (size_t)next_width;
        world_put(w, spec);
    }
}

static struct world *ladder(int rungs, int width)
{
    struct world *w = world_new();

    put_rung(w, 0, 1, width);
    for (int i = 1; i < rungs; i++)
        put_rung(w, i, width, i + 1 < rungs ? width : 0);
    world_turn(w);
    world_order(w, "r0.0", COMMAND_TRIGGER_TASK);
    world_turn(w);
    return w;
}

/* All that is sent succeeds, what comes of that too, and so on. After each `crash_every` there is a new core. Answers how many were sent; it stops
   where those are too many. */
static size_t run_all(struct world *w, size_t crash_every)
{
    size_t count = 0;

    for (size_t i = 0; i < w->count && count <= 1 + SPEC_SET_OFF_MAX; i++) {
        const struct execution_created *x = w->log[i].record;

        if (w->log[i].kind == RECORD_EXECUTION_CREATED) {
            world_report_on(w, x->execution_id, x->task_key, 1, STATUS_SUCCEEDED);
            if (++count % crash_every == 0)
                world_crash(w);
        }
        if (i + 1 == w->count)
            world_turn(w);
    }
    return count;
}

/* They say why. */
static size_t count_refused(const struct world *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->count; i++) {
        const struct command_outcome *o = w->log[i].record;

        if (w->log[i].kind != RECORD_COMMAND_OUTCOME || o->result == OUTCOME_ACCEPTED)
            continue;
        assert_int_equal(o->code, CODE_INVALID_SPEC);
        assert_string_equal(o->message,
                            "one execution sets off at most 10000 others in all, each end sharing "
                            "out what is left: nothing is left for this one");
        count++;
    }
    assert_int_equal(w->counts.cut, count);
    return count;
}

/* 2 + 4 + ... + 4096 are 8190; for 8192 more there is nothing left. */
static void a_ladder_of_doubles_ends(void **state UNUSED)
{
    struct world *w = ladder(20, 2);

    assert_int_equal(run_all(w, SIZE_MAX), 1 + 8190);
    assert_int_equal(count_refused(w), 8192);
    world_free(w);
}

/* 16 + 256 + 4096 are 4368. */
static void a_wide_one_is_set_off_whole(void **state UNUSED)
{
    struct world *w = ladder(4, 16);

    assert_int_equal(run_all(w, SIZE_MAX), 1 + 4368);
    assert_int_equal(count_refused(w), 0);
    world_free(w);
}

/* 33 tasks in a line, each of which sets off the next when it succeeds, and `aside` too. */
static struct world *line(enum then_on aside)
{
    struct world *w = world_new();

    world_put(w, spec_of("aside", NULL));
    for (int i = 0; i < 33; i++) {
        char key[8], next[8];
        struct then_spec then[] = {{.task = "aside", .on = aside},
                                   {.task = next, .on = THEN_SUCCEEDED}};
        struct task_spec spec;

        (void)snprintf(key, sizeof key, "l%d", i);
        (void)snprintf(next, sizeof next, "l%d", i + 1);
        spec = spec_of(key, NULL);
        spec.then = then;
        spec.then_count = i < 32 ? 2 : 0;
        world_put(w, spec);
    }
    world_turn(w);
    world_order(w, "l0", COMMAND_TRIGGER_TASK);
    world_turn(w);
    return w;
}

/* Only what an end sets off has a part: an alarm that does not ring takes nothing away. */
static void each_end_shares_among_those_that_it_sets_off(void **state UNUSED)
{
    struct world *w = line(THEN_FAILED);

    assert_int_equal(run_all(w, SIZE_MAX), 1 + 32);
    assert_int_equal(count_refused(w), 0);
    world_free(w);

    w = line(THEN_ENDED);
    assert_int_equal(run_all(w, SIZE_MAX), 1 + 12 * 2);
    assert_int_equal(count_refused(w), 2);
    world_free(w);
}

/* What is spent is remembered as long as the execution is. */
static void restarts_change_nothing(void **state UNUSED)
{
    struct world *w = ladder(6, 12);

    assert_int_equal(run_all(w, 300), 1 + 12 + 144 + 1728);
    assert_int_equal(count_refused(w), 20736);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ladder_of_doubles_ends),
        cmocka_unit_test(a_wide_one_is_set_off_whole),
        cmocka_unit_test(each_end_shares_among_those_that_it_sets_off),
        cmocka_unit_test(restarts_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
