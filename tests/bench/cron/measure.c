#include "bench/cron/measure.h"

#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, ROUND_NS = 300000 };

static volatile int64_t kept;

void measure_keep(int64_t value)
{
    kept = value;
}

int64_t measure_clock(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return count == 0 ? 0 : values[count / 2];
}

static int64_t time_of(calls_fn *calls, const void *context, size_t count, size_t repeats)
{
    int64_t begun = measure_clock();

    for (size_t i = 0; i < repeats; i++)
        calls(context, count);
    return measure_clock() - begun;
}

double measure(calls_fn *calls, const void *context, size_t count)
{
    double figures[ROUNDS];
    int64_t once = time_of(calls, context, count, 1);
    size_t repeats = (size_t)(ROUND_NS / MAX(once, 1)) + 1;

    for (size_t i = 0; i < ROUNDS; i++)
        figures[i] = (double)time_of(calls, context, count, repeats) / (double)(count * repeats);
    return median(figures, ROUNDS);
}
