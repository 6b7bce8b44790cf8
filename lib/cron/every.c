/*
 * Elapsed time and runs of wall times: @every D[/phase], @every D from HH:MM to HH:MM [on DAYS], rate(N unit).
 */
#include <ctype.h>
#include <string.h>

#include "cron/parse.h"

enum { SECONDS_A_DAY = 86400 };

static const int64_t period_max = INT64_C(36525) * SECONDS_A_DAY; /* a hundred years */

static enum rc check_period(const struct parse *p, const char *at, int64_t seconds)
{
    if (seconds >= 1 && seconds <= period_max)
        return RC_OK;
    return parse_fail(p, at, "", "a period of %lld s is outside 1 s to 36525d", (long long)seconds);
}

enum rc rate_parse(const struct parse *p, struct slice inside, struct expression *ret)
{
    static const struct {
        const char *one, *many;
        int seconds;
    } units[] = {
        {"minute", "minutes", 60}, {"hour", "hours", 3600}, {"day", "days", SECONDS_A_DAY}};
    struct words w;
    int64_t number;

    words_split(inside, &w);
    if (w.count != 2)
        return parse_fail(p, inside.at, "write rate(5 minutes)",
                          "rate(...) needs a number and a unit");
    number = slice_number(w.list[0]);
    if (number < 1)
        return parse_fail(p, w.list[0].at, "",
                          "rate: '%.*s' is not a number from 1 to 999999999999",
                          (int)MIN(slice_length(w.list[0]), 40), w.list[0].at);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!slice_is(w.list[1], number == 1 ? units[i].one : units[i].many))
            continue;
        TRY(check_period(p, w.list[0].at, MIN(number, period_max) * units[i].seconds));
        *ret = (struct expression){.form = FORM_EVERY, .every.period = number * units[i].seconds};
        return RC_OK;
    }
    return parse_fail(p, w.list[1].at, "minute, hour, day with 1; minutes, hours, days with more",
                      "rate: '%.*s' is not a unit for %lld", (int)MIN(slice_length(w.list[1]), 40),
                      w.list[1].at, (long long)number);
}

/* --- @every --- */

/* 90s, 15m, 1h30m, 1d, 2w: each part a number and a unit. 0 s is for the caller to judge. */
static enum rc parse_duration(const struct parse *p, struct slice text, int64_t *ret)
{
    static const char units[] = "smhdw";
    static const int seconds[] = {1, 60, 3600, SECONDS_A_DAY, 7 * SECONDS_A_DAY};
    const char *at = text.at;
    int64_t total = 0;

    do {
        size_t digits = 0;
        const char *unit;

        while (at + digits < text.end && isdigit((unsigned char)at[digits]))
            digits++;
        unit = at + digits < text.end ? strchr(units, at[digits]) : NULL;
        if (digits == 0 || digits > 9 || unit == NULL)
            return parse_fail(p, at, "write 90s, 15m, 1h30m, 1d or 2w", "'%.*s' is not a duration",
                              (int)MIN(slice_length(text), 40), text.at);
        total += slice_number((struct slice){at, at + digits}) * seconds[unit - units];
        at += digits + 1;
    } while (at < text.end && total <= period_max);
    *ret = total;
    return RC_OK;
}

static bool parse_clock(struct slice text, int32_t *ret)
{
    int64_t hour, minute;

    if (slice_length(text) != 5 || text.at[2] != ':')
        return false;
    hour = slice_number((struct slice){text.at, text.at + 2});
    minute = slice_number((struct slice){text.at + 3, text.end});
    *ret = (int32_t)(hour * 3600 + minute * 60);
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

static enum rc take_clock(const struct parse *p, const struct words *w, int index, const char *word,
                          int32_t *ret)
{
    struct slice time;

    if (w->count < index + 2 || !slice_is(w->list[index], word))
        return parse_fail(p, w->count > index ? w->list[index].at : w->end,
                          "write @every 15m from 08:00 to 18:00 on MON-FRI",
                          "'%s HH:MM' is missing", word);
    time = w->list[index + 1];
    if (!parse_clock(time, ret))
        return parse_fail(p, time.at, "", "'%.*s' is not a time 00:00-23:59",
                          (int)MIN(slice_length(time), 40), time.at);
    return RC_OK;
}

static enum rc parse_on(const struct parse *p, const struct words *w, struct daily *d)
{
    d->days = fields_every_day();
    if (w->count < 7)
        return RC_OK;
    if (!slice_is(w->list[6], "on") || w->count < 8)
        return parse_fail(p, w->list[6].at, "", "'on DAYS' is expected here");
    TRY(field_parse(p, FIELD_WEEKDAY, w->list[7], &d->days));
    fields_drop_redundant(&d->days);
    d->days.stars = d->days.bare = 0;
    return words_end(p, w, 8);
}

/* @every D from HH:MM to HH:MM [on DAYS] */
static enum rc parse_daily(const struct parse *p, const struct words *w, int64_t period,
                           struct expression *ret)
{
    struct daily d = {.period = (int32_t)MIN(period, INT32_MAX)};

    TRY(take_clock(p, w, 2, "from", &d.from));
    TRY(take_clock(p, w, 4, "to", &d.to));
    TRY(parse_on(p, w, &d));
    if (d.to < d.from)
        d.to += SECONDS_A_DAY;
    *ret = (struct expression){.form = FORM_DAILY, .daily = d};
    return RC_OK;
}

enum rc every_parse(const struct parse *p, const struct words *w, struct expression *ret)
{
    struct slice period, phase = {0};
    struct every e = {0};
    const char *slash;

    if (w->count < 2)
        return parse_fail(p, w->end, "write @every 15m", "@every needs a duration");
    period = w->list[1];
    slash = memchr(period.at, '/', slice_length(period));
    if (slash != NULL) {
        phase = (struct slice){slash + 1, period.end};
        period.end = slash;
    }
    TRY(parse_duration(p, period, &e.period));
    TRY(check_period(p, period.at, e.period));
    if (slash != NULL)
        TRY(parse_duration(p, phase, &e.phase));
    if (w->count > 2 && slash == NULL)
        return parse_daily(p, w, e.period, ret);
    TRY(words_end(p, w, 2));
    e.phase %= e.period;
    *ret = (struct expression){.form = FORM_EVERY, .every = e};
    return RC_OK;
}
