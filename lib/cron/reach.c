#include "cron/reach.h"

#include "base/rfc3339.h"

enum { DAY_SECONDS = 86400 };

static bool fields_time(const struct fields *f, int32_t from, int32_t to)
{
    for (int32_t hour = from / 3600; hour * 3600 < to; hour++) {
        int32_t first = MAX(from - hour * 3600, 0) / 60; /* minutes, seen as a whole */
        int32_t last = (MIN(to - hour * 3600, 3600) - 1) / 60;

        if ((f->hours >> hour & 1) != 0 &&
            (f->minutes & ((UINT64_C(2) << last) - (UINT64_C(1) << first))) != 0)
            return true;
    }
    return false;
}

static bool steps_time(const struct daily *d, int32_t from, int32_t to)
{
    int32_t steps = (MAX(from - d->from, 0) + d->period - 1) / d->period;
    int32_t time = d->from + steps * d->period;

    return time < to && time <= d->to;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The times of day are a step apart that divides the day. */
static bool every_time(const struct every *e, int32_t offset, int32_t from, int32_t to)
{
    int64_t step = gcd(e->period, DAY_SECONDS);
    int64_t wait = (e->phase + offset - from) % step;

    return from + wait + (wait < 0 ? step : 0) < to;
}

bool reach_time(const struct expression *e, int32_t offset, int32_t from, int32_t to)
{
    if (e->form == FORM_FIELDS)
        return fields_time(&e->fields, from, to);
    if (e->form == FORM_DAILY)
        return steps_time(&e->daily, from, to) ||
               steps_time(&e->daily, from + DAY_SECONDS, to + DAY_SECONDS);
    return e->form != FORM_EVERY || every_time(&e->every, offset, from, to);
}

/* A run that starts on one day may go on past midnight. */
static uint32_t steps_dates(const struct daily *d, int year, int month)
{
    int64_t eve = civil_to_days(year, month, 1) - 1;
    uint32_t starts = 0;

    for (int day = 0; day <= 31; day++)
        starts |= (uint32_t)daily_starts_on(d, eve + day) << day;
    return d->to < DAY_SECONDS ? starts : starts | starts << 1;
}

uint32_t reach_dates(const struct expression *e, int year, int month)
{
    if (e->form == FORM_DAILY)
        return steps_dates(&e->daily, year, month);
    if (e->form != FORM_FIELDS)
        return UINT32_MAX;
    return year < YEAR_FIRST || year > YEAR_LAST ? 0 : fields_dates(&e->fields, year, month);
}

static bool has_all_dates(const struct fields *f)
{
    const uint64_t beyond = UINT64_MAX << (YEAR_LAST - YEAR_FIRST + 1) % 64;

    return (f->years[0] & f->years[1] & f->years[2] & (f->years[3] | beyond)) == UINT64_MAX &&
           !f->days_ored && f->days == field_all(FIELD_DAY) &&
           f->weekdays == field_all(FIELD_WEEKDAY) && f->months == field_all(FIELD_MONTH);
}

bool reach_all_dates(const struct expression *e)
{
    if (e->form == FORM_DAILY)
        return has_all_dates(&e->daily.days);
    return e->form != FORM_FIELDS || has_all_dates(&e->fields);
}
