#include "cron/calendar.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/parse.h"

enum { DAY_SECONDS = 86400, DAY_MINUTES = 1440, LAST_OF_MONTH = 5 };

struct stretch { /* of days since 1970-01-01, both included */
    int32_t from, to;
};

/* minutes from the midnight of the date; to may lie on the next day (> DAY_MINUTES) */
struct hours {
    int16_t from, to;
};

struct calendar {
    enum calendar_mode mode;
    bool has_dates;            /* a rule of them; else all dates are held */
    uint8_t weekdays;          /* bits 0-6, Sunday first */
    uint8_t nth_weekdays[6];   /* of the first to the fifth of a month, and of the last: bits 0-6 */
    uint8_t hours_count;       /* 0: all times of day are held */
    uint16_t date_rules;       /* of kind date and range */
    uint16_t stretch_count;    /* in order, apart from each other */
    uint32_t yearly[13];       /* by month: bits 1-31 */
    struct stretch *stretches; /* of date_rules; NULL: none */
    struct hours hours[CALENDAR_HOURS_MAX];
};

struct calendar *calendar_new(enum calendar_mode mode)
{
    struct calendar *c = xcalloc(1, sizeof *c);

    c->mode = mode;
    return c;
}

void calendar_free(struct calendar *c)
{
    if (c == NULL)
        return;
    free(c->stretches);
    free(c);
}

enum calendar_mode calendar_mode_of(const struct calendar *c)
{
    return c->mode;
}

/* --- reading rules --- */

struct rule {
    const char *kind, *value, *form; /* form: how such a value looks */
    const char *at;                  /* what is left of it */
    struct error *err;
};

static enum rc refuse(const struct rule *r, const char *at, const char *format, ...)
    PRINTF_LIKE(3, 4);

static enum rc refuse(const struct rule *r, const char *at, const char *format, ...)
{
    char why[200];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    (void)parse_refuse(r->err, "%s '%.60s': %s", r->kind, r->value, why);
    (void)error_hint(r->err, "%s", r->form);
    if (r->err != NULL)
        r->err->column = (int)(at - r->value) + 1;
    return RC_INVALID;
}

/* Just so many digits. */
static enum rc take_number(struct rule *r, const char *label, int digits, int min, int max,
                           int *ret)
{
    const char *from = r->at;
    int number = 0;

    for (; r->at < from + digits; r->at++) {
        if (!isdigit((unsigned char)*r->at))
            return refuse(r, from, "%s: %d digit%s expected", label, digits,
                          digits == 1 ? " is" : "s are");
        number = number * 10 + (*r->at - '0');
    }
    if (number < min || number > max)
        return refuse(r, from, "%s: %d is outside %d-%d", label, number, min, max);
    *ret = number;
    return RC_OK;
}

static enum rc take_sign(struct rule *r, char sign)
{
    if (*r->at != sign)
        return refuse(r, r->at, "'%c' is expected", sign);
    r->at++;
    return RC_OK;
}

static enum rc take_end(const struct rule *r)
{
    return *r->at == '\0' ? RC_OK : refuse(r, r->at, "unexpected '%.20s'", r->at);
}

static enum rc take_date(struct rule *r, int32_t *ret)
{
    int year = 0, month = 0, day = 0;

    TRY(take_number(r, "year", 4, YEAR_FIRST, YEAR_LAST, &year));
    TRY(take_sign(r, '-'));
    TRY(take_number(r, "month", 2, 1, 12, &month));
    TRY(take_sign(r, '-'));
    TRY(take_number(r, "day", 2, 1, civil_month_days(year, month), &day));
    *ret = (int32_t)civil_to_days(year, month, day);
    return RC_OK;
}

/* A name, or 0-7; 0 and 7 are Sunday. */
static enum rc take_weekday(struct rule *r, uint8_t *ret)
{
    static const char names[] = "SUNMONTUEWEDTHUFRISAT";

    for (int day = 0; day < 7; day++) {
        if (strncasecmp(r->at, names + (size_t)day * 3, 3) == 0) {
            r->at += 3;
            *ret = (uint8_t)(1 << day);
            return RC_OK;
        }
    }
    if (*r->at < '0' || *r->at > '7')
        return refuse(r, r->at, "a day of the week is expected: SUN-SAT or 0-7");
    *ret = (uint8_t)(1 << (*r->at++ - '0') % 7);
    return RC_OK;
}

static enum rc take_time(struct rule *r, int last_hour, int16_t *ret)
{
    int hour = 0, minute = 0;

    TRY(take_number(r, "hour", 2, 0, last_hour, &hour));
    TRY(take_sign(r, ':'));
    TRY(take_number(r, "minute", 2, 0, 59, &minute));
    if (hour == 24 && minute > 0)
        return refuse(r, r->at - 2, "24:00 is the last time");
    *ret = (int16_t)(hour * 60 + minute);
    return RC_OK;
}

/* Keeps the stretches in order and apart. */
static void add_stretch(struct calendar *c, struct stretch new)
{
    size_t from = 0, to, count = c->stretch_count;

    while (from < count && c->stretches[from].to < new.from - 1)
        from++;
    for (to = from; to < count && c->stretches[to].from <= new.to + 1; to++) {
        new.from = MIN(new.from, c->stretches[to].from);
        new.to = MAX(new.to, c->stretches[to].to);
    }
    memmove(c->stretches + from + 1, c->stretches + to, (count - to) * sizeof new);
    c->stretches[from] = new;
    c->stretch_count = (uint16_t)(count - (to - from) + 1);
}

static enum rc add_dates(struct calendar *c, struct rule *r, struct stretch s)
{
    TRY(take_end(r));
    if (c->date_rules == CALENDAR_DATES_MAX) {
        r->form = "join days in a row to a range, or add a calendar";
        return refuse(r, r->value, "more than %d dates and ranges in a calendar",
                      CALENDAR_DATES_MAX);
    }
    if ((c->date_rules & (c->date_rules - 1)) == 0) /* 0, 1, 2, 4, ...: it is full */
        c->stretches = xrealloc(c->stretches, MAX((size_t)c->date_rules * 2, 1), sizeof s);
    c->date_rules++;
    add_stretch(c, s);
    return RC_OK;
}

static enum rc add_date(struct calendar *c, struct rule *r)
{
    struct stretch s = {0};

    TRY(take_date(r, &s.from));
    s.to = s.from;
    return add_dates(c, r, s);
}

static enum rc add_range(struct calendar *c, struct rule *r)
{
    struct stretch s = {0};

    TRY(take_date(r, &s.from));
    TRY(take_sign(r, '/'));
    TRY(take_date(r, &s.to));
    if (s.to < s.from)
        return refuse(r, r->value, "the second date is before the first");
    return add_dates(c, r, s);
}

static enum rc add_yearly(struct calendar *c, struct rule *r)
{
    int month = 0, day = 0;

    TRY(take_number(r, "month", 2, 1, 12, &month));
    TRY(take_sign(r, '-'));
    TRY(take_number(r, "day", 2, 1, civil_month_days(2000, month), &day)); /* a leap year */
    TRY(take_end(r));
    c->yearly[month] |= UINT32_C(1) << day;
    return RC_OK;
}

static enum rc add_weekday(struct calendar *c, struct rule *r)
{
    uint8_t weekday = 0;

    TRY(take_weekday(r, &weekday));
    TRY(take_end(r));
    c->weekdays |= weekday;
    return RC_OK;
}

static enum rc add_nth_weekday(struct calendar *c, struct rule *r)
{
    uint8_t weekday = 0;
    int nth = LAST_OF_MONTH + 1;

    TRY(take_weekday(r, &weekday));
    TRY(take_sign(r, '#'));
    if (toupper((unsigned char)*r->at) == 'L')
        r->at++;
    else
        TRY(take_number(r, "which one of the month", 1, 1, 5, &nth));
    TRY(take_end(r));
    c->nth_weekdays[nth - 1] |= weekday;
    return RC_OK;
}

static enum rc add_hours(struct calendar *c, struct rule *r)
{
    struct hours h = {0};

    TRY(take_time(r, 23, &h.from));
    TRY(take_sign(r, '-'));
    TRY(take_time(r, 24, &h.to));
    TRY(take_end(r));
    if (h.from == h.to)
        return refuse(r, r->value, "it starts and ends at the same time");
    if (c->hours_count == CALENDAR_HOURS_MAX) {
        r->form = "add a calendar";
        return refuse(r, r->value, "more than %d hours in a calendar", CALENDAR_HOURS_MAX);
    }
    if (h.to < h.from)
        h.to += DAY_MINUTES;
    c->hours[c->hours_count++] = h;
    return RC_OK;
}

/* clang-format off */
static const struct rule_kind {
    const char *name;
    enum rc (*add)(struct calendar *c, struct rule *r);
    bool of_dates;
    const char *form;
} rule_kinds[] = {
    {"date",        add_date,        true,  "YYYY-MM-DD, as in 2026-12-24"},
    {"range",       add_range,       true,  "first and last day, as in 2026-12-24/2027-01-06"},
    {"yearly",      add_yearly,      true,  "MM-DD, as in 12-25"},
    {"weekday",     add_weekday,     true,  "as in SAT"},
    {"nth_weekday", add_nth_weekday, true,  "as in MON#2, or MON#L for the last one"},
    {"hours",       add_hours,       false, "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
};
/* clang-format on */

enum rc calendar_add(struct calendar *c, const char *kind, const char *value, struct error *err)
{
    struct rule r = {.kind = kind, .value = value, .at = value, .err = err};

    for (size_t i = 0; i < ARRAY_LEN(rule_kinds); i++) {
        if (!text_equal(kind, rule_kinds[i].name))
            continue;
        r.form = rule_kinds[i].form;
        TRY(rule_kinds[i].add(c, &r));
        c->has_dates |= rule_kinds[i].of_dates;
        return RC_OK;
    }
    (void)parse_refuse(err, "'%.60s' is not a kind of rule", kind);
    (void)error_hint(err, "date, range, yearly, weekday, nth_weekday or hours");
    return RC_INVALID;
}

/* --- asking --- */

struct calendar_month calendar_month_of(int64_t day)
{
    struct calendar_month m;
    int in_month;

    civil_from_days(day, &m.year, &m.month, &in_month);
    m.first = day - (in_month - 1);
    m.days = civil_month_days(m.year, m.month);
    return m;
}

/* The days of the month that fall on these weekdays. */
static uint32_t spread(uint8_t weekdays, const struct calendar_month *m)
{
    uint64_t weeks = weekdays * UINT64_C(0x40810204081); /* seven weeks in a row */
    int64_t first_weekday = (m->first % 7 + 11) % 7;     /* day 0 was a Thursday (4) */

    return (uint32_t)(weeks >> first_weekday << 1);
}

static uint32_t nth_days(const struct calendar *c, const struct calendar_month *m)
{
    uint32_t days = spread(c->nth_weekdays[LAST_OF_MONTH], m) & ~UINT32_C(0) << (m->days - 6);

    for (int n = 0; n < LAST_OF_MONTH; n++)
        days |= spread(c->nth_weekdays[n], m) & UINT32_C(0x7f) << (7 * n + 1);
    return days;
}

/* The first stretch that ends on the day or later. */
static size_t stretch_from(const struct calendar *c, int64_t day)
{
    size_t low = 0, high = c->stretch_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->stretches[middle].to < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t stretch_days(const struct calendar *c, const struct calendar_month *m)
{
    int64_t last = m->first + m->days - 1;
    uint32_t days = 0;

    for (size_t i = stretch_from(c, m->first); i < c->stretch_count && c->stretches[i].from <= last;
         i++) {
        int64_t from = MAX(c->stretches[i].from, m->first) - m->first;
        int64_t to = MIN(c->stretches[i].to, last) - m->first;

        days |= (UINT32_C(2) << to) - (UINT32_C(1) << from);
    }
    return days << 1;
}

uint32_t calendar_dates(const struct calendar *c, const struct calendar_month *m)
{
    uint32_t all = (UINT32_C(2) << m->days) - 2; /* 2 << 31 is 0: all of 1-31 */

    if (!c->has_dates)
        return all;
    return (spread(c->weekdays, m) | nth_days(c, m) | stretch_days(c, m) | c->yearly[m->month]) &
           all;
}

bool calendar_has_minute(const struct calendar *c, int minute)
{
    if (c->hours_count == 0)
        return minute < DAY_MINUTES;
    for (size_t i = 0; i < c->hours_count; i++)
        if (minute >= c->hours[i].from && minute < c->hours[i].to)
            return true;
    return false;
}

int calendar_next_minute(const struct calendar *c, int minute)
{
    int next = 2 * DAY_MINUTES;

    if (c->hours_count == 0 && minute < DAY_MINUTES)
        return DAY_MINUTES;
    for (size_t i = 0; i < c->hours_count; i++) {
        if (c->hours[i].from > minute)
            next = MIN(next, c->hours[i].from);
        else if (c->hours[i].to > minute)
            next = MIN(next, c->hours[i].to);
    }
    return next;
}

static bool has_date(const struct calendar *c, int64_t day)
{
    struct calendar_month m = calendar_month_of(day);

    return calendar_dates(c, &m) >> (day - m.first + 1) & 1;
}

bool calendar_holds(const struct calendar *c, int64_t wall)
{
    int64_t day = wall / DAY_SECONDS - (wall % DAY_SECONDS < 0);
    int minute = (int)((wall - day * DAY_SECONDS) / 60);

    return (calendar_has_minute(c, minute) && has_date(c, day)) ||
           (calendar_has_minute(c, DAY_MINUTES + minute) && has_date(c, day - 1));
}
