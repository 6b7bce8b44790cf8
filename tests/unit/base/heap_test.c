#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void is_empty_at_first(void **state UNUSED)
{
    struct heap h = {0};

    assert_null(heap_first(&h));
    assert_true(heap_first_due(&h) == USEC_MAX);
    heap_clear(&h);
}

static void tells_equal_times_apart_by_the_id(void **state UNUSED)
{
    struct heap h = {0};
    struct heap_node a = {.id = {{1}}}, b = {.id = {{2}}};

    heap_set(&h, &b, 5);
    heap_set(&h, &a, 5);
    assert_ptr_equal(heap_first(&h), &a);
    heap_set(&h, &a, 6);
    assert_ptr_equal(heap_first(&h), &b);
    heap_clear(&h);
}

static void forgets_what_never_comes(void **state UNUSED)
{
    struct heap h = {0};
    struct heap_node a = {.id = {{1}}};

    heap_set(&h, &a, USEC_MAX);
    assert_null(heap_first(&h));
    heap_set(&h, &a, 1);
    heap_set(&h, &a, USEC_MAX);
    assert_null(heap_first(&h));
    heap_remove(&h, &a);
    heap_clear(&h);
}

static void answers_the_earliest_through_random_changes(void **state UNUSED)
{
    enum { NODES = 200, STEPS = 20000 };
    struct heap h = {0};
    struct heap_node nodes[NODES] = {0};
    usec_t due[NODES];

    srandom(7);
    for (size_t i = 0; i < NODES; i++) {
        nodes[i].id.b[0] = (uint8_t)i;
        due[i] = USEC_MAX;
    }
    for (int step = 0; step < STEPS; step++) {
        size_t k = (size_t)random() % NODES, first = 0;

        due[k] = random() % 3 == 0 ? USEC_MAX : random() % 50;
        heap_set(&h, &nodes[k], due[k]);
        for (size_t i = 1; i < NODES; i++)
            first = due[i] < due[first] ? i : first;
        assert_true(heap_first_due(&h) == due[first]);
        assert_ptr_equal(heap_first(&h), due[first] == USEC_MAX ? NULL : &nodes[first]);
    }
    heap_clear(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_first),
        cmocka_unit_test(tells_equal_times_apart_by_the_id),
        cmocka_unit_test(forgets_what_never_comes),
        cmocka_unit_test(answers_the_earliest_through_random_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
