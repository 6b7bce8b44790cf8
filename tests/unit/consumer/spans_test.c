#include "consumer/spans.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct span_case {
    int64_t low, high, tables; /* tables: 0 = no position */
    int64_t end;
    bool lost;
} span_cases[] = {
    {0, 0, 0, 0, false},   /* an empty topic */
    {0, 9, 0, 0, false},   /* nothing read yet: nothing to read */
    {0, 9, 9, 9, false},   /* all read */
    {0, 9, 4, 4, false},   /* some read */
    {3, 9, 4, 4, true},    /* the beginning is gone */
    {3, 9, 3, 3, true},    /* just that is gone which was read */
    {6, 9, 4, 6, true},    /* more is gone than was read: the end is never below what is there */
    {6, 9, 0, 6, true},    /* gone before it was read */
    {9, 9, 9, 9, true},    /* all gone */
    {0, 5, 9, 5, true},    /* cut off at its end, or made anew */
    {0, 0, 9, 0, true},    /* made anew, nothing in it yet */
    {10, 12, 9, 10, true}, /* nothing of it is left */
};

static void ends_where_the_tables_stand_as_far_as_the_topic_goes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(span_cases); i++) {
        const struct span_case *c = &span_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct spans s = {.memory = memory};
        const struct offset_row tables[] = {
            {.topic = "status", .part = 0, .next_offset = 77},
            {.topic = "status", .part = 1, .next_offset = c->tables}};

        spans_add(&s, "status", 0, 0, 100);
        spans_add(&s, "status", 1, c->low, c->high);
        spans_to_tables(&s, tables, ARRAY_LEN(tables));
        assert_int_equal(s.items[0].end, 77);
        assert_int_equal(s.items[1].end, c->end);
        assert_int_equal(span_has_lost(&s.items[1]), c->lost);
    }
}

static void what_the_tables_read_of_a_topic_that_is_gone_is_lost(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct spans s = {.memory = memory};
    const struct offset_row tables[] = {{.topic = "executions.gone", .part = 2, .next_offset = 7},
                                        {.topic = "executions.never", .part = 2, .next_offset = 0}};

    spans_to_tables(&s, tables, ARRAY_LEN(tables));
    assert_int_equal(s.count, 1);
    assert_int_equal(s.items[0].low, 7);
    assert_int_equal(s.items[0].end, 7);
    assert_true(span_has_lost(&s.items[0]));
}

static void reads_to_the_ends_when_there_are_no_tables(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct spans s = {.memory = memory};

    for (int p = 0; p < 200; p++)
        spans_add(&s, "tasks", p, p, 200);
    spans_to_ends(&s);
    for (int p = 0; p < 200; p++) {
        assert_int_equal(s.items[p].part, p);
        assert_int_equal(s.items[p].end, 200);
        assert_int_equal(span_has_lost(&s.items[p]), p > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_where_the_tables_stand_as_far_as_the_topic_goes),
        cmocka_unit_test(what_the_tables_read_of_a_topic_that_is_gone_is_lost),
        cmocka_unit_test(reads_to_the_ends_when_there_are_no_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
