#include "base/seldom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void one_a_minute_is_told_of_each_place(void **state UNUSED)
{
    struct seldom s = {0};
    uint64_t left_out = 99;

    assert_true(seldom_is_due(&s, "status", 0, 0, &left_out));
    assert_int_equal(left_out, 0);
    for (usec_t now = 1; now <= 1000; now++)
        assert_false(seldom_is_due(&s, "status", 0, now, &left_out));
    assert_false(seldom_is_due(&s, "status", 0, USEC_PER_MIN - 1, &left_out));
    assert_true(seldom_is_due(&s, "status", 1, 500, &left_out));
    assert_int_equal(left_out, 0);
    assert_true(seldom_is_due(&s, "logs", 0, 500, &left_out));
    assert_true(seldom_is_due(&s, "status", 0, USEC_PER_MIN, &left_out));
    assert_int_equal(left_out, 1001);
    assert_true(seldom_is_due(&s, "status", 0, 3 * USEC_PER_MIN, &left_out));
    assert_int_equal(left_out, 0);
    assert_int_equal(s.all, 1006);
    seldom_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_a_minute_is_told_of_each_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
