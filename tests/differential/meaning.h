/*
 * meaning.h - what an expression says, read anew from the specification's words.
 *
 * Slow and plain on purpose: every field becomes a row of yes and no, the special day terms stay a list.
 * Nothing here comes from lib/cron but the names of the options.
 */
#ifndef DIFFERENTIAL_MEANING_H
#define DIFFERENTIAL_MEANING_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/policy.h"
#include "differential/days.h"

enum field { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR, FIELDS };

enum form {
    FORM_FIELDS,
    FORM_EVERY,   /* @every D/PHASE, rate() */
    FORM_FROM_TO, /* @every D from HH:MM to HH:MM on DAYS */
    FORM_INSTANT, /* @at with an offset */
    FORM_WALL,    /* @at with a local time */
};

enum special {
    DAY_LAST,         /* L-n: n days before the last */
    DAY_NEAREST,      /* nW: the weekday nearest to n */
    DAY_LAST_NEAREST, /* L-nW: the weekday nearest to L-n */
    DAY_NTH,          /* d#n: the nth d of the month */
    DAY_LAST_SUCH,    /* dL, d#L: the last d of the month */
};

struct special_day {
    enum special kind;
    int n;
    int weekday; /* 0 = Sunday */
};

enum { YEARS = LAST_YEAR - FIRST_YEAR + 1, SPECIALS_MAX = 64 };

struct meaning {
    enum form form;
    /* of the fields; QUARTZ inside cron() too: its days of the week are 1-7 */
    enum dialect dialect;
    enum dst_gap gap;
    enum dst_overlap overlap;

    bool holds[FIELDS][YEARS]; /* by value; years from 1970, days of the week 0-6 */
    struct special_day specials[SPECIALS_MAX];
    int special_count;
    bool unrestricted[FIELDS];     /* the list has a bare `*` or `?` */
    bool starts_with_star[FIELDS]; /* for vixie */
    bool both_days;                /* `+` */
    bool has_seconds;
    bool interval_like;

    int64_t period, phase; /* seconds: FORM_EVERY, FORM_FROM_TO */
    int64_t from, to;      /* seconds of a day */
    int64_t at;            /* FORM_INSTANT: seconds since the epoch; FORM_WALL: as if UTC */
};

/* False when the specification calls the text an error. Sets everything but gap and overlap. */
bool meaning_read(const char *text, enum dialect dialect, struct meaning *ret);

/* Does the row of fields name that local time? As if UTC. For FORM_FIELDS, FORM_FROM_TO and FORM_WALL. */
bool meaning_names(const struct meaning *m, int64_t wall);

/* Does it name any time of that local day? */
bool meaning_names_day(const struct meaning *m, int64_t day);

/* Does it name any month like that day's? False for days outside 1970-2199. */
bool meaning_names_month(const struct meaning *m, int64_t day);

#endif
