/*
 * Batches against a real PostgreSQL: what the fold promises, the tables keep.
 */
#include "consumer/batch.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "store/digest.h"
#include "support/broker.h"
#include "support/database.h"
#include "support/random_log.h"

struct projection { /* a consumer without a bus */
    struct store *store;
    struct positions positions;
    struct leaf_set *leaves;
    struct batch_stats stats;
    struct arena *memory;
};

static void claim_all(struct projection *p, const char *owner)
{
    static const char *const topics[] = {"commands",       "tasks", "status",
                                         "heartbeats",     "logs",  "executions.default",
                                         "executions.slow"};

    positions_clear(&p->positions);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        for (int n = 0; n < RANDOM_LOG_PARTITIONS; n++)
            positions_add(&p->positions, topics[i], n);
    positions_sort(&p->positions);
    MUST(store_claim(p->store, owner, p->positions.rows, p->positions.count, &test_error));
}

static struct projection projection_open(const char *owner)
{
    struct projection p = {
        .store = database_open(STORE_AS_WRITER), .leaves = leaf_set_new(), .memory = arena_new(0)};

    MUST(store_prepare(p.store, &test_error));
    claim_all(&p, owner);
    return p;
}

static void projection_close(struct projection *p)
{
    store_free(p->store);
    leaf_set_free(p->leaves);
    positions_clear(&p->positions);
    arena_free(p->memory);
}

static enum rc store_messages(struct projection *p, const struct message *messages, size_t count)
{
    struct batch_writer w = {p->store, &p->positions, p->leaves, &p->stats, p->memory};
    struct intake *items = arena_alloc(p->memory, count * sizeof *items);

    for (size_t i = 0; i < count; i++)
        items[i] = intake_take(&messages[i], RANDOM_LOG_PARTITIONS, p->memory);
    return batch_store(&w, items, count, &test_error);
}

/* The total digest after the log has gone into a fresh database in batches of that many. */
static char *digest_of(const struct random_log *log, size_t batch)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct store_digest d;
    struct projection p;

    (void)database_create(true);
    p = projection_open("test");
    for (size_t from = 0; from < log->count; from += batch)
        MUST(store_messages(&p, log->items + from, MIN(batch, log->count - from)));
    MUST(store_digest_read(p.store, memory, &d, &test_error));
    projection_close(&p);
    return xstrdup(d.total);
}

static void keeps_the_same_tables_whatever_the_batches_and_the_interleaving(void **state UNUSED)
{
    static const size_t batches[] = {5000, 17, 1, 17, 5000};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct random_log log = random_log_make(42, 150, memory);
    SCOPED(text) char *first = digest_of(&log, log.count);

    for (size_t i = 0; i < ARRAY_LEN(batches); i++) {
        SCOPED(text) char *digest = NULL;

        random_log_shuffle(&log, i);
        digest = digest_of(&log, batches[i]);
        assert_string_equal(digest, first);
    }
    random_log_clear(&log);
}

static void counts_in_the_rollups_what_the_executions_say(void **state UNUSED)
{
    static const char counted[] =
        "SELECT count(*) FROM (SELECT task_id, status, sum(count) FROM execution_rollup GROUP BY 1, 2"
        " EXCEPT SELECT task_id, status, count(*) FROM execution GROUP BY 1, 2) x";
    static const char timed[] =
        "SELECT (SELECT sum(run_ms) FROM execution_rollup) = (SELECT sum(trunc(extract(epoch FROM finished_at - started_at) * 1000))"
        " FROM execution WHERE status >= 5 AND finished_at > started_at)";
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct random_log log = random_log_make(7, 150, memory);
    SCOPED(text) char *digest = digest_of(&log, 50);

    assert_string_equal(database_scalar(counted), "0");
    assert_string_equal(database_scalar(timed), "t");
    assert_string_equal(
        database_scalar("SELECT sum(count) = (SELECT count(*) FROM execution) FROM rollup_all"),
        "t");
    assert_string_equal(database_scalar("SELECT count(*) FROM rollup_all WHERE count <= 0"), "0");
    random_log_clear(&log);
}

static void drops_the_batch_of_a_stale_owner(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct random_log log = random_log_make(3, 20, memory);
    struct projection old, new;

    (void)database_create(true);
    old = projection_open("old");
    MUST(store_messages(&old, log.items, 10));
    new = projection_open("new");
    assert_int_equal(store_messages(&old, log.items + 10, log.count - 10), RC_FENCED);
    assert_string_equal(
        database_scalar("SELECT count(*) FROM kafka_offset WHERE owner = 'new' AND epoch = 2"),
        "28");
    MUST(store_messages(&new, log.items + 10, log.count - 10));
    projection_close(&old);
    projection_close(&new);
    random_log_clear(&log);
}

static struct message message_of(const char *topic, int partition, int64_t offset,
                                 enum record_kind kind, const void *record, struct arena *memory)
{
    SCOPED_BUF frame = {0};

    MUST(codec_encode(kind, record, &frame, &test_error));
    return (struct message){topic,    partition,
                            offset,   INT64_C(1763000000000000) + offset * USEC_PER_SEC,
                            {"k", 1}, {arena_memdup(memory, frame.data, frame.len), frame.len}};
}

/* Of a run that somebody else started, so that the report makes the execution. */
static struct execution_status status_of(int execution, int event)
{
    static const struct worker_ref worker = {"w", {{1}}};
    const struct uuid task = task_id_of("default", "a");

    return (struct execution_status){
        .event_id = event_id_of(UUID_NIL, event, "X"),
        .execution_id = execution_id_of(task, INT64_C(1763000000000000) + execution * USEC_PER_SEC,
                                        "instant", ""),
        .task_id = task,
        .attempt = 1,
        .status = STATUS_RUNNING,
        .worker = &worker,
        .trigger = TRIGGER_EXTERNAL,
    };
}

static void runs_a_batch_again_when_an_event_is_there_already(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status s = status_of(1, 1);
    const int p = partition_of(s.task_id, RANDOM_LOG_PARTITIONS);
    const struct message first = message_of("status", p, 0, RECORD_EXECUTION_STATUS, &s, memory);
    const struct message again = message_of("status", p, 1, RECORD_EXECUTION_STATUS, &s, memory);
    struct projection projection;

    (void)database_create(true);
    projection = projection_open("test");
    MUST(store_messages(&projection, &first, 1));
    MUST(store_messages(&projection, &again, 1));
    assert_int_equal(projection.stats.again, 1);
    assert_string_equal(database_scalar("SELECT count(*) FROM execution_event"), "1");
    assert_string_equal(database_scalar("SELECT count(*) FROM execution_repeat"), "1");
    assert_string_equal(database_scalar("SELECT max(next_offset) FROM kafka_offset"), "2");
    projection_close(&projection);
}

static void runs_a_batch_again_when_another_one_made_the_row_first(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status s = status_of(1, 1);
    const struct message m = message_of("status", partition_of(s.task_id, RANDOM_LOG_PARTITIONS), 0,
                                        RECORD_EXECUTION_STATUS, &s, memory);
    char id[UUID_TEXT];
    struct projection projection;
    SCOPED(text) char *sql = NULL;

    (void)database_create(true);
    projection = projection_open("test");
    /* Made behind the fold's back: a trigger stands for a writer that commits between the read and the COPY. */
    sql = xasprintf(
        "SET search_path = cronobs; SELECT ensure_partition('execution', '2025-11-13');"
        "CREATE FUNCTION rival() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        "  IF (SELECT last_value FROM tries) = 1 AND nextval('tries') = 1 THEN RAISE unique_violation; END IF; RETURN NEW; END $$;"
        "CREATE SEQUENCE tries; SELECT nextval('tries'); SELECT setval('tries', 1, false); GRANT ALL ON SEQUENCE tries TO PUBLIC;"
        "CREATE TRIGGER rival BEFORE INSERT ON execution_202511 FOR EACH ROW EXECUTE FUNCTION rival() -- %s",
        uuid_to_text(s.execution_id, id));
    database_exec(sql);
    MUST(store_messages(&projection, &m, 1));
    assert_int_equal(projection.stats.again, 1);
    assert_string_equal(database_scalar("SELECT count(*) FROM execution"), "1");
    projection_close(&projection);
}

static void buries_the_one_record_that_the_database_refuses(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct message messages[9];
    struct projection projection;

    (void)database_create(true);
    projection = projection_open("test");
    database_exec(
        "SET search_path = cronobs; SELECT ensure_partition('execution_event', '2025-11-13')");
    database_exec(
        "ALTER TABLE execution_event_202511 ADD CONSTRAINT no_five CHECK (exit_code IS DISTINCT FROM 5)");
    for (int i = 0; i < 9; i++) {
        struct execution_status s = status_of(i, i);

        s.exit_code = (struct opt_int){true, i};
        messages[i] = message_of("status", partition_of(s.task_id, RANDOM_LOG_PARTITIONS), i,
                                 RECORD_EXECUTION_STATUS, &s, memory);
    }
    MUST(store_messages(&projection, messages, 9));
    assert_true(projection.stats.halved > 0);
    assert_string_equal(database_scalar("SELECT count(*) FROM execution"), "8");
    assert_string_equal(database_scalar("SELECT max(next_offset) FROM kafka_offset"), "9");
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(concat_ws('|', topic, kafka_offset, reason, length(value) > 0), ',') FROM dead_letter"),
        "status|5|data error|t");
    projection_close(&projection);
}

/* Locks and deadlocks pass: a good record is no dead letter, however long they last. */
static void never_buries_what_a_lock_holds_up(void **state UNUSED)
{
    static const char *const states[] = {"55P03", "40P01", "40001"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct message messages[4];
    struct projection projection;

    (void)database_create(true);
    projection = projection_open("test");
    for (int i = 0; i < 4; i++) {
        struct execution_status s = status_of(i, i);

        messages[i] = message_of("status", partition_of(s.task_id, RANDOM_LOG_PARTITIONS), i,
                                 RECORD_EXECUTION_STATUS, &s, memory);
    }
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        SCOPED(text)
        char *sql = xasprintf(
            "SET search_path = cronobs; SELECT ensure_partition('execution', '2025-11-13');"
            "CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            "  RAISE EXCEPTION 'held' USING ERRCODE = '%s'; END $$;"
            "CREATE OR REPLACE TRIGGER held BEFORE INSERT ON execution_202511 FOR EACH ROW EXECUTE "
            "FUNCTION held()",
            states[i]);

        database_exec(sql);
        assert_int_equal(store_messages(&projection, messages, 4), RC_RETRY);
    }
    database_exec("DROP TRIGGER held ON cronobs.execution_202511");
    MUST(store_messages(&projection, messages, 4));
    assert_string_equal(database_scalar("SELECT count(*) FROM dead_letter"), "0");
    assert_string_equal(database_scalar("SELECT count(*) FROM execution"), "4");
    projection_close(&projection);
}

/* The log may rarely repeat a revision, not always word for word; whatever the cuts, the first one stays; and the task is what the
   last one says, whatever number it claims to have. */
static void keeps_the_first_of_repeated_revisions(void **state UNUSED)
{
    enum { KEYS = 7, REPEATS = 40 };
    static const char *const keys[KEYS] = {"a", "b", "c", "d", "e", "f", "g"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct message messages[KEYS * REPEATS];
    struct projection projection;

    (void)database_create(true);
    projection = projection_open("test");
    for (int i = 0; i < KEYS * REPEATS; i++) {
        const struct task_revision r = {
            .task_id = task_id_of("default", keys[i % KEYS]),
            .revision = 1,
            .effective_at = i,
            .actor = "test",
            .spec = {.key = keys[i % KEYS], .project = "default", .queue = "q"},
        };

        messages[i] = message_of("tasks", partition_of(r.task_id, RANDOM_LOG_PARTITIONS), i,
                                 RECORD_TASK_REVISION, &r, memory);
    }
    MUST(store_messages(&projection, messages, ARRAY_LEN(messages)));
    assert_string_equal(
        database_scalar("SELECT string_agg(concat(key, extract(second FROM received_at)::int), ' ' "
                        "ORDER BY key) FROM task"),
        "a53 b54 c55 d56 e57 f58 g59");
    assert_string_equal(
        database_scalar("SELECT string_agg(extract(second FROM received_at)::int::text, ' ' "
                        "ORDER BY received_at) FROM task_revision"),
        "20 21 22 23 24 25 26");
    projection_close(&projection);
}

/* --- one execution id of which somebody makes any number of things up --- */

enum { MANY = 100000, HEAP_MOST = 16 * 1024 * 1024 };

/* What the batch asks of the system, freed or not: main sees to it that nothing is given back. */
static void assert_needs_little(struct projection *p, struct message message)
{
    size_t before;

    (void)malloc_trim(0);
    before = mallinfo2().arena;
    MUST(store_messages(p, &message, 1));
    assert_in_range(mallinfo2().arena - before, 0, HEAP_MOST);
}

/* Runs SQL in which $ stands for the execution id and # for its task. */
static void make_up(const char *format, const struct execution_status *s)
{
    char id[UUID_TEXT], task[UUID_TEXT];
    SCOPED_BUF sql = {0};

    buf_add_text(&sql,
                 "SET search_path = cronobs; SELECT ensure_partition(p, '2025-11-13') FROM"
                 " unnest('{execution,execution_event,log_writer}'::text[]) p;");
    (void)uuid_to_text(s->execution_id, id);
    (void)uuid_to_text(s->task_id, task);
    for (; *format != '\0'; format++) {
        if (*format == '$')
            buf_add_text(&sql, id);
        else if (*format == '#')
            buf_add_text(&sql, task);
        else
            buf_add_char(&sql, *format);
    }
    database_exec(buf_text(&sql));
}

static void reads_of_a_made_up_id_only_the_tasks_of_the_batch(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status s = status_of(1, 1);
    struct projection p;

    (void)database_create(true);
    p = projection_open("test");
    make_up(
        "INSERT INTO stray_execution (execution_id, task_id, attempt, status, cancel_requested, contradicted)"
        " SELECT '$', md5(n::text)::uuid, 1, 2, false, false FROM generate_series(1, 100000) n;"
        "INSERT INTO execution (execution_id, task_id, attempt, status, cancel_requested, contradicted, trigger)"
        " SELECT '$', md5(n::text)::uuid, 1, 2, false, false, 7 FROM generate_series(1, 100000) n",
        &s);
    assert_needs_little(&p, message_of("status", partition_of(s.task_id, RANDOM_LOG_PARTITIONS), 0,
                                       RECORD_EXECUTION_STATUS, &s, memory));
    projection_close(&p);
}

static void reads_of_a_made_up_id_only_the_writers_of_the_batch(void **state UNUSED)
{
    static struct log_line line = {.message = "a", .message_len = 1};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status s = status_of(1, 1);
    const struct log_batch b = {.execution_id = s.execution_id,
                                .task_id = s.task_id,
                                .attempt = 1,
                                .writer = {{7}},
                                .first_seq = 5,
                                .lines = &line,
                                .line_count = 1};
    struct projection p;

    (void)database_create(true);
    p = projection_open("test");
    make_up(
        "INSERT INTO log_writer (execution_id, task_id, attempt, writer, next_seq)"
        " SELECT '$', '#', 1, md5(n::text)::uuid, 2 FROM generate_series(1, 100000) n;"
        "INSERT INTO log_writer (execution_id, task_id, attempt, writer, next_seq)"
        " VALUES ('$', '#', 1, '07000000-0000-0000-0000-000000000000', 5)",
        &s);
    assert_needs_little(&p, message_of("logs", partition_of(s.execution_id, RANDOM_LOG_PARTITIONS),
                                       0, RECORD_LOG_BATCH, &b, memory));
    assert_string_equal(
        database_scalar("SELECT next_seq || coalesce(gaps::text, '') FROM log_writer"
                        " WHERE writer = '07000000-0000-0000-0000-000000000000'"),
        "6");
    projection_close(&p);
}

/* Two workers take an execution from each other, half of it before it was made; a third of the reports came again. */
static const char reports_sql[] =
    "INSERT INTO stray_execution (execution_id, task_id, attempt, status, cancel_requested, contradicted)"
    " VALUES ('$', '#', 1, 2, false, false);"
    "CREATE TEMP TABLE r AS SELECT '$'::uuid AS execution_id, '#'::uuid AS task_id, md5(n::text)::uuid AS event_id, n AS kafka_offset,"
    " 0 AS kafka_partition, 1::smallint AS attempt, 2::smallint AS status, true AS moved, false AS if_unclaimed, now() AS received_at,"
    " 'w' || n % 2 AS worker, 'says ' || n AS message, md5((n % 2)::text)::uuid AS worker_incarnation FROM generate_series(0, 99999) n;"
    "INSERT INTO execution_event (execution_id, task_id, event_id, kafka_offset, kafka_partition, attempt, status, moved, if_unclaimed,"
    " received_at, worker, message, worker_incarnation) SELECT * FROM r WHERE kafka_offset % 3 > 0;"
    "INSERT INTO execution_repeat (execution_id, task_id, event_id, kafka_offset, kafka_partition, attempt, status, moved, if_unclaimed,"
    " received_at, worker, message, worker_incarnation) SELECT * FROM r WHERE kafka_offset % 3 = 0";

static void folds_again_in_pieces_what_was_reported_too_early(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status s = status_of(1, 1);
    const struct execution_created c = {.execution_id = s.execution_id,
                                        .task_id = s.task_id,
                                        .task_key = "a",
                                        .project = "default",
                                        .attempt = 1,
                                        .trigger = TRIGGER_SCHEDULED,
                                        .status_from = MANY / 2};
    struct projection p;

    (void)database_create(true);
    p = projection_open("test");
    make_up(reports_sql, &s);
    assert_needs_little(&p, message_of("executions.default",
                                       partition_of(s.task_id, RANDOM_LOG_PARTITIONS), 0,
                                       RECORD_EXECUTION_CREATED, &c, memory));
    assert_string_equal(
        database_scalar("SELECT concat_ws(' ', min(kafka_offset), count(*)) FROM"
                        " (SELECT kafka_offset FROM execution_event WHERE moved UNION ALL"
                        " SELECT kafka_offset FROM execution_repeat WHERE moved) x"),
        "50000 50000");
    assert_string_equal(database_scalar("SELECT concat_ws(' ', worker, message) FROM execution"),
                        "w1 says 99999");
    assert_string_equal(database_scalar("SELECT count(*) FROM stray_execution"), "0");
    projection_close(&p);
}

static void looks_up_only_the_reports_of_the_batch(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct execution_status s = status_of(1, 1);
    struct projection p;

    (void)database_create(true);
    p = projection_open("test");
    make_up(reports_sql, &s);
    /* md5 of 1 */
    MUST(uuid_from_text("c4ca4238-a0b9-2382-0dcc-509a6f75849b", &s.event_id, &test_error));
    s.trigger = TRIGGER_UNKNOWN;
    assert_needs_little(&p, message_of("status", partition_of(s.task_id, RANDOM_LOG_PARTITIONS),
                                       MANY, RECORD_EXECUTION_STATUS, &s, memory));
    assert_int_equal(p.stats.again, 1);
    assert_string_equal(
        database_scalar("SELECT count(*) FROM execution_repeat WHERE kafka_offset = 100000"), "1");
    projection_close(&p);
}

static int drop(void **state UNUSED)
{
    database_drop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(keeps_the_same_tables_whatever_the_batches_and_the_interleaving,
                                  drop),
        cmocka_unit_test_teardown(counts_in_the_rollups_what_the_executions_say, drop),
        cmocka_unit_test_teardown(drops_the_batch_of_a_stale_owner, drop),
        cmocka_unit_test_teardown(runs_a_batch_again_when_an_event_is_there_already, drop),
        cmocka_unit_test_teardown(runs_a_batch_again_when_another_one_made_the_row_first, drop),
        cmocka_unit_test_teardown(buries_the_one_record_that_the_database_refuses, drop),
        cmocka_unit_test_teardown(never_buries_what_a_lock_holds_up, drop),
        cmocka_unit_test_teardown(keeps_the_first_of_repeated_revisions, drop),
        cmocka_unit_test_teardown(reads_of_a_made_up_id_only_the_tasks_of_the_batch, drop),
        cmocka_unit_test_teardown(reads_of_a_made_up_id_only_the_writers_of_the_batch, drop),
        cmocka_unit_test_teardown(folds_again_in_pieces_what_was_reported_too_early, drop),
        cmocka_unit_test_teardown(looks_up_only_the_reports_of_the_batch, drop),
    };

    (void)mallopt(M_MMAP_MAX, 0);
    (void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
