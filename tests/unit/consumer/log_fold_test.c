#include "consumer/log_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

/* "[1,4) [6,9)" */
static void add_ranges(struct buf *out, const struct seq_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++)
        buf_printf(out, "%s[%jd,%jd)", i > 0 ? " " : "", (intmax_t)ranges->items[i].from,
                   (intmax_t)ranges->items[i].to);
}

static const struct take_case {
    int64_t next;
    struct seq_range gaps[3]; /* before; an empty one ends */
    struct seq_range lines;
    const char *fresh;
    int64_t next_after;
    const char *gaps_after;
} take_cases[] = {
    {1, {{0}}, {1, 5}, "[1,5)", 5, ""},                  /* the first lines */
    {5, {{0}}, {5, 7}, "[5,7)", 7, ""},                  /* the next ones */
    {5, {{0}}, {1, 5}, "", 5, ""},                       /* all again */
    {5, {{0}}, {3, 8}, "[5,8)", 8, ""},                  /* some again */
    {5, {{0}}, {7, 9}, "[7,9)", 9, "[5,7)"},             /* a jump */
    {9, {{5, 7}}, {5, 7}, "[5,7)", 9, ""},               /* what was jumped over */
    {9, {{5, 7}}, {4, 8}, "[5,7)", 9, ""},               /* with its neighbours */
    {9, {{3, 7}}, {4, 5}, "[4,5)", 9, "[3,4) [5,7)"},    /* from the middle of a gap */
    {9, {{3, 7}}, {3, 5}, "[3,5)", 9, "[5,7)"},          /* its beginning */
    {9, {{3, 7}}, {6, 7}, "[6,7)", 9, "[3,6)"},          /* its end */
    {9, {{2, 3}, {5, 7}}, {1, 9}, "[2,3) [5,7)", 9, ""}, /* two gaps at once */
    {9, {{2, 3}, {5, 7}}, {6, 12}, "[6,7) [9,12)", 12, "[2,3) [5,6)"},
    {9, {{2, 3}, {5, 7}}, {11, 12}, "[11,12)", 12, "[2,3) [5,7) [9,11)"},
    {9, {{5, 7}}, {1, 3}, "", 9, "[5,7)"}, /* below the gap */
    {9, {{5, 7}}, {7, 9}, "", 9, "[5,7)"}, /* above it */
};

static void takes_each_line_once(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(take_cases); i++) {
        const struct take_case *c = &take_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        SCOPED_BUF fresh_text = {0};
        SCOPED_BUF gaps_text = {0};
        struct log_writer_row writer = {.next_seq = c->next};
        struct seq_range gaps[3];
        struct seq_ranges fresh = {NULL, 0};

        for (size_t n = 0; n < ARRAY_LEN(gaps) && c->gaps[n].to > 0; n++)
            gaps[writer.gaps.count++] = c->gaps[n];
        writer.gaps.items = gaps;
        assert_int_equal(log_fold_take(&writer, c->lines, memory, &fresh, NULL), RC_OK);
        add_ranges(&fresh_text, &fresh);
        add_ranges(&gaps_text, &writer.gaps);
        assert_string_equal(buf_text(&fresh_text), c->fresh);
        assert_string_equal(buf_text(&gaps_text), c->gaps_after);
        assert_int_equal(writer.next_seq, c->next_after);
    }
}

static void refuses_more_gaps_than_it_wants_to_remember(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct log_writer_row writer = {.next_seq = 1};
    struct seq_ranges fresh = {NULL, 0};
    struct error err;
    int64_t seq = 2;

    for (; writer.gaps.count < WRITER_GAPS_MAX; seq += 2)
        assert_int_equal(
            log_fold_take(&writer, (struct seq_range){seq, seq + 1}, memory, &fresh, &err), RC_OK);
    assert_int_equal(log_fold_take(&writer, (struct seq_range){seq, seq + 1}, memory, &fresh, &err),
                     RC_INVALID);
    assert_int_equal(writer.gaps.count, WRITER_GAPS_MAX);
    assert_int_equal(log_fold_take(&writer, (struct seq_range){1, 2}, memory, &fresh, &err), RC_OK);
    assert_int_equal(writer.gaps.count, WRITER_GAPS_MAX - 1);
}

static void counts_lines_by_level(void **state UNUSED)
{
    static const struct log_line lines[] = {{.level = LINE_WARN},
                                            {.level = LINE_INFO},
                                            {.level = LINE_WARN},
                                            {.level = LINE_ERROR},
                                            {.level = LINE_DEBUG}};
    const struct line_list all = {lines, ARRAY_LEN(lines)}, first = {lines, 1};
    struct log_writer_row writer = {.levels = {[LINE_WARN] = 5}};

    log_fold_count(&writer, &all);
    log_fold_count(&writer, &first);
    assert_int_equal(writer.levels[LINE_WARN], 8);
    assert_int_equal(writer.levels[LINE_INFO], 1);
    assert_int_equal(writer.levels[LINE_ERROR], 1);
    assert_int_equal(writer.levels[LINE_DEBUG], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_each_line_once),
        cmocka_unit_test(counts_lines_by_level),
        cmocka_unit_test(refuses_more_gaps_than_it_wants_to_remember),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
