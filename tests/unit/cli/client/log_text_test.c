#include "cli/client/log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Pieces, each "<stream><end><message>": o and e are the streams, '|' ends the line, '~' does not. */
static const struct text_case {
    const char *pieces[8];
    const char *text, *for_people; /* NULL: the same */
} text_cases[] = {
    {{"o|a", "e|b", "o|"}, "a\nb\n\n", NULL},
    {{"o~Continue? ", "o|y"}, "Continue? y\n", NULL},
    {{"o~Continue? ", "o|"}, "Continue? \n", NULL},
    {{"o~no end"}, "no end\n", NULL},
    {{"o~a", "o~b", "o~c", "o|d", "o|e"}, "abcd\ne\n", NULL},
    {{"e~x.txt - no such file", "o|DATA", "e|"}, "x.txt - no such file\nDATA\n", NULL},
    {{"o~a", "e|b", "o|c"}, "a\nb\nc\n", NULL},
    {{"o~a", "e~b", "o~c", "e|", "o|"}, "a\nb\nc\n", NULL},
    {{"o~a", "e|b", "o|", "o|"}, "a\nb\n\n", NULL}, /* the second is a line of its own */
    {{"o~1\r", "o~2\r", "o|3"}, "1\r2\r3\n", "1\\x0d\n2\\x0d\n3\n"},
    {{"o~\r1", "o~\r2", "o|"}, "\r1\r2\n", "\\x0d1\n\\x0d2\n"},
    {{"o~1\r", "o|"}, "1\r\n", "1\\x0d\n"},
    {{"o|a\r", "o|b"}, "a\r\nb\n", "a\\x0d\nb\n"},
    {{"o|\x1b[2J"}, "\x1b[2J\n", "\\x1b[2J\n"},
    {{"o~", "o|a"}, "a\n", NULL},
};

static void check(const struct text_case *c, bool is_for_people)
{
    const char *expected = is_for_people && c->for_people != NULL ? c->for_people : c->text;
    struct log_text t = {.is_for_people = is_for_people};
    SCOPED_BUF out = {0};

    for (size_t i = 0; i < ARRAY_LEN(c->pieces) && c->pieces[i] != NULL; i++) {
        const char *p = c->pieces[i];
        const struct log_piece piece = {.writer = "w",
                                        .stream = *p == 'o' ? "STDOUT" : "STDERR",
                                        .attempt = 1,
                                        .message = p + 2,
                                        .is_unfinished = p[1] == '~'};

        log_text_add(&t, &piece, "", &out);
    }
    log_text_end(&t, &out);
    assert_string_equal(buf_text(&out), expected);
    log_text_clear(&t);
}

static void pieces_become_lines_and_streams_stay_apart(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
        check(&text_cases[i], false);
        check(&text_cases[i], true);
    }
}

static void what_stands_before_a_line_stands_there_once(void **state UNUSED)
{
    struct log_piece piece = {"w", "STDOUT", 1, "a", true};
    struct log_text t = {0};
    SCOPED_BUF out = {0};

    log_text_add(&t, &piece, "1: ", &out);
    piece.message = "b";
    log_text_add(&t, &piece, "2: ", &out);
    piece.attempt = 2; /* another run of the command */
    log_text_add(&t, &piece, "3: ", &out);
    log_text_end(&t, &out);
    assert_string_equal(buf_text(&out), "1: ab\n3: b\n");
    log_text_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_lines_and_streams_stay_apart),
        cmocka_unit_test(what_stands_before_a_line_stands_there_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
