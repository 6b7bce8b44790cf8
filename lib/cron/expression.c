/*
 * The forms of an expression. Each is recognised by its first word; what is left over, missing or out of
 * place is an error with its column, never ignored.
 */
#include "cron/expression.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/parse.h"

enum { TIME_TEXT = 48 }; /* of @at */

/* --- fields --- */

static bool is_restricted(const struct fields *f, enum field field)
{
    return !(f->bare >> field & 1);
}

static bool has_question(struct slice field)
{
    return memchr(field.at, '?', slice_length(field)) != NULL;
}

/* Quartz and AWS: of the two day fields exactly one is `?`, and no list holds one. */
static enum rc check_question(const struct parse *p, struct slice day, struct slice weekday)
{
    const char *who = p->aws ? "cron(...)" : "the dialect quartz";
    bool one = slice_is(day, "?") != slice_is(weekday, "?");

    if (one && has_question(day) != has_question(weekday))
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

    if (p->options->dialect == DIALECT_VIXIE) {
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

/* w starts with the second if `seconds`; a year may follow. */
static enum rc parse_fields(const struct parse *p, const struct slice *w, bool seconds, bool year,
                            struct expression *ret)
{
    static const enum field order[] = {FIELD_MINUTE, FIELD_HOUR, FIELD_DAY, FIELD_MONTH};
    struct fields *f = &ret->fields;

    *ret = (struct expression){.form = FORM_FIELDS, .fields = fields_every_day()};
    if (seconds)
        TRY(field_parse(p, FIELD_SECOND, *w++, f));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        TRY(field_parse(p, order[i], w[i], f));
    TRY(parse_days(p, w[2], w[4], f));
    fields_drop_redundant(f);
    return year ? field_parse(p, FIELD_YEAR, w[5], f) : RC_OK;
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
    const char *open = memchr(text.at, '(', slice_length(text));

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
    words_split(inside, &w);
    if (w.count != 6)
        return parse_fail(p, w.count > 6 ? w.list[6].at : inside.end,
                          "minute hour day-of-month month day-of-week year",
                          "cron(...) needs 6 fields, not %d", w.count);
    p->aws = true;
    p->field_count = 6;
    return parse_fields(p, w.list, false, true, ret);
}

static enum rc parse_aws_rate(const struct parse *p, struct slice text, struct expression *ret)
{
    struct slice inside;

    TRY(take_inside(p, text, &inside));
    return rate_parse(p, inside, ret);
}

/* --- zones, @at --- */

static enum rc name_zone(struct parse *p, struct slice name)
{
    const char *own = p->options->zone;
    bool differs = own != NULL && own[0] != '\0' && !slice_is(name, own);

    if (p->zone.at != NULL)
        differs = slice_length(p->zone) != slice_length(name) ||
                  memcmp(p->zone.at, name.at, slice_length(name)) != 0;
    if (differs)
        return parse_fail(p, name.at, "name the time zone once",
                          "time zone '%.*s' conflicts with '%.*s'",
                          (int)MIN(slice_length(name), 64), name.at,
                          p->zone.at != NULL ? (int)MIN(slice_length(p->zone), 64) : 64,
                          p->zone.at != NULL ? p->zone.at : own);
    p->zone = name;
    return RC_OK;
}

static enum rc bad_time(const struct parse *p, struct slice time)
{
    return parse_fail(p, time.at,
                      "write 2026-03-29T02:30:00Z, or 2026-03-29T02:30 for the wall clock",
                      "@at: '%.*s' is not a time", (int)MIN(slice_length(time), 40), time.at);
}

static enum rc check_years(const struct parse *p, struct slice time, usec_t t)
{
    if (t >= WALL_FIRST * USEC_PER_SEC && t / USEC_PER_SEC <= WALL_LAST)
        return RC_OK;
    return parse_fail(p, time.at, "", "@at: '%.*s' is outside the years %d-%d",
                      (int)MIN(slice_length(time), 40), time.at, YEAR_FIRST, YEAR_LAST);
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

/* Date and time as one word with a T, of the one or two words (a blank may stand for the T) that follow @at. */
static enum rc take_time(const struct parse *p, const struct words *w, char text[TIME_TEXT],
                         struct slice *ret, int *used)
{
    struct slice date = w->list[1], time;
    bool one = slice_length(date) > 10;

    *used = one ? 2 : 3;
    *ret = (struct slice){date.at, w->list[MIN(*used, w->count) - 1].end};
    if (slice_length(date) < 10 || w->count < *used ||
        (one && toupper((unsigned char)date.at[10]) != 'T'))
        return bad_time(p, *ret);
    time = one ? (struct slice){date.at + 11, date.end} : w->list[2];
    if (slice_length(time) > TIME_TEXT - 12)
        return bad_time(p, *ret);
    (void)snprintf(text, TIME_TEXT, "%.10sT%.*s", date.at, (int)slice_length(time), time.at);
    return RC_OK;
}

static enum rc parse_at(struct parse *p, const struct words *w, struct expression *ret)
{
    struct slice time;
    char text[TIME_TEXT];
    bool is_wall;
    int used;
    usec_t t;

    if (w->count < 2)
        return parse_fail(p, w->end, "write @at 2026-03-29T02:30:00Z", "@at needs a time");
    TRY(take_time(p, w, text, &time, &used));
    is_wall = strpbrk(text + 11, "Zz+-") == NULL;
    if (is_wall && w->count > used)
        TRY(name_zone(p, w->list[used++]));
    TRY(words_end(p, w, used));
    if (is_wall)
        return parse_wall(p, time, text, ret);
    if (rfc3339_parse(text, &t, NULL) != RC_OK)
        return bad_time(p, time);
    TRY(check_years(p, time, t));
    *ret = (struct expression){.form = FORM_INSTANT, .instant = t};
    return RC_OK;
}

/* --- macros --- */

static enum rc unknown_macro(const struct parse *p, struct slice name)
{
    if (slice_is(name, "@reboot"))
        return parse_fail(p, name.at, "let an init system start it, or trigger the task",
                          "@reboot is no time: a scheduler that never reboots cannot keep it");
    return parse_fail(
        p, name.at,
        "@hourly @daily @midnight @weekly @monthly @yearly @annually @every @at, in lower case",
        "unknown macro '%.*s'", (int)MIN(slice_length(name), 40), name.at);
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

        if (!slice_is(w->list[0], macros[i].name))
            continue;
        TRY(words_end(p, w, 1));
        words_split((struct slice){text, text + strlen(text)}, &fields);
        return parse_fields(&inner, fields.list, false, false, ret);
    }
    return unknown_macro(p, w->list[0]);
}

/* --- all forms --- */

static enum rc parse_form(struct parse *p, struct slice text, struct expression *ret)
{
    struct words w;

    words_split(text, &w);
    if (w.count == 0)
        return parse_fail(p, text.end, "minute hour day-of-month month day-of-week",
                          "an expression is missing");
    if (slice_is(w.list[0], "@every"))
        return every_parse(p, &w, ret);
    if (slice_is(w.list[0], "@at"))
        return parse_at(p, &w, ret);
    if (*w.list[0].at == '@')
        return parse_macro(p, &w, ret);
    if (slice_starts(w.list[0], "cron("))
        return parse_aws_cron(p, (struct slice){w.list[0].at, text.end}, ret);
    if (slice_starts(w.list[0], "rate("))
        return parse_aws_rate(p, (struct slice){w.list[0].at, text.end}, ret);
    return parse_plain(p, &w, ret);
}

/* The first word, if it names a zone. */
static enum rc take_prefix(struct parse *p, struct slice *text)
{
    static const char *const prefixes[] = {"TZ=", "CRON_TZ="};
    struct words w;

    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (!slice_starts(*text, prefixes[i]))
            continue;
        words_split(*text, &w);
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
    while (rest.end > rest.at && is_blank(*rest.at))
        rest.at++;
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
               a->daily.period == b->daily.period && fields_equal(&a->daily.days, &b->daily.days);
    case FORM_INSTANT:
        return a->instant == b->instant;
    case FORM_WALL:
        break;
    }
    return a->wall == b->wall;
}
