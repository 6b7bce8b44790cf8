#include "consumer/projector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/memory_tables.h"
#include "support/random_log.h"

/* Folds the log into tables, cut into batches of that many messages (0: of any number), and shows what they hold. */
static char *tables_of(const struct random_log *log, size_t batch)
{
    struct memory_tables *tables = memory_tables_new();
    uint64_t state = log->count;
    SCOPED_BUF out = {0};
    size_t count;

    for (size_t from = 0; from < log->count; from += count) {
        count = batch > 0 ? batch : 1 + (size_t)random_below(&state, 40);
        count = MIN(count, log->count - from);
        memory_tables_store(tables, log->items + from, count, RANDOM_LOG_PARTITIONS);
    }
    memory_tables_dump(tables, &out);
    assert_true(log->count == 0 || memory_tables_count(tables, "execution") > 0);
    assert_true(log->count == 0 || memory_tables_count(tables, "stray_execution") > 0);
    memory_tables_free(tables);
    return buf_take(&out);
}

/* Prints the first line in which two texts differ. */
static void assert_same(const char *expected, const char *is, const char *what)
{
    while (*expected != '\0' && strcspn(expected, "\n") == strcspn(is, "\n") &&
           strncmp(expected, is, strcspn(expected, "\n")) == 0) {
        expected += strcspn(expected, "\n") + 1;
        is += strcspn(is, "\n") + 1;
    }
    if (*expected == '\0' && *is == '\0')
        return;
    print_error("%s\nexpected %.*s\nis       %.*s\n", what, (int)strcspn(expected, "\n"), expected,
                (int)strcspn(is, "\n"), is);
    fail();
}

static void makes_the_same_rows_whatever_the_batches_and_the_interleaving(void **state UNUSED)
{
    static const size_t batches[] = {1, 0, 5000};
    char what[64];

    for (uint64_t seed = 1; seed <= 6; seed++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct random_log log = random_log_make(seed, 150, memory);
        SCOPED(text) char *expected = tables_of(&log, log.count);

        for (int mix = 0; mix < 3; mix++) {
            for (size_t b = 0; b < ARRAY_LEN(batches); b++) {
                SCOPED(text) char *is = tables_of(&log, batches[b]);

                (void)snprintf(what, sizeof what, "seed %d, mix %d, batches of %zu", (int)seed, mix,
                               batches[b]);
                assert_same(expected, is, what);
            }
            random_log_shuffle(&log, seed * 100 + (uint64_t)mix);
        }
        random_log_clear(&log);
    }
}

/* One execution, attempt and writer, under two tasks: the lines of one are no repetition of the other's. */
static void keeps_the_lines_of_each_task_apart(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(projector) struct projector *p = projector_new(memory);
    struct log_line line = {.message = "a", .message_len = 1};
    struct store_rows rows;

    for (int i = 0; i < 2; i++) {
        const struct log_batch b = {.execution_id = {{1}},
                                    .task_id = {{(uint8_t)i}},
                                    .attempt = 1,
                                    .writer = {{7}},
                                    .first_seq = 1,
                                    .lines = &line,
                                    .line_count = 1};
        const struct intake in = {.message = {.topic = "logs", .offset = i},
                                  .feed = FEED_LOGS,
                                  .kind = RECORD_LOG_BATCH,
                                  .record = &b};

        projector_take(p, &in);
        projector_take(p, &in);
    }
    rows = projector_rows(p);
    assert_int_equal(rows.of[STORE_LOG_BATCHES].count, 2);
    assert_int_equal(rows.of[STORE_NEW_WRITERS].count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_same_rows_whatever_the_batches_and_the_interleaving),
        cmocka_unit_test(keeps_the_lines_of_each_task_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
