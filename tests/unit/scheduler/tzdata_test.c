#include "scheduler/tzdata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void takes_another_version_that_is_still_there_five_seconds_later(void **state UNUSED)
{
    static const struct look {
        int at; /* seconds */
        const char *on_disk;
        bool is_time, takes;
    } looks[] = {
        {0, "2026a", true, false},   {59, "2026a", false, false}, {60, "2026b", true, false},
        {64, "2026b", false, false}, {65, "2026b", true, true},
    };
    struct tzdata_watch w = {0};

    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        const struct look *l = &looks[i];

        assert_int_equal(tzdata_is_time(&w, l->at * USEC_PER_SEC), l->is_time);
        if (l->is_time)
            assert_int_equal(tzdata_look(&w, l->at * USEC_PER_SEC, "2026a", l->on_disk), l->takes);
    }
    assert_false(tzdata_is_time(&w, 124 * USEC_PER_SEC));
    assert_true(tzdata_is_time(&w, 125 * USEC_PER_SEC));
}

static void waits_until_an_upgrade_has_settled(void **state UNUSED)
{
    struct tzdata_watch w = {0};

    assert_false(tzdata_look(&w, 0, "2026a", "unknown"));
    assert_false(tzdata_look(&w, 5 * USEC_PER_SEC, "2026a", "2026b"));
    assert_true(tzdata_look(&w, 10 * USEC_PER_SEC, "2026a", "2026b"));
    assert_false(tzdata_look(&w, 70 * USEC_PER_SEC, "2026b", "2026c"));
    assert_false(tzdata_look(&w, 75 * USEC_PER_SEC, "2026b", "2026b")); /* back again */
    assert_false(tzdata_is_time(&w, 134 * USEC_PER_SEC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_another_version_that_is_still_there_five_seconds_later),
        cmocka_unit_test(waits_until_an_upgrade_has_settled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
