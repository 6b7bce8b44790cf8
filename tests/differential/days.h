/*
 * days.h - the days of 1970-2199, counted up one by one from Thursday 1 January 1970; and the day before, on which what
 * runs past midnight may start, and the one after, on which elapsed time of those years may fall where clocks are ahead of UTC.
 */
#ifndef DIFFERENTIAL_DAYS_H
#define DIFFERENTIAL_DAYS_H

#include <stdbool.h>
#include <stdint.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 2199, DAY_SECONDS = 86400 };

struct day {
    int year, month, day;
    int weekday; /* 0 = Sunday */
    int length;  /* days of its month */
};

/* The day of that number (0 = 1970-01-01), or NULL outside 1969-12-31 to 2200-01-01. */
const struct day *day_at(int64_t number);

/* Is it a day of the years in which anything is due? */
bool day_counts(int64_t number);

/* Number of the day; -1 when there is no such date in 1970-2199, nor 2200-01-01. */
int64_t day_number(int year, int month, int day);

int days_in_month(int year, int month);

/* Division that rounds down, also of negative numbers; and what is left, never negative. */
int64_t floor_div(int64_t a, int64_t b);
int64_t floor_mod(int64_t a, int64_t b);

#endif
