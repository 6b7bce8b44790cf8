#include "cli/worker/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add(struct lines *l, const char *text, size_t len)
{
    if (len == 0)
        return;
    memcpy(lines_room(l, len), text, len);
    lines_grow(l, len);
}

/* All lines there are, each followed by '|'. */
static void take(struct lines *l, struct buf *out)
{
    struct bytes line;
    size_t len;

    while (lines_next(l, &line, &len)) {
        buf_add(out, line.data, line.len);
        buf_add_char(out, '|');
        lines_drop(l, len);
    }
}

static const struct cut_case {
    const char *text;
    size_t len;
    const char *so_far, *at_end; /* what comes out before and after the output has ended */
    size_t so_far_len, at_end_len;
} cut_cases[] = {
    {"", 0, "", "", 0, 0},
    {"a", 1, "", "a|", 0, 2},
    {"a\n", 2, "a|", "a|", 2, 2},
    {"\n", 1, "|", "|", 1, 1},
    {"a\n\nb", 4, "a||", "a||b|", 3, 5},
    {"a\r\n", 3, "a\r|", "a\r|", 3, 3},
    {"\0\xff\n\0", 4, "\0\xff|", "\0\xff|\0|", 3, 5},
};

static void check_cut(const struct cut_case *c, size_t step)
{
    SCOPED_BUF out = {0};
    struct lines l = {0};

    for (size_t at = 0; at < c->len; at += step) {
        add(&l, c->text + at, MIN(step, c->len - at));
        take(&l, &out);
    }
    assert_int_equal(out.len, c->so_far_len);
    assert_memory_equal(buf_text(&out), c->so_far, c->so_far_len);
    l.is_ended = true;
    take(&l, &out);
    assert_int_equal(out.len, c->at_end_len);
    assert_memory_equal(buf_text(&out), c->at_end, c->at_end_len);
    lines_clear(&l);
}

static void lines_are_the_same_however_the_writes_were_cut(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cut_cases); i++)
        for (size_t step = 1; step <= 5; step++)
            check_cut(&cut_cases[i], step);
}

static const struct piece_case {
    size_t len;       /* of a line of "x" */
    size_t pieces[4]; /* 0 ends */
} piece_cases[] = {
    {16383, {16383}},
    {16384, {16384}},
    {16385, {16384, 1}},
    {40000, {16384, 16384, 7232}},
};

static void check_pieces(const struct piece_case *c, bool has_end)
{
    static char text[40001];
    struct lines l = {.is_ended = !has_end};
    struct bytes line;
    size_t len;

    memset(text, 'x', c->len);
    text[c->len] = '\n';
    add(&l, text, c->len + (has_end ? 1 : 0));
    for (size_t i = 0; c->pieces[i] != 0; i++) {
        assert_true(lines_next(&l, &line, &len));
        assert_int_equal(line.len, c->pieces[i]);
        lines_drop(&l, len);
    }
    assert_false(lines_next(&l, &line, &len));
    lines_clear(&l);
}

static void a_line_that_is_too_long_comes_in_pieces(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(piece_cases); i++) {
        check_pieces(&piece_cases[i], true);
        check_pieces(&piece_cases[i], false);
    }
}

static void a_piece_ends_between_characters(void **state UNUSED)
{
    static char text[LINE_MAX_BYTES + 1];
    struct lines l = {0};
    struct bytes line;
    size_t len;

    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - 2, "\xc3\xa9", 2);
    add(&l, text, sizeof text);
    assert_true(lines_next(&l, &line, &len));
    assert_int_equal(line.len, LINE_MAX_BYTES - 1);
    lines_clear(&l);
}

static void nothing_is_lost_whatever_the_bytes(void **state UNUSED)
{
    enum { SIZE = 200000 };
    char *text = malloc(SIZE);
    SCOPED_BUF all = {0};
    struct lines l = {0};
    struct bytes line;
    size_t len, at = 0;
    uint32_t seed = 7;

    for (size_t i = 0; i < SIZE; i++) {
        seed = seed * 1664525 + 1013904223;
        text[i] = (char)(seed >> 24); /* a line end now and then */
        if (i > SIZE / 2 && text[i] == '\n')
            text[i] = 'x'; /* and then none */
    }
    while (at < SIZE || lines_next(&l, &line, &len)) {
        size_t step = MIN(SIZE - at, 1 + (seed = seed * 1664525 + 1013904223) % 30000);

        add(&l, text + at, step);
        at += step;
        l.is_ended = at == SIZE;
        while (lines_next(&l, &line, &len)) {
            assert_true(line.len <= LINE_MAX_BYTES);
            buf_add(&all, line.data, line.len);
            if (len > line.len)
                buf_add_char(&all, '\n');
            lines_drop(&l, len);
        }
    }
    assert_int_equal(all.len, SIZE);
    assert_memory_equal(all.data, text, SIZE);
    lines_clear(&l);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_the_writes_were_cut),
        cmocka_unit_test(a_line_that_is_too_long_comes_in_pieces),
        cmocka_unit_test(a_piece_ends_between_characters),
        cmocka_unit_test(nothing_is_lost_whatever_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
