/*
 * The forms of an expression. Each is recognised by its first word; what is left over, missing or out of
 * place is an error with its column, never ignored.
 */
#include "cron/expression.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"

enum { WORDS_MAX = 9, SECONDS_A_DAY = 86400 };

static const int64_t period_max = INT64_C(36525) * SECONDS_A_DAY; /* a hundred years */

struct words { /* of a text, between blanks; more than WORDS_MAX are counted, not kept */
    struct slice list[WORDS_MAX];
    int count;
    const char *end; /* of the text */
};

/* --- saying what is wrong --- */

enum rc parse_fail(const struct parse *p, const char *at, const char *hint, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)error_set(p->err, RC_INVALID, "%s", text);
    if (p->err != NULL) {
        p->err->column = (int)(at - p->text) + 1;
        (void)snprintf(p->err->hint, sizeof p->err->hint, "%s", hint);
    }
    return RC_INVALID;
}

void parse_lint(const struct parse *p, enum lint_code code, const char *at, const char *format, ...)
{
    struct lint *l;
    va_list args;

    if (p->lints == NULL || p->lints->count == ARRAY_LEN(p->lints->list))
        return;
    for (size_t i = 0; i < p->lints->count; i++)
        if (p->lints->list[i].code == code)
            return;
    l = &p->lints->list[p->lints->count++];
    *l = (struct lint){.code = code, .column = at == NULL ? 0 : (int)(at - p->text) + 1};
    va_start(args, format);
    (void)vsnprintf(l->text, sizeof l->text, format, args);
    va_end(args);
}

/* --- words --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void split(struct slice text, struct words *ret)
{
    const char *at = text.at;

    *ret = (struct words){.end = text.end};
    for (;;) {
        const char *from;

        while (at < text.end && is_blank(*at))
            at++;
        if (at == text.end)
            return;
        for (from = at; at < text.end && !is_blank(*at);)
            at++;
        if (ret->count < WORDS_MAX)
            ret->list[ret->count] = (struct slice){from, at};
        ret->count++;
    }
}

static size_t length(struct slice s)
{
    return (size_t)(s.end - s.at);
}

static bool is_word(struct slice s, const char *word)
{
    return length(s) == strlen(word) && memcmp(s.at, word, length(s)) == 0;
}

static bool starts(struct slice s, const char *prefix)
{
    return length(s) >= strlen(prefix) && memcmp(s.at, prefix, strlen(prefix)) == 0;
}

/* Nothing may follow word number `count`. */
static enum rc no_more(const struct parse *p, const struct words *w, int count)
{
    if (w->count <= count)
        return RC_OK;
    return parse_fail(p, w->list[count].at, "", "unexpected '%.*s'",
                      (int)MIN(length(w->list[count]), 40), w->list[count].at);
}

/* --- fields --- */

static void keep_whole_minutes(struct fields *f)
{
    f->seconds = 1;
}

static void keep_every_year(struct fields *f)
{
    static const uint64_t all[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, (UINT64_C(1) << 38) - 1};

    memcpy(f->years, all, sizeof all); /* 230 years */
}

static bool is_restricted(const struct fields *f, enum field field)
{
    return !(f->bare >> field & 1);
}

/* Quartz and AWS: of the two day fields exactly one is `?`. */
static enum rc check_question(const struct parse *p, struct slice day, struct slice weekday)
{
    const char *who = p->aws ? "cron(...)" : "the dialect quartz";

    if (is_word(day, "?") != is_word(weekday, "?"))
        return RC_OK;
    return parse_fail(p, weekday.at, "put ? into the day field that does not count",
                      "%s needs exactly one ? in day of month and day of week", who);
}

/* Whether both day fields must be right, or one of them. crond looks at their first character only. */
static void choose_day_rule(const struct parse *p, struct slice day, struct slice weekday, bool and,
                            struct fields *f)
{
    bool restricted = is_restricted(f, FIELD_DAY) && is_restricted(f, FIELD_WEEKDAY);
    bool stepped = f->stars & (1 << FIELD_DAY | 1 << FIELD_WEEKDAY);

    if (p->options->dialect == DIALECT_VIXIE && !p->aws) {
        f->days_ored = *day.at != '*' && *weekday.at != '*';
        return;
    }
    f->days_ored = restricted && !and;
    if (f->days_ored && stepped)
        parse_lint(
            p, LINT_DAYS_ORED, day.at,
            "either day field is enough; crond, with a field that starts with *, wants both");
}

static enum rc parse_days(const struct parse *p, struct slice day, struct slice weekday,
                          struct fields *f)
{
    bool quartz = p->aws || p->options->dialect == DIALECT_QUARTZ;
    struct slice days = weekday;
    bool and = !quartz && p->options->dialect != DIALECT_VIXIE && *weekday.at == '+';

    if (and)
        days.at++;
    TRY(field_parse(p, FIELD_WEEKDAY, days, f));
    if (quartz)
        TRY(check_question(p, day, weekday));
    choose_day_rule(p, day, days, and, f);
    return RC_OK;
}

/* Where every day is set, L and # add nothing: one meaning, one set of masks. */
static void drop_redundant(struct fields *f)
{
    if (f->days == field_all(FIELD_DAY))
        f->last_days = f->near_days = f->last_near_days = 0;
    if (f->weekdays == field_all(FIELD_WEEKDAY)) {
        f->last_weekdays = 0;
        memset(f->nth_weekdays, 0, sizeof f->nth_weekdays);
    }
}

/* w starts with the second if `seconds`; a year may follow. */
static enum rc parse_fields(const struct parse *p, const struct slice *w, bool seconds, bool year,
                            struct expression *ret)
{
    struct fields *f = &ret->fields;

    *ret = (struct expression){.form = FORM_FIELDS};
    keep_whole_minutes(f);
    keep_every_year(f);
    if (seconds) {
        f->seconds = 0;
        TRY(field_parse(p, FIELD_SECOND, *w++, f));
    }
    TRY(field_parse(p, FIELD_MINUTE, w[0], f));
    TRY(field_parse(p, FIELD_HOUR, w[1], f));
    TRY(field_parse(p, FIELD_DAY, w[2], f));
    TRY(field_parse(p, FIELD_MONTH, w[3], f));
    TRY(parse_days(p, w[2], w[4], f));
    drop_redundant(f);
    if (!year)
        return RC_OK;
    memset(f->years, 0, sizeof f->years);
    return field_parse(p, FIELD_YEAR, w[5], f);
}

static enum rc parse_plain(struct parse *p, const struct words *w, struct expression *ret)
{
    static const struct {
        int min, max;
        const char *text;
    } counts[DIALECT_COUNT] = {
        [DIALECT_AUTO] = {5, 7, "5, 6 or 7 fields are needed"},
        [DIALECT_QUARTZ] = {6, 7, "the dialect quartz needs 6 or 7 fields"},
        [DIALECT_VIXIE] = {5, 5, "the dialect vixie needs 5 fields"},
        [DIALECT_OCPS] = {5, 7, "5, 6 or 7 fields are needed"},
    };
    enum dialect dialect = p->options->dialect;

    p->field_count = w->count;
    if (w->count < counts[dialect].min)
        return parse_fail(p, w->end, "minute hour day-of-month month day-of-week", "%s, not %d",
                          counts[dialect].text, w->count);
    if (w->count > counts[dialect].max)
        return parse_fail(p, w->list[counts[dialect].max].at,
                          "minute hour day-of-month month day-of-week", "%s, not %d",
                          counts[dialect].text, w->count);
    return parse_fields(p, w->list, w->count >= 6, w->count == 7, ret);
}

/* --- cron(...), rate(...) --- */

/* The text between the parentheses. */
static enum rc take_inside(const struct parse *p, struct slice text, struct slice *ret)
{
    const char *open = memchr(text.at, '(', length(text));

    if (p->options->dialect != DIALECT_AUTO)
        return parse_fail(p, text.at, "dialect auto takes it",
                          "cron(...) and rate(...) are not of this dialect");
    if (text.end[-1] != ')')
        return parse_fail(p, text.end, "", "the closing parenthesis is missing");
    *ret = (struct slice){open + 1, text.end - 1};
    return RC_OK;
}

static enum rc parse_aws_cron(struct parse *p, struct slice text, struct expression *ret)
{
    struct words w;
    struct slice inside;

    TRY(take_inside(p, text, &inside));
    split(inside, &w);
    if (w.count != 6)
        return parse_fail(p, w.count > 6 ? w.list[6].at : inside.end,
                          "minute hour day-of-month month day-of-week year",
                          "cron(...) needs 6 fields, not %d", w.count);
    p->aws = true;
    p->field_count = 6;
    return parse_fields(p, w.list, false, true, ret);
}

/* Digits only; -1 when it is none or too large. */
static int64_t number_of(struct slice s)
{
    int64_t number = 0;

    for (const char *at = s.at; at < s.end; at++) {
        if (!isdigit((unsigned char)*at) || length(s) > 12)
            return -1;
        number = number * 10 + (*at - '0');
    }
    return length(s) > 0 ? number : -1;
}

static enum rc check_period(const struct parse *p, const char *at, int64_t seconds)
{
    if (seconds >= 1 && seconds <= period_max)
        return RC_OK;
    return parse_fail(p, at, "", "a period of %lld s is outside 1 s to 36525d", (long long)seconds);
}

static enum rc parse_rate(const struct parse *p, struct slice text, struct expression *ret)
{
    static const struct {
        const char *one, *many;
        int seconds;
    } units[] = {
        {"minute", "minutes", 60}, {"hour", "hours", 3600}, {"day", "days", SECONDS_A_DAY}};
    struct words w;
    struct slice inside;
    int64_t number;

    TRY(take_inside(p, text, &inside));
    split(inside, &w);
    if (w.count != 2)
        return parse_fail(p, inside.at, "write rate(5 minutes)",
                          "rate(...) needs a number and a unit");
    number = number_of(w.list[0]);
    if (number < 1)
        return parse_fail(p, w.list[0].at, "", "rate: '%.*s' is not a number above 0",
                          (int)MIN(length(w.list[0]), 40), w.list[0].at);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!is_word(w.list[1], number == 1 ? units[i].one : units[i].many))
            continue;
        TRY(check_period(p, w.list[0].at, MIN(number, period_max) * units[i].seconds));
        *ret = (struct expression){.form = FORM_EVERY, .every.period = number * units[i].seconds};
        return RC_OK;
    }
    return parse_fail(p, w.list[1].at, "minute, hour, day with 1; minutes, hours, days with more",
                      "rate: '%.*s' is not a unit for %lld", (int)MIN(length(w.list[1]), 40),
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
        if (digits == 0 || digits > 9 || unit == NULL || *unit == '\0')
            return parse_fail(p, at, "write 90s, 15m, 1h30m, 1d or 2w", "'%.*s' is not a duration",
                              (int)MIN(length(text), 40), text.at);
        total += number_of((struct slice){at, at + digits}) * seconds[unit - units];
        at += digits + 1;
    } while (at < text.end && total <= period_max);
    *ret = total;
    return RC_OK;
}

static bool parse_clock(struct slice text, int32_t *ret)
{
    int64_t hour, minute;

    if (length(text) != 5 || text.at[2] != ':')
        return false;
    hour = number_of((struct slice){text.at, text.at + 2});
    minute = number_of((struct slice){text.at + 3, text.end});
    *ret = (int32_t)(hour * 3600 + minute * 60);
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

static enum rc take_clock(const struct parse *p, const struct words *w, int index, const char *word,
                          int32_t *ret)
{
    struct slice time;

    if (w->count < index + 2 || !is_word(w->list[index], word))
        return parse_fail(p, w->count > index ? w->list[index].at : w->end,
                          "write @every 15m from 08:00 to 18:00 on MON-FRI",
                          "'%s HH:MM' is missing", word);
    time = w->list[index + 1];
    if (!parse_clock(time, ret))
        return parse_fail(p, time.at, "", "'%.*s' is not a time 00:00-23:59",
                          (int)MIN(length(time), 40), time.at);
    return RC_OK;
}

static enum rc parse_on(const struct parse *p, const struct words *w, struct daily *d)
{
    struct fields f = {0};

    d->weekdays = (uint8_t)field_all(FIELD_WEEKDAY);
    if (w->count < 7)
        return RC_OK;
    if (!is_word(w->list[6], "on") || w->count < 8)
        return parse_fail(p, w->list[6].at, "", "'on DAYS' is expected here");
    TRY(field_parse(p, FIELD_WEEKDAY, w->list[7], &f));
    if (f.special)
        return parse_fail(p, w->list[7].at, "", "day of week: L and # have no meaning here");
    d->weekdays = f.weekdays;
    return no_more(p, w, 8);
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

static enum rc parse_every(const struct parse *p, const struct words *w, struct expression *ret)
{
    struct slice period, phase = {0};
    struct every e = {0};
    const char *slash;

    if (w->count < 2)
        return parse_fail(p, w->end, "write @every 15m", "@every needs a duration");
    period = w->list[1];
    slash = memchr(period.at, '/', length(period));
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
    TRY(no_more(p, w, 2));
    e.phase %= e.period;
    *ret = (struct expression){.form = FORM_EVERY, .every = e};
    return RC_OK;
}

/* --- zones, @at --- */

static enum rc name_zone(struct parse *p, struct slice name)
{
    const char *own = p->options->zone;
    bool differs = own != NULL && own[0] != '\0' && !is_word(name, own);

    if (p->zone.at != NULL)
        differs = length(p->zone) != length(name) || memcmp(p->zone.at, name.at, length(name)) != 0;
    if (differs)
        return parse_fail(p, name.at, "name the time zone once",
                          "time zone '%.*s' conflicts with '%.*s'", (int)MIN(length(name), 64),
                          name.at, p->zone.at != NULL ? (int)MIN(length(p->zone), 64) : 64,
                          p->zone.at != NULL ? p->zone.at : own);
    p->zone = name;
    return RC_OK;
}

static enum rc bad_time(const struct parse *p, struct slice time)
{
    return parse_fail(p, time.at,
                      "write 2026-03-29T02:30:00Z, or 2026-03-29T02:30 for the wall clock",
                      "@at: '%.*s' is not a time", (int)MIN(length(time), 40), time.at);
}

static enum rc check_years(const struct parse *p, struct slice time, usec_t t)
{
    if (t >= WALL_FIRST * USEC_PER_SEC && t / USEC_PER_SEC <= WALL_LAST)
        return RC_OK;
    return parse_fail(p, time.at, "", "@at: '%.*s' is outside the years %d-%d",
                      (int)MIN(length(time), 40), time.at, YEAR_FIRST, YEAR_LAST);
}

/* date and time without an offset, to the minute or finer: a wall time. */
static enum rc parse_wall(const struct parse *p, struct slice whole, const char *text,
                          struct expression *ret)
{
    SCOPED(text) char *full = xasprintf("%s%sZ", text, strlen(text) == 16 ? ":00" : "");
    usec_t wall;

    if (rfc3339_parse(full, &wall, NULL) != RC_OK || wall % USEC_PER_SEC != 0)
        return bad_time(p, whole);
    TRY(check_years(p, whole, wall));
    *ret = (struct expression){.form = FORM_WALL, .wall = wall / USEC_PER_SEC};
    return RC_OK;
}

static enum rc parse_at(struct parse *p, const struct words *w, struct expression *ret)
{
    struct slice date, time;
    char text[48];
    int used;
    usec_t t;

    if (w->count < 2)
        return parse_fail(p, w->end, "write @at 2026-03-29T02:30:00Z", "@at needs a time");
    date = w->list[1];
    used = length(date) > 10 ? 2 : 3; /* a blank may stand for the T */
    time = used == 2 ? (struct slice){date.at + 11, date.end} : w->list[MIN(2, w->count - 1)];
    if (w->count < used || length(date) < 10 || length(time) > 34 ||
        (used == 2 && toupper((unsigned char)date.at[10]) != 'T'))
        return bad_time(p,
                        (struct slice){date.at, used == 3 && w->count > 2 ? time.end : date.end});
    (void)snprintf(text, sizeof text, "%.10sT%.*s", date.at, (int)length(time), time.at);
    date.end = time.end;
    if (strpbrk(text + 11, "Zz+-") == NULL) {
        if (w->count > used)
            TRY(name_zone(p, w->list[used++]));
        TRY(no_more(p, w, used));
        return parse_wall(p, date, text, ret);
    }
    TRY(no_more(p, w, used));
    if (rfc3339_parse(text, &t, NULL) != RC_OK)
        return bad_time(p, date);
    TRY(check_years(p, date, t));
    *ret = (struct expression){.form = FORM_INSTANT, .instant = t};
    return RC_OK;
}

/* --- macros --- */

static enum rc unknown_macro(const struct parse *p, struct slice name)
{
    if (is_word(name, "@reboot"))
        return parse_fail(p, name.at, "let an init system start it, or trigger the task",
                          "@reboot is no time: a scheduler that never reboots cannot keep it");
    return parse_fail(
        p, name.at,
        "@hourly @daily @midnight @weekly @monthly @yearly @annually @every @at, in lower case",
        "unknown macro '%.*s'", (int)MIN(length(name), 40), name.at);
}

static enum rc parse_macro(struct parse *p, const struct words *w, struct expression *ret)
{
    static const struct {
        const char *name, *fields;
    } macros[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    };
    struct schedule_options plain = {.dialect = DIALECT_AUTO};
    struct parse inner = {.options = &plain};
    struct words fields;

    for (size_t i = 0; i < ARRAY_LEN(macros); i++) {
        const char *text = macros[i].fields;

        if (!is_word(w->list[0], macros[i].name))
            continue;
        TRY(no_more(p, w, 1));
        split((struct slice){text, text + strlen(text)}, &fields);
        return parse_fields(&inner, fields.list, false, false, ret);
    }
    return unknown_macro(p, w->list[0]);
}

/* --- all forms --- */

static enum rc parse_form(struct parse *p, struct slice text, struct expression *ret)
{
    struct words w;

    split(text, &w);
    if (w.count == 0)
        return parse_fail(p, text.end, "minute hour day-of-month month day-of-week",
                          "an expression is missing");
    if (is_word(w.list[0], "@every"))
        return parse_every(p, &w, ret);
    if (is_word(w.list[0], "@at"))
        return parse_at(p, &w, ret);
    if (*w.list[0].at == '@')
        return parse_macro(p, &w, ret);
    if (starts(w.list[0], "cron("))
        return parse_aws_cron(p, (struct slice){w.list[0].at, text.end}, ret);
    if (starts(w.list[0], "rate("))
        return parse_rate(p, (struct slice){w.list[0].at, text.end}, ret);
    return parse_plain(p, &w, ret);
}

static enum rc take_prefix(struct parse *p, struct slice *text)
{
    static const char *const prefixes[] = {"TZ=", "CRON_TZ="};
    struct words w;

    split(*text, &w);
    for (size_t i = 0; w.count > 0 && i < ARRAY_LEN(prefixes); i++) {
        if (!starts(w.list[0], prefixes[i]))
            continue;
        text->at = w.list[0].end;
        w.list[0].at += strlen(prefixes[i]);
        return name_zone(p, w.list[0]);
    }
    return RC_OK;
}

enum rc expression_parse(const char *text, const struct schedule_options *options,
                         struct lints *lints, struct expression *ret, struct slice *ret_zone,
                         struct error *err)
{
    struct parse p = {.text = text, .options = options, .lints = lints, .err = err};
    struct slice rest = {text, text + strlen(text)};

    while (rest.end > rest.at && is_blank(rest.end[-1]))
        rest.end--;
    TRY(take_prefix(&p, &rest));
    TRY(parse_form(&p, rest, ret));
    *ret_zone = p.zone;
    return RC_OK;
}

static bool fields_equal(const struct fields *a, const struct fields *b)
{
    const uint8_t times = 1 << FIELD_SECOND | 1 << FIELD_MINUTE | 1 << FIELD_HOUR;
    bool same_times = a->seconds == b->seconds && a->minutes == b->minutes &&
                      a->hours == b->hours && (a->stars & times) == (b->stars & times);
    bool same_days = a->days == b->days && a->last_days == b->last_days &&
                     a->near_days == b->near_days && a->last_near_days == b->last_near_days;
    bool same_weekdays = a->weekdays == b->weekdays && a->last_weekdays == b->last_weekdays &&
                         memcmp(a->nth_weekdays, b->nth_weekdays, sizeof a->nth_weekdays) == 0;

    return same_times && same_days && same_weekdays && a->months == b->months &&
           a->days_ored == b->days_ored && memcmp(a->years, b->years, sizeof a->years) == 0;
}

bool expression_equal(const struct expression *a, const struct expression *b)
{
    if (a->form != b->form)
        return false;
    switch (a->form) {
    case FORM_FIELDS:
        return fields_equal(&a->fields, &b->fields);
    case FORM_EVERY:
        return a->every.period == b->every.period && a->every.phase == b->every.phase;
    case FORM_DAILY:
        return a->daily.from == b->daily.from && a->daily.to == b->daily.to &&
               a->daily.period == b->daily.period && a->daily.weekdays == b->daily.weekdays;
    case FORM_INSTANT:
        return a->instant == b->instant;
    case FORM_WALL:
        break;
    }
    return a->wall == b->wall;
}
