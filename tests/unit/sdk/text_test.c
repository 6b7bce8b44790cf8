#include "c/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct piece_case {
    const char *text;
    size_t max, piece;
} piece_cases[] = {
    {"", 4, 0},
    {"abc", 4, 3},
    {"abcd", 4, 4},
    {"abcde", 4, 4},
    {"ab\xc3\xa9", 3, 2}, /* two bytes: the second does not fit */
    {"ab\xc3\xa9", 4, 4},
    {"a\xe2\x82\xac"
     "b",
     3, 1}, /* three */
    {"a\xf0\x9f\x98\x80"
     "b",
     4, 1}, /* four */
    {"a\xf0\x9f\x98\x80"
     "b",
     5, 5},
    {"\x80\x80\x80\x80\x80\x80", 5, 1}, /* no characters at all: each takes four bytes */
    {"ab\xff\xff", 8, 3},               /* nor does an escape come in two pieces */
    {"ab\xff\xff", 10, 4},
    {"\xc3\xa9\xff", 5, 2},
};

static void a_piece_never_ends_inside_a_character(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(piece_cases); i++) {
        const struct piece_case *c = &piece_cases[i];

        assert_int_equal(text_piece(c->text, strlen(c->text), c->max), c->piece);
    }
}

static const struct clean_case {
    const char *text;
    size_t len;
    const char *clean;
    size_t clean_len;
    bool is_escaped;
} clean_cases[] = {
    {"", 0, "", 0, false},
    {"plain", 5, "plain", 5, false},
    {"gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f", 6, false},
    {"a\0b", 3, "a\0b", 3, false},
    {"\xff", 1, "\\xff", 4, true},
    {"a\xff\0\xc3", 4, "a\\xff\0\\xc3", 10, true},
    {"\xff\0ok", 4, "\\xff\0ok", 7, true},
};

static void what_is_no_text_is_escaped_and_nothing_is_lost(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(clean_cases); i++) {
        const struct clean_case *c = &clean_cases[i];
        SCOPED_BUF out = {0};

        assert_int_equal(text_clean(&out, c->text, c->len), c->is_escaped);
        assert_int_equal(out.len, c->clean_len);
        assert_memory_equal(buf_text(&out), c->clean, c->clean_len);
    }
}

/* What takes more room when it is escaped still has to fit: a report with a longer message is refused. */
static void what_is_cut_has_room_for_its_escapes(void **state UNUSED)
{
    static const struct {
        const char *text, *cut;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"plain text", "plain te"},
        {"gr\xc3\xbc\xc3\x9f gott", "gr\xc3\xbc\xc3\x9f g"},
        {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "\\xff\\xfe"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED_BUF out = {0};

        text_clean_cut(&out, cases[i].text, 8);
        assert_string_equal(buf_text(&out), cases[i].cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_never_ends_inside_a_character),
        cmocka_unit_test(what_is_no_text_is_escaped_and_nothing_is_lost),
        cmocka_unit_test(what_is_cut_has_room_for_its_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
