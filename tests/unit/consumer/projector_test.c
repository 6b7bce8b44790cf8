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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_same_rows_whatever_the_batches_and_the_interleaving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
