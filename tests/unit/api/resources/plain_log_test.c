#include "api/resources/plain_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Pieces: the stream's letter, '+' when unfinished or ' ', the message. */
static const struct text_case {
    const char *pieces[6];
    const char *plain, *kept; /* kept: NULL when it is the same */
} text_cases[] = {
    {{"O one", "E two", "L "}, "one\ntwo\n\n", NULL},
    {{"O+Name: ", "O Bob"}, "Name: Bob\n", NULL},
    {{"O+50 %", "O+\r100 %", "O "}, "50 %\r100 %\n", NULL},
    {{"O+half", "E whole", "O  a line"}, "half\nwhole\n a line\n", NULL},
    {{"O+half", "E whole", "O "}, "half\nwhole\n", NULL},
    {{"O+never ended"}, "never ended\n", NULL},
    {{"O \\x00\\xff as stored"}, "\\x00\\xff as stored\n", NULL},
    {{"O \033[1;31mred\033[0m"}, "red\n", "\033[1;31mred\033[0m\n"},
    {{"O \033[38;2;1;2;3mx\033[K\033[?25l"}, "x\n", "\033[38;2;1;2;3mx\033[K\033[?25l\n"},
    {{"O \033]8;;http://a\aa\033]8;;\033\\b"}, "ab\n", "\033]8;;http://a\aa\033]8;;\033\\b\n"},
    {{"O \033(Ba\0337b\033=c"}, "abc\n", "\033(Ba\0337b\033=c\n"},
    {{"O \033Pq#0;2\033\\x\033_y\033\\"}, "x\n", "\033Pq#0;2\033\\x\033_y\033\\\n"},
    /* a sequence cut by the end of its piece, with another stream between */
    {{"O+a\033[3", "E \033[1mb", "O 1mc\033[m"}, "a\nb\nc\n", "a\033[3\n\033[1mb\n1mc\033[m\n"},
    /* one that never ends takes no more than its line */
    {{"O a\033]0;title", "O b"}, "a\nb\n", "a\033]0;title\nb\n"},
    {{"O a\033[12", "O b\033"}, "a\nb\n", "a\033[12\nb\033\n"},
    /* what cannot belong to one ends it */
    {{"O \033[1\tx"}, "\tx\n", "\033[1\tx\n"},
    {{"O \033[\033[1mx"}, "x\n", "\033[\033[1mx\n"},
    {{"O \033[1\xc3\xa4"}, "\xc3\xa4\n", "\033[1\xc3\xa4\n"},
    {{"O \033"}, "\n", "\033\n"},
    /* the introducers of one character */
    {{"O \xc2\x9b"
      "1mx\xc2\x9d"
      "0;t\xc2\x9cy\xc2\xa0z"},
     "xy\xc2\xa0z\n",
     "\xc2\x9b"
     "1mx\xc2\x9d"
     "0;t\xc2\x9cy\xc2\xa0z\n"},
    {{"O \xc2\x85n"}, "\xc2\x85n\n", NULL},
};

static void assert_text(const struct text_case *c, bool keeps_ansi, const char *expected)
{
    struct plain_log p = {.keeps_ansi = keeps_ansi};
    SCOPED_BUF out = {0};

    for (size_t i = 0; i < ARRAY_LEN(c->pieces) && c->pieces[i] != NULL; i++)
        plain_log_add(&p, c->pieces[i][0], c->pieces[i] + 2, c->pieces[i][1] == '+', &out);
    plain_log_end(&p, &out);
    assert_string_equal(buf_text(&out), expected);
}

static void lines_are_joined_and_sequences_left_out(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++)
        assert_text(&text_cases[i], false, text_cases[i].plain);
}

static void sequences_are_kept_when_wanted(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++)
        assert_text(&text_cases[i], true,
                    text_cases[i].kept != NULL ? text_cases[i].kept : text_cases[i].plain);
}

static void another_writer_begins_afresh(void **state UNUSED)
{
    struct plain_log p = {0};
    SCOPED_BUF out = {0};

    plain_log_add(&p, 'O', "a\033[", true, &out);
    plain_log_end(&p, &out);
    plain_log_add(&p, 'O', "1mb", false, &out);
    assert_string_equal(out.data, "a\n1mb\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_joined_and_sequences_left_out),
        cmocka_unit_test(sequences_are_kept_when_wanted),
        cmocka_unit_test(another_writer_begins_afresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
