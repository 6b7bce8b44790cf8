/* cronobs work: commands and workers that are stopped. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

static void a_run_timeout_ends_the_command(void **state UNUSED)
{
    struct uuid id = work_run_for("echo begun; exec sleep 60", 500);

    work_assert_ended(id, STATUS_FAILED, -1, "killed by SIGTERM: its run timeout is over");
    work_assert_prints(id, STREAM_STDOUT, "begun");
    work_assert_prints(id, STREAM_LOG,
                       "sent SIGTERM, SIGKILL follows in 300ms: its run timeout is over");
}

/* However it answers the SIGTERM: it was cut off. */
static void what_was_stopped_for_its_limit_has_not_succeeded(void **state UNUSED)
{
    static const char *const commands[] = {
        "trap 'echo bye; exit 0' TERM; sleep 60 & wait",
        "trap 'exit 7' TERM; sleep 60 & wait",
        "trap 'sleep 0.1; exit 0' TERM; while :; do sleep 0.01; done",
        "sleep 0.5",
    };
    struct uuid ids[20];

    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        ids[i] = work_run_for(commands[i % ARRAY_LEN(commands)], 500);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct execution_status *final = installation_final(ids[i]);

        if (i % ARRAY_LEN(commands) == 3 && final->status == STATUS_SUCCEEDED)
            continue; /* it had ended by itself when its limit came */
        assert_int_equal(final->status, STATUS_FAILED);
        assert_int_equal(final->reason, REASON_RUN_TIMEOUT);
    }
    work_assert_prints(ids[0], STREAM_STDOUT, "bye");
}

static void a_command_that_does_not_listen_is_killed_with_all_that_it_started(void **state UNUSED)
{
    struct uuid id = work_run_for("trap '' TERM; sleep 60 & wait", 500);

    work_assert_ended(id, STATUS_FAILED, -1, "killed by SIGKILL: its run timeout is over");
    work_assert_prints(
        id, STREAM_LOG,
        "sent SIGTERM, SIGKILL follows in 300ms: its run timeout is over\n"
        "sent SIGKILL: its run timeout is over"); /* and nobody held the output open */
}

static void a_stopped_command_leaves_nothing_of_its_group_behind(void **state UNUSED)
{
    struct uuid id =
        work_run_for("(trap '' TERM; exec sleep 60) >/dev/null 2>&1 & echo $!; wait", 500);
    char path[64];

    work_assert_ended(id, STATUS_FAILED, -1, "killed by SIGTERM: its run timeout is over");
    (void)snprintf(path, sizeof path, "/proc/%d/exe",
                   work_number(installation_lines(id, STREAM_STDOUT)));
    WAIT_FOR(access(path, F_OK) != 0); /* not even a zombie has a program */
}

/* A command that prints "begun" and waits until the test opens its pipe. */
static const char *gate(const char *script)
{
    static char text[512];
    static int count;

    (void)snprintf(text, sizeof text, "%s/gate%d", work_folder, count++);
    assert_int_equal(mkfifo(text, 0600), 0);
    (void)setenv("GATE", text, 1);
    return script;
}

static void open_gate(void)
{
    int fd = open(getenv("GATE"), O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    (void)close(fd);
}

static int remove_gate(void **state UNUSED)
{
    return unlink(getenv("GATE"));
}

static void the_first_sigterm_lets_the_command_finish_and_takes_nothing_new(void **state UNUSED)
{
    pid_t worker = work_start_command(gate("echo begun; read x <$GATE; echo finished"));
    struct uuid id = installation_publish(work_queue, (struct execution_created){0}), later;

    WAIT_FOR(work_has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    later = installation_publish(work_queue, (struct execution_created){0});
    assert_int_equal(waitpid(worker, NULL, WNOHANG), 0);
    open_gate();
    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_true(work_has_printed(id, "finished"));
    assert_int_equal(work_end_of(worker), 0);
    assert_int_equal(work_status_count(later), 0);
}

static void the_second_sigterm_is_passed_on(void **state UNUSED)
{
    pid_t worker = work_start_command(
        gate("trap 'echo told; exit 4' TERM; echo begun; read x <$GATE; echo not reached"));
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    WAIT_FOR(work_has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    assert_int_equal(kill(worker, SIGINT), 0);
    work_assert_ended(id, STATUS_FAILED, 4, "exit code 4: the worker was told to stop");
    assert_int_equal(installation_final(id)->reason, REASON_WORKER_SHUTDOWN);
    work_assert_prints(id, STREAM_STDOUT, "begun\ntold");
    assert_int_equal(work_end_of(worker), 0);
}

static void the_third_sigterm_kills(void **state UNUSED)
{
    pid_t worker = work_start_command(gate("trap '' TERM; echo begun; read x <$GATE"));
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    WAIT_FOR(work_has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    assert_int_equal(kill(worker, SIGINT), 0);
    WAIT_FOR(work_has_printed(id, "sent SIGTERM"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    work_assert_ended(id, STATUS_FAILED, -1, "killed by SIGKILL: the worker was told to stop");
    assert_int_equal(work_end_of(worker), 0);
}

static void other_signals_are_passed_on(void **state UNUSED)
{
    pid_t worker =
        work_start_command(gate("trap 'echo told; exit 0' USR1; echo begun; read x <$GATE"));
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    WAIT_FOR(work_has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGUSR1), 0);
    work_assert_prints(id, STREAM_STDOUT, "begun\ntold");
    work_stop(worker);
}

static void a_worker_without_work_stops_at_once(void **state UNUSED)
{
    pid_t worker = work_start_command("true");
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    (void)installation_final(id);
    work_stop(worker);
}

static void a_worker_whose_name_is_taken_ends_when_its_command_has(void **state UNUSED)
{
    const char *const arguments[] = {"cronobs",
                                     "work",
                                     "--queue",
                                     work_queue,
                                     "--worker-instance",
                                     "i",
                                     "--concurrency",
                                     "1",
                                     "--",
                                     "sh",
                                     "-c",
                                     gate("echo begun; read x <$GATE; echo finished"),
                                     NULL};
    pid_t worker = work_start(arguments), other;
    struct uuid id = installation_publish(work_queue, (struct execution_created){0}), next;

    WAIT_FOR(work_has_printed(id, "begun"));
    other = work_start(arguments);
    next = installation_publish(work_queue, (struct execution_created){0});
    WAIT_FOR(work_has_printed(next, "begun")); /* by the other: the first has no place for it */
    open_gate();
    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    work_assert_ended(next, STATUS_SUCCEEDED, 0, NULL);
    assert_int_equal(work_end_of(worker), 75);
    work_stop(other);
}

static void more_commands_than_open_files_are_refused(void **state UNUSED)
{
    pid_t pid = fork();

    if (pid == 0) {
        const struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};

        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)execl(CRONOBS_PROGRAM, "cronobs", "work", "--concurrency", "1000", "true", NULL);
        _exit(99);
    }
    assert_int_equal(work_end_of(pid), 64);
}

static void commands_run_side_by_side(void **state UNUSED)
{
    struct uuid reads, writes;
    char command[128];

    (void)gate("");
    (void)snprintf(command, sizeof command, "read x <%s; echo $x", getenv("GATE"));
    reads = work_run(command);
    (void)snprintf(command, sizeof command, "echo met >%s", getenv("GATE"));
    writes = work_run(command);
    work_assert_ended(writes, STATUS_SUCCEEDED, 0, NULL);
    work_assert_prints(reads, STREAM_STDOUT, "met");
}

static void a_command_and_shell_exclude_each_other(void **state UNUSED)
{
    assert_int_equal(work_end_of(work_start((const char *const[]){"cronobs", "work", NULL})), 64);
    assert_int_equal(
        work_end_of(work_start((const char *const[]){"cronobs", "work", "--shell", "true", NULL})),
        64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_timeout_ends_the_command),
        cmocka_unit_test(what_was_stopped_for_its_limit_has_not_succeeded),
        cmocka_unit_test(a_command_that_does_not_listen_is_killed_with_all_that_it_started),
        cmocka_unit_test(a_stopped_command_leaves_nothing_of_its_group_behind),
        cmocka_unit_test_teardown(commands_run_side_by_side, remove_gate),
        cmocka_unit_test_setup_teardown(
            the_first_sigterm_lets_the_command_finish_and_takes_nothing_new, work_add_queue,
            remove_gate),
        cmocka_unit_test_setup_teardown(the_second_sigterm_is_passed_on, work_add_queue,
                                        remove_gate),
        cmocka_unit_test_setup_teardown(the_third_sigterm_kills, work_add_queue, remove_gate),
        cmocka_unit_test_setup_teardown(other_signals_are_passed_on, work_add_queue, remove_gate),
        cmocka_unit_test_setup(a_worker_without_work_stops_at_once, work_add_queue),
        cmocka_unit_test_setup_teardown(a_worker_whose_name_is_taken_ends_when_its_command_has,
                                        work_add_queue, remove_gate),
        cmocka_unit_test(more_commands_than_open_files_are_refused),
        cmocka_unit_test(a_command_and_shell_exclude_each_other),
    };

    return cmocka_run_group_tests(tests, work_begin, work_end);
}
