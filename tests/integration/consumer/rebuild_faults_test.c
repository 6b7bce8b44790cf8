/*
 * `cronobs db rebuild` killed at each of its steps, and cut from the database: the live tables stay what they are, consumers
 * start, nothing is locked, and the next rebuild begins anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "consumer/rebuild.h"
#include "history.h"

enum { EXECUTIONS = 100 };

static char *fault_file;

static int set_up(void **state UNUSED)
{
    history_make(EXECUTIONS);
    fault_file = xasprintf("/tmp/cobs-fault-%d", (int)getpid());
    return 0;
}

static int tear_down(void **state UNUSED)
{
    (void)unlink(fault_file);
    free(fault_file);
    database_drop();
    history_end();
    return 0;
}

static void order(const char *what, const char *point)
{
    FILE *f = fopen(fault_file, "w");

    assert_non_null(f);
    (void)fprintf(f, "%s %s\n", what, point);
    (void)fclose(f);
}

static pid_t start_rebuild(const char *database)
{
    struct db_config config = history_db_config(database);
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)setenv("CRONOBS_FAULT_FILE", fault_file, 1);
    config.batch_records = 300;
    _exit(rc_exit_code(db_rebuild(&config, fopen("/dev/null", "w"), NULL)));
}

static char *total_of(const char *database)
{
    SCOPED(text) char *verified = history_db(db_verify, database, RC_OK);

    return xstrdup(strstr(verified, "total "));
}

/* A consumer can start, store and stop. */
static void expect_a_consumer_goes_on(const char *database)
{
    struct message last = {"commands", 0, 0, 0, {"k", 1}, {"no record", 9}};
    const struct random_log one = {&last, 1, 1};
    struct history_consumer *r;

    r = history_start("c1", database, 20000);
    history_publish(&one);
    history_records++;
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
}

static const char *const steps[] = {"rebuild.begun",   "batch.offsets",    "batch.rows",
                                    "batch.committed", "rebuild.replayed", "rebuild.frozen",
                                    "rebuild.swap",    "rebuild.swapped"};

static void leaves_what_was_there_when_it_is_killed_at_any_step(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);

    (void)first;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        SCOPED(text) char *before = total_of(database);
        SCOPED(text) char *after = NULL;
        int status = 0;
        pid_t pid;

        order("kill", steps[i]);
        pid = start_rebuild(database);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFSIGNALED(status))
            print_message("not killed at %s: %d\n", steps[i], status);
        assert_true(WIFSIGNALED(status));
        after = total_of(database);
        assert_string_equal(before, after);
        expect_a_consumer_goes_on(database);
    }
    {
        SCOPED(text) char *again = history_db(db_rebuild, database, RC_OK);

        assert_non_null(strstr(again, "digest equal"));
    }
    assert_string_equal(
        database_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cronobs%'"), "1");
}

/* Stopped there, its sessions end: as when the database was killed, or the network went. */
static void leaves_what_was_there_when_the_database_goes_at_any_step(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);

    (void)first;
    for (size_t i = 0; i + 1 < ARRAY_LEN(steps); i++) {
        SCOPED(text) char *before = total_of(database);
        SCOPED(text) char *after = NULL;
        int status = 0;
        pid_t pid;

        order("stop", steps[i]);
        pid = start_rebuild(database);
        assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
        assert_true(WIFSTOPPED(status));
        (void)database_scalar(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'cronobs db rebuild' AND datname = current_database()");
        (void)kill(pid, SIGCONT);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 0)
            print_message("went well at %s\n", steps[i]);
        assert_int_not_equal(WEXITSTATUS(status), 0);
        after = total_of(database);
        assert_string_equal(before, after);
        assert_string_equal(
            database_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cronobs%'"),
            "1");
        expect_a_consumer_goes_on(database);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(leaves_what_was_there_when_it_is_killed_at_any_step,
                                  history_settle),
        cmocka_unit_test_teardown(leaves_what_was_there_when_the_database_goes_at_any_step,
                                  history_settle),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
