/* cronobs work --heartbeat: how far commands are. */
#include <stdlib.h>

#include "work.h"

static pid_t work_with_heartbeat(const char *script)
{
    return work_start((const char *const[]){"cronobs", "work", "--queue", work_queue,
                                            "--concurrency", "1", "--heartbeat", "--", "sh", "-c",
                                            script, NULL});
}

static const struct heartbeat *last_of(struct uuid id)
{
    return installation_history(id)->heartbeat;
}

static void what_a_command_says_on_its_descriptor_is_told(void **state UNUSED)
{
    pid_t worker =
        work_with_heartbeat("echo '40% loading' >&$CRONOBS_PROGRESS_FD; echo begun; exec sleep 60");
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    WAIT_FOR(last_of(id) != NULL);
    assert_int_equal(last_of(id)->progress.value, 40);
    assert_string_equal(last_of(id)->message, "loading");
    assert_int_equal(last_of(id)->attempt, 1);
    installation_cancel(id);
    work_assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
    work_stop(worker);
}

/* However much it says, and whoever holds the descriptor after it. */
static void its_last_word_is_told_and_nobody_waits_for_more(void **state UNUSED)
{
    pid_t worker = work_with_heartbeat(
        "i=0; while [ $i -lt 5000 ]; do echo $((i / 50)) step $i >&3; i=$((i + 1)); done; "
        "sleep 20 >/dev/null 2>&1 </dev/null & printf '100 done' >&3");
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});

    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    WAIT_FOR(last_of(id) != NULL && last_of(id)->progress.value == 100);
    assert_string_equal(last_of(id)->message, "done");
    assert_true(installation_history(id)->heartbeat_count < 30);
    work_stop(worker);
}

/* Whoever is not asked finds no descriptor that it did not expect. */
static void without_the_option_there_is_no_descriptor(void **state UNUSED)
{
    struct uuid id =
        work_run("echo \"fd=$CRONOBS_PROGRESS_FD\"; { echo 40 >&3; } 2>/dev/null || echo closed");

    WAIT_FOR(work_has_printed(id, "closed"));
    assert_true(work_has_printed(id, "fd=\n"));
    (void)installation_final(id);
    assert_int_equal(installation_history(id)->heartbeat_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_a_command_says_on_its_descriptor_is_told, work_add_queue),
        cmocka_unit_test_setup(its_last_word_is_told_and_nobody_waits_for_more, work_add_queue),
        cmocka_unit_test(without_the_option_there_is_no_descriptor),
    };

    return cmocka_run_group_tests(tests, work_begin, work_end);
}
