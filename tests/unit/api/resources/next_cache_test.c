#include "api/resources/next_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct uuid task_numbered(uint32_t n)
{
    struct uuid id = UUID_NIL;

    memcpy(id.b, &n, sizeof n);
    id.b[15] = 1;
    return id;
}

static void an_entry_holds_from_where_it_was_asked_to_what_was_found(void **state UNUSED)
{
    SCOPED(next_cache) struct next_cache *c = next_cache_new();
    static const struct {
        int32_t revision;
        usec_t after;
        bool is_known;
    } cases[] = {{1, 100, true}, {1, 150, true},  {1, 199, true},
                 {1, 99, false}, {1, 200, false}, {2, 150, false}};

    next_cache_put(c, task_numbered(1), 1, 100, 200);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        usec_t next = 0;

        assert_int_equal(
            next_cache_find(c, task_numbered(1), cases[i].revision, cases[i].after, &next),
            cases[i].is_known);
        assert_int_equal(next, cases[i].is_known ? 200 : 0);
    }
}

static void what_is_newer_replaces_what_was_there(void **state UNUSED)
{
    SCOPED(next_cache) struct next_cache *c = next_cache_new();
    usec_t next = 0;

    next_cache_put(c, task_numbered(1), 1, 100, 200);
    next_cache_put(c, task_numbered(1), 2, 100, USEC_MAX);
    assert_false(next_cache_find(c, task_numbered(1), 1, 100, &next));
    assert_true(next_cache_find(c, task_numbered(1), 2, 100, &next));
    assert_int_equal(next, USEC_MAX);
    next_cache_clear(c);
    assert_false(next_cache_find(c, task_numbered(1), 2, 100, &next));
}

static void the_oldest_is_forgotten_first(void **state UNUSED)
{
    SCOPED(next_cache) struct next_cache *c = next_cache_new();
    usec_t next;

    for (uint32_t n = 0; n <= NEXT_CACHE_MAX; n++)
        next_cache_put(c, task_numbered(n), 1, 100, 200);
    assert_false(next_cache_find(c, task_numbered(0), 1, 100, &next));
    assert_true(next_cache_find(c, task_numbered(1), 1, 100, &next));
    assert_true(next_cache_find(c, task_numbered(NEXT_CACHE_MAX), 1, 100, &next));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_holds_from_where_it_was_asked_to_what_was_found),
        cmocka_unit_test(what_is_newer_replaces_what_was_there),
        cmocka_unit_test(the_oldest_is_forgotten_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
