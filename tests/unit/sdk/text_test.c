#include "c/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

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
    {"\\x41\\x42", 6, 6}, /* takes more room only where something is escaped */
    {"\xff\\x41", 10, 4},
    {"\xff\\x41\xff", 10, 4},
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
    {"a\xff\0\xc3", 4, "a\\xff\\x00\\xc3", 13, true},
    {"\xff\0ok", 4, "\\xff\\x00ok", 10, true},
    {"a\0\\x41", 6, "a\0\\x41", 6, false},
    {"\\x41", 4, "\\x41", 4, false},
    {"\\x41 \xff", 6, "\\x5cx41 \\xff", 12, true}, /* what looks like an escape, */
    {"\\xFf\xff", 5, "\\x5cxFf\\xff", 11, true},
    {"\\\xff\\x4\xff", 6, "\\\\xff\\x4\\xff", 12, true}, /* and what does not */
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

/* The bytes, had again as docs/workers.md says. */
static void undo(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++)
        if (utf8_is_escape(text + i, len - i)) {
            const char hex[3] = {text[i + 2], text[i + 3], '\0'};

            buf_add_char(out, (char)strtol(hex, NULL, 16));
            i += 3;
        } else {
            buf_add_char(out, text[i]);
        }
}

static void an_escape_can_be_undone_whatever_the_bytes(void **state UNUSED)
{
    static const char often[] = "\\x41fF\xff\xc3\xa9";
    uint32_t seed = 3;

    for (int trial = 0; trial < 20000; trial++) {
        SCOPED_BUF out = {0}, again = {0};
        char text[24];

        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = often[(seed >> 16) % sizeof often]; /* its NUL, too */
        }
        if (!text_clean(&out, text, sizeof text))
            continue;
        undo(buf_text(&out), out.len, &again);
        assert_int_equal(again.len, sizeof text);
        assert_memory_equal(again.data, text, sizeof text);
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
        cmocka_unit_test(an_escape_can_be_undone_whatever_the_bytes),
        cmocka_unit_test(what_is_cut_has_room_for_its_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
