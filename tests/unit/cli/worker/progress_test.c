#include "cli/worker/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct said_case {
    const char *text;
    int percent; /* -2: nothing was said */
    const char *message;
} said_cases[] = {
    {"40\n", 40, ""},
    {"0\n", 0, ""},
    {"100%\n", 100, ""},
    {"  40 %  loading \t parts \r\n", 40, "loading \t parts"},
    {"40.75 loading\n", 40, "loading"},
    {"40%\n", 40, ""},
    {"loading\n", -1, "loading"},
    {"3 of 7\n", 3, "of 7"},
    {"3/7\n", -1, "3/7"},
    {"101\n", -1, "101"},
    {"-1\n", -1, "-1"},
    {"99999999999999999999 rows\n", -1, "99999999999999999999 rows"},
    {"40.\n", -1, "40."},
    {"4th part\n", -1, "4th part"},
    {"10\n20\n30 third\n", 30, "third"},
    {"10 first\n\n  \n", 10, "first"},
    {"10 first\n20 sec", 10, "first"},
    {"\n", -2, NULL},
    {"", -2, NULL},
};

static void the_newest_line_counts(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(said_cases); i++) {
        const struct said_case *c = &said_cases[i];
        struct progress p = {0};
        const char *message;
        int percent;

        for (size_t at = 0; c->text[at] != '\0'; at++) /* however it comes */
            progress_take(&p, &c->text[at], 1);
        assert_int_equal(progress_next(&p, &percent, &message), c->percent != -2);
        if (c->percent == -2)
            continue;
        assert_int_equal(percent, c->percent);
        assert_string_equal(message, c->message);
        assert_false(progress_next(&p, &percent, &message));
    }
}

static void a_last_line_needs_no_end(void **state UNUSED)
{
    struct progress p = {0};
    const char *message;
    int percent;

    progress_take(&p, "99 nearly", 9);
    assert_false(progress_next(&p, &percent, &message));
    progress_end(&p);
    assert_true(progress_next(&p, &percent, &message));
    assert_int_equal(percent, 99);
    assert_string_equal(message, "nearly");
}

static void a_line_is_bounded_and_nuls_are_left_out(void **state UNUSED)
{
    static char flood[100000];
    struct progress p = {0};
    const char *message;
    int percent;

    memset(flood, 'x', sizeof flood);
    progress_take(&p, flood, sizeof flood);
    progress_take(&p, "\n50 a\0b\n", 9);
    assert_true(progress_next(&p, &percent, &message));
    assert_int_equal(percent, 50);
    assert_string_equal(message, "ab");
    progress_take(&p, flood, sizeof flood);
    progress_end(&p);
    assert_true(progress_next(&p, &percent, &message));
    assert_int_equal(strlen(message), PROGRESS_LINE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_line_counts),
        cmocka_unit_test(a_last_line_needs_no_end),
        cmocka_unit_test(a_line_is_bounded_and_nuls_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
