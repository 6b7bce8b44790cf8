#include "store/migrate.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/digest.h"
#include "store/search_index.h"
#include "store/sql_texts.h"
#include "store/write.h"
#include "support/broker.h"
#include "support/database.h"

static int drop(void **state UNUSED)
{
    database_drop();
    return 0;
}

static void count(void *ctx, int version UNUSED, const char *name UNUSED)
{
    ++*(int *)ctx;
}

static void applies_each_migration_once(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;
    int applied = 0;

    (void)database_create(false);
    s = database_open(STORE_AS_LOGIN);
    assert_int_equal(store_check_schema(s, &test_error), RC_FATAL);
    assert_non_null(strstr(test_error.text, "cronobs db migrate"));
    MUST(store_migrate(s, count, &applied, &test_error));
    assert_int_equal(applied, sql_text_count);
    MUST(store_migrate(s, count, &applied, &test_error));
    assert_int_equal(applied, sql_text_count);
    MUST(store_check_schema(s, &test_error));
    assert_string_equal(
        database_scalar("SELECT count(*) = max(version) FROM cronobs.schema_migration"), "t");
}

static void *migrate_in_a_thread(void *arg)
{
    struct error err;
    SCOPED(store) struct store *s = NULL;
    const struct store_config config = {.database = arg, .application = "test"};

    if (store_open(&config, &s, &err) != RC_OK || store_migrate(s, NULL, NULL, &err) != RC_OK)
        return xasprintf("%s", err.text);
    return NULL;
}

static void lets_several_migrate_at_once(void **state UNUSED)
{
    const char *database = database_create(false);
    pthread_t threads[4];

    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, migrate_in_a_thread, (void *)(uintptr_t)database), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        if (failed != NULL)
            print_error("%s\n", (char *)failed);
        assert_null(failed);
    }
}

static void refuses_a_migration_that_was_edited_after_it_was_applied(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;

    (void)database_create(true);
    database_exec("UPDATE cronobs.schema_migration SET checksum = 'other' WHERE version = 2");
    s = database_open(STORE_AS_LOGIN);
    assert_int_equal(store_migrate(s, NULL, NULL, &test_error), RC_FATAL);
    assert_non_null(strstr(test_error.text, "0002"));
    assert_int_equal(store_check_schema(s, &test_error), RC_FATAL);
}

static void refuses_a_database_that_is_newer_than_the_program(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;

    (void)database_create(true);
    database_exec("INSERT INTO cronobs.schema_migration VALUES (9999, 'future', 'x')");
    s = database_open(STORE_AS_LOGIN);
    assert_int_equal(store_check_schema(s, &test_error), RC_FATAL);
    assert_non_null(strstr(test_error.text, "newer program"));
}

static void creates_a_database_that_is_not_there(void **state UNUSED)
{
    const char *database = database_create(false);
    SCOPED(text) char *other = xasprintf("%s_more", database);
    const struct store_config config = {.database = other, .application = "test"};
    SCOPED(store) struct store *s = NULL;
    SCOPED(text) char *sql = NULL;

    assert_int_equal(store_open(&config, &s, &test_error), RC_NOT_FOUND);
    MUST(store_create_database(other, &test_error));
    MUST(store_create_database(other, &test_error)); /* there already: fine */
    MUST(store_open(&config, &s, &test_error));
    store_free(TAKE(s));
    sql = xasprintf("DROP DATABASE %s WITH (FORCE)", strrchr(other, '=') + 1);
    database_exec(sql);
}

/* --- the index of searches --- */

static const char search_plan[] =
    "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'task_search' AND i.indisvalid"
    " AND pg_get_userbyid(c.relowner) = 'cronobs_owner'";

static void makes_the_index_of_searches_where_it_may(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;

    (void)database_create(true);
    s = database_open(STORE_AS_LOGIN);
    assert_null(store_search_index(s));
    assert_null(store_search_index(s)); /* there already */
    assert_string_equal(database_scalar(search_plan), "1");
    /* not in our schema, which a rebuild replaces */
    assert_string_equal(
        database_scalar(
            "SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm'"),
        "public");
}

static void does_without_the_index_where_the_extension_is_refused(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;
    SCOPED(text) char *why = NULL;

    (void)database_create(true);
    database_exec(
        "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'extensions are not wanted here'; END $$;"
        "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION')"
        " EXECUTE FUNCTION public.refuse()");
    s = database_open(STORE_AS_LOGIN);
    why = store_search_index(s);
    assert_non_null(why);
    assert_non_null(strstr(why, "extensions are not wanted here"));
    MUST(store_check_schema(s, &test_error)); /* and the rest is whole */
    database_exec(
        "DROP EVENT TRIGGER refuse; CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO PUBLIC; CREATE EXTENSION pg_trgm SCHEMA elsewhere");
    assert_null(store_search_index(s));
    assert_string_equal(database_scalar(search_plan), "1");
}

static void shows_labels_as_a_text(void **state UNUSED)
{
    (void)database_create(true);
    database_exec(
        "INSERT INTO cronobs.task (task_id, revision, state, received_at, project, key, title, labels, spec) VALUES"
        " (gen_random_uuid(), 1, 0, now(), 'p', 'Ledger', 'Äs 1', '{\"team\": \"Core\", \"a\": \"b:c\"}', '{}'),"
        " (gen_random_uuid(), 1, 0, now(), 'p', 'Bare', NULL, NULL, '{}')");
    assert_string_equal(database_scalar("SELECT search FROM cronobs.task WHERE key = 'Bare'"),
                        "bare\n\n");
    assert_string_equal(
        database_scalar(
            "SELECT search LIKE E'ledger\n%s 1\na:b:c\nteam:core' FROM cronobs.task WHERE key = 'Ledger'"),
        "t");
}

/* --- rights --- */

static void lets_the_writer_add_but_not_change_logs_and_events(void **state UNUSED)
{
    static const struct right_case {
        const char *sql;
        enum rc rc;
    } cases[] = {
        {"SELECT ensure_partition('execution', '2026-01-01')", RC_OK},
        {"SELECT ensure_partition('execution_event', '2026-01-01')", RC_OK},
        {"SELECT ensure_partition('log_batch', '2026-01-01')", RC_OK},
        {"SELECT ensure_partition('task', '2026-01-01')", RC_FATAL},
        {"SELECT ensure_partition('execution', '1000-01-01')", RC_INVALID},
        {"SELECT ensure_partition('log_batch', '1999-12-31')", RC_INVALID},
        {"SELECT ensure_partition('execution', now() + interval '11 years')", RC_INVALID},
        {"SELECT ensure_partition('execution', 'infinity')", RC_INVALID},
        {"SELECT ensure_partition('execution', NULL)", RC_INVALID},
        /* by an ExecutionCreated that comes late */
        {"UPDATE execution_event SET moved = true", RC_OK},
        {"UPDATE execution_event SET status = 1", RC_FATAL},
        {"UPDATE execution_repeat SET message = 'x'", RC_FATAL},
        {"DELETE FROM execution_event", RC_FATAL},
        {"DELETE FROM execution_repeat", RC_FATAL},
        {"UPDATE log_batch SET levels = 1", RC_FATAL},
        {"DELETE FROM log_batch", RC_FATAL},
        {"DELETE FROM log_batch_20251229", RC_FATAL},
        {"INSERT INTO execution_202601 (execution_id, task_id) VALUES (uuid_floor('2026-01-02'), uuid_floor('2026-01-02'))",
         RC_FATAL},
        {"DELETE FROM execution", RC_FATAL},
        {"TRUNCATE execution", RC_FATAL},
        {"DROP TABLE execution_202601", RC_FATAL},
        {"DELETE FROM task_revision", RC_FATAL},
        {"UPDATE dead_letter SET reason = 'x'", RC_FATAL},
        {"UPDATE schema_migration SET name = 'x'", RC_FATAL},
        {"DELETE FROM rebuild_target", RC_FATAL},
        {"CREATE TABLE mine (a int)", RC_FATAL},
        {"INSERT INTO execution (execution_id, task_id) VALUES (uuid_floor('2026-01-02'), uuid_floor('2026-01-02'))",
         RC_OK},
        {"UPDATE execution SET status = 1", RC_OK},
        {"SELECT * FROM execution_202601", RC_OK},
    };
    SCOPED(store) struct store *s = NULL;

    (void)database_create(true);
    s = database_open(STORE_AS_WRITER);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum rc rc = store_exec(s, cases[i].sql, &test_error);

        if (rc != cases[i].rc)
            print_error("%s: %s\n", cases[i].sql, rc_name(rc));
        assert_int_equal(rc, cases[i].rc);
    }
}

static void lets_the_reader_only_read(void **state UNUSED)
{
    SCOPED(store) struct store *s = NULL;

    (void)database_create(true);
    s = database_open(STORE_AS_LOGIN);
    MUST(store_exec(s, "SET ROLE cronobs_reader", &test_error));
    MUST(store_exec(s, "SELECT * FROM execution, log_line, task", &test_error));
    assert_int_equal(
        store_exec(s, "INSERT INTO kafka_offset VALUES ('t', 0, 0, 0, '')", &test_error), RC_FATAL);
    assert_int_equal(store_exec(s, "SELECT ensure_partition('execution', now())", &test_error),
                     RC_FATAL);
}

/* --- leaves --- */

static void *make_leaves_in_a_thread(void *arg)
{
    struct store *s = arg;

    for (int month = 0; month < 12; month++) {
        struct error err;
        struct leaf leaf = {"execution", INT64_C(1700000000000000) + month * 31 * USEC_PER_DAY};

        if (store_make_leaf(s, leaf, &err) != RC_OK)
            return xasprintf("%s", err.text);
    }
    return NULL;
}

static void lets_several_make_the_same_leaves_at_once(void **state UNUSED)
{
    struct store *stores[6];
    pthread_t threads[6];

    (void)database_create(true);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        stores[i] = database_open(STORE_AS_WRITER);
        MUST(store_prepare(stores[i], &test_error));
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_leaves_in_a_thread, stores[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        if (failed != NULL)
            print_error("%s\n", (char *)failed);
        assert_null(failed);
        store_free(stores[i]);
    }
    assert_string_equal(
        database_scalar(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'cronobs.execution'::regclass"),
        "12");
}

static void puts_ids_into_the_leaf_of_their_month(void **state UNUSED)
{
    static const char leaf_of[] =
        "SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY execution_id) FROM execution";

    (void)database_create(true);
    database_exec("SET search_path = cronobs; SET timezone = 'America/New_York'");
    database_exec(
        "SELECT ensure_partition('execution', '2026-01-31T23:59:59.999Z'), ensure_partition('execution', '2026-02-01T00:00:00Z')");
    database_exec(
        "INSERT INTO execution (execution_id, task_id) SELECT uuid_floor(t), uuid_floor(t)"
        " FROM unnest('{2026-01-01T00:00:00Z,2026-01-31T23:59:59.999Z,2026-02-01T00:00:00Z}'::timestamptz[]) t");
    assert_string_equal(database_scalar(leaf_of),
                        "execution_202601 execution_202601 execution_202602");
}

/* --- the digest --- */

static void gives_a_digest_that_others_can_compute(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(store) struct store *s = NULL;
    struct store_digest d;

    (void)database_create(true);
    database_exec(
        "SET search_path = cronobs; INSERT INTO command (command_id, task_id, message) VALUES"
        " ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', E'tab\\tand \\\\'),"
        " ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001', NULL)");
    s = database_open(STORE_AS_LOGIN);
    MUST(store_digest_read(s, memory, &d, &test_error));
    for (size_t i = 0; i < d.table_count; i++)
        if (strcmp(d.tables[i].name, "command") == 0)
            assert_string_equal(
                d.tables[i].digest,
                database_scalar(
                    "SELECT encode(sha256(convert_to(string_agg(line, '' ORDER BY id), 'UTF8')), 'hex') FROM (SELECT command_id AS id,"
                    " command_id || E'\\t' || task_id || repeat(E'\\t\\\\N', 15) || E'\\t'"
                    " || coalesce(replace(replace(message, E'\\\\', E'\\\\\\\\'), E'\\t', '\\t'), '\\N') || E'\\t\\\\N\\t\\\\N\\n' AS line FROM command) x"));
    assert_int_equal(strlen(d.total), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(applies_each_migration_once, drop),
        cmocka_unit_test_teardown(lets_several_migrate_at_once, drop),
        cmocka_unit_test_teardown(refuses_a_migration_that_was_edited_after_it_was_applied, drop),
        cmocka_unit_test_teardown(refuses_a_database_that_is_newer_than_the_program, drop),
        cmocka_unit_test_teardown(creates_a_database_that_is_not_there, drop),
        cmocka_unit_test_teardown(makes_the_index_of_searches_where_it_may, drop),
        cmocka_unit_test_teardown(does_without_the_index_where_the_extension_is_refused, drop),
        cmocka_unit_test_teardown(shows_labels_as_a_text, drop),
        cmocka_unit_test_teardown(lets_the_writer_add_but_not_change_logs_and_events, drop),
        cmocka_unit_test_teardown(lets_the_reader_only_read, drop),
        cmocka_unit_test_teardown(lets_several_make_the_same_leaves_at_once, drop),
        cmocka_unit_test_teardown(puts_ids_into_the_leaf_of_their_month, drop),
        cmocka_unit_test_teardown(gives_a_digest_that_others_can_compute, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
