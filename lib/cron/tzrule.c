#include "cron/tzrule.h"

#include <ctype.h>
#include <string.h>

#include "base/rfc3339.h"

enum { OFFSET_HOURS_MAX = 24, TIME_HOURS_MAX = 167, DEFAULT_TIME = 2 * 3600 };

struct scan {
    const char *at, *end;
};

static char peek(const struct scan *s)
{
    if (s->at == s->end)
        return '\0';
    return *s->at;
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

static bool take_number(struct scan *s, int min, int max, int *ret)
{
    const char *from = s->at;
    int value = 0;

    while (isdigit((unsigned char)peek(s)) && s->at - from < 4)
        value = value * 10 + (*s->at++ - '0');
    *ret = value;
    return s->at > from && value >= min && value <= max;
}

/* "EST" or "<+03>": what it says is of no use to us. */
static bool skip_name(struct scan *s)
{
    const char *from = s->at;

    if (take(s, '<')) {
        while (isalnum((unsigned char)peek(s)) || peek(s) == '+' || peek(s) == '-')
            s->at++;
        return s->at > from + 1 && take(s, '>');
    }
    while (isalpha((unsigned char)peek(s)))
        s->at++;
    return s->at - from >= 3;
}

/* [+-]h[:mm[:ss]] */
static bool take_time(struct scan *s, int max_hours, int *ret)
{
    bool negative = peek(s) == '-';
    int hours, minutes = 0, seconds = 0;

    if (peek(s) == '-' || peek(s) == '+')
        s->at++;
    if (!take_number(s, 0, max_hours, &hours))
        return false;
    if (take(s, ':') && !take_number(s, 0, 59, &minutes))
        return false;
    if (take(s, ':') && !take_number(s, 0, 59, &seconds))
        return false;
    *ret = (negative ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool take_day(struct scan *s, struct tzday *d)
{
    d->seconds = DEFAULT_TIME;
    if (take(s, 'M')) {
        d->kind = TZDAY_MONTH_WEEK;
        if (!take_number(s, 1, 12, &d->month) || !take(s, '.') || !take_number(s, 1, 5, &d->week) ||
            !take(s, '.') || !take_number(s, 0, 6, &d->day))
            return false;
    } else if (take(s, 'J')) {
        d->kind = TZDAY_JULIAN;
        if (!take_number(s, 1, 365, &d->day))
            return false;
    } else {
        d->kind = TZDAY_ZERO_BASED;
        if (!take_number(s, 0, 365, &d->day))
            return false;
    }
    return !take(s, '/') || take_time(s, TIME_HOURS_MAX, &d->seconds);
}

static bool take_rule(struct scan *s, struct tzrule *r)
{
    int west;

    if (!skip_name(s) || !take_time(s, OFFSET_HOURS_MAX, &west))
        return false;
    r->standard = -west;
    if (s->at == s->end)
        return true;
    r->has_dst = true;
    r->daylight = r->standard + 3600;
    if (!skip_name(s))
        return false;
    if (peek(s) != ',') {
        if (!take_time(s, OFFSET_HOURS_MAX, &west))
            return false;
        r->daylight = -west;
    }
    return take(s, ',') && take_day(s, &r->start) && take(s, ',') && take_day(s, &r->end) &&
           s->at == s->end;
}

enum rc tzrule_parse(struct bytes text, struct tzrule *ret, struct error *err)
{
    struct scan s = {.at = text.data, .end = (const char *)text.data + text.len};
    struct tzrule r = {0};

    if (!take_rule(&s, &r))
        return error_set(err, RC_INVALID, "the rule '%.*s' is not one of RFC 9636",
                         (int)MIN(text.len, 60), (const char *)text.data);
    *ret = r;
    return RC_OK;
}

static int64_t day_of(const struct tzday *d, int year)
{
    int64_t first = civil_to_days(year, 1, 1), weekday;
    bool leap = civil_month_days(year, 2) == 29;

    switch (d->kind) {
    case TZDAY_JULIAN:
        return first + d->day - 1 + (leap && d->day >= 60);
    case TZDAY_ZERO_BASED:
        return first + d->day;
    case TZDAY_MONTH_WEEK:
        break;
    }
    first = civil_to_days(year, d->month, 1);
    weekday = (first % 7 + 11) % 7; /* 1970-01-01 was a Thursday (4) */
    first += (d->day - weekday + 7) % 7 + INT64_C(7) * (d->week - 1);
    while (first >= civil_to_days(year, d->month, 1) + civil_month_days(year, d->month))
        first -= 7;
    return first;
}

int64_t tzrule_start(const struct tzrule *r, int year)
{
    return day_of(&r->start, year) * 86400 + r->start.seconds - r->standard;
}

int64_t tzrule_end(const struct tzrule *r, int year)
{
    return day_of(&r->end, year) * 86400 + r->end.seconds - r->daylight;
}
