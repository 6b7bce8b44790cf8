#include "cli/worker/printed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { LATE = LINE_PATIENCE_US };

static void add(struct printed *p, const char *text, usec_t tick)
{
    size_t len = strlen(text);

    memcpy(lines_room(&p->lines, len), text, len);
    lines_grow(&p->lines, len, tick);
}

/* What comes out at that tick: the letter of each level, small where the line is unfinished. */
static void take(struct printed *p, usec_t tick, struct buf *out)
{
    enum cronobs_level level;
    struct line line;

    while (printed_next(p, tick, &line, &level)) {
        char letter = level == CRONOBS_LEVEL_ERROR  ? 'E'
                      : level == CRONOBS_LEVEL_WARN ? 'W'
                      : level == CRONOBS_LEVEL_INFO ? 'I'
                                                    : 'D';

        buf_add_char(out, (char)(line.is_unfinished ? letter | 0x20 : letter));
        printed_drop(p, &line);
    }
}

/* clang-format off */
static const struct printed_case {
    const char *writes[4]; /* with longer than a line's patience between them */
    const char *levels;
} printed_cases[] = {
    {{"ERROR a\nb\nWARN c\n"},                        "EIW"},
    {{"2026-11-29 10:00:00 ", "ERROR a\n", "b\n"},    "iEI"}, /* stated behind the first piece, and only for its line */
    {{"ERR", "OR: a", " b\n", "c\n"},                 "eeEI"},
    {{"[", "WARN", "] a", "\n"},                      "iwwW"},
    {{"Copying ... ", "ERROR: a\n"},                  "iI"}, /* the whole line states none */
    {{"{\"msg\":\"a\",", "\"level\":\"error\"", "}\n"}, "ieE"},
    {{"10%\r", "20%\r", "ERROR\n", "ERROR\n"},        "iiIE"},
    {{"ERROR a", " WARN b\n", "c\n"},                 "eEI"},
};
/* clang-format on */

static void a_level_is_that_of_the_line_as_far_as_it_is_known(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(printed_cases); i++) {
        struct printed p = {.reads_levels = true};
        SCOPED_BUF out = {0};

        for (size_t n = 0; n < 4 && printed_cases[i].writes[n] != NULL; n++) {
            usec_t tick = (usec_t)n * 2 * LATE;

            add(&p, printed_cases[i].writes[n], tick);
            take(&p, tick + LATE, &out);
        }
        assert_string_equal(buf_text(&out), printed_cases[i].levels);
        printed_clear(&p);
    }
}

/* What is cut only for its length is read as a whole, as far as it is there. */
static void a_level_behind_the_first_piece_of_a_long_line_counts_for_all(void **state UNUSED)
{
    struct printed p = {.reads_levels = true};
    SCOPED_BUF text = {0}, out = {0};

    buf_add_text(&text, "{\"msg\":\"");
    for (int i = 0; i < 2 * LINE_MAX_BYTES; i++)
        buf_add_char(&text, 'x');
    buf_add_text(&text, "\",\"level\":\"error\"}\n");
    add(&p, buf_text(&text), 0);
    take(&p, 0, &out);
    assert_string_equal(buf_text(&out), "eeE");
    printed_clear(&p);
}

static void a_line_that_is_refused_has_the_same_level_again(void **state UNUSED)
{
    struct printed p = {.reads_levels = true};
    enum cronobs_level level;
    struct line line;

    add(&p, "2026-11-29 ", 0);
    assert_true(printed_next(&p, LATE, &line, &level));
    printed_drop(&p, &line);
    add(&p, "10:00:00 WARN a\n", LATE);
    for (int i = 0; i < 3; i++) {
        assert_true(printed_next(&p, LATE, &line, &level));
        assert_int_equal(level, CRONOBS_LEVEL_WARN);
    }
    printed_clear(&p);
}

static void a_line_without_end_is_not_remembered_for_ever(void **state UNUSED)
{
    struct printed p = {.reads_levels = true};
    SCOPED_BUF out = {0};
    char text[1001];

    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 1000; i++) {
        add(&p, text, i * LATE);
        take(&p, (i + 1) * LATE, &out);
    }
    assert_true(p.front.len < 5 * LINE_MAX_BYTES);
    assert_int_equal(out.len, 1000);
    printed_clear(&p);
}

static void all_is_info_where_levels_are_not_read(void **state UNUSED)
{
    struct printed p = {.reads_levels = false};
    SCOPED_BUF out = {0};

    add(&p, "ERROR a\nERROR b", 0);
    take(&p, LATE, &out);
    assert_string_equal(buf_text(&out), "Ii");
    assert_int_equal(p.front.len, 0);
    printed_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_is_that_of_the_line_as_far_as_it_is_known),
        cmocka_unit_test(a_level_behind_the_first_piece_of_a_long_line_counts_for_all),
        cmocka_unit_test(a_line_that_is_refused_has_the_same_level_again),
        cmocka_unit_test(a_line_without_end_is_not_remembered_for_ever),
        cmocka_unit_test(all_is_info_where_levels_are_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
