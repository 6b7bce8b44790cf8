/*
 * The consumer, from real topics into a real database: exactly once through whatever happens to its connections.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/topics.h"
#include "history.h"

enum { EXECUTIONS = 200 };

static char *right_total; /* of the digest, once it is known */

static int set_up(void **state UNUSED)
{
    history_make(EXECUTIONS);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    database_drop();
    history_end();
    free(right_total);
    return 0;
}

static void expect_the_right_total(const char *verified)
{
    const char *total = strstr(verified, "total ");

    assert_non_null(total);
    if (right_total == NULL)
        right_total = xstrdup(total);
    assert_string_equal(total, right_total);
}

/* --- the tests --- */

static void projects_every_topic_exactly_once(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct history_consumer *r;

    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    verified = history_db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

/* Cuts the consumer's connection whenever it has got on a little; true when it has read all. */
static bool cut_now_and_then(int64_t *seen, int *cuts)
{
    static const char cut[] =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'c1' AND datname = current_database()";
    int64_t now = history_position_sum();

    if (now > *seen + 60 && now < history_records) {
        *seen = now;
        *cuts += (int)strtol(database_scalar(cut), NULL, 10);
    }
    return now == history_records;
}

static void gives_the_same_tables_through_small_batches_and_broken_connections(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct history_consumer *r;
    int64_t seen = 0;
    int cuts = 0;

    r = history_start("c1", database, 17);
    WAIT_FOR((usleep(1000), cut_now_and_then(&seen, &cuts)));
    assert_int_equal(history_stop(r), RC_OK);
    assert_true(cuts > 3);
    print_message("connections cut: %d\n", cuts);
    verified = history_db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

/* A consumer as a process; in builds with crash points it carries out the order in the file. */
static pid_t start_process(const char *database, const char *fault_file)
{
    const volatile sig_atomic_t never = 0;
    const struct consumer_config config = {
        .brokers = broker_address(),
        .database = database,
        .instance = "c1",
        .topic_prefix = broker_prefix(),
        .partitions = RANDOM_LOG_PARTITIONS,
        .session_timeout_ms = 6000,
        .batch_records = 23,
    };
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1); /* a test that fails leaves nothing behind */
    (void)setenv("CRONOBS_FAULT_FILE", fault_file, 1);
    _exit(rc_exit_code(consumer_run(&config, &never, NULL)));
}

static void order(const char *fault_file, const char *point)
{
    FILE *f = fopen(fault_file, "w");

    assert_non_null(f);
    (void)fprintf(f, "kill %s\n", point);
    (void)fclose(f);
}

/* Until the process has been killed at its crash point, or here once it has got on. */
static void kill_process(pid_t pid, int64_t seen)
{
    int status = 0;

    WAIT_FOR((usleep(1000), waitpid(pid, &status, WNOHANG) == pid ||
                                (history_position_sum() > seen + 100 && kill(pid, SIGKILL) == 0 &&
                                 waitpid(pid, &status, 0) == pid)));
    assert_true(WIFSIGNALED(status));
}

static void gives_the_same_tables_through_kills_between_offsets_rows_and_commit(void **state UNUSED)
{
    static const char *const points[] = {"batch.offsets", "batch.rows", "batch.committed"};
    const char *database = database_create(true);
    SCOPED(text) char *fault_file = xasprintf("/tmp/cobs-fault-%d", (int)getpid());
    SCOPED(text) char *verified = NULL;
    struct history_consumer *r;

    for (size_t i = 0; i < 12; i++) {
        order(fault_file, points[i % ARRAY_LEN(points)]);
        kill_process(start_process(database, fault_file), history_position_sum());
    }
    (void)unlink(fault_file);
    r = history_start("c1", database, 500);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    verified = history_db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

static void gives_the_same_tables_when_consumers_come_and_go(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *verified = NULL;
    struct history_consumer *a, *b;

    a = history_start("c1", database, 7);
    b = history_start("c2", database, 11);
    WAIT_FOR((usleep(20000), history_position_sum() > history_records / 4));
    assert_int_equal(history_stop(a), RC_OK);
    a = history_start("c1", database, 5);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(a), RC_OK);
    assert_int_equal(history_stop(b), RC_OK);
    verified = history_db(db_verify, database, RC_OK);
    expect_the_right_total(verified);
}

static void goes_on_when_a_queue_is_deleted(void **state UNUSED)
{
    static const char reassigned[] =
        "SELECT (SELECT min(epoch) FROM cronobs.kafka_offset WHERE topic = 'status') >"
        " (SELECT max(epoch) FROM cronobs.kafka_offset WHERE topic = 'executions.gone')";
    struct message last = {"commands", 0, 0, 0, {"k", 1}, {"no record", 9}};
    struct random_log one = {&last, 1, 1};
    const char *database = database_create(true);
    struct history_consumer *r;

    {
        SCOPED(bus) struct bus *bus = broker_bus("maker");
        SCOPED(bus_admin) struct bus_admin *admin = NULL;

        MUST(bus_admin_new(bus, &admin, &test_error));
        MUST(topics_create_queue(admin, broker_prefix(), RANDOM_LOG_PARTITIONS, 0, "gone",
                                 &test_error));
    }
    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_string_equal(
        database_scalar(
            "SELECT count(*) FROM cronobs.kafka_offset WHERE topic = 'executions.gone'"),
        "4");
    database_exec(
        "UPDATE cronobs.kafka_offset SET epoch = (SELECT max(epoch) FROM cronobs.kafka_offset)");
    broker_delete_topic(broker_topic("executions.gone"));
    history_publish(&one);
    history_records++;
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    WAIT_FOR((usleep(20000), *database_scalar(reassigned) == 't'));
    history_publish(&one);
    history_records++;
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
}

/* The last two: they change the topics. */
static void records_log_lines_that_retention_took_and_goes_on(void **state UNUSED)
{
    const char *database = database_create(true);
    struct history_consumer *r;

    broker_delete_before(broker_topic("logs"), 1, 20);
    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(concat_ws('|', topic, part, from_offset, to_offset), ',') FROM cronobs.lost_range"),
        "logs|1|0|20");
}

static void a_position_that_is_lost_stands_and_the_others_are_read(void **state UNUSED)
{
    static const char stands[] =
        "SELECT coalesce(string_agg(concat_ws('|', topic, part, next_offset, stands LIKE '%status[2]%'), ','), '')"
        " FROM cronobs.kafka_offset WHERE stands IS NOT NULL";
    static const char read[] =
        "SELECT count(*) FROM cronobs.kafka_offset WHERE topic = 'status' AND next_offset > 0";
    const char *database = database_create(true);
    struct history_consumer *r;

    broker_delete_before(broker_topic("status"), 2, 5);
    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), strcmp(database_scalar(stands), "status|2|0|t") == 0));
    WAIT_FOR((usleep(20000), strtol(database_scalar(read), NULL, 10) == RANDOM_LOG_PARTITIONS - 1));
    assert_int_equal(history_stop(r), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(projects_every_topic_exactly_once, history_settle),
        cmocka_unit_test_teardown(
            gives_the_same_tables_through_small_batches_and_broken_connections, history_settle),
        cmocka_unit_test_teardown(
            gives_the_same_tables_through_kills_between_offsets_rows_and_commit, history_settle),
        cmocka_unit_test_teardown(gives_the_same_tables_when_consumers_come_and_go, history_settle),
        cmocka_unit_test_teardown(goes_on_when_a_queue_is_deleted, history_settle),
        cmocka_unit_test_teardown(records_log_lines_that_retention_took_and_goes_on,
                                  history_settle),
        cmocka_unit_test_teardown(a_position_that_is_lost_stands_and_the_others_are_read,
                                  history_settle),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
