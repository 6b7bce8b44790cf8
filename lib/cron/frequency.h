/*
 * frequency.h - how often a schedule is due: counted, not walked.
 *
 * Pure. Costs microseconds whatever the schedule is: a day's instants are the product of its set bits, and only the
 * hour that a clock change shows twice is gone through one by one.
 */
#ifndef CRON_FREQUENCY_H
#define CRON_FREQUENCY_H

#include "cron/schedule.h"

/* Over the twelve calendar months, on the schedule's own clock, of which the first is the one that holds `from`. */
struct frequency {
    /* the most on one day; days on which the clock changes count only if it is due on no other */
    int64_t per_day;
    int64_t per_month; /* the most in one of the months */
    int64_t per_year;  /* all */
};

/* What lies outside the years 1970-2199 is never due, and counts as that. */
struct frequency frequency_of(const struct schedule *s, usec_t from);

#endif
