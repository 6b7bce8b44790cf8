#include "crash.h"

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

enum { PARTITIONS = 4, TASKS = 8, INSTANCES = CRASH_INSTANCES };

const char *const crash_points[CRASH_POINTS] = {"turn.begin", "turn.watermark", "turn.produced",
                                                "turn.offsets", "turn.committed"};
static const char *const keys[TASKS] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};
static char names[INSTANCES][32];

static struct fleet world;
static struct child instances[INSTANCES];
static char fault_file[64];

bool crash_all_fired_since(usec_t from)
{
    fleet_read(&world);
    return fleet_fired_since(&world, from) == TASKS;
}

void crash_start(int n)
{
    instances[n] = fleet_start(&world, names[n]);
}

void crash_settle(void)
{
    usec_t from;

    WAIT_FOR(fleet_members(&world) == INSTANCES);
    from = clock_realtime() + USEC_PER_SEC;
    WAIT_FOR(crash_all_fired_since(from));
}

int crash_begin(void **state UNUSED)
{
    (void)snprintf(fault_file, sizeof fault_file, "/tmp/cronobs-fault-%d", (int)getpid());
    (void)setenv("CRONOBS_FAULT_FILE", fault_file, 1);
    fleet_begin(&world, PARTITIONS);
    for (int i = 0; i < TASKS; i++)
        fleet_put(&world, keys[i], "@every 1s");
    /* of this program alone: a name is fenced by another of its kind, whatever its topics */
    for (int n = 0; n < INSTANCES; n++) {
        (void)snprintf(names[n], sizeof names[n], "point-%d-%d", (int)getpid(), n + 1);
        crash_start(n);
    }
    crash_settle();
    return 0;
}

int crash_end(void **state UNUSED)
{
    for (int n = 0; n < INSTANCES; n++)
        child_kill(&instances[n]);
    fleet_end(&world);
    return 0;
}

int crash_strike(const char *action, const char *point)
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

void crash_judge(const char *what, const char *point, usec_t from)
{
    print_message("%s at %s: longest lateness %.2f s\n", what, point,
                  (double)fleet_latest(&world, from) / (double)USEC_PER_SEC);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(fleet_faults(&world, keys[i]), 0);
}

bool crash_is_back(int n)
{
    if (waitpid(instances[n].pid, NULL, WNOHANG) == instances[n].pid)
        crash_start(n);
    return fleet_members(&world) == INSTANCES;
}

void crash_wake(int n)
{
    child_signal(&instances[n], SIGCONT);
}

size_t crash_members(void)
{
    return fleet_members(&world);
}
