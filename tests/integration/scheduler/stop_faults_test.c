/*
 * An instance is stopped at every point of a turn, past its session; the other one takes over, and it goes on later. Part of
 * the builds with crash points (preset "faults").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crash.h"
#include "support/broker.h"

static void fires_once_when_stopped_past_the_session_at_every_point(void **state UNUSED)
{
    for (size_t i = 0; i < CRASH_POINTS; i++) {
        int n = crash_strike("stop", crash_points[i]);
        usec_t from = clock_realtime();

        WAIT_FOR(crash_all_fired_since(from + USEC_PER_SEC));
        crash_wake(n);
        WAIT_FOR(crash_all_fired_since(from + 4 * USEC_PER_SEC));
        crash_judge("stopped and replaced", crash_points[i], from - USEC_PER_SEC);
        WAIT_FOR(crash_is_back(n));
        crash_settle();
    }
}

/* It wakes up when another one has its partitions, and waits for the transaction whose offsets have been sent. */
static void a_new_owner_restores_while_the_commit_of_the_old_one_is_pending(void **state UNUSED)
{
    for (int round = 0; round < 2; round++) {
        int n = crash_strike("stop", "turn.offsets");
        usec_t from = clock_realtime();

        WAIT_FOR(crash_members() == CRASH_INSTANCES - 1);
        crash_wake(n);
        WAIT_FOR(crash_all_fired_since(from + 2 * USEC_PER_SEC));
        crash_judge("goes on while another restores", "turn.offsets", from);
        WAIT_FOR(crash_is_back(n));
        crash_settle();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_once_when_stopped_past_the_session_at_every_point),
        cmocka_unit_test(a_new_owner_restores_while_the_commit_of_the_old_one_is_pending),
    };
    int code;

    code = fleet_child(argc, argv);
    if (code >= 0)
        return code;
    return cmocka_run_group_tests(tests, crash_begin, crash_end);
}
