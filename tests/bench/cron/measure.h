/*
 * measure.h - what one call costs: CPU time of this thread, so that other programs on the machine count little.
 */
#ifndef BENCH_CRON_MEASURE_H
#define BENCH_CRON_MEASURE_H

#include "base/util.h"

/* Makes `count` calls of what is measured, each from another instant where it has any. */
typedef void calls_fn(const void *context, size_t count);

/* Nanoseconds a call: the median of several rounds, after one that warms up. `count` calls are one round at least. */
double measure(calls_fn *calls, const void *context, size_t count);

int64_t measure_clock(void);                 /* nanoseconds of CPU time */
double median(double *values, size_t count); /* sorts them */

/* A result that must not be thought away by the compiler. */
void measure_keep(int64_t value);

#endif
