#include "base/clock.h"

#include <time.h>

#include "base/fault.h"

static usec_t read_clock(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (usec_t)t.tv_sec * USEC_PER_SEC + t.tv_nsec / 1000;
}

usec_t clock_realtime(void)
{
    return read_clock(CLOCK_REALTIME) + fault_clock_step();
}

usec_t clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
