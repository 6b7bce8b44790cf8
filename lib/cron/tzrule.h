/*
 * tzrule.h - the rule at the end of a TZif file: POSIX's TZ string, as RFC 9636 extends it.
 *
 * "CET-1CEST,M3.5.0,M10.5.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", "<+03>-3"; Mm.w.d, Jn and n days, times of
 * day within +-167 hours. Private to zone.c.
 */
#ifndef CRON_TZRULE_H
#define CRON_TZRULE_H

#include "base/error.h"

enum tzday_kind {
    TZDAY_MONTH_WEEK, /* Mm.w.d: weekday d of week w (5: the last) of month m */
    TZDAY_JULIAN,     /* Jn: 1-365, 29 February is never counted */
    TZDAY_ZERO_BASED, /* n: 0-365, 29 February is counted */
};

struct tzday {
    enum tzday_kind kind;
    int month, week, day;
    int seconds; /* wall time of the change, from midnight of that day */
};

struct tzrule {
    bool has_dst;
    int32_t standard, daylight; /* offsets from UTC in seconds */
    struct tzday start, end;    /* of daylight saving time */
};

/* `text` need not end in a NUL. */
MUST_CHECK enum rc tzrule_parse(struct bytes text, struct tzrule *ret, struct error *err);

/* UTC second of the year's change to daylight saving time, or back from it. */
int64_t tzrule_start(const struct tzrule *r, int year);
int64_t tzrule_end(const struct tzrule *r, int year);

#endif
