#include "base/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { THINGS = 500, STEPS = 20000 };

struct thing {
    struct uuid id;
    bool held;
};

static struct thing things[THINGS];

/* Few bits differ, so many have the same home. */
static void number_things(void)
{
    for (int n = 0; n < THINGS; n++)
        things[n] = (struct thing){.id = {{(uint8_t)n, (uint8_t)(n >> 8)}}};
}

static void finds_nothing_in_an_empty_one(void **state UNUSED)
{
    struct index x = {0};
    size_t at = 0;

    assert_null(index_find(&x, UUID_NIL));
    assert_null(index_each(&x, &at));
    index_clear(&x);
}

static void holds_what_a_plain_array_holds_through_random_changes(void **state UNUSED)
{
    struct index x = {0};
    size_t count = 0, walked = 0, at = 0;

    number_things();
    srandom(42);
    for (int i = 0; i < STEPS; i++) {
        struct thing *t = &things[random() % THINGS];

        if (t->held)
            index_remove(&x, t);
        else
            index_add(&x, t);
        t->held = !t->held;
        count = t->held ? count + 1 : count - 1;
        assert_int_equal(x.count, count);
        t = &things[random() % THINGS];
        assert_ptr_equal(index_find(&x, t->id), t->held ? t : NULL);
    }
    for (struct thing *t; (t = index_each(&x, &at)) != NULL; walked++)
        assert_true(t->held);
    assert_int_equal(walked, count);
    index_clear(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nothing_in_an_empty_one),
        cmocka_unit_test(holds_what_a_plain_array_holds_through_random_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
