/*
 * What `cronobs topics skip` does to the tables, once and once more.
 */
#include "store/skip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/broker.h"
#include "support/database.h"

static int begin(void **state UNUSED)
{
    (void)database_create(true);
    database_exec(
        "INSERT INTO cronobs.kafka_offset (topic, part, next_offset, epoch, stands)"
        " VALUES ('commands', 0, 3, 1, 'why')");
    return 0;
}

static int drop(void **state UNUSED)
{
    database_drop();
    return 0;
}

static void assert_position(const char *next, const char *ranges)
{
    assert_string_equal(database_scalar("SELECT next_offset FROM cronobs.kafka_offset"), next);
    assert_string_equal(
        database_scalar("SELECT string_agg(from_offset || '-' || to_offset, ' ' ORDER BY 1)"
                        " FROM cronobs.skipped_range"),
        ranges);
}

/* The program may have died before it had written the scheduler's state: then the command is given once more, and the consumer has
   read on. */
static void a_repetition_takes_nothing_back(void **state UNUSED)
{
    static const struct skip skip = {"commands", 0, 7, "a reason", "somebody"};
    SCOPED(store) struct store *s = database_open(STORE_AS_WRITER);
    struct skip_effect effect;

    MUST(store_skip(s, &skip, &effect, &test_error));
    assert_int_equal(effect.from, 3);
    assert_false(effect.is_repeated);
    assert_position("7", "3-7");
    MUST(store_skip(s, &skip, &effect, &test_error));
    assert_position("7", "3-7");
    database_exec("UPDATE cronobs.kafka_offset SET next_offset = 57");
    MUST(store_skip(s, &skip, &effect, &test_error));
    assert_int_equal(effect.from, 57);
    assert_true(effect.is_repeated);
    assert_position("57", "3-7");
}

static void what_stands_again_is_taken_back(void **state UNUSED)
{
    static const struct skip skip = {"commands", 0, 7, "a reason", "somebody"};
    SCOPED(store) struct store *s = database_open(STORE_AS_WRITER);
    struct skip_effect effect;

    MUST(store_skip(s, &skip, &effect, &test_error));
    database_exec("UPDATE cronobs.kafka_offset SET next_offset = 57, stands = 'made anew'");
    MUST(store_skip(s, &skip, &effect, &test_error));
    assert_position("7", "3-7 57-7");
    assert_string_equal(database_scalar("SELECT stands FROM cronobs.kafka_offset"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_repetition_takes_nothing_back, begin, drop),
        cmocka_unit_test_setup_teardown(what_stands_again_is_taken_back, begin, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
