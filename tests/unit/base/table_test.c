#include "base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void columns_are_as_wide_as_what_is_in_them(void **state UNUSED)
{
    SCOPED(table) struct table *t = table_new("KEY", ">COUNT", "TEXT");
    SCOPED_BUF out = {0};

    table_add(t, "a", "1", "one");
    table_add(t, "longer", "1234567", "");
    table_add(t, "b");
    table_write(t, 0, &out);
    assert_string_equal(buf_text(&out),
                        "KEY       COUNT  TEXT\n"
                        "a             1  one\n"
                        "longer  1234567\n"
                        "b\n");
    assert_int_equal(table_rows(t), 3);
}

static void the_last_column_is_cut_at_the_terminals_edge(void **state UNUSED)
{
    SCOPED(table) struct table *t = table_new("KEY", "TEXT");
    SCOPED_BUF out = {0};

    table_add(t, "a", "0123456789");
    table_add(t, "b", "漢字漢字");
    table_write(t, 11, &out);
    assert_string_equal(buf_text(&out),
                        "KEY  TEXT\n"
                        "a    01234…\n"
                        "b    漢字…\n");
}

static void wide_and_combining_characters_keep_columns_straight(void **state UNUSED)
{
    SCOPED(table) struct table *t = table_new("KEY", "X");
    SCOPED_BUF out = {0};

    table_add(t, "漢字", "1");
    table_add(t, "e\xcc\x81t\xc3\xa9", "2");
    table_add(t, "plain", "3");
    table_write(t, 0, &out);
    assert_string_equal(buf_text(&out),
                        "KEY    X\n"
                        "漢字   1\n"
                        "e\xcc\x81t\xc3\xa9    2\n"
                        "plain  3\n");
}

static const struct width_case {
    const char *text;
    size_t width;
} width_cases[] = {
    {"", 0},          {"abc", 3},          {"\xc3\xa9", 1},
    {"e\xcc\x81", 1}, {"漢", 2},           {"\xf0\x9f\x98\x80", 2},
    {"\n", 2},        {"\xe2\x80\xae", 6}, {"\xf3\xa0\x80\x81", 7},
    {"\x1b", 4},      {"\xc2\x9b", 4},     {"\xff", 4},
};

static void control_characters_are_shown_and_counted_escaped(void **state UNUSED)
{
    SCOPED(table) struct table *t = table_new("TEXT");
    SCOPED_BUF out = {0};

    table_add(t, "a\x1b[2Jb\n\t\xc2\x9b\x7f\xff\xe2\x80\xae.\xe2\x81\xa6.\xd8\x9c");
    table_write(t, 0, &out);
    assert_string_equal(buf_text(&out),
                        "TEXT\na\\x1b[2Jb\\n\\t\\x9b\\x7f\\xff\\u202e.\\u2066.\\u061c\n");
    for (size_t i = 0; i < ARRAY_LEN(width_cases); i++)
        assert_int_equal(table_width(width_cases[i].text), width_cases[i].width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_what_is_in_them),
        cmocka_unit_test(the_last_column_is_cut_at_the_terminals_edge),
        cmocka_unit_test(wide_and_combining_characters_keep_columns_straight),
        cmocka_unit_test(control_characters_are_shown_and_counted_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
