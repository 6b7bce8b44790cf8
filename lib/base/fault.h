/*
 * fault.h - crash points, planted bugs and clocks that are wrong, for builds that test the tests (CMake option COBS_FAULTS).
 *
 * In every other build all of it is nothing. A crash point kills the process (SIGKILL), or stops it
 * (SIGSTOP), when the file $CRONOBS_FAULT_FILE holds "kill <point>" or "stop <point>"; the file is
 * removed first, so one order is carried out once. A planted bug is on when $CRONOBS_PLANT names it. The realtime clock
 * is set by the microseconds that stand in the file $CRONOBS_CLOCK_FILE; the monotonic one never is.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/util.h"

#ifdef COBS_FAULTS
void fault_point(const char *point);
bool fault_planted(const char *bug);
usec_t fault_clock_step(void);
#else
static inline void fault_point(const char *point UNUSED)
{
}
static inline bool fault_planted(const char *bug UNUSED)
{
    return false;
}
static inline usec_t fault_clock_step(void)
{
    return 0;
}
#endif

#endif
