#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct uuid numbered(uint64_t n)
{
    struct uuid id = {{0}};

    for (int i = 0; i < 8; i++)
        id.b[i] = (uint8_t)(n >> (8 * i));
    return id;
}

static void finds_nothing_in_an_empty_map(void **state UNUSED)
{
    struct map m = {0};
    size_t at = 0;

    assert_null(map_find(&m, numbered(1)));
    assert_null(map_remove(&m, numbered(1)));
    assert_null(map_each(&m, &at));
    map_clear(&m);
}

static void replaces_the_value_of_a_key_it_has(void **state UNUSED)
{
    struct map m = {0};
    int a, b;

    map_put(&m, numbered(7), &a);
    map_put(&m, numbered(7), &b);
    assert_int_equal(m.count, 1);
    assert_ptr_equal(map_find(&m, numbered(7)), &b);
    assert_ptr_equal(map_remove(&m, numbered(7)), &b);
    assert_null(map_find(&m, numbered(7)));
    map_clear(&m);
}

static void holds_what_a_plain_array_holds_through_random_changes(void **state UNUSED)
{
    enum { KEYS = 500, STEPS = 20000 };
    struct map m = {0};
    char things[KEYS];
    bool held[KEYS] = {false};
    size_t count = 0, walked = 0, at = 0;

    srandom(42);
    for (int i = 0; i < STEPS; i++) {
        size_t k = (size_t)random() % KEYS;
        bool add = random() % 2 == 0;

        if (add)
            map_put(&m, numbered(k), &things[k]);
        else
            assert_ptr_equal(map_remove(&m, numbered(k)), held[k] ? &things[k] : NULL);
        count += (size_t)add - (size_t)held[k];
        held[k] = add;
        assert_int_equal(m.count, count);
    }
    for (size_t k = 0; k < KEYS; k++)
        assert_ptr_equal(map_find(&m, numbered(k)), held[k] ? &things[k] : NULL);
    while (map_each(&m, &at) != NULL)
        walked++;
    assert_int_equal(walked, count);
    map_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nothing_in_an_empty_map),
        cmocka_unit_test(replaces_the_value_of_a_key_it_has),
        cmocka_unit_test(holds_what_a_plain_array_holds_through_random_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
