#include "differential/meaning.h"

#include <stddef.h>

/* The weekday nearest to a day: Friday before a Saturday, Monday after a Sunday, but inside the month. */
static int nearest_weekday(const struct day *of, int day)
{
    int weekday = (int)floor_mod(of->weekday + (day - of->day), 7);

    if (weekday == 6)
        return day == 1 ? 3 : day - 1;
    if (weekday == 0)
        return day == of->length ? day - 2 : day + 1;
    return day;
}

static bool is_special(const struct special_day *s, const struct day *d)
{
    switch (s->kind) {
    case DAY_LAST:
        return d->day == d->length - s->n;
    case DAY_NEAREST:
        return s->n <= d->length && d->day == nearest_weekday(d, s->n);
    case DAY_LAST_NEAREST:
        return d->length - s->n >= 1 && d->day == nearest_weekday(d, d->length - s->n);
    case DAY_NTH:
        return d->weekday == s->weekday && (d->day + 6) / 7 == s->n;
    case DAY_LAST_SUCH:
        return d->weekday == s->weekday && d->day + 7 > d->length;
    default:
        return false;
    }
}

static bool is_of_weekday(enum special kind)
{
    return kind == DAY_NTH || kind == DAY_LAST_SUCH;
}

static bool any_special(const struct meaning *m, bool of_weekday, const struct day *d)
{
    for (int i = 0; i < m->special_count; i++)
        if (is_of_weekday(m->specials[i].kind) == of_weekday && is_special(&m->specials[i], d))
            return true;
    return false;
}

/* The rule of the two day fields. */
static bool names_date(const struct meaning *m, const struct day *d)
{
    bool by_day = m->holds[DAY][d->day] || any_special(m, false, d);
    bool by_weekday = m->holds[WEEKDAY][d->weekday] || any_special(m, true, d);

    if (m->dialect == DIALECT_VIXIE)
        return m->starts_with_star[DAY] || m->starts_with_star[WEEKDAY] ? by_day && by_weekday
                                                                        : by_day || by_weekday;
    if (m->unrestricted[DAY] && m->unrestricted[WEEKDAY])
        return true;
    if (m->unrestricted[DAY])
        return by_weekday;
    if (m->unrestricted[WEEKDAY])
        return by_day;
    return m->both_days ? by_day && by_weekday : by_day || by_weekday;
}

static bool run_starts_on(const struct meaning *m, int64_t day)
{
    const struct day *d = day_at(day);

    return day_counts(day) && (m->holds[WEEKDAY][d->weekday] || any_special(m, true, d));
}

/* Is it one of from, from + D, ... up to and including `to` of the run that starts on that day? */
static bool in_run_of(const struct meaning *m, int64_t day, int64_t wall)
{
    int64_t second = wall - day * DAY_SECONDS;
    int64_t last = m->to < m->from ? m->to + DAY_SECONDS : m->to;

    return run_starts_on(m, day) && second >= m->from && second <= last &&
           (second - m->from) % m->period == 0;
}

bool meaning_names_month(const struct meaning *m, int64_t day)
{
    const struct day *d = day_at(day);

    if (!day_counts(day))
        return false;
    return m->form != FORM_FIELDS ||
           (m->holds[YEAR][d->year - FIRST_YEAR] && m->holds[MONTH][d->month]);
}

bool meaning_names_day(const struct meaning *m, int64_t day)
{
    const struct day *d = day_at(day);

    if (!day_counts(day))
        return false;
    if (m->form == FORM_WALL)
        return floor_div(m->at, DAY_SECONDS) == day;
    if (m->form == FORM_FROM_TO)
        return run_starts_on(m, day) || run_starts_on(m, day - 1);
    return meaning_names_month(m, day) && names_date(m, d);
}

bool meaning_names(const struct meaning *m, int64_t wall)
{
    int64_t day = floor_div(wall, DAY_SECONDS), second = floor_mod(wall, DAY_SECONDS);

    if (m->form == FORM_WALL)
        return wall == m->at;
    if (m->form == FORM_FROM_TO)
        return day_counts(day) && (in_run_of(m, day, wall) || in_run_of(m, day - 1, wall));
    return m->holds[SECOND][second % 60] && m->holds[MINUTE][second / 60 % 60] &&
           m->holds[HOUR][second / 3600] && meaning_names_day(m, day);
}
