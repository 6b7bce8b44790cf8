#include "shell.h"

static void fires_every_second(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(10);
    assert_in_range(shell_judge(shell.real), 9 * TASKS, 10 * TASKS);
}

static enum rc die_at(void *ctx, const char *instance UNUSED, const char *call UNUSED)
{
    int *left = ctx;

    return (*left)-- == 0 ? RC_FATAL : RC_OK;
}

static void fires_once_whatever_call_it_dies_in(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(2);
    for (int call = 0; call < 26; call++) { /* two turns have so many */
        int left = call;

        memlog_on_step(shell.memory, die_at, &left);
        shell_pass(2.5);
        memlog_on_step(shell.memory, NULL, NULL);
        assert_true(left < 0);
        if (call % 7 == 0)
            memlog_compact(shell.memory, "state");
    }
    shell_pass(1);
    (void)shell_judge(shell.real);
}

static enum rc conflict_at(void *ctx, const char *instance UNUSED, const char *call)
{
    int *left = ctx;

    return strcmp(call, "abort") != 0 && (*left)-- == 0 ? RC_CONFLICT : RC_OK;
}

static void plans_again_whatever_call_is_to_be_aborted(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(2);
    for (int call = 0; call < 30; call++) {
        int left = call;

        memlog_on_step(shell.memory, conflict_at, &left);
        shell_pass(2);
        memlog_on_step(shell.memory, NULL, NULL);
    }
    (void)shell_judge(shell.real);
}

static enum rc die_open(void *ctx, const char *instance, const char *call)
{
    const char *const *want = ctx; /* instance, call */

    return strcmp(instance, want[0]) == 0 && strcmp(call, want[1]) == 0 ? RC_FATAL : RC_OK;
}

static void another_ends_what_a_dead_one_left_open(void **state UNUSED)
{
    static const char *const calls[] = {"begin", "flush", "offsets", "commit"};

    shell_put_tasks();
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        const char *want[] = {"s-1", calls[i]};
        usec_t died;

        shell_start(&shell.processes[0]);
        shell_start(&shell.processes[1]);
        shell_pass(8);
        memlog_on_step(shell.memory, die_open, want);
        while (scheduler_step(shell.processes[0].scheduler, 0, NULL) == RC_OK) {
            shell.real += 10 * USEC_PER_MS;
            shell.mono += 10 * USEC_PER_MS;
            memlog_set_time(shell.memory, shell.real);
            assert_int_equal(scheduler_step(shell.processes[1].scheduler, 0, NULL), RC_OK);
        }
        memlog_on_step(shell.memory, NULL, NULL);
        shell_crash(&shell.processes[0]);
        died = shell.real;
        shell_pass(10); /* session 6 s + 1 s of patience; the transaction itself would last 60 s */
        (void)shell_judge(died + 9 * USEC_PER_SEC);
        shell_crash(&shell.processes[1]);
    }
}

static void a_frozen_one_that_goes_on_writes_nothing_twice(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_start(&shell.processes[1]);
    shell_pass(8);
    shell.processes[0].is_frozen = true;
    memlog_freeze(shell.memory, "s-1");
    shell_pass(10);
    memlog_thaw(shell.memory, "s-1");
    shell.processes[0].is_frozen = false;
    shell_pass(10);
    (void)shell_judge(shell.real);
}

static void waits_for_markers_before_it_trusts_the_state(void **state UNUSED)
{
    size_t before;

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(5);
    memlog_hold_markers(shell.memory, true);
    shell_pass(1); /* one turn is decided, its markers are not written */
    shell_crash(&shell.processes[0]);
    shell_start(&shell.processes[1]);
    before = shell.fired_count;
    shell_pass(9);
    memlog_hold_markers(shell.memory, false);
    shell_pass(3);
    assert_true(shell.fired_count > before);
    (void)shell_judge(shell.real);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fires_every_second, shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(fires_once_whatever_call_it_dies_in, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(plans_again_whatever_call_is_to_be_aborted, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(another_ends_what_a_dead_one_left_open, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(a_frozen_one_that_goes_on_writes_nothing_twice, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(waits_for_markers_before_it_trusts_the_state, shell_begin,
                                        shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
