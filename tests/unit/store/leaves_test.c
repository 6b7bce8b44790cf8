#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "store/read_executions.h"
#include "store/read_leaves.h"

static usec_t at(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

static void a_leafs_name_says_what_it_holds(void **state UNUSED)
{
    struct leaf leaf;

    assert_true(leaf_parse("execution_202612", &leaf));
    assert_int_equal(leaf.from, at("2026-12-01T00:00:00Z"));
    assert_int_equal(leaf.to, at("2027-01-01T00:00:00Z"));
    assert_true(leaf_parse("log_batch_20261123", &leaf));
    assert_int_equal(leaf.from, at("2026-11-23T00:00:00Z"));
    assert_int_equal(leaf.to, at("2026-11-30T00:00:00Z"));
}

static void other_names_are_no_leaves(void **state UNUSED)
{
    static const char *const others[] = {
        "execution",         "task_revision",    "execution_2026",
        "execution_2026123", "execution_202613", "execution_202600",
        "execution_20261x",  "execution_",       "_"};
    struct leaf leaf;

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(leaf_parse(others[i], &leaf));
}

static void the_leaf_of_an_instant_is_that_of_its_month(void **state UNUSED)
{
    struct leaf leaf, parsed;

    leaf_of("execution_event", at("2026-12-31T23:59:59.999999Z"), &leaf);
    assert_string_equal(leaf.name, "execution_event_202612");
    assert_true(leaf_parse(leaf.name, &parsed));
    assert_int_equal(parsed.from, leaf.from);
    assert_int_equal(parsed.to, leaf.to);
}

static void the_floor_of_an_instant_is_below_every_id_of_it(void **state UNUSED)
{
    struct uuid task = task_id_of("default", "a");
    usec_t t = at("2026-11-24T13:36:46.123Z");
    struct uuid floor = execution_id_floor(t);

    assert_true(uuid_order(floor, execution_id_of(task, t, "instant", "")) < 0);
    assert_true(uuid_order(execution_id_of(task, t - USEC_PER_MS, "instant", ""), floor) < 0);
    assert_int_equal(execution_id_ms(floor), t / USEC_PER_MS);
    assert_true(uuid_is_nil(execution_id_floor(-5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leafs_name_says_what_it_holds),
        cmocka_unit_test(other_names_are_no_leaves),
        cmocka_unit_test(the_leaf_of_an_instant_is_that_of_its_month),
        cmocka_unit_test(the_floor_of_an_instant_is_below_every_id_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
