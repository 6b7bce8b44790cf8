#include "scheduler/clock_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S(seconds) ((usec_t)((seconds)*1000000.0))

static struct moment at(double real, double mono)
{
    return (struct moment){.real = S(real), .mono = S(mono)};
}

static struct clock_guard opened(void)
{
    struct clock_guard g = {0};

    assert_false(clock_guard_look(&g, at(1000, 10)));
    assert_true(clock_guard_ask(&g, S(1000), at(1000, 10), S(10.1)));
    return g;
}

static void is_closed_until_a_record_agrees(void **state UNUSED)
{
    struct clock_guard g = {0};

    (void)clock_guard_look(&g, at(1000, 10));
    assert_false(g.is_open);
    assert_true(clock_guard_ask(&g, S(1000), at(1000, 10), S(10)));
    assert_true(g.is_open);
}

static const struct ask_case {
    double broker, decided, took;
    bool agrees;
} ask_cases[] = {
    {1000, 1000, 0, true},    {998.1, 1000, 0, true},
    {997.9, 1000, 0, false},  {1001.9, 1000, 0, true},
    {1002.1, 1000, 0, false}, {1005, 1000, 6, true}, /* written at once? late by 5 s, never early */
    {1001, 1000, 6, false},                          /* written at the end? 5 s early */
    {4600, 1000, 0, false},   {0, 1000, 0, false},
};

static void agrees_within_two_seconds(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(ask_cases); i++) {
        const struct ask_case *c = &ask_cases[i];
        struct clock_guard g = {0};

        assert_int_equal(clock_guard_ask(&g, S(c->broker), at(c->decided, 10), S(10 + c->took)),
                         c->agrees);
    }
}

static void closes_when_the_clock_jumps_and_says_so_once(void **state UNUSED)
{
    struct clock_guard g = opened();

    assert_false(clock_guard_look(&g, at(1001, 11)));
    assert_true(clock_guard_look(&g, at(4602, 12)));
    assert_false(g.is_open);
    assert_false(clock_guard_look(&g, at(4603, 13)));
}

static void closes_when_the_clock_is_set_back(void **state UNUSED)
{
    struct clock_guard g = opened();

    assert_true(clock_guard_look(&g, at(990, 12)));
}

static void closes_when_a_slow_drift_has_added_up(void **state UNUSED)
{
    struct clock_guard g = opened();
    int seconds = 0;

    while (g.is_open && seconds < 1000) {
        seconds++;
        (void)clock_guard_look(&g, at(1000 + seconds * 1.01, 10 + seconds));
    }
    assert_in_range(seconds, 190, 215);
}

static void asks_once_a_second_while_it_is_closed(void **state UNUSED)
{
    struct clock_guard g = {0};

    assert_true(clock_guard_may_ask(&g, at(1000, 10)));
    assert_false(clock_guard_ask(&g, S(2000), at(1000, 10), S(10)));
    assert_false(clock_guard_may_ask(&g, at(1000.5, 10.5)));
    assert_true(clock_guard_may_ask(&g, at(1001, 11)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_closed_until_a_record_agrees),
        cmocka_unit_test(agrees_within_two_seconds),
        cmocka_unit_test(closes_when_the_clock_jumps_and_says_so_once),
        cmocka_unit_test(closes_when_the_clock_is_set_back),
        cmocka_unit_test(closes_when_a_slow_drift_has_added_up),
        cmocka_unit_test(asks_once_a_second_while_it_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
