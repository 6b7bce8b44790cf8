/*
 * An upgrade of tables that hold something: from migration 5, with rows that before_0006.sql makes, to the newest, and on from there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "consumer/batch.h"
#include "store/migrate.h"
#include "store/sql_texts.h"
#include "support/broker.h"
#include "support/database.h"

enum { BEFORE = 5, PARTITIONS = 4, POSITION = 5000 };

static void run_file(const char *path)
{
    SCOPED_BUF sql = {0};
    FILE *f = fopen(path, "r");
    char piece[4096];
    size_t len;

    assert_non_null(f);
    while ((len = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&sql, piece, len);
    (void)fclose(f);
    database_exec(buf_text(&sql));
}

/* As an older program's migrate left the tables, with rows in them. */
static int set_up(void **state UNUSED)
{
    (void)database_create(false);
    for (int i = 0; i < BEFORE; i++) {
        SCOPED(text)
        char *sql = xasprintf(
            "BEGIN; %s; INSERT INTO cronobs.schema_migration (version, name, checksum) VALUES"
            " (%d, '%s', encode(sha256(convert_to($text$%s$text$, 'UTF8')), 'hex')); COMMIT",
            sql_texts[i].text, sql_texts[i].number, sql_texts[i].name, sql_texts[i].text);

        database_exec(sql);
    }
    run_file(COBS_SOURCE_DIR "/tests/integration/consumer/before_0006.sql");
    return 0;
}

static int drop(void **state UNUSED)
{
    database_drop();
    return 0;
}

static void migrate(void)
{
    SCOPED(store) struct store *s = database_open(STORE_AS_LOGIN);

    MUST(store_migrate(s, NULL, NULL, &test_error));
    MUST(store_check_schema(s, &test_error));
}

/* --- nothing is lost --- */

/* Asked before and after: the answers are the same. Before, "x" tells who made what; afterwards the tables do. */
static const char *const kept[] = {
    "SELECT count(*) || md5(string_agg((to_jsonb(e) - '{status_from,waited,retry_on,retry_multiplier,retry_first_ms,retry_max_ms,retry_jitter_ms}'::text[])::text, '' ORDER BY execution_id)) FROM execution e WHERE execution_id IN (SELECT id FROM x WHERE NOT stub)",
    "SELECT count(*) || md5(string_agg(concat_ws('|', execution_id, event_id, worker_incarnation, received_at, kafka_offset, kafka_partition, attempt,"
    " status, moved, worker, result), '' ORDER BY execution_id, event_id)) FROM execution_event",
    "SELECT count(*) || md5(string_agg(concat_ws('|', execution_id, received_at, attempt, progress, worker), '' ORDER BY execution_id))"
    " FROM execution_heartbeat WHERE execution_id IN (SELECT id FROM x)",
    "SELECT count(*) || md5(string_agg(concat_ws('|', execution_id, attempt, writer, seq, day, received_at, at, level, stream, message, escaped), ''"
    " ORDER BY execution_id, seq)) FROM log_line WHERE execution_id IN (SELECT id FROM x)",
    "SELECT count(*) || md5(string_agg(concat_ws('|', execution_id, attempt, writer, next_seq, gaps), '' ORDER BY execution_id)) FROM log_writer",
    "SELECT count(*) || md5(string_agg(concat_ws('|', task_id, revision, state, received_at, project, key, queue, spec), '' ORDER BY task_id)) FROM task",
    "SELECT count(*) || md5(string_agg(r::text, '' ORDER BY task_id, revision)) FROM task_revision r",
    "SELECT count(*) || md5(string_agg(concat_ws('|', command_id, task_id, kind, received_at, kafka_offset, result, outcome_offset), ''"
    " ORDER BY command_id)) FROM command",
    "SELECT count(*) || md5(string_agg(g::text, '' ORDER BY task_id)) FROM schedule_gap g",
    "SELECT string_agg(concat_ws('|', topic, part, kafka_offset, received_at, reason, left(key::text, 2000), left(value::text, 2000)), ' ' ORDER BY topic, kafka_offset)"
    " FROM dead_letter",
    "SELECT count(*) || md5(string_agg(concat_ws('|', topic, part, next_offset, epoch, owner), '' ORDER BY topic, part)) FROM kafka_offset",
    "SELECT string_agg(concat_ws('|', c.relname, c.reloptions, (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid)), ' ' ORDER BY c.relname)"
    " FROM pg_class c WHERE c.relispartition AND c.relkind = 'r'",
    "SELECT string_agg(concat_ws('|', c.relname, c.relowner::regrole, c.relacl), ' ' ORDER BY c.relname) FROM pg_class c"
    " WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = 'cronobs'::regnamespace AND c.relname ~ '^(task|command|execution|rollup|log_(batch|line|writer)|dead|kafka)' AND c.relname NOT IN ('execution_repeat', 'task_skip')"
    " AND c.relname !~ '_words$'",
};

/* Asked afterwards: true. */
static const char *const right[] = {
    "SELECT count(*) = 128 FROM stray_execution",
    "SELECT NOT EXISTS (SELECT FROM (SELECT id, task, status, n FROM x WHERE stub) s FULL JOIN stray_execution t"
    " ON (id, task, s.status) = (execution_id, task_id, t.status) WHERE id IS NULL OR execution_id IS NULL OR attempt <> 1 + n % 3)",
    "SELECT NOT EXISTS (SELECT FROM execution e JOIN x ON id = execution_id WHERE stub)",
    "SELECT NOT EXISTS (SELECT FROM (SELECT execution_id, task_id FROM execution_event UNION SELECT execution_id, task_id FROM execution_heartbeat"
    " UNION SELECT execution_id, task_id FROM log_batch UNION SELECT execution_id, task_id FROM log_writer) t LEFT JOIN x ON id = execution_id"
    " WHERE task IS DISTINCT FROM task_id)",
    "SELECT count(*) = 0 FROM execution_repeat",
    /* counts: of what was made, no more and no less, and no row that has come to 0 */
    "SELECT NOT EXISTS (SELECT FROM (SELECT task_id, date_bin('15 minutes', uuid_time(execution_id), '2000-01-01 00:00Z') AS bucket, status, count(*) AS count,"
    " sum(CASE WHEN status >= 5 AND finished_at > started_at THEN trunc(extract(epoch FROM finished_at - started_at) * 1000) ELSE 0 END) AS run_ms"
    " FROM execution GROUP BY 1, 2, 3) e FULL JOIN execution_rollup r USING (task_id, bucket, status)"
    " WHERE e.count IS DISTINCT FROM r.count OR e.run_ms IS DISTINCT FROM r.run_ms)",
    "SELECT NOT EXISTS (SELECT FROM (SELECT bucket, status, sum(count) AS count, sum(run_ms) AS run_ms FROM execution_rollup GROUP BY 1, 2) e"
    " FULL JOIN (SELECT bucket, status, sum(count) AS count, sum(run_ms) AS run_ms FROM rollup_all GROUP BY 1, 2) r USING (bucket, status)"
    " WHERE e.count IS DISTINCT FROM r.count OR e.run_ms IS DISTINCT FROM r.run_ms)",
    "SELECT min(count) > 0 FROM rollup_all",
    "SELECT string_agg(concat_ws('|', value_len, length(value), length(key), value_sha256 = sha256(value)), ' ' ORDER BY topic, kafka_offset)"
    " = '0|t 100000|65536|1024|f 5|5|t 1' FROM dead_letter",
    "SELECT value_sha256 = sha256(repeat('v', 100000)::bytea) FROM dead_letter WHERE value_len = 100000",
    "SELECT bool_and(misplaced IS NOT DISTINCT FROM CASE WHEN kind IS NOT NULL THEN false END"
    " AND outcome_misplaced IS NOT DISTINCT FROM CASE WHEN result IS NOT NULL THEN false END) FROM command",
    "SELECT (topic, part, from_offset, to_offset) = ('logs', 1, 0, 20) FROM lost_range",
    "SELECT bool_and(stands IS NULL) FROM kafka_offset",
    /* lines by level: those that are there */
    "SELECT NOT EXISTS (SELECT FROM (SELECT execution_id, attempt, writer, level, count(*) AS n FROM log_line GROUP BY 1, 2, 3, 4) l FULL JOIN"
    " (SELECT execution_id, attempt, writer, v.* FROM log_writer w, LATERAL (VALUES ('D'::\"char\", w.debug), ('I', w.info), ('W', w.warn), ('E', w.error)) v (level, n)"
    " WHERE v.n > 0) w USING (execution_id, attempt, writer, level) WHERE l.n IS DISTINCT FROM w.n)",
    "SELECT sum(debug + info + warn + error) > 0 FROM log_writer",
    "SELECT bool_and(search LIKE lower(key) || chr(10) || '%') FROM task",
};

static void loses_nothing(void **state UNUSED)
{
    const char *before[ARRAY_LEN(kept)];

    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        before[i] = database_scalar(kept[i]);
    migrate();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_string_equal(database_scalar(kept[i]), before[i]);
    for (size_t i = 0; i < ARRAY_LEN(right); i++)
        if (*database_scalar(right[i]) != 't')
            fail_msg("%s", right[i]);
}

/* --- the projection goes on, in the tables that the test above has migrated --- */

static struct message message_of(const char *topic, int partition, enum record_kind kind,
                                 const void *record, struct arena *memory)
{
    SCOPED_BUF frame = {0};

    MUST(codec_encode(kind, record, &frame, &test_error));
    return (struct message){topic,    partition,
                            POSITION, INT64_C(1796083200000000), /* 2026-12-01 */
                            {"k", 1}, {arena_memdup(memory, frame.data, frame.len), frame.len}};
}

static struct uuid uuid_of(const char *sql)
{
    struct uuid id;

    MUST(uuid_from_text(database_scalar(sql), &id, &test_error));
    return id;
}

static void store_messages(const struct message *messages, size_t count)
{
    static const char *const topics[] = {"executions.default", "logs", "status"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(store) struct store *store = database_open(STORE_AS_WRITER);
    SCOPED(leaf_set) struct leaf_set *leaves = leaf_set_new();
    struct intake *items = arena_alloc(memory, count * sizeof *items);
    struct positions positions = {NULL, 0, NULL};
    struct batch_stats stats = {0};
    struct batch_writer w = {store, &positions, leaves, &stats, memory};

    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        for (int p = 0; p < PARTITIONS; p++)
            positions_add(&positions, topics[i], p);
    positions_sort(&positions);
    MUST(store_prepare(store, &test_error));
    MUST(store_claim(store, "after", positions.rows, positions.count, &test_error));
    for (size_t i = 0; i < count; i++)
        items[i] = intake_take(&messages[i], PARTITIONS, memory);
    MUST(batch_store(&w, items, count, &test_error));
    assert_int_equal(stats.dead_letters, 0);
    positions_clear(&positions);
}

/* n tells which execution of before_0006.sql. */
static struct message final_report_on(int n, struct arena *memory)
{
    static const struct worker_ref worker = {"w", {{1}}};
    SCOPED(text) char *id = xasprintf("SELECT id FROM x WHERE n = %d", n);
    SCOPED(text) char *task = xasprintf("SELECT task FROM x WHERE n = %d", n);
    const struct execution_status s = {
        .event_id = uuid_of(id),
        .execution_id = uuid_of(id),
        .task_id = uuid_of(task),
        .attempt = 1 + n % 3,
        .status = STATUS_SUCCEEDED,
        .worker = &worker,
    };

    return message_of("status", partition_of(s.task_id, PARTITIONS), RECORD_EXECUTION_STATUS, &s,
                      memory);
}

static struct message lines_of(int n, struct arena *memory)
{
    SCOPED(text) char *id = xasprintf("SELECT id FROM x WHERE n = %d", n);
    SCOPED(text) char *task = xasprintf("SELECT task FROM x WHERE n = %d", n);
    struct log_line lines[2] = {{.message = "again", .message_len = 5},
                                {.message = "fresh", .message_len = 5}};
    const struct log_batch b = {.execution_id = uuid_of(id),
                                .task_id = uuid_of(task),
                                .attempt = 1,
                                .writer = uuid_of(task),
                                .first_seq = 4,
                                .lines = lines,
                                .line_count = 2};

    return message_of("logs", partition_of(b.execution_id, PARTITIONS), RECORD_LOG_BATCH, &b,
                      memory);
}

static void goes_on_with_what_was_there(void **state UNUSED)
{
    enum { OPEN = 2, STUB = 14 }; /* both running */
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct message messages[3];

    messages[0] = final_report_on(OPEN, memory);
    messages[1] = lines_of(OPEN, memory);
    messages[2] = final_report_on(STUB, memory);
    messages[2].offset++;
    store_messages(messages, ARRAY_LEN(messages));
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(concat_ws('|', n, (SELECT status FROM execution e WHERE e.execution_id = id),"
            " (SELECT status FROM stray_execution e WHERE e.execution_id = id)), ' ' ORDER BY n) FROM x WHERE n IN (2, 14)"),
        "2|5 14|5");
    assert_string_equal(
        database_scalar("SELECT string_agg(message, ' ' ORDER BY seq) FROM log_line WHERE "
                        "execution_id = (SELECT id FROM x WHERE n = 2)"),
        "line 2 more line 2 more fresh");
    assert_string_equal(
        database_scalar(
            "SELECT string_agg(concat_ws('|', status, count), ' ') FROM execution_rollup WHERE (task_id, bucket) ="
            " (SELECT task, date_bin('15 minutes', at, '2000-01-01 00:00Z') FROM x WHERE n = 2)"),
        "5|1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loses_nothing),
        cmocka_unit_test(goes_on_with_what_was_there),
    };

    return cmocka_run_group_tests(tests, set_up, drop);
}
