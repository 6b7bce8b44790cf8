#include "cli/shared/point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define LONG_LIST \
    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30"

static const struct point_case {
    const char *expression;
    int column;
    const char *text;
} point_cases[] = {
    {"60 * * * *", 1, "wrong\n  60 * * * *\n  ^"},
    {"* 24 * * *", 3, "wrong\n  * 24 * * *\n    ^"},
    {"* * * *", 8, "wrong\n  * * * *\n         ^"},
    {"* 24 * * *", 0, "wrong"},
    {"* 24 * * *", 12, "wrong"},
    {"", 1, "wrong\n  \n  ^"},
    {"*\t24 * * *", 3, "wrong\n  * 24 * * *\n    ^"},
    {"\xc3\xa4 24 * * *", 4, "wrong\n  \xc3\xa4 24 * * *\n    ^"},
    {"\xff 24 * * *", 3, "wrong\n  \\xff 24 * * *\n       ^"},
    {LONG_LIST " 24 * *", 5,
     "wrong\n  0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,2...\n      ^"},
    {LONG_LIST " 24 * *", 84,
     "wrong\n  ...19,20,21,22,23,24,25,26,27,28,29,30 24 * *\n                                         ^"},
};

static void a_mark_stands_under_what_is_wrong(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(point_cases); i++) {
        struct error err = {0};

        (void)error_set(&err, RC_INVALID, "wrong");
        err.column = point_cases[i].column;
        point_at(&err, point_cases[i].expression);
        assert_string_equal(err.text, point_cases[i].text);
    }
}

static void what_was_typed_does_nothing_to_a_terminal(void **state UNUSED)
{
    struct error err = {0};

    (void)error_set(&err, RC_INVALID, "unexpected '\033[31m\177'");
    err.column = 2;
    point_at(&err, "\033[31m\177 *");
    assert_string_equal(err.text, "unexpected '\\x1b[31m\\x7f'\n   [31m  *\n   ^");
}

static void a_very_long_expression_is_no_trouble(void **state UNUSED)
{
    static const char *const parts[] = {"\xc3\xa4", "\xff", "\x80", "\xf0\x9f\x95\x90", "*"};
    SCOPED_BUF text = {0};

    for (int i = 0; i < 4000; i++) /* runs of each, of all lengths */
        buf_add_text(&text, parts[i * i / 200 % 5]);
    for (int column = 1; column <= (int)text.len + 1; column++) {
        struct error err = {0};

        (void)error_set(&err, RC_INVALID, "wrong");
        err.column = column;
        point_at(&err, text.data);
        assert_true(text_starts(err.text, "wrong\n  "));
        assert_non_null(strchr(err.text, '^'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_stands_under_what_is_wrong),
        cmocka_unit_test(what_was_typed_does_nothing_to_a_terminal),
        cmocka_unit_test(a_very_long_expression_is_no_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
