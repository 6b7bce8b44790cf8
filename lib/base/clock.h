/*
 * clock.h - the only place that asks the machine for the time. Decisions take `now` as an argument.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/util.h"

usec_t clock_realtime(void);  /* UTC microseconds since 1970 */
usec_t clock_monotonic(void); /* microseconds since some point; never jumps */

#endif
