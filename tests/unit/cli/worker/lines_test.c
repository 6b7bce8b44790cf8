#include "cli/worker/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SOON = 1, LATE = LINE_PATIENCE_US, LAST = LINE_LIMIT_US };

static void add(struct lines *l, const char *text, size_t len, usec_t tick)
{
    if (len == 0)
        return;
    memcpy(lines_room(l, len), text, len);
    lines_grow(l, len, tick);
}

/* All lines there are, each followed by '|', or by '~' where it is unfinished. */
static void take(struct lines *l, usec_t tick, struct buf *out)
{
    struct line line;

    while (lines_next(l, tick, &line)) {
        buf_add(out, line.text.data, line.text.len);
        buf_add_char(out, line.is_unfinished ? '~' : '|');
        lines_drop(l, line.taken);
    }
}

/* --- what has its end --- */

static const struct cut_case {
    const char *text;
    size_t len;
    const char *so_far, *at_end; /* what comes out before and after the output has ended */
    size_t so_far_len, at_end_len;
} cut_cases[] = {
    {"", 0, "", "", 0, 0},
    {"a", 1, "", "a~", 0, 2},
    {"a\n", 2, "a|", "a|", 2, 2},
    {"\n", 1, "|", "|", 1, 1},
    {"a\n\nb", 4, "a||", "a||b~", 3, 5},
    {"a\r\n", 3, "a\r|", "a\r|", 3, 3},
    {"\0\xff\n\0", 4, "\0\xff|", "\0\xff|\0~", 3, 5},
    {"a\xc3", 2, "", "a\xc3~", 0, 3},
    {"a\x1b[", 3, "", "a\x1b[~", 0, 4},
};

static void check_cut(const struct cut_case *c, size_t step)
{
    SCOPED_BUF out = {0};
    struct lines l = {0};

    for (size_t at = 0; at < c->len; at += step) {
        add(&l, c->text + at, MIN(step, c->len - at), 0);
        take(&l, SOON, &out);
    }
    assert_int_equal(out.len, c->so_far_len);
    assert_memory_equal(buf_text(&out), c->so_far, c->so_far_len);
    l.is_ended = true;
    take(&l, SOON, &out);
    assert_int_equal(out.len, c->at_end_len);
    assert_memory_equal(buf_text(&out), c->at_end, c->at_end_len);
    assert_true(lines_is_empty(&l));
    lines_clear(&l);
}

static void lines_are_the_same_however_the_writes_were_cut(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cut_cases); i++)
        for (size_t step = 1; step <= 5; step++)
            check_cut(&cut_cases[i], step);
}

/* --- what is too long --- */

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
    struct line line;

    memset(text, 'x', c->len);
    text[c->len] = '\n';
    add(&l, text, c->len + (has_end ? 1 : 0), 0);
    for (size_t i = 0; c->pieces[i] != 0; i++) {
        assert_true(lines_next(&l, SOON, &line));
        assert_int_equal(line.text.len, c->pieces[i]);
        assert_int_equal(line.is_unfinished, !has_end || c->pieces[i + 1] != 0);
        lines_drop(&l, line.taken);
    }
    assert_false(lines_next(&l, SOON, &line));
    lines_clear(&l);
}

static void a_line_that_is_too_long_comes_in_pieces(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(piece_cases); i++) {
        check_pieces(&piece_cases[i], true);
        check_pieces(&piece_cases[i], false);
    }
}

/* --- where a piece may end --- */

static const struct end_case {
    const char *text;
    size_t whole; /* what of it may be a piece of its own */
} end_cases[] = {
    {"Continue? [y/N] ", 16},
    {"10%\r", 4},
    {"gr\xc3\xbc", 4},
    {"gr\xc3", 2},
    {"\xe2\x82", 0},
    {"a\xe2", 1},
    {"a\xf0\x9f\x98", 1},
    {"a\xf0\x9f\x98\x80", 5},
    {"a\xff", 2},         /* no beginning of a character at all, */
    {"a\xe2\x28", 3},     /* nor this, */
    {"a\xed\xa0", 3},     /* nor of a surrogate, */
    {"a\xf4\x90", 3},     /* nor what is beyond Unicode, */
    {"a\xe0\x80", 3},     /* nor what is too long for what it says */
    {"a\x80\x80\x80", 4}, /* the middle of none */
    {"a\x1b", 1},
    {"a\x1b[", 1},
    {"a\x1b[3", 1},
    {"a\x1b[31;1", 1},
    {"a\x1b[31m", 6},
    {"a\x1b[31mb", 7},
    {"\x1b[31ma\x1b[0", 6},
    {"a\x1b]0;title", 1},
    {"a\x1b]0;title\x1b", 1},
    {"a\x1b]0;title\x07", 11},
    {"a\x1b]0;title\x1b\\", 12},
    {"a\x1b(", 1},
    {"a\x1b(B", 4},
    {"a\x1b"
     "7",
     3},
    {"a\x1b[31\xff", 6}, /* no sequence: its end is no such byte */
};

static void a_piece_ends_between_characters_and_outside_escape_sequences(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++) {
        const struct end_case *c = &end_cases[i];
        struct lines l = {0};
        struct line line = {0};

        add(&l, c->text, strlen(c->text), 0);
        assert_false(lines_next(&l, LATE - 1, &line));
        if (lines_next(&l, LATE, &line) != (c->whole > 0) || line.text.len != c->whole)
            fail_msg("case %zu: %zu, not %zu", i, line.text.len, c->whole);
        assert_int_equal(lines_wake(&l), c->whole > 0 ? LATE : LAST);
        lines_clear(&l);
    }
}

static void a_sequence_that_never_ends_holds_nothing_back(void **state UNUSED)
{
    static char text[300] = "\x1b]";
    struct lines l = {0};
    struct line line;

    memset(text + 2, 'x', sizeof text - 2);
    add(&l, text, sizeof text, 0);
    assert_true(lines_next(&l, LATE, &line));
    assert_int_equal(line.text.len, sizeof text);
    lines_clear(&l);
}

static void a_long_line_is_cut_there_too(void **state UNUSED)
{
    static const char *const ends[] = {"\xc3\xa9", "\x1b[31m", "\xff\xff"};
    static const size_t lengths[] = {LINE_MAX_BYTES - 1, LINE_MAX_BYTES - 1, LINE_MAX_BYTES - 1};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        static char text[LINE_MAX_BYTES + 8];
        struct lines l = {0};
        struct line line;

        memset(text, 'x', sizeof text);
        memcpy(text + LINE_MAX_BYTES - 1, ends[i], strlen(ends[i]));
        add(&l, text, sizeof text, 0);
        assert_true(lines_next(&l, SOON, &line));
        assert_int_equal(line.text.len, lengths[i]);
        lines_clear(&l);
    }
}

/* --- what waits for its end --- */

static void what_waits_comes_unfinished_and_goes_on(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct lines l = {0};

    assert_true(lines_wake(&l) == USEC_MAX);
    add(&l, "a\nName: ", 8, 100);
    take(&l, 101, &out);
    assert_string_equal(buf_text(&out), "a|");
    assert_int_equal(lines_wake(&l), 100 + LATE);
    take(&l, 100 + LATE - 1, &out);
    assert_string_equal(buf_text(&out), "a|");
    take(&l, 100 + LATE, &out);
    assert_string_equal(buf_text(&out), "a|Name: ~");
    assert_true(lines_wake(&l) == USEC_MAX);
    add(&l, "x", 1, 2 * LATE);
    assert_int_equal(lines_wake(&l), 3 * LATE);
    add(&l, "y", 1, 2 * LATE + 5); /* does not put it off */
    assert_int_equal(lines_wake(&l), 3 * LATE);
    add(&l, "\nz", 2, 2 * LATE + 9);
    take(&l, 2 * LATE + 10, &out);
    assert_string_equal(buf_text(&out), "a|Name: ~xy|");
    assert_int_equal(lines_wake(&l), 3 * LATE + 9);
    lines_wait_again(&l, 3 * LATE);
    assert_int_equal(lines_wake(&l), 4 * LATE);
    take(&l, 4 * LATE, &out);
    add(&l, "\n", 1, 4 * LATE);
    take(&l, 4 * LATE, &out);
    l.is_ended = true;
    take(&l, 9 * LATE, &out);
    assert_string_equal(buf_text(&out), "a|Name: ~xy|z~|");
    lines_clear(&l);
}

static void half_a_character_waits_for_the_other_half(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct lines l = {0};

    add(&l, "a\xc3", 2, 0);
    take(&l, LAST - 1, &out);
    assert_string_equal(buf_text(&out), "a~");
    assert_int_equal(lines_wake(&l), LAST);
    add(&l, "\xa9\xc3", 2, LAST - 1);
    take(&l, LAST, &out);
    assert_string_equal(buf_text(&out), "a~\xc3\xa9~");
    assert_int_equal(lines_wake(&l), 2 * LAST - 1);
    lines_clear(&l);
}

static void what_only_looks_like_half_a_character_is_seen_as_well(void **state UNUSED)
{
    static const char *const ends[] = {"Entr\xe9", "Entr\xf0\x9f\x98", "Name\x1b[",
                                       "Name\x1b]0;title"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        SCOPED_BUF out = {0};
        struct lines l = {0};

        add(&l, ends[i], strlen(ends[i]), 0);
        take(&l, LATE, &out);
        assert_int_equal(out.len, 5);
        take(&l, LAST, &out);
        assert_int_equal(out.len, strlen(ends[i]) + 2);
        assert_true(lines_wake(&l) == USEC_MAX);
        lines_clear(&l);
    }
}

/* --- any bytes in any cut, at any time --- */

static uint32_t next(uint32_t *seed)
{
    return *seed = *seed * 1664525 + 1013904223;
}

/* Letters, line ends, parts of characters and of sequences; then no line end any more. */
static char *some_output(size_t size, uint32_t *seed)
{
    static const char often[] = "ab\n\r\x1b[;m]\x07\xc3\xa9\xf0\x9f\x98\x80";
    char *text = malloc(size);

    for (size_t i = 0; i < size; i++) {
        uint32_t dice = next(seed) >> 8;

        text[i] = dice % 2 == 0 ? often[dice / 2 % (sizeof often - 1)] : (char)(dice >> 8);
        if (i > size / 2 && text[i] == '\n')
            text[i] = 'x';
    }
    return text;
}

static void collect(struct lines *l, usec_t tick, struct buf *all)
{
    struct line line;

    while (lines_next(l, tick, &line)) {
        assert_true(line.text.len <= LINE_MAX_BYTES);
        buf_add(all, line.text.data, line.text.len);
        if (!line.is_unfinished)
            buf_add_char(all, '\n');
        lines_drop(l, line.taken);
    }
}

static void nothing_is_lost_whatever_the_bytes(void **state UNUSED)
{
    enum { SIZE = 200000 };
    uint32_t seed = 7;

    for (int trial = 0; trial < 20; trial++) {
        char *text = some_output(SIZE, &seed);
        uint32_t longest = 1u << (trial % 16);
        SCOPED_BUF all = {0};
        struct lines l = {0};
        usec_t tick = 0;

        for (size_t at = 0, step; at < SIZE; at += step) {
            step = MIN(SIZE - at, 1 + next(&seed) % longest);
            add(&l, text + at, step, tick);
            tick += next(&seed) % 4 == 0 ? LATE : SOON;
            if (next(&seed) % 3 != 0)
                collect(&l, tick, &all);
        }
        l.is_ended = true;
        collect(&l, tick, &all);
        assert_int_equal(all.len, SIZE);
        assert_memory_equal(all.data, text, SIZE);
        lines_clear(&l);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_the_writes_were_cut),
        cmocka_unit_test(a_line_that_is_too_long_comes_in_pieces),
        cmocka_unit_test(a_piece_ends_between_characters_and_outside_escape_sequences),
        cmocka_unit_test(a_sequence_that_never_ends_holds_nothing_back),
        cmocka_unit_test(a_long_line_is_cut_there_too),
        cmocka_unit_test(what_waits_comes_unfinished_and_goes_on),
        cmocka_unit_test(half_a_character_waits_for_the_other_half),
        cmocka_unit_test(what_only_looks_like_half_a_character_is_seen_as_well),
        cmocka_unit_test(nothing_is_lost_whatever_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
