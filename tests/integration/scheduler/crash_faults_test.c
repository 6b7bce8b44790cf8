/*
 * An instance is killed at every point of a turn; the other one takes over, or it comes back itself. Part of the builds with
 * crash points (preset "faults").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crash.h"
#include "support/broker.h"

static void fires_once_when_killed_and_restarted_at_every_point(void **state UNUSED)
{
    for (size_t i = 0; i < CRASH_POINTS; i++) {
        int n = crash_strike("kill", crash_points[i]);
        usec_t from = clock_realtime();

        crash_start(n);
        WAIT_FOR(crash_all_fired_since(from + USEC_PER_SEC));
        crash_judge("killed and restarted", crash_points[i], from - USEC_PER_SEC);
    }
}

static void fires_once_when_killed_at_every_point_and_replaced(void **state UNUSED)
{
    for (size_t i = 0; i < CRASH_POINTS; i++) {
        int n = crash_strike("kill", crash_points[i]);
        usec_t from = clock_realtime();

        WAIT_FOR(crash_all_fired_since(from + USEC_PER_SEC));
        crash_judge("killed and replaced", crash_points[i], from - USEC_PER_SEC);
        crash_start(n);
        crash_settle();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_once_when_killed_and_restarted_at_every_point),
        cmocka_unit_test(fires_once_when_killed_at_every_point_and_replaced),
    };
    int code;

    code = fleet_child(argc, argv);
    if (code >= 0)
        return code;
    return cmocka_run_group_tests(tests, crash_begin, crash_end);
}
