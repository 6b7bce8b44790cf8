/*
 * extremes_test.c - whatever number stands in a record: it is stored or refused, and the next one goes on.
 */
#include "support/extremes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "support/broker.h"
#include "support/memory_tables.h"

#define NOW INT64_C(1763000000000000)

enum { PARTITIONS = 4 };

struct trial {
    const char *topic;
    enum record_kind kind;
    const void *record;
    struct uuid place; /* whose partition it goes to */
    struct memory_tables *tables;
    int64_t offset;
};

static void store(void *ctx)
{
    struct trial *t = ctx;
    SCOPED_BUF frame = {0};
    struct message m = {.topic = t->topic,
                        .partition = partition_of(t->place, PARTITIONS),
                        .offset = t->offset++,
                        .timestamp = NOW};

    MUST(codec_encode(t->kind, t->record, &frame, &test_error));
    m.value = (struct bytes){frame.data, frame.len};
    memory_tables_store(t->tables, &m, 1, PARTITIONS);
}

static void try_all(const char *topic, enum record_kind kind, void *record, struct uuid place)
{
    struct trial t = {topic, kind, record, place, memory_tables_new(), 0};
    SCOPED_BUF out = {0};

    store(&t);
    assert_int_equal(memory_tables_count(t.tables, "dead_letter"), 0);
    extremes_each(record_type_of(kind), record, store, &t);
    assert_true(t.offset > 1);
    memory_tables_dump(t.tables, &out);
    memory_tables_free(t.tables);
}

static struct uuid task(void)
{
    return task_id_of("default", "a");
}

static struct uuid execution(void)
{
    return execution_id_of(task(), NOW, "instant", "");
}

static struct task_spec spec(void)
{
    static struct schedule_spec schedule = {"* * * * *", "UTC", 0, 0, 0};
    static struct window_spec window = {.from = 1, .until = NOW};

    return (struct task_spec){.key = "a",
                              .project = "default",
                              .queue = "default",
                              .schedules = &schedule,
                              .schedule_count = 1,
                              .window = &window,
                              .payload = bytes_of("")};
}

static void takes_any_number_in_what_is_told_of_executions(void **state UNUSED)
{
    static const struct worker_ref worker = {"w", {{1}}};
    struct log_line line = {.at = NOW, .message = "x", .message_len = 1};
    struct execution_created created = {.execution_id = execution(),
                                        .task_id = task(),
                                        .task_key = "a",
                                        .project = "default",
                                        .revision = 1,
                                        .attempt = 1,
                                        .max_attempts = 1,
                                        .scheduled_at = NOW,
                                        .due_at = NOW,
                                        .payload = bytes_of("")};
    struct execution_status status = {.execution_id = execution(),
                                      .task_id = task(),
                                      .attempt = 1,
                                      .status = STATUS_RUNNING,
                                      .worker = &worker,
                                      .trigger = TRIGGER_EXTERNAL,
                                      .scheduled_at = NOW};
    struct heartbeat beat = {
        .execution_id = execution(), .task_id = task(), .attempt = 1, .worker = worker};
    struct log_batch batch = {.execution_id = execution(),
                              .task_id = task(),
                              .attempt = 1,
                              .first_seq = 1,
                              .lines = &line,
                              .line_count = 1};

    try_all("executions.default", RECORD_EXECUTION_CREATED, &created, task());
    try_all("status", RECORD_EXECUTION_STATUS, &status, task());
    try_all("heartbeats", RECORD_HEARTBEAT, &beat, task());
    try_all("logs", RECORD_LOG_BATCH, &batch, execution());
}

static void takes_any_number_in_what_is_told_of_tasks(void **state UNUSED)
{
    struct task_revision revision = {.task_id = task(), .revision = 1, .spec = spec()};
    struct command_outcome outcome = {.task_id = task(), .revision = 1, .message = ""};
    struct schedule_gap gap = {
        .task_id = task(), .revision = 1, .from = NOW, .to = NOW + 1, .count = 1};

    try_all("tasks", RECORD_TASK_REVISION, &revision, task());
    try_all("tasks", RECORD_COMMAND_OUTCOME, &outcome, task());
    try_all("tasks", RECORD_SCHEDULE_GAP, &gap, task());
}

static void takes_any_number_in_a_command(void **state UNUSED)
{
    static const enum command_kind kinds[] = {COMMAND_PUT_TASK, COMMAND_PAUSE_TASK,
                                              COMMAND_BACKFILL, COMMAND_RETRY_EXECUTION};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct command c = {.task_id = task(), .actor = "a", .kind = kinds[i]};

        if (kinds[i] == COMMAND_PUT_TASK)
            c.body.put_task.spec = spec();
        try_all("commands", RECORD_COMMAND, &c, task());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_any_number_in_what_is_told_of_executions),
        cmocka_unit_test(takes_any_number_in_what_is_told_of_tasks),
        cmocka_unit_test(takes_any_number_in_a_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
