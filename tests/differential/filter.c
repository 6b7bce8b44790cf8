#include "differential/filter.h"

#include "base/util.h"

enum { DAY_MINUTES = 24 * 60 };

const char *rule_kind_name(enum rule_kind kind)
{
    static const char *const names[] = {"date",    "range",       "yearly",
                                        "weekday", "nth_weekday", "hours"};

    return names[kind];
}

static bool is_nth(const struct rule *r, const struct day *d)
{
    if (d->weekday != r->weekday)
        return false;
    return r->nth == 0 ? d->day + 7 > d->length : (d->day + 6) / 7 == r->nth;
}

static bool has_date(const struct rule *r, int64_t number)
{
    const struct day *d = day_at(number);

    if (d == NULL)
        return false;
    switch (r->kind) {
    case RULE_DATE:
    case RULE_RANGE:
        return number >= r->first && number <= r->last;
    case RULE_YEARLY:
        return d->month == r->month && d->day == r->day;
    case RULE_WEEKDAY:
        return d->weekday == r->weekday;
    case RULE_NTH:
        return is_nth(r, d);
    default:
        return false;
    }
}

/* No rules of dates, or one of them has it. */
static bool dates_hold(const struct filter_calendar *c, int64_t day)
{
    bool any = false;

    for (int i = 0; i < c->count; i++) {
        if (c->rules[i].kind == RULE_HOURS)
            continue;
        if (has_date(&c->rules[i], day))
            return true;
        any = true;
    }
    return !any;
}

static bool has_hours(const struct filter_calendar *c)
{
    for (int i = 0; i < c->count; i++)
        if (c->rules[i].kind == RULE_HOURS)
            return true;
    return false;
}

/* Is it in the hours that start on that day? */
static bool in_hours_of(const struct rule *r, int64_t day, int64_t wall)
{
    int64_t second = wall - day * DAY_SECONDS;
    int64_t end = r->to <= r->from ? r->to + DAY_MINUTES : r->to;

    return second >= r->from * INT64_C(60) && second < end * 60;
}

bool filter_calendar_holds(const struct filter_calendar *c, int64_t wall)
{
    int64_t today = floor_div(wall, DAY_SECONDS);

    if (!has_hours(c))
        return dates_hold(c, today);
    for (int i = 0; i < c->count; i++) {
        if (c->rules[i].kind != RULE_HOURS)
            continue;
        if (in_hours_of(&c->rules[i], today, wall) && dates_hold(c, today))
            return true;
        if (in_hours_of(&c->rules[i], today - 1, wall) && dates_hold(c, today - 1))
            return true;
    }
    return false;
}

static bool window_open(const struct filter_window *w, int64_t instant_us)
{
    int64_t second = floor_div(instant_us, USEC_PER_SEC), minute;

    if ((w->from != 0 && instant_us < w->from) || (w->until != 0 && instant_us >= w->until))
        return false;
    if (!w->daily)
        return true;
    second += w->place->spans[place_span(w->place, second)].offset;
    minute = floor_mod(second, DAY_SECONDS) / 60;
    if (w->daily_from < w->daily_to)
        return minute >= w->daily_from && minute < w->daily_to;
    return minute >= w->daily_from || minute < w->daily_to;
}

bool filter_open(const struct filter *f, int64_t instant_us, int64_t wall)
{
    bool only = false, held_by_only = false;

    for (int i = 0; i < f->calendar_count; i++) {
        const struct filter_calendar *c = &f->calendars[i];
        bool holds = filter_calendar_holds(c, wall);
        if (c->mode == CALENDAR_EXCLUDE && holds)
            return false;
        only = only || c->mode == CALENDAR_ONLY;
        held_by_only = held_by_only || (c->mode == CALENDAR_ONLY && holds);
    }
    return (!only || held_by_only) && window_open(&f->window, instant_us);
}

bool filter_closes_day(const struct filter *f, int64_t day)
{
    bool only = false, may_be_held = false;

    for (int i = 0; i < f->calendar_count; i++) {
        const struct filter_calendar *c = &f->calendars[i];
        if (c->mode == CALENDAR_EXCLUDE && !has_hours(c) && dates_hold(c, day))
            return true;
        if (c->mode != CALENDAR_ONLY)
            continue;
        only = true;
        may_be_held = may_be_held || dates_hold(c, day) || dates_hold(c, day - 1);
    }
    return only && !may_be_held;
}
