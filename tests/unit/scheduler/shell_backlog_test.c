/* A machine so busy that a turn cannot plan the commands of all partitions. */
#include "shell.h"

enum { BACKLOG = 5000, FIRST_OF_NOBODY = 1000 };

static void add_backlog(void)
{
    for (int n = 0; n < BACKLOG; n++)
        shell_order(FIRST_OF_NOBODY + n, (struct command){.kind = COMMAND_PAUSE_TASK});
}

/* How many were there at the moment at which the first one was. */
static size_t fired_together(usec_t scheduled_at)
{
    size_t count = 0;
    usec_t first = 0;

    for (size_t i = 0; i < shell.fired_count; i++) {
        if (shell.fired[i].scheduled_at != scheduled_at)
            continue;
        first = first == 0 ? shell.fired[i].at : first;
        count += shell.fired[i].at == first;
    }
    return count;
}

static void all_that_is_due_goes_in_a_turn_that_is_long(void **state UNUSED)
{
    usec_t second;

    shell_put_tasks();
    shell_start(&shell.processes[0]);
    shell_pass(3);
    add_backlog();
    shell_pass(0.01); /* it has read all of them */
    shell.reading_takes = 30 * USEC_PER_MS;
    second = (shell.real / USEC_PER_SEC + 2) * USEC_PER_SEC; /* patience has ended by then */
    shell_pass(6);
    for (int n = 0; n < 3; n++)
        assert_int_equal(fired_together(second + n * USEC_PER_SEC), TASKS);
    shell.reading_takes = 0;
    shell_pass(20);
    (void)shell_judge(shell.real - USEC_PER_SEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_is_due_goes_in_a_turn_that_is_long, shell_begin,
                                        shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
