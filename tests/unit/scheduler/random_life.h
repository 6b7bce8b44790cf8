/*
 * random_life.h - some tasks, and what may happen to them at random: orders, reports, pauses of the clock, crashes.
 */
#ifndef TESTS_SCHEDULER_RANDOM_LIFE_H
#define TESTS_SCHEDULER_RANDOM_LIFE_H

#include "world.h"

enum { TASKS = 6, SECONDS_MAX = 400000, PERIODS = 8 };

extern const char *const life_keys[TASKS];

/* All that a schedule here may be. */
extern const struct period {
    const char *text;
    long seconds;
    long once; /* not a period: the one second after EPOCH */
} life_periods[PERIODS];

/* What closes a part of each day, and which seconds of a day stay open by it. */
struct closing {
    struct calendar_spec calendar;
    struct window_spec window;
    long from, to; /* seconds of a day */
    bool days;     /* of two days, 2026-01-02 and each 4 January */
};

const struct closing *closing_of(const struct task_spec *spec);

/* From SECONDS(1000) to the end, where all tasks are deleted and everything that was begun comes to its end; a crash after each so many turns. Uses random(). */
void life_lead(struct world *w, int steps, long crash_each);

#endif
