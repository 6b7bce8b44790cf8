/*
 * calendar.h - a set of local dates and hours, by which a task is kept from being due, or kept to.
 *
 *   date         2026-12-24               a day
 *   range        2026-12-24/2027-01-06    days, both ends included
 *   yearly       12-25                    that day of each year (02-29: of leap years)
 *   weekday      SAT                      that day of each week: a name of three letters, any case, or 0-7 (0, 7: Sunday)
 *   nth_weekday  MON#2, FRI#L             its second one of each month, its last one
 *   hours        12:00-13:00              from the first, up to and without the second; 22:00-06:00 runs overnight,
 *                                         24:00 is an end
 *
 * A calendar holds a local time if it holds its date (some rule of dates does, or it has none) and its time of day (some rule
 * of hours does, or it has none). Hours past midnight belong to the date on which they start: SAT with
 * 22:00-06:00 ends on Sunday at 06:00. Years are 1970-2199.
 *
 * Pure; nothing is allocated after the last rule was added, and from then on it is free to share. What the calendars of a
 * task do together: timeline.h.
 */
#ifndef CRON_CALENDAR_H
#define CRON_CALENDAR_H

#include "base/error.h"
#include "cron/policy.h"

enum {
    CALENDAR_DATES_MAX = 1000, /* rules of kind date and range */
    CALENDAR_HOURS_MAX = 8,    /* rules of kind hours */
};

struct calendar;

struct calendar *calendar_new(enum calendar_mode mode); /* without rules: holds all */
void calendar_free(struct calendar *c);                 /* NULL is fine */

/*
 * Adds a rule. RC_INVALID names the rule and what is wrong with it, with a hint; the column is one of `value`, 0 when the
 * kind is at fault.
 */
MUST_CHECK enum rc calendar_add(struct calendar *c, const char *kind, const char *value,
                                struct error *err);

enum calendar_mode calendar_mode_of(const struct calendar *c);

/* Wall time in seconds, as if the wall clock showed UTC. */
bool calendar_holds(const struct calendar *c, int64_t wall);

/* For searches: a month, its dates that the calendar holds, and the hours on them. */
struct calendar_month {
    int64_t first; /* day number of the 1st, from 1970-01-01 on */
    int year, month, days;
};

struct calendar_month calendar_month_of(int64_t day);
uint32_t calendar_dates(const struct calendar *c, const struct calendar_month *m); /* bits 1-31 */
bool calendar_has_minute(const struct calendar *c, int minute); /* 0-2879 from midnight of a date */
/* from which on that may differ; else 2880 */
int calendar_next_minute(const struct calendar *c, int minute);

DEFINE_SCOPED(calendar, struct calendar, calendar_free)

#endif
