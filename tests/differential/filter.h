/*
 * filter.h - calendars and the active window, judged one instant at a time.
 */
#ifndef DIFFERENTIAL_FILTER_H
#define DIFFERENTIAL_FILTER_H

#include "cron/policy.h"
#include "differential/days.h"
#include "differential/zones.h"

enum rule_kind { RULE_DATE, RULE_RANGE, RULE_YEARLY, RULE_WEEKDAY, RULE_NTH, RULE_HOURS, RULES };

/* A rule of a calendar, and its text for the engine. */
struct rule {
    enum rule_kind kind;
    int64_t first, last; /* days: RULE_DATE, RULE_RANGE */
    int month, day;      /* RULE_YEARLY */
    int weekday, nth;    /* 0 = Sunday; nth 0: the last */
    int from, to;        /* minutes of a day, half-open; from > to runs overnight */
    char text[32];
};

enum { RULES_MAX = 5 };

struct filter_calendar {
    enum calendar_mode mode;
    int count;
    struct rule rules[RULES_MAX];
};

/* Zero: no limit. */
struct filter_window {
    int64_t from, until; /* microseconds */
    bool daily;
    int daily_from, daily_to; /* minutes of a day, half-open; from > to runs overnight */
    const struct place *place;
};

enum { CALENDARS_MAX = 3 };

struct filter {
    int calendar_count;
    struct filter_calendar calendars[CALENDARS_MAX];
    struct filter_window window;
};

/* The name of the kind, as calendars have it. */
const char *rule_kind_name(enum rule_kind kind);

/* Does the calendar hold the local time (seconds, as if UTC)? */
bool filter_calendar_holds(const struct filter_calendar *c, int64_t wall);

/* Is the instant open? `wall` is its local time in the schedule's zone. */
bool filter_open(const struct filter *f, int64_t instant_us, int64_t wall);

/* Do the calendars close every time of that local day? May say no where they do. */
bool filter_closes_day(const struct filter *f, int64_t day);

#endif
