#include "cron/fields.h"

#include <string.h>

#include "base/rfc3339.h"

enum { DAY_SECONDS = 86400, SATURDAY = 6 };

uint64_t field_all(enum field field)
{
    static const uint64_t all[FIELD_COUNT] = {
        [FIELD_SECOND] = (UINT64_C(1) << 60) - 1,
        [FIELD_MINUTE] = (UINT64_C(1) << 60) - 1,
        [FIELD_HOUR] = (1 << 24) - 1,
        [FIELD_DAY] = UINT64_C(0xfffffffe),
        [FIELD_MONTH] = 0x1ffe,
        [FIELD_WEEKDAY] = 0x7f,
        [FIELD_YEAR] = UINT64_MAX, /* of each word; bits past 2199 are never looked at */
    };

    return all[field];
}

struct fields fields_every_day(void)
{
    return (struct fields){
        .seconds = 1,
        .minutes = 1,
        .hours = 1,
        .days = (uint32_t)field_all(FIELD_DAY),
        .months = (uint16_t)field_all(FIELD_MONTH),
        .weekdays = (uint8_t)field_all(FIELD_WEEKDAY),
        .years = {UINT64_MAX, UINT64_MAX, UINT64_MAX, (UINT64_C(1) << 38) - 1}, /* 230 years */
    };
}

void fields_drop_redundant(struct fields *f)
{
    if (f->days == field_all(FIELD_DAY))
        f->last_days = f->near_days = f->last_near_days = 0;
    if (f->weekdays == field_all(FIELD_WEEKDAY)) {
        f->last_weekdays = 0;
        memset(f->nth_weekdays, 0, sizeof f->nth_weekdays);
    }
}

void fields_set(struct fields *f, enum field field, const uint64_t bits[4])
{
    switch (field) {
    case FIELD_SECOND:
        f->seconds = bits[0];
        break;
    case FIELD_MINUTE:
        f->minutes = bits[0];
        break;
    case FIELD_HOUR:
        f->hours = (uint32_t)bits[0];
        break;
    case FIELD_DAY:
        f->days = (uint32_t)bits[0];
        break;
    case FIELD_MONTH:
        f->months = (uint16_t)bits[0];
        break;
    case FIELD_WEEKDAY:
        f->weekdays = (uint8_t)bits[0];
        break;
    case FIELD_YEAR:
    case FIELD_COUNT: /* is no field */
        memcpy(f->years, bits, sizeof f->years);
        break;
    }
}

static int lowest(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

static int highest(uint64_t bits)
{
    return 63 - __builtin_clzll(bits);
}

/* The bits above, below `bit`. */
static uint64_t above(uint64_t bits, int bit)
{
    return bits & ~UINT64_C(1) << bit;
}

static uint64_t below(uint64_t bits, int bit)
{
    return bits & ((UINT64_C(1) << bit) - 1);
}

static bool has(uint64_t bits, int bit)
{
    return bits >> bit & 1;
}

/* --- days of a month --- */

struct month {
    int year, month;
    int64_t first; /* day number of the 1st */
};

/* The days of the month (bit d: the d-th) that fall on these weekdays. */
static uint32_t spread(uint8_t weekdays, int first_weekday)
{
    uint64_t weeks = weekdays * UINT64_C(0x40810204081); /* seven weeks in a row */

    return (uint32_t)(weeks >> first_weekday << 1);
}

/* Each of `days` moves to the nearest Monday-Friday of the same month. */
static uint32_t near_weekday(uint32_t days, int first_weekday, int last)
{
    uint32_t saturday = days & spread(1 << SATURDAY, first_weekday);
    uint32_t sunday = days & spread(1, first_weekday);
    uint32_t first_bit = UINT32_C(1) << 1, last_bit = UINT32_C(1) << last;
    uint32_t moved = days & ~saturday & ~sunday;

    moved |= (saturday & ~first_bit) >> 1 | (saturday & first_bit) << 2;
    moved |= (sunday & ~last_bit) << 1 | (sunday & last_bit) >> 2;
    return moved;
}

static uint32_t special_days(const struct fields *f, int first_weekday, int last, uint32_t all)
{
    uint32_t near = (f->near_days | f->last_near_days >> (31 - last)) & all;

    if (near != 0)
        near = near_weekday(near, first_weekday, last);
    return f->last_days >> (31 - last) | near;
}

static uint32_t special_weekdays(const struct fields *f, int first_weekday, int last)
{
    uint32_t days = spread(f->last_weekdays, first_weekday) & ~UINT32_C(0) << (last - 6);

    for (int n = 0; n < 5; n++)
        if (f->nth_weekdays[n] != 0)
            days |= spread(f->nth_weekdays[n], first_weekday) & UINT32_C(0x7f) << (7 * n + 1);
    return days;
}

/* The matching days of a month of that length: bit d for the d-th. */
static uint32_t days_in(const struct fields *f, int last, int first_weekday)
{
    uint32_t all = (UINT32_C(2) << last) - 2; /* 2 << 31 is 0: all of 1-31 */
    uint32_t days = f->days, weekdays = spread(f->weekdays, first_weekday);

    if (f->special) {
        days |= special_days(f, first_weekday, last, all);
        weekdays |= special_weekdays(f, first_weekday, last);
    }
    return (f->days_ored ? days | weekdays : days & weekdays) & all;
}

static int weekday_of(int64_t day)
{
    return (int)((day + 4) % 7); /* 1970-01-01 was a Thursday */
}

/* The matching days of a month that itself matches. */
static uint32_t days_of(const struct fields *f, const struct month *m)
{
    return days_in(f, civil_month_days(m->year, m->month), weekday_of(m->first));
}

static bool has_year(const struct fields *f, int year)
{
    return has(f->years[(year - YEAR_FIRST) / 64], (year - YEAR_FIRST) % 64);
}

static bool has_month(const struct fields *f, const struct month *m)
{
    return has(f->months, m->month) && has_year(f, m->year);
}

uint32_t fields_dates(const struct fields *f, int year, int month)
{
    struct month m = {.year = year, .month = month, .first = civil_to_days(year, month, 1)};

    return has_month(f, &m) ? days_of(f, &m) : 0;
}

static bool next_year(const struct fields *f, int *year)
{
    int at = *year + 1 - YEAR_FIRST;
    uint64_t bits;

    if (*year >= YEAR_LAST)
        return false;
    bits = f->years[at / 64] & UINT64_MAX << at % 64;
    for (int word = at / 64;; bits = f->years[++word]) {
        if (bits != 0) {
            *year = YEAR_FIRST + word * 64 + lowest(bits);
            return *year <= YEAR_LAST;
        }
        if (word == 3)
            return false;
    }
}

static bool previous_year(const struct fields *f, int *year)
{
    int at = *year - 1 - YEAR_FIRST;
    uint64_t bits;

    if (at < 0)
        return false;
    bits = f->years[at / 64] & UINT64_MAX >> (63 - at % 64);
    for (int word = at / 64;; bits = f->years[--word]) {
        if (bits != 0) {
            *year = YEAR_FIRST + word * 64 + highest(bits);
            return true;
        }
        if (word == 0)
            return false;
    }
}

/* --- months that come seldom --- */

/*
 * Which days match depends on the length of a month and its first weekday alone, so there are but 14 kinds of year. A search
 * that has missed some months finds out which months of each kind have a matching day, and goes on from year to year: dates
 * that never come, or once in centuries, cost no more than a look at each year.
 */
enum { YEAR_KINDS = 14, PATIENCE = 16 };

struct search {
    const struct fields *f;
    int misses;
    uint16_t months[YEAR_KINDS]; /* bits 1-12; known after PATIENCE misses */
};

/* The months stay as they are: to clear them is too much for a search that ends at once. */
static void search_start(struct search *s, const struct fields *f)
{
    s->f = f;
    s->misses = 0;
}

static int kind_of(int year)
{
    int leap = civil_month_days(year, 2) == 29;

    return leap * 7 + weekday_of(civil_to_days(year, 1, 1));
}

static uint16_t months_of_kind(const struct fields *f, int kind)
{
    int year = kind < 7 ? 1971 : 1972, weekday = kind % 7; /* one of 365 days, one of 366 */
    unsigned found = 0;

    for (int month = 1; month <= 12; month++) {
        int last = civil_month_days(year, month);

        if (has(f->months, month) && days_in(f, last, weekday) != 0)
            found |= 1U << month;
        weekday = (weekday + last) % 7;
    }
    return (uint16_t)found;
}

static void count_miss(struct search *s)
{
    if (++s->misses != PATIENCE)
        return;
    for (int kind = 0; kind < YEAR_KINDS; kind++)
        s->months[kind] = months_of_kind(s->f, kind);
}

/* The months of a year that are worth a look. */
static uint64_t months_of(const struct search *s, int year)
{
    return s->misses < PATIENCE ? s->f->months : s->months[kind_of(year)];
}

static bool next_month(struct search *s, struct month *m)
{
    uint64_t months;

    count_miss(s);
    months = has_year(s->f, m->year) ? above(months_of(s, m->year), m->month) : 0;
    while (months == 0) {
        if (!next_year(s->f, &m->year))
            return false;
        months = months_of(s, m->year);
    }
    m->month = lowest(months);
    m->first = civil_to_days(m->year, m->month, 1);
    return true;
}

static bool previous_month(struct search *s, struct month *m)
{
    uint64_t months;

    count_miss(s);
    months = has_year(s->f, m->year) ? below(months_of(s, m->year), m->month) : 0;
    while (months == 0) {
        if (!previous_year(s->f, &m->year))
            return false;
        months = months_of(s, m->year);
    }
    m->month = highest(months);
    m->first = civil_to_days(m->year, m->month, 1);
    return true;
}

/* --- times of a day --- */

static int clock_of(int hour, int minute, int second)
{
    return (hour * 60 + minute) * 60 + second;
}

static int first_time(const struct fields *f)
{
    return clock_of(lowest(f->hours), lowest(f->minutes), lowest(f->seconds));
}

static int last_time(const struct fields *f)
{
    return clock_of(highest(f->hours), highest(f->minutes), highest(f->seconds));
}

/* The first matching second of the day >= time; -1 when there is none. */
static int time_from(const struct fields *f, int time)
{
    int hour = time / 3600, minute = time / 60 % 60, second = time % 60;
    uint64_t later;

    if (has(f->hours, hour)) {
        if (has(f->minutes, minute) && f->seconds >> second != 0)
            return time + lowest(f->seconds >> second);
        later = above(f->minutes, minute);
        if (later != 0)
            return clock_of(hour, lowest(later), lowest(f->seconds));
    }
    later = above(f->hours, hour);
    if (later == 0)
        return -1;
    return clock_of(lowest(later), lowest(f->minutes), lowest(f->seconds));
}

/* The last matching second of the day <= time; -1 when there is none. */
static int time_until(const struct fields *f, int time)
{
    int hour = time / 3600, minute = time / 60 % 60, second = time % 60;
    uint64_t earlier;

    if (has(f->hours, hour)) {
        earlier = below(f->seconds, second + 1);
        if (has(f->minutes, minute) && earlier != 0)
            return clock_of(hour, minute, highest(earlier));
        earlier = below(f->minutes, minute);
        if (earlier != 0)
            return clock_of(hour, highest(earlier), highest(f->seconds));
    }
    earlier = below(f->hours, hour);
    if (earlier == 0)
        return -1;
    return clock_of(highest(earlier), highest(f->minutes), highest(f->seconds));
}

/* --- both together --- */

static int month_of(int64_t day, struct month *m)
{
    int in_month;

    civil_from_days(day, &m->year, &m->month, &in_month);
    m->first = day - (in_month - 1);
    return in_month;
}

int64_t fields_first(const struct fields *f, int64_t wall)
{
    int64_t day = MAX(wall, WALL_FIRST) / DAY_SECONDS;
    int time = (int)(MAX(wall, WALL_FIRST) % DAY_SECONDS), today;
    struct search s;
    struct month m;
    uint64_t days;

    if (wall > WALL_LAST)
        return WALL_NONE;
    search_start(&s, f);
    today = month_of(day, &m);
    days = has_month(f, &m) ? days_of(f, &m) : 0;
    if (has(days, today) && (time = time_from(f, time)) >= 0)
        return day * DAY_SECONDS + time;
    for (days = above(days, today); days == 0; days = days_of(f, &m))
        if (!next_month(&s, &m))
            return WALL_NONE;
    return (m.first + lowest(days) - 1) * DAY_SECONDS + first_time(f);
}

int64_t fields_last(const struct fields *f, int64_t wall)
{
    int64_t day = MIN(wall, WALL_LAST) / DAY_SECONDS;
    int time = (int)(MIN(wall, WALL_LAST) % DAY_SECONDS), today;
    struct search s;
    struct month m;
    uint64_t days;

    if (wall < WALL_FIRST)
        return WALL_NEVER;
    search_start(&s, f);
    today = month_of(day, &m);
    days = has_month(f, &m) ? days_of(f, &m) : 0;
    if (has(days, today) && (time = time_until(f, time)) >= 0)
        return day * DAY_SECONDS + time;
    for (days = below(days, today); days == 0; days = days_of(f, &m))
        if (!previous_month(&s, &m))
            return WALL_NEVER;
    return (m.first + highest(days) - 1) * DAY_SECONDS + last_time(f);
}
