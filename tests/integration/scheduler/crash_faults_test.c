/*
 * An instance is killed, or stopped past its session, at every point of a turn; the other one takes over,
 * or it comes back itself. Part of the builds with crash points (preset "faults").
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet.h"
#include "support/broker.h"

enum { PARTITIONS = 4, TASKS = 8, INSTANCES = 2 };

static const char *const points[] = {"turn.begin", "turn.watermark", "turn.produced",
                                     "turn.offsets", "turn.committed"};
static const char *const keys[TASKS] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};
static const char *const names[INSTANCES] = {"point-1", "point-2"};

static struct fleet world;
static struct child instances[INSTANCES];
static char fault_file[64];

static bool all_fired_since(usec_t from)
{
    fleet_read(&world);
    return fleet_fired_since(&world, from) == TASKS;
}

static void start(int n)
{
    instances[n] = fleet_start(&world, names[n]);
}

static void settle(void)
{
    usec_t from;

    WAIT_FOR(fleet_members(&world) == INSTANCES);
    from = clock_realtime() + USEC_PER_SEC;
    WAIT_FOR(all_fired_since(from));
}

static int begin(void **state UNUSED)
{
    (void)snprintf(fault_file, sizeof fault_file, "/tmp/cronobs-fault-%d", (int)getpid());
    (void)setenv("CRONOBS_FAULT_FILE", fault_file, 1);
    fleet_begin(&world, PARTITIONS);
    for (int i = 0; i < TASKS; i++)
        fleet_put(&world, keys[i], "@every 1s");
    for (int n = 0; n < INSTANCES; n++)
        start(n);
    settle();
    return 0;
}

static int end(void **state UNUSED)
{
    for (int n = 0; n < INSTANCES; n++)
        child_kill(&instances[n]);
    fleet_end(&world);
    return 0;
}

/* Orders `action` at `point` and answers which instance it met. */
static int strike(const char *action, const char *point)
{
    FILE *file = fopen(fault_file, "we");
    int status;
    pid_t pid;

    assert_non_null(file);
    (void)fprintf(file, "%s %s\n", action, point);
    (void)fclose(file);
    pid = waitpid(-1, &status, WUNTRACED);
    for (int n = 0; n < INSTANCES; n++)
        if (instances[n].pid == pid)
            return n;
    fail();
    return -1;
}

static void judge(const char *what, const char *point, usec_t from)
{
    print_message("%s at %s: longest lateness %.2f s\n", what, point,
                  (double)fleet_latest(&world, from) / (double)USEC_PER_SEC);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(fleet_faults(&world, keys[i]), 0);
}

static void fires_once_when_killed_and_restarted_at_every_point(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        int n = strike("kill", points[i]);
        usec_t from = clock_realtime();

        start(n);
        WAIT_FOR(all_fired_since(from + USEC_PER_SEC));
        judge("killed and restarted", points[i], from - USEC_PER_SEC);
    }
}

static void fires_once_when_killed_at_every_point_and_replaced(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        int n = strike("kill", points[i]);
        usec_t from = clock_realtime();

        WAIT_FOR(all_fired_since(from + USEC_PER_SEC));
        judge("killed and replaced", points[i], from - USEC_PER_SEC);
        start(n);
        settle();
    }
}

/* A fenced one ends by itself, be it at once or at its next turn, and is started anew. */
static bool is_back(int n)
{
    if (waitpid(instances[n].pid, NULL, WNOHANG) == instances[n].pid)
        start(n);
    return fleet_members(&world) == INSTANCES;
}

static void fires_once_when_stopped_past_the_session_at_every_point(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        int n = strike("stop", points[i]);
        usec_t from = clock_realtime();

        WAIT_FOR(all_fired_since(from + USEC_PER_SEC));
        child_signal(&instances[n], SIGCONT);
        WAIT_FOR(all_fired_since(from + 4 * USEC_PER_SEC));
        judge("stopped and replaced", points[i], from - USEC_PER_SEC);
        WAIT_FOR(is_back(n));
        settle();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_once_when_killed_and_restarted_at_every_point),
        cmocka_unit_test(fires_once_when_killed_at_every_point_and_replaced),
        cmocka_unit_test(fires_once_when_stopped_past_the_session_at_every_point),
    };
    int code;

    code = fleet_child(argc, argv);
    if (code >= 0)
        return code;
    return cmocka_run_group_tests(tests, begin, end);
}
