#include "bus/gallop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Searches a batch of `count` records at `first` in a log that ends at `end`; returns how many offsets it tried. */
static int search(int64_t first, int64_t count, int64_t end)
{
    struct gallop g;
    int64_t next;
    int tries = 0;

    gallop_begin(&g, first, end);
    while ((next = gallop_next(&g)) >= 0) {
        assert_true(next > first && next < end); /* never where a broker would say "out of range" */
        gallop_take(&g, next < first + count);
        assert_true(++tries < 100);
    }
    assert_true(g.outside == first + count);
    assert_true(g.inside == first + count - 1);
    return tries;
}

static void finds_the_end_of_a_batch_of_any_length_anywhere(void **state UNUSED)
{
    for (int64_t count = 1; count <= 130; count++)
        for (int64_t behind = 0; behind <= 130; behind++)
            (void)search(7, count, 7 + count + behind);
    (void)search(0, 1, INT64_C(1) << 50);
    (void)search(INT64_C(1) << 40, 100000, (INT64_C(1) << 40) + 100000);
}

static void needs_few_tries(void **state UNUSED)
{
    assert_int_equal(search(5, 1, 6), 0); /* the last in the log */
    assert_int_equal(search(5, 1, 1000000), 1);
    assert_true(search(5, 100000, 1000000000) <= 34);
}

/* The end that is known may be older than the batch, never wrong. */
static void takes_a_batch_for_one_record_when_no_end_is_known(void **state UNUSED)
{
    struct gallop g;

    gallop_begin(&g, 9, -1);
    assert_true(gallop_next(&g) == -1);
    assert_true(g.outside == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_end_of_a_batch_of_any_length_anywhere),
        cmocka_unit_test(needs_few_tries),
        cmocka_unit_test(takes_a_batch_for_one_record_when_no_end_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
