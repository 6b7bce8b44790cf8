#include "shell.h"

static void fires_nothing_while_its_clock_is_wrong(void **state UNUSED)
{
    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    shell.real += 3600 * USEC_PER_SEC; /* somebody sets this machine's clock */
    shell.broker_ahead = -3600 * USEC_PER_SEC;
    shell.fired_count = 0;
    shell_pass(5);
    assert_int_equal(shell.fired_count, 0);
    shell.broker_ahead = 0; /* the broker was wrong, after all */
    shell_pass(5);
    assert_true(shell.fired_count > 0);
}

/* It waits for a clock to agree, and what was due meanwhile is not lost. */
static void a_clock_that_is_one_hour_ahead_at_the_start(void **state UNUSED)
{
    shell_put_tasks();
    shell.real += 3600 * USEC_PER_SEC;
    shell.broker_ahead = -3600 * USEC_PER_SEC;
    shell_start(&shell.processes[0]);
    shell_pass(20);
    assert_int_equal(shell.fired_count, 0);
    shell.real -= 3600 * USEC_PER_SEC; /* somebody sets it right */
    shell.broker_ahead = 0;
    shell_pass(5);
    assert_int_equal(shell.fired_count, shell_judge(shell.real));
    assert_true(shell.fired_count >= 20 * TASKS); /* also of the time in which it waited */
}

static void assert_nothing_was_early(void)
{
    for (size_t i = 0; i < shell.fired_count; i++)
        assert_true(shell.fired[i].scheduled_at <= shell.real + shell.broker_ahead);
}

static void never_fires_early_whenever_its_clock_jumps(void **state)
{
    for (int reading = 1; reading < 40; reading++) {
        (void)shell_end(state);
        (void)shell_begin(state);
        shell_put_tasks();
        shell_start(&shell.processes[0]);
        shell_pass(3.49); /* the next step fires */
        shell.jump_in = reading;
        shell.jump_by = 3600 * USEC_PER_SEC;
        shell_pass(3);
        assert_int_equal(shell.jump_in, 0);
        assert_nothing_was_early();
    }
}

static void never_fires_early_whenever_its_clock_is_mended(void **state)
{
    for (int reading = 1; reading < 40; reading++) {
        (void)shell_end(state);
        (void)shell_begin(state);
        shell_put_tasks();
        shell_start(&shell.processes[0]);
        shell_pass(3);
        shell.real += 3600 * USEC_PER_SEC;
        shell.broker_ahead -= 3600 * USEC_PER_SEC;
        shell_pass(0.99); /* the next step or two try to fire */
        shell.jump_in = reading;
        shell.jump_by = -3600 * USEC_PER_SEC;
        shell_pass(3);
        assert_int_equal(shell.jump_in, 0);
        assert_nothing_was_early();
        assert_true(shell.fired_count > 4 * TASKS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fires_nothing_while_its_clock_is_wrong, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(a_clock_that_is_one_hour_ahead_at_the_start, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(never_fires_early_whenever_its_clock_jumps, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(never_fires_early_whenever_its_clock_is_mended, shell_begin,
                                        shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
