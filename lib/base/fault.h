/*
 * fault.h - crash points and planted bugs, for builds that test the tests (CMake option COBS_FAULTS).
 *
 * In every other build both macros are nothing. A crash point kills the process (SIGKILL), or stops it
 * (SIGSTOP), when the file $CRONOBS_FAULT_FILE holds "kill <point>" or "stop <point>"; the file is
 * removed first, so one order is carried out once. A planted bug is on when $CRONOBS_PLANT names it.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/util.h"

#ifdef COBS_FAULTS
void fault_point(const char *point);
bool fault_planted(const char *bug);
#else
static inline void fault_point(const char *point UNUSED)
{
}
static inline bool fault_planted(const char *bug UNUSED)
{
    return false;
}
#endif

#endif
