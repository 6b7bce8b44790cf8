/* cronobs work: commands whose executions are cancelled. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "work.h"

static struct uuid begun(const char *command)
{
    struct uuid id = work_run(command);

    WAIT_FOR(work_has_printed(id, "begun"));
    return id;
}

static void a_cancelled_command_is_stopped(void **state UNUSED)
{
    struct uuid id = begun("echo begun; exec sleep 60");

    installation_cancel(id);
    work_assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
    work_assert_prints(id, STREAM_LOG, "sent SIGTERM, SIGKILL follows in 300ms: it was cancelled");
}

/* It was cut off, and nobody can tell whether its work was done; what it answered is in the history. */
static void it_is_cancelled_whatever_it_answers(void **state UNUSED)
{
    struct uuid good = begun("trap 'echo bye; exit 0' TERM; echo begun; sleep 60 & wait");
    struct uuid bad = begun("trap 'exit 7' TERM; echo begun; sleep 60 & wait");

    installation_cancel(good);
    installation_cancel(bad);
    work_assert_ended(good, STATUS_CANCELLED, 0, "exit code 0: it was cancelled");
    work_assert_ended(bad, STATUS_CANCELLED, 7, "exit code 7: it was cancelled");
    work_assert_prints(good, STREAM_STDOUT, "begun\nbye");
}

static void one_that_does_not_listen_is_killed(void **state UNUSED)
{
    struct uuid id = begun("trap '' TERM; echo begun; sleep 60 & wait");

    installation_cancel(id);
    work_assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGKILL: it was cancelled");
}

static void what_it_started_goes_with_it(void **state UNUSED)
{
    struct uuid id =
        begun("(trap '' TERM; exec sleep 60) >/dev/null 2>&1 & echo $!; echo begun; wait");
    char path[64];

    installation_cancel(id);
    work_assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
    (void)snprintf(path, sizeof path, "/proc/%d/exe",
                   work_number(installation_lines(id, STREAM_STDOUT)));
    WAIT_FOR(access(path, F_OK) != 0);
}

static void a_cancellation_of_something_else_stops_nothing(void **state UNUSED)
{
    struct uuid id = begun("echo begun; sleep 0.5; echo whole");
    struct execution_signal other = {.execution_id = id,
                                     .task_id = installation_task_of(id),
                                     .attempt = 2,
                                     .signal = SIGNAL_CANCEL};

    installation_signal(&other);
    other.attempt = 1;
    other.task_id = uuid_random();
    installation_signal(&other);
    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_true(work_has_printed(id, "whole"));
}

static void a_cancellation_after_the_end_changes_nothing(void **state UNUSED)
{
    struct uuid id = work_run("echo done"), next;

    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    installation_cancel(id);
    next = begun("echo begun; exec sleep 60");
    installation_cancel(next); /* behind it in the topic */
    work_assert_ended(next, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
    assert_int_equal(work_status_count(id), 2);
}

/* The group has no part in it: the worker has left it by then. */
static void a_worker_that_is_told_to_stop_still_obeys(void **state UNUSED)
{
    pid_t worker = work_start_command("echo begun; exec sleep 60");
    struct uuid id = installation_publish(work_queue, (struct execution_created){0}), later;

    WAIT_FOR(work_has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    later = installation_publish(work_queue, (struct execution_created){0});
    installation_cancel(later);
    installation_cancel(id);
    work_assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
    assert_int_equal(work_end_of(worker), 0);
    assert_int_equal(work_status_count(later), 0);
}

static void what_was_cancelled_before_the_worker_came_is_not_begun(void **state UNUSED)
{
    struct uuid first = installation_publish(work_queue, (struct execution_created){0}), second;
    pid_t worker;

    installation_cancel(first);
    second = installation_publish(work_queue, (struct execution_created){0});
    worker = work_start_command("echo begun");
    work_assert_ended(second, STATUS_SUCCEEDED, 0, NULL);
    work_stop(worker);
    assert_int_equal(work_status_count(first), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_command_is_stopped),
        cmocka_unit_test(it_is_cancelled_whatever_it_answers),
        cmocka_unit_test(one_that_does_not_listen_is_killed),
        cmocka_unit_test(what_it_started_goes_with_it),
        cmocka_unit_test(a_cancellation_of_something_else_stops_nothing),
        cmocka_unit_test(a_cancellation_after_the_end_changes_nothing),
        cmocka_unit_test_setup(a_worker_that_is_told_to_stop_still_obeys, work_add_queue),
        cmocka_unit_test_setup(what_was_cancelled_before_the_worker_came_is_not_begun,
                               work_add_queue),
    };

    return cmocka_run_group_tests(tests, work_begin, work_end);
}
