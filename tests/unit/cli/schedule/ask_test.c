#include "cli/schedule/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* --- words --- */

static const struct choice_case {
    const char *text;
    int value; /* -1: refused */
} choice_cases[] = {
    {"run_after", DST_GAP_RUN_AFTER},
    {"run-after", DST_GAP_RUN_AFTER},
    {"RUN_AFTER", DST_GAP_RUN_AFTER},
    {"Run-After", DST_GAP_RUN_AFTER},
    {"skip", DST_GAP_SKIP},
    {"SKIP", DST_GAP_SKIP},
    {"", 7}, /* as it was */
    {NULL, 7},
    {"runafter", -1},
    {"skip ", -1},
    {"skipskipskipskipskipskipskipskip", -1},
};

static void a_word_is_known_in_any_case(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(choice_cases); i++) {
        const struct choice_case *c = &choice_cases[i];
        int value = 7;
        enum rc rc = ask_choice(&dst_gap_enum, c->text, &value, NULL);

        assert_int_equal(rc, c->value < 0 ? RC_INVALID : RC_OK);
        assert_int_equal(value, c->value < 0 ? 7 : c->value);
    }
}

static void a_wrong_word_is_told_which_are_right(void **state UNUSED)
{
    struct error err = {0};
    int value = 0;

    assert_int_equal(ask_choice(&dst_gap_enum, "later", &value, &err), RC_INVALID);
    assert_string_equal(err.text, "'later' is not one of run-after, skip");
}

/* clang-format off */
/* --- operands --- */

static enum rc ask(const char **operands, size_t count, struct ask *a, struct error *err)
{
    const struct ask_options options = {.count = 5, .zone = "UTC", .from = "2027-03-27T12:00"};
    const struct texts texts = {.items = operands, .count = count};
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");

    return ask_read(&texts, &options, zones, 0, a, err);
}

static void operands_are_joined(void **state UNUSED)
{
    const char *one[] = {"0 9 * * mon"}, *five[] = {"0", "9", "*", "*", "mon"};
    SCOPED_ASK a = {0};
    SCOPED_ASK b = {0};

    assert_int_equal(ask(one, 1, &a, NULL), RC_OK);
    assert_int_equal(ask(five, 5, &b, NULL), RC_OK);
    assert_string_equal(b.expression, "0 9 * * mon");
    assert_true(schedule_equal(a.schedule, b.schedule));
    assert_int_equal(a.from, INT64_C(1806148800000000));
}

static void names_of_files_among_the_operands_are_noticed(void **state UNUSED)
{
    const char *operands[] = {"0", "9", "/", "*", "*"};
    SCOPED_ASK a = {0};
    struct error err = {0};

    assert_int_equal(ask(operands, 5, &a, &err), RC_INVALID);
    assert_string_equal(
        err.text, "'/' is the name of a file here: did the shell put it in the place of a *?");
    assert_string_equal(err.hint, "write the expression in quotes: '0 9 * * 1-5'");
}

static void no_operand_is_an_error(void **state UNUSED)
{
    SCOPED_ASK a = {0};
    struct error err = {0};

    assert_int_equal(ask(NULL, 0, &a, &err), RC_INVALID);
    assert_string_equal(err.text, "an expression is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_known_in_any_case),
        cmocka_unit_test(a_wrong_word_is_told_which_are_right),
        cmocka_unit_test(operands_are_joined),
        cmocka_unit_test(names_of_files_among_the_operands_are_noticed),
        cmocka_unit_test(no_operand_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
