/*
 * `cronobs db rebuild`: beside live tables, whatever happens; what is lost is told, never silently taken.
 */
#include "consumer/rebuild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "history.h"
#include "store/rebuild.h"

enum { EXECUTIONS = 200 };

static int set_up(void **state UNUSED)
{
    history_make(EXECUTIONS);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    database_drop();
    history_end();
    return 0;
}

/* The total line that `db verify` prints, owned. */
static char *total_of(const char *database)
{
    SCOPED(text) char *verified = history_db(db_verify, database, RC_OK);

    return xstrdup(strstr(verified, "total "));
}

static void expect_no_other_schema(void)
{
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname LIKE 'cronobs%'"),
        "cronobs");
}

static void expect_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        /* of any length */
        (void)fprintf(stderr, "no '%s' in '%s' (%s)\n", part, text, test_error.text);
    assert_non_null(strstr(text, part));
}

/* --- what comes out --- */

static void rebuilds_an_emptied_database_to_the_same_digest(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *from_nothing = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *total = total_of(database);
    SCOPED(text) char *again = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *same = total_of(database);

    expect_text(from_nothing, "the tables are empty");
    expect_text(again, "digest equal");
    assert_string_equal(total, same);
    expect_no_other_schema();
}

static void gives_what_a_consumer_gives(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *rebuilt = NULL;
    struct history_consumer *r;

    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    rebuilt = history_db(db_rebuild, database, RC_OK);
    expect_text(rebuilt, "digest equal");
}

static void says_which_table_differs_after_a_rebuild(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *second = NULL;
    SCOPED(text) char *third = NULL;

    (void)first;
    database_exec(
        "UPDATE cronobs.command SET message = 'tampered' WHERE (command_id, task_id) = (SELECT command_id, task_id FROM cronobs.command LIMIT 1)");
    second = history_db(db_rebuild, database, RC_CONFLICT);
    expect_text(second, "differs: command ");
    expect_text(second, "command: 0 rows missing, 1 otherwise");
    assert_null(strstr(second, "differs: task "));
    third = history_db(db_rebuild, database, RC_OK);
    expect_text(third, "digest equal");
}

static void keeps_rows_that_the_topics_do_not_know_unless_told(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *refused = NULL;
    SCOPED(text) char *accepted = NULL;
    struct db_config config = history_db_config(database);

    (void)first;
    database_exec(
        "INSERT INTO cronobs.command (command_id, task_id)"
        " VALUES ('11111111-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111')");
    refused = history_db(db_rebuild, database, RC_CONFLICT);
    expect_text(refused, "command: 1 rows missing, 0 otherwise");
    expect_text(test_error.text, "nothing was changed");
    expect_text(test_error.hint, "--accept-loss");
    assert_string_equal(database_scalar("SELECT count(*) FROM cronobs.command WHERE"
                                        " command_id = '11111111-1111-4111-8111-111111111111'"),
                        "1");
    expect_no_other_schema();
    config.accept_loss = true;
    accepted = history_run(db_rebuild, &config, RC_OK);
    expect_text(accepted, "the rebuilt tables are live");
    assert_string_equal(database_scalar("SELECT count(*) FROM cronobs.command WHERE"
                                        " command_id = '11111111-1111-4111-8111-111111111111'"),
                        "0");
}

static void reads_what_an_older_release_could_not(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *second = NULL;
    SCOPED(text) char *refused = NULL;

    (void)first;
    database_exec(
        "INSERT INTO cronobs.dead_letter (topic, part, kafka_offset, reason)"
        " VALUES ('logs', 1, 3, 'newer schema')");
    second = history_db(db_rebuild, database, RC_CONFLICT);
    expect_text(second, "differs: dead_letter ");
    expect_text(second, "the rebuilt tables are live");
    assert_string_equal(
        database_scalar("SELECT count(*) FROM cronobs.dead_letter WHERE reason = 'newer schema'"),
        "0");
    database_exec(
        "INSERT INTO cronobs.dead_letter (topic, part, kafka_offset, reason)"
        " VALUES ('logs', 1, 3, 'undecodable')");
    refused = history_db(db_rebuild, database, RC_CONFLICT);
    expect_text(refused, "dead_letter: 1 rows missing, 0 otherwise");
    expect_text(test_error.text, "nothing was changed");
}

static void changes_nothing_when_the_expected_total_does_not_come_out(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *refused = NULL;
    struct db_config config = history_db_config(database);

    config.expect = "0123";
    refused = history_run(db_rebuild, &config, RC_CONFLICT);
    expect_text(test_error.text, "not the expected 0123");
    assert_string_equal(database_scalar("SELECT count(*) FROM cronobs.execution"), "0");
    expect_no_other_schema();
}

/* --- who else is there --- */

static void goes_on_beside_a_living_consumer(void **state UNUSED)
{
    struct message last = {"commands", 0, 0, 0, {"k", 1}, {"no record", 9}};
    const struct random_log one = {&last, 1, 1};
    const char *database = database_create(true);
    struct history_consumer *r;

    database_exec(
        "SET search_path = cronobs; SELECT ensure_partition('execution_heartbeat', '2025-11-13');"
        "INSERT INTO execution_heartbeat (execution_id, task_id, received_at, attempt)"
        " VALUES (uuid_floor('2025-11-13'), uuid_floor('2025-11-13'), '2025-11-13', 7); RESET search_path");
    r = history_start("c1", database, 100);
    WAIT_FOR((usleep(1000), history_position_sum() > 0));
    for (int i = 0; i < 3; i++) {
        SCOPED(text) char *rebuilt = history_db(db_rebuild, database, RC_OK);

        expect_text(rebuilt, "digest equal");
        history_publish(&one);
        history_records++;
    }
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    {
        SCOPED(text) char *rebuilt = history_db(db_rebuild, database, RC_OK);

        expect_text(rebuilt, "digest equal");
    }
    assert_string_equal(database_scalar("SELECT attempt FROM cronobs.execution_heartbeat"), "7");
    expect_no_other_schema();
}

static void makes_leaves_in_the_tables_that_took_the_place(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *rebuilt = history_db(db_rebuild, database, RC_OK);
    SCOPED(store) struct store *s = database_open(STORE_AS_WRITER);

    (void)rebuilt;
    MUST(store_exec(
        s,
        "SELECT ensure_partition('execution', '2031-05-05'), ensure_partition('log_batch', '2031-05-05')",
        &test_error));
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(c.oid::regclass::text, ',' ORDER BY c.relname) FROM pg_class c"
            " WHERE relispartition AND relkind = 'r' AND relname LIKE '%2031%'"),
        "execution_203105,log_batch_20310505");
    assert_string_equal(
        database_scalar("SELECT count(*) FROM pg_proc WHERE prosrc LIKE '%cronobs_rebuild%'"
                        " OR proconfig::text LIKE '%cronobs_rebuild%'"),
        "0");
}

static void passes_over_leaves_that_are_made_no_more(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *second = NULL;

    (void)first;
    database_exec(
        "CREATE TABLE cronobs.execution_210501 PARTITION OF cronobs.execution FOR VALUES FROM"
        " ('03e07c52-0000-0000-0000-000000000000') TO ('03e0ab00-0000-0000-0000-000000000000')");
    second = history_db(db_rebuild, database, RC_OK);
    expect_text(second, "digest equal");
}

static void two_at_once_are_one(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *refused = NULL;
    SCOPED(store) struct store *other = database_open(STORE_AS_LOGIN);

    MUST(store_rebuild_lock(other, &test_error));
    refused = history_db(db_rebuild, database, RC_CONFLICT);
    expect_text(test_error.text, "another rebuild");
}

static void drops_what_an_earlier_one_left(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = NULL;

    first = history_db(db_rebuild, database, RC_OK);
    database_exec(
        "CREATE SCHEMA cronobs_rebuild AUTHORIZATION cronobs_owner; CREATE SCHEMA cronobs_replaced AUTHORIZATION cronobs_owner;"
        "CREATE TABLE cronobs_rebuild.task (x int); CREATE TABLE cronobs_replaced.task (x int)");
    {
        SCOPED(text) char *again = history_db(db_rebuild, database, RC_OK);

        expect_text(again, "digest equal");
    }
    expect_no_other_schema();
}

/* --- what is not ours --- */

static void refuses_to_lose_what_others_hung_on_the_tables(void **state UNUSED)
{
    static const char *const others[][3] = {
        {"CREATE VIEW public.mine AS SELECT * FROM cronobs.task", "view public.mine",
         "DROP VIEW public.mine"},
        {"CREATE VIEW cronobs.mine AS SELECT 1", "view mine", "DROP VIEW cronobs.mine"},
        {"CREATE TABLE cronobs.mine (x int)", "table mine", "DROP TABLE cronobs.mine"},
        {"CREATE INDEX mine ON cronobs.task (title)", "index mine", "DROP INDEX cronobs.mine"},
        {"CREATE TABLE public.mine (t uuid REFERENCES cronobs.task)", "foreign key mine_t_fkey",
         "DROP TABLE public.mine"},
        {"CREATE PUBLICATION mine FOR TABLE cronobs.task", "publication mine",
         "DROP PUBLICATION mine"},
        {"CREATE PUBLICATION mine FOR TABLES IN SCHEMA cronobs", "publication mine",
         "DROP PUBLICATION mine"},
        {"CREATE POLICY mine ON cronobs.task USING (true)", "policy mine of task",
         "DROP POLICY mine ON cronobs.task"},
        {"GRANT SELECT (title) ON cronobs.task TO cronobs_writer", "rights on column title of task",
         "REVOKE SELECT (title) ON cronobs.task FROM cronobs_writer"},
        {"CREATE FUNCTION cronobs.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function mine()",
         "DROP FUNCTION cronobs.mine()"},
        {"CREATE VIEW public.mine AS SELECT cronobs.uuid_time(gen_random_uuid())", "on public.mine",
         "DROP VIEW public.mine"},
        {"CREATE TABLE public.mine (t cronobs.task)", "public.mine.t", "DROP TABLE public.mine"},
    };
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);

    (void)first;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        SCOPED(text) char *refused = NULL;

        database_exec(others[i][0]);
        refused = history_db(db_rebuild, database, RC_CONFLICT);
        expect_text(test_error.text, others[i][1]);
        database_exec(others[i][2]);
    }
    expect_no_other_schema();
}

static void keeps_rights_that_were_given_by_hand(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *second = NULL;

    (void)first;
    database_exec(
        "DO $$ BEGIN CREATE ROLE \"cobs Guest\"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "GRANT USAGE ON SCHEMA cronobs TO \"cobs Guest\"; GRANT SELECT ON cronobs.task TO \"cobs Guest\";"
        "GRANT SELECT ON cronobs.log_line TO PUBLIC;"
        "ALTER DEFAULT PRIVILEGES FOR ROLE cronobs_owner IN SCHEMA cronobs GRANT SELECT ON TABLES TO \"cobs Guest\"");
    second = history_db(db_rebuild, database, RC_OK);
    expect_text(second, "digest equal");
    assert_string_equal(
        database_scalar(
            "SELECT concat_ws(' ', has_schema_privilege('cobs Guest', 'cronobs', 'USAGE'),"
            " has_table_privilege('cobs Guest', 'cronobs.task', 'SELECT'), has_table_privilege('cobs Guest', 'cronobs.task', 'INSERT'),"
            " has_table_privilege('public', 'cronobs.log_line', 'SELECT'), bool_and(has_table_privilege('cobs Guest', oid, 'SELECT')))"
            " FROM pg_class WHERE relnamespace = 'cronobs'::regnamespace AND relispartition AND relkind = 'r'"),
        "t t f t t");
    database_exec("DROP OWNED BY \"cobs Guest\"");
}

/* --- as of an instant --- */

static void stands_where_the_past_ends(void **state UNUSED)
{
    const char *database = database_create(false);
    struct db_config config = history_db_config(database);
    SCOPED(text) char *live = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *past = NULL;

    (void)live;
    config.schema = "past";
    config.until = strtoll(
        database_scalar(
            "SELECT (extract(epoch FROM max(received_at)) * 1000000)::bigint FROM cronobs.execution_event"
            " WHERE received_at < (SELECT max(received_at) FROM cronobs.execution_event)"),
        NULL, 10);
    past = history_run(db_rebuild, &config, RC_OK);
    assert_string_equal(
        database_scalar(
            "SELECT concat_ws(' ', count(*) > 0, bool_and(e.kafka_offset >= k.next_offset)) FROM past.kafka_offset k"
            " JOIN cronobs.execution_event e ON e.kafka_partition = k.part WHERE k.topic = 'status'"
            " AND e.received_at > (SELECT max(received_at) FROM past.execution_event)"),
        "t t");
}

/* --- what is lost (last: these change the topics) --- */

static char *lost_ranges(void)
{
    return xstrdup(database_scalar(
        "SELECT string_agg(concat_ws('|', topic, part, from_offset, to_offset), ' ' ORDER BY topic, part) FROM cronobs.lost_range"));
}

static void carries_log_lines_over_that_retention_took(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *total = total_of(database);
    SCOPED(text) char *second = NULL;
    SCOPED(text) char *same = NULL;

    (void)first;
    broker_delete_before(broker_topic("logs"), 1, 20);
    second = history_db(db_rebuild, database, RC_OK);
    expect_text(second, "logs[1] begins at 20");
    expect_text(second, "carried over");
    expect_text(second, "digest equal");
    same = total_of(database);
    assert_string_equal(total, same);
}

static const struct {
    const char *topic;
    int part;
    int64_t before;
    const char *table; /* that knows less */
} losses[] = {
    {"commands", 0, 3, "command: "},
    {"tasks", 1, 3, "task_revision: "},
    {"executions.default", 2, 3, "execution: "},
    {"status", 3, 40, "execution_event: "},
};

static void loses_nothing_that_the_tables_know_unless_told(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *first = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *total = total_of(database);
    struct db_config config = history_db_config(database);

    (void)first;
    for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
        SCOPED(text) char *refused = NULL;
        SCOPED(text) char *same = NULL;
        SCOPED(text)
        char *words = xasprintf("%s[%d] begins at %jd", losses[i].topic, losses[i].part,
                                (intmax_t)losses[i].before);

        broker_delete_before(broker_topic(losses[i].topic), losses[i].part, losses[i].before);
        refused = history_db(db_rebuild, database, RC_CONFLICT);
        expect_text(refused, words);
        expect_text(refused, losses[i].table);
        expect_text(test_error.hint, "--accept-loss");
        same = total_of(database);
        assert_string_equal(total, same);
        expect_no_other_schema();
    }
    config.accept_loss = true;
    {
        SCOPED(text) char *accepted = history_run(db_rebuild, &config, RC_OK);
        SCOPED(text) char *again = history_db(db_rebuild, database, RC_OK);
        SCOPED(text) char *ranges = lost_ranges();

        expect_text(accepted, "the rebuilt tables are live");
        expect_text(again, "digest equal");
        assert_string_equal(
            ranges,
            "commands|0|0|3 executions.default|2|0|3 logs|1|0|20 status|3|0|40 tasks|1|0|3");
    }
}

static void begins_at_what_is_there_in_an_empty_database(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *rebuilt = history_db(db_rebuild, database, RC_OK);
    SCOPED(text) char *verified = history_db(db_verify, database, RC_OK);
    SCOPED(text) char *ranges = lost_ranges();
    struct history_consumer *r;

    expect_text(rebuilt, "status[3] begins at 40: what was before is lost");
    expect_text(verified, "lost status[3] 0 40\n");
    expect_text(verified, "lost logs[1] 0 20\n");
    assert_string_equal(
        ranges, "commands|0|0|3 executions.default|2|0|3 logs|1|0|20 status|3|0|40 tasks|1|0|3");
    r = history_start("c1", database, 20000);
    WAIT_FOR(
        (usleep(20000),
         *database_scalar(
             "SELECT bool_and(owner = 'c1') FROM cronobs.kafka_offset WHERE topic = 'status'") ==
             't'));
    assert_int_equal(history_stop(r), RC_OK);
}

static void frees_partitions_that_stood_before_what_is_gone(void **state UNUSED)
{
    const char *database = database_create(true);
    SCOPED(text) char *rebuilt = NULL;
    struct db_config config = history_db_config(database);
    struct history_consumer *r;

    r = history_start("c1", database, 20000);
    WAIT_FOR(
        (usleep(20000),
         *database_scalar(
             "SELECT count(*) = 4 FROM cronobs.kafka_offset WHERE stands IS NOT NULL") == 't'));
    assert_int_equal(history_stop(r), RC_OK);
    config.accept_loss = true;
    rebuilt = history_run(db_rebuild, &config, RC_OK);
    expect_text(rebuilt, "the rebuilt tables are live");
    r = history_start("c1", database, 20000);
    WAIT_FOR((usleep(20000), history_position_sum() == history_records));
    assert_int_equal(history_stop(r), RC_OK);
    assert_string_equal(
        database_scalar("SELECT count(*) FROM cronobs.kafka_offset WHERE stands IS NOT NULL"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rebuilds_an_emptied_database_to_the_same_digest, history_settle),
        cmocka_unit_test_teardown(gives_what_a_consumer_gives, history_settle),
        cmocka_unit_test_teardown(says_which_table_differs_after_a_rebuild, history_settle),
        cmocka_unit_test_teardown(keeps_rows_that_the_topics_do_not_know_unless_told,
                                  history_settle),
        cmocka_unit_test_teardown(reads_what_an_older_release_could_not, history_settle),
        cmocka_unit_test_teardown(changes_nothing_when_the_expected_total_does_not_come_out,
                                  history_settle),
        cmocka_unit_test_teardown(goes_on_beside_a_living_consumer, history_settle),
        cmocka_unit_test_teardown(makes_leaves_in_the_tables_that_took_the_place, history_settle),
        cmocka_unit_test_teardown(passes_over_leaves_that_are_made_no_more, history_settle),
        cmocka_unit_test_teardown(two_at_once_are_one, history_settle),
        cmocka_unit_test_teardown(drops_what_an_earlier_one_left, history_settle),
        cmocka_unit_test_teardown(refuses_to_lose_what_others_hung_on_the_tables, history_settle),
        cmocka_unit_test_teardown(keeps_rights_that_were_given_by_hand, history_settle),
        cmocka_unit_test_teardown(stands_where_the_past_ends, history_settle),
        cmocka_unit_test_teardown(carries_log_lines_over_that_retention_took, history_settle),
        cmocka_unit_test_teardown(loses_nothing_that_the_tables_know_unless_told, history_settle),
        cmocka_unit_test_teardown(begins_at_what_is_there_in_an_empty_database, history_settle),
        cmocka_unit_test_teardown(frees_partitions_that_stood_before_what_is_gone, history_settle),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
