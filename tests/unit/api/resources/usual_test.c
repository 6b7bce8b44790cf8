#include "api/resources/usual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/running.h"

static struct uuid task_numbered(uint32_t n)
{
    struct uuid id = UUID_NIL;

    memcpy(id.b, &n, sizeof n);
    id.b[15] = 1;
    return id;
}

static void what_is_known_is_fresh_for_a_minute(void **state UNUSED)
{
    struct usual_cache *c = usual_cache_new();

    assert_int_equal(usual_cache_find(c, task_numbered(1)), -1);
    assert_false(usual_cache_is_fresh(c, task_numbered(1), 0));
    usual_cache_put(c, task_numbered(1), 5000, 100 * USEC_PER_SEC);
    assert_true(usual_cache_is_fresh(c, task_numbered(1), 160 * USEC_PER_SEC - 1));
    assert_false(usual_cache_is_fresh(c, task_numbered(1), 160 * USEC_PER_SEC));
    assert_int_equal(usual_cache_find(c, task_numbered(1)), 5000);
    usual_cache_put(c, task_numbered(1), -1, 160 * USEC_PER_SEC);
    assert_int_equal(usual_cache_find(c, task_numbered(1)), -1);
    assert_true(usual_cache_is_fresh(c, task_numbered(1), 160 * USEC_PER_SEC));
    usual_cache_free(c);
    usual_cache_free(NULL);
}

static void the_oldest_are_overwritten(void **state UNUSED)
{
    struct usual_cache *c = usual_cache_new();

    for (uint32_t i = 1; i <= 3 * USUAL_CACHE_MAX; i++)
        usual_cache_put(c, task_numbered(i), i, 0);
    assert_int_equal(usual_cache_find(c, task_numbered(2 * USUAL_CACHE_MAX)), -1);
    assert_int_equal(usual_cache_find(c, task_numbered(2 * USUAL_CACHE_MAX + 1)),
                     2 * USUAL_CACHE_MAX + 1);
    assert_int_equal(usual_cache_find(c, task_numbered(3 * USUAL_CACHE_MAX)), 3 * USUAL_CACHE_MAX);
    usual_cache_free(c);
}

static void the_most_over_its_usual_time_comes_first(void **state UNUSED)
{
    /* in the order that is wanted */
    static const struct run_over expected[] = {
        {{{1}}, {{1}}, 900, 0},            /* no time at all, usually */
        {{{2}}, {{1}}, 400, 100},          /* four times */
        {{{3}}, {{1}}, 8000, 2000},        /* four times, and longer: by time, then by id */
        {{{4}}, {{1}}, 100, 1000},         /* in time */
        {{{5}}, {{1}}, INT64_MAX / 2, -1}, /* nobody knows */
        {{{6}}, {{1}}, 10, -1},
        {{{7}}, {{1}}, 10, -1},
    };
    static const size_t wanted[] = {0, 2, 1, 3, 4, 5, 6};
    struct run_over runs[ARRAY_LEN(expected)];

    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        runs[i] = expected[ARRAY_LEN(runs) - 1 - i];
    qsort(runs, ARRAY_LEN(runs), sizeof *runs, run_over_order);
    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        assert_memory_equal(&runs[i].execution_id, &expected[wanted[i]].execution_id,
                            sizeof(struct uuid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_fresh_for_a_minute),
        cmocka_unit_test(the_oldest_are_overwritten),
        cmocka_unit_test(the_most_over_its_usual_time_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
