#include "api/resources/log_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void counts_the_lines_that_have_arrived(void **state UNUSED)
{
    static struct seq_range gaps[] = {{3, 5}, {10, 11}, {20, 30}};
    static const struct {
        int64_t from, to, count;
    } cases[] = {
        {1, 41, 27}, {1, INT64_MAX, 27}, {INT64_MIN, INT64_MAX, 27},
        {3, 5, 0},   {4, 6, 1},          {1, 4, 2},
        {10, 11, 0}, {15, 25, 5},        {25, 35, 5},
        {40, 50, 1}, {41, INT64_MAX, 0}, {50, 40, 0},
    };
    const struct log_writer_row writer = {.next_seq = 41, .gaps = {gaps, ARRAY_LEN(gaps)}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(log_lines_between(&writer, cases[i].from, cases[i].to), cases[i].count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_the_lines_that_have_arrived)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
