/*
 * What calendars and windows leave of the schedules, case by case. At random: timeline_property_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/timeline.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

/* clang-format off */
static const struct filter_case {
    const char *schedules; /* between bars; each may start with TZ= */
    const char *zone;
    const char *calendars; /* "EXCLUDE weekday SAT, hours 12:00-13:00 | ONLY ..." */
    const char *window;    /* "from until daily_from daily_to zone", "-" for none */
    const char *from;
    const char *expected;  /* the first ones; "." at the end: no more */
} cases[] = {
    /* Each kind of rule, both modes. */
    {"0 9 * * *", "UTC", "EXCLUDE date 2026-12-24", "", "2026-12-22T00:00Z",
     "2026-12-22T09:00Z 2026-12-23T09:00Z 2026-12-25T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY date 2026-12-24", "", "2026-12-22T00:00Z", "2026-12-24T09:00Z ."},
    {"0 9 * * *", "UTC", "EXCLUDE range 2026-12-24/2027-01-06", "", "2026-12-23T00:00Z", "2026-12-23T09:00Z 2027-01-07T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY range 2026-12-24/2026-12-26", "", "2026-12-22T00:00Z",
     "2026-12-24T09:00Z 2026-12-25T09:00Z 2026-12-26T09:00Z ."},
    {"0 9 * * *", "UTC", "EXCLUDE yearly 12-25", "", "2026-12-24T00:00Z", "2026-12-24T09:00Z 2026-12-26T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY yearly 12-25", "", "2026-12-24T00:00Z", "2026-12-25T09:00Z 2027-12-25T09:00Z 2028-12-25T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY yearly 02-29", "", "2026-12-24T00:00Z", "2028-02-29T09:00Z 2032-02-29T09:00Z"},
    {"0 9 * * *", "UTC", "EXCLUDE weekday SAT, weekday SUN", "", "2026-11-26T12:00Z", "2026-11-27T09:00Z 2026-11-30T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY weekday SAT, weekday SUN", "", "2026-11-26T12:00Z", "2026-11-28T09:00Z 2026-11-29T09:00Z 2026-12-05T09:00Z"},
    {"0 9 * * *", "UTC", "EXCLUDE nth_weekday MON#2", "", "2026-12-12T12:00Z", "2026-12-13T09:00Z 2026-12-15T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY nth_weekday MON#2", "", "2026-12-01T00:00Z", "2026-12-14T09:00Z 2027-01-11T09:00Z 2027-02-08T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY nth_weekday MON#L", "", "2026-12-01T00:00Z", "2026-12-28T09:00Z 2027-01-25T09:00Z 2027-02-22T09:00Z"},
    {"0 9 * * *", "UTC", "ONLY nth_weekday FRI#5", "", "2026-12-01T00:00Z", "2027-01-29T09:00Z 2027-04-30T09:00Z"},
    {"*/30 * * * *", "UTC", "EXCLUDE hours 12:00-13:00", "", "2026-11-24T11:00Z", "2026-11-24T11:30Z 2026-11-24T13:00Z"},
    {"*/30 * * * *", "UTC", "ONLY hours 12:00-13:00", "", "2026-11-24T11:00Z", "2026-11-24T12:00Z 2026-11-24T12:30Z 2026-11-25T12:00Z"},
    {"0 * * * *", "UTC", "ONLY hours 22:00-24:00", "", "2026-11-24T11:00Z", "2026-11-24T22:00Z 2026-11-24T23:00Z 2026-11-25T22:00Z"},
    {"0 9 * * *", "UTC", "EXCLUDE", "", "2026-11-24T00:00Z", "."},                  /* without rules it holds all */
    {"0 9 * * *", "UTC", "ONLY", "", "2026-11-24T00:00Z", "2026-11-24T09:00Z"},
    /* Hours past midnight belong to the date on which they start. */
    {"0 */2 * * *", "UTC", "ONLY hours 22:00-06:00", "", "2026-11-24T12:00Z",
     "2026-11-24T22:00Z 2026-11-25T00:00Z 2026-11-25T02:00Z 2026-11-25T04:00Z 2026-11-25T22:00Z"},
    {"0 */4 * * *", "UTC", "ONLY weekday SAT, hours 20:00-06:00", "", "2026-11-24T12:00Z",
     "2026-11-28T20:00Z 2026-11-29T00:00Z 2026-11-29T04:00Z 2026-12-05T20:00Z"},
    {"0 */4 * * *", "UTC", "EXCLUDE weekday SAT, hours 20:00-06:00", "", "2026-11-28T12:00Z", "2026-11-28T16:00Z 2026-11-29T08:00Z"},
    {"0 */4 * * *", "UTC", "ONLY date 2026-12-31, hours 20:00-06:00", "", "2026-11-24T12:00Z",
     "2026-12-31T20:00Z 2027-01-01T00:00Z 2027-01-01T04:00Z ."},
    {"0 0 * * *", "UTC", "ONLY date 2028-02-29, hours 23:00-01:00", "", "2026-11-24T12:00Z", "2028-03-01T00:00Z ."},
    /* Several calendars: exclude wins; one of those of mode ONLY is enough. */
    {"0 9 * * *", "UTC", "ONLY weekday FRI | EXCLUDE yearly 12-25", "", "2026-12-17T00:00Z",
     "2026-12-18T09:00Z 2027-01-01T09:00Z"},
    {"0 9 * * *", "UTC", "EXCLUDE weekday FRI | ONLY date 2026-12-25", "", "2026-12-17T00:00Z", "."},
    {"0 9 * * *", "UTC", "ONLY weekday FRI | ONLY weekday MON", "", "2026-12-17T00:00Z", "2026-12-18T09:00Z 2026-12-21T09:00Z 2026-12-25T09:00Z"},
    {"0 * * * *", "UTC", "ONLY weekday FRI, hours 10:00-11:00 | ONLY weekday MON, hours 12:00-13:00", "", "2026-12-17T00:00Z",
     "2026-12-18T10:00Z 2026-12-21T12:00Z 2026-12-25T10:00Z"},
    {"0 * * * *", "UTC", "EXCLUDE hours 00:00-12:00 | EXCLUDE hours 13:00-24:00", "", "2026-12-17T00:00Z", "2026-12-17T12:00Z 2026-12-18T12:00Z"},
    {"* * * * *", "UTC", "EXCLUDE hours 00:00-12:00 | EXCLUDE hours 12:00-24:00", "", "2026-12-17T00:00Z", "."},
    {"0 9 * * *", "UTC", "EXCLUDE weekday SAT, weekday SUN | EXCLUDE hours 08:00-09:00 | EXCLUDE date 2026-11-27", "", "2026-11-26T12:00Z",
     "2026-11-30T09:00Z"},
    /* The local time of an instant is the actual one: a change of the clock moves it out of hours, or into them. */
    {"30 2 * * *", "Europe/Berlin", "ONLY hours 02:00-03:00", "", "2026-03-27T12:00Z", "2026-03-28T01:30Z 2026-03-30T00:30Z"},
    {"30 2 * * *", "Europe/Berlin", "EXCLUDE hours 03:00-04:00", "", "2026-03-27T12:00Z", "2026-03-28T01:30Z 2026-03-30T00:30Z"},
    {"30 2 * * *", "Europe/Berlin", "ONLY hours 03:00-04:00", "", "2026-01-01T00:00Z", "2026-03-29T01:00Z 2027-03-28T01:00Z 2028-03-26T01:00Z"},
    {"30 2 * * *", "Europe/Berlin", "EXCLUDE hours 02:00-03:00", "", "2026-01-01T00:00Z", "2026-03-29T01:00Z 2027-03-28T01:00Z"},
    {"0,30 2 * * *", "Europe/Berlin", "EXCLUDE hours 02:00-02:30", "", "2026-03-28T00:00Z", "2026-03-28T01:30Z 2026-03-29T01:00Z 2026-03-30T00:30Z"},
    {"30 0 * * *", "America/Havana", "ONLY hours 01:00-02:00", "", "2026-01-01T00:00Z", "2026-03-08T05:00Z 2027-03-14T05:00Z"},
    {"0 12 * * *", "Pacific/Apia", "EXCLUDE date 2011-12-31", "", "2011-12-29T00:00Z", "2011-12-29T22:00Z 2011-12-31T22:00Z"},
    {"0 12 * * *", "Pacific/Apia", "ONLY date 2011-12-30", "", "2011-12-01T00:00Z", "."}, /* the lost day */
    {"0 12 * * *", "Pacific/Apia", "ONLY range 2011-12-29/2011-12-31", "", "2011-12-01T00:00Z", "2011-12-29T22:00Z 2011-12-30T22:00Z ."},
    /* A second pass may be open behind a closed first one. */
    {"*/15 * * * *", "Europe/Berlin", "EXCLUDE hours 02:30-03:30", "", "2026-10-25T00:00Z",
     "2026-10-25T00:15Z 2026-10-25T01:00Z 2026-10-25T01:15Z 2026-10-25T02:30Z"},
    {"*/30 * * * *", "Europe/Berlin", "ONLY hours 02:00-03:00", "", "2026-10-24T12:00Z",
     "2026-10-25T00:00Z 2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-26T01:00Z"},
    {"30 2 * * *", "Europe/Berlin", "ONLY date 2026-10-25", "", "2026-10-24T12:00Z", "2026-10-25T00:30Z ."}, /* one pass is the schedule's rule */
    {"*/15 * * * *", "Australia/Lord_Howe", "EXCLUDE hours 01:45-02:15", "", "2026-04-04T14:15Z",
     "2026-04-04T14:30Z 2026-04-04T15:00Z 2026-04-04T15:45Z"},
    {"*/30 * * * *", "America/Godthab", "ONLY weekday SUN", "", "2026-10-24T23:50Z", "2026-10-25T02:00Z 2026-10-25T02:30Z"},
    {"*/30 * * * *", "America/Godthab", "EXCLUDE weekday SUN", "", "2026-10-25T00:00Z", "2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-26T02:00Z"},
    {"*/30 * * * *", "Antarctica/Troll", "EXCLUDE hours 02:00-05:00", "", "2026-10-24T23:00Z",
     "2026-10-24T23:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-25T05:00Z"},
    /* Calendars are judged in the zone of each schedule; the first schedule that they leave an instant tells it. */
    {"0 12 * * * | TZ=America/New_York 0 7 * * *", "", "ONLY hours 07:00-08:00", "", "2026-11-24T00:00Z", "2026-11-24T12:00Z/1 2026-11-25T12:00Z/1"},
    {"0 12 * * * | TZ=America/New_York 0 7 * * *", "", "EXCLUDE hours 07:00-08:00", "", "2026-11-24T00:00Z", "2026-11-24T12:00Z/0 2026-11-25T12:00Z/0"},
    {"0 12 * * * | TZ=America/New_York 0 7 * * *", "", "", "", "2026-11-24T00:00Z", "2026-11-24T12:00Z/0"},
    {"TZ=Pacific/Apia 0 12 * * * | TZ=America/New_York 0 12 * * *", "", "EXCLUDE weekday SAT", "", "2026-11-27T00:00Z",
     "2026-11-27T17:00Z/1 2026-11-28T22:00Z/0 2026-11-29T17:00Z/1"},
    {"0 9 * * MON | 0 9 * * *", "UTC", "EXCLUDE date 2026-11-30", "", "2026-11-29T00:00Z", "2026-11-29T09:00Z/1 2026-12-01T09:00Z/1"},
    /* Other forms. */
    {"@every 6h", "Europe/Berlin", "ONLY hours 13:00-15:00", "", "2026-10-24T00:00Z", "2026-10-24T12:00Z 2026-10-25T12:00Z 2026-10-26T12:00Z"},
    {"@every 5h", "UTC", "ONLY hours 12:00-13:00", "", "1970-01-01T00:00Z", "1970-01-03T12:00Z 1970-01-08T12:00Z"},
    {"@every 7h from 08:00 to 22:30 on SAT", "UTC", "EXCLUDE hours 10:00-20:00", "", "2026-11-24T00:00Z", "2026-11-28T08:00Z 2026-11-28T22:00Z 2026-12-05T08:00Z"},
    {"@every 1h from 23:00 to 01:00 on SAT", "UTC", "ONLY weekday SUN", "", "2026-11-24T00:00Z", "2026-11-29T00:00Z 2026-11-29T01:00Z 2026-12-06T00:00Z"},
    {"@every 1h from 23:00 to 00:00 on SAT", "UTC", "ONLY weekday SUN", "", "2026-11-24T00:00Z", "2026-11-29T00:00Z 2026-12-06T00:00Z"},
    {"@every 1h from 23:00 to 01:00 on SAT", "UTC", "ONLY weekday MON", "", "2026-11-24T00:00Z", "."},
    {"@at 2026-12-24T12:00", "UTC", "ONLY hours 12:00-13:00", "", "2026-11-24T00:00Z", "2026-12-24T12:00Z ."},
    {"@at 2026-12-24T12:00", "UTC", "EXCLUDE hours 12:00-13:00", "", "2026-11-24T00:00Z", "."},
    {"@at 2026-12-24T12:30:00.5Z", "Europe/Berlin", "ONLY hours 13:30-13:31", "", "2026-11-24T00:00Z", "2026-12-24T12:30:00.5Z ."},
    {"@at 2026-12-24T12:30:00.5Z", "Europe/Berlin", "ONLY hours 13:31-13:32", "", "2026-11-24T00:00Z", "."},
    /* Windows: instants. */
    {"0 9 * * *", "UTC", "", "2026-11-26T09:00Z - - - -", "2026-11-24T00:00Z", "2026-11-26T09:00Z 2026-11-27T09:00Z"},
    {"0 9 * * *", "UTC", "", "2026-11-26T09:00:00.000001Z - - - -", "2026-11-24T00:00Z", "2026-11-27T09:00Z"},
    {"0 9 * * *", "UTC", "", "- 2026-11-26T09:00Z - - -", "2026-11-24T12:00Z", "2026-11-25T09:00Z ."},
    {"0 9 * * *", "UTC", "", "- 2026-11-26T09:00:00.000001Z - - -", "2026-11-24T12:00Z", "2026-11-25T09:00Z 2026-11-26T09:00Z ."},
    {"0 9 * * *", "UTC", "", "2026-11-26T00:00Z 2026-11-28T00:00Z - - -", "1970-01-01T00:00Z", "2026-11-26T09:00Z 2026-11-27T09:00Z ."},
    {"@every 1s", "UTC", "", "2199-12-31T23:59:58Z - - - -", "1970-01-01T00:00Z", "2199-12-31T23:59:58Z 2199-12-31T23:59:59Z ."},
    /* Windows: hours of the day, in their own zone. */
    {"*/30 * * * *", "UTC", "", "- - 12:00 13:00 -", "2026-11-24T00:00Z", "2026-11-24T12:00Z 2026-11-24T12:30Z 2026-11-25T12:00Z"},
    {"0 */6 * * *", "UTC", "", "- - 18:00 06:00 UTC", "2026-11-24T07:00Z", "2026-11-24T18:00Z 2026-11-25T00:00Z 2026-11-25T18:00Z"},
    {"0 */6 * * *", "UTC", "", "- - 18:00 24:00 UTC", "2026-11-24T07:00Z", "2026-11-24T18:00Z 2026-11-25T18:00Z"},
    {"0 * * * *", "Europe/Berlin", "", "- - 09:00 10:00 America/New_York", "2026-03-07T00:00Z", "2026-03-07T14:00Z 2026-03-08T13:00Z 2026-03-09T13:00Z"},
    {"0 15 * * *", "Europe/Berlin", "", "- - 09:00 10:00 America/New_York", "2026-03-05T00:00Z",
     "2026-03-05T14:00Z 2026-03-06T14:00Z 2026-03-07T14:00Z 2026-03-29T13:00Z"}, /* for three weeks six hours are five */
    {"30 2 * * *", "Europe/Berlin", "", "- - 02:00 03:00 Europe/Berlin", "2026-03-27T12:00Z", "2026-03-28T01:30Z 2026-03-30T00:30Z"},
    {"30 2 * * *", "Europe/Berlin", "", "- - 03:00 04:00 Europe/Berlin", "2026-01-01T00:00Z", "2026-03-29T01:00Z 2027-03-28T01:00Z"},
    {"*/15 * * * *", "Europe/Berlin", "", "- - 02:15 02:45 Europe/Berlin", "2026-10-24T12:00Z",
     "2026-10-25T00:15Z 2026-10-25T00:30Z 2026-10-25T01:15Z 2026-10-25T01:30Z 2026-10-26T01:15Z"},
    {"*/15 * * * *", "Europe/Berlin", "", "- - 02:15 02:45 Europe/Berlin", "2026-03-28T01:20Z", "2026-03-28T01:30Z 2026-03-30T00:15Z"},
    {"0 12 * * *", "Pacific/Apia", "", "- - 22:00 23:00 UTC", "2011-12-28T23:00Z", "2011-12-29T22:00Z 2011-12-30T22:00Z"},
    {"0 12 * * *", "Pacific/Apia", "", "- - 12:00 13:00 Europe/Berlin", "2011-12-28T23:00Z", "."},
    {"0 0 * * *", "Africa/Monrovia", "", "- - 00:44 00:45 UTC", "1972-01-05T00:00Z", "1972-01-05T00:44:30Z 1972-01-06T00:44:30Z 1972-01-07T00:44:30Z ."}, /* an offset with seconds; the last one is moved */
    /* Both. */
    {"0 * * * *", "UTC", "EXCLUDE weekday SAT, weekday SUN", "- - 09:00 10:00 UTC", "2026-11-27T08:00Z", "2026-11-27T09:00Z 2026-11-30T09:00Z"},
    {"0 * * * *", "UTC", "EXCLUDE hours 09:00-10:00", "- - 09:00 10:00 UTC", "2026-11-27T08:00Z", "."},
    {"0 * * * *", "UTC", "ONLY hours 09:00-10:00", "- - 09:00 11:00 Europe/Berlin", "2026-07-27T08:00Z", "2026-10-25T09:00Z 2026-10-26T09:00Z"},
    {"0 * * * *", "UTC", "ONLY date 2026-11-29", "- 2026-11-29T01:00Z 20:00 04:00 UTC", "2026-11-01T00:00Z", "2026-11-29T00:00Z ."},
    {"30 2 * * *", "Europe/Berlin", "EXCLUDE weekday MON", "- - 03:00 04:00 Europe/Berlin", "2026-01-01T00:00Z", "2026-03-29T01:00Z 2027-03-28T01:00Z"},
};
/* clang-format on */

/* With or without seconds. */
static usec_t instant(const char *text)
{
    SCOPED(text) char *full = xstrdup(text);
    usec_t t = 0;

    if (strcmp(text, "-") == 0)
        return 0;
    if (strlen(text) == strlen("2026-11-24T00:00Z")) {
        free_text(TAKE(full));
        full = xasprintf("%.16s:00Z", text);
    }
    assert_int_equal(rfc3339_parse(full, &t, NULL), RC_OK);
    return t;
}

/* The next part of a text, up to one of the marks; false: none is left. The caller frees it. */
static bool take(const char **text, const char *marks, char **ret)
{
    size_t len;

    *text += strspn(*text, marks);
    *text += strspn(*text, " ");
    if (**text == '\0')
        return false;
    len = strcspn(*text, marks);
    *ret = xstrndup(*text, len);
    *text += len;
    while (len > 0 && (*ret)[len - 1] == ' ')
        (*ret)[--len] = '\0';
    return true;
}

static struct calendar *calendar_of(const char *text)
{
    bool only = text_starts(text, "ONLY");
    struct calendar *c = calendar_new(only ? CALENDAR_ONLY : CALENDAR_EXCLUDE);
    char *rule;

    for (text += only ? 4 : 7; take(&text, ",", &rule);) {
        char *blank = strchr(rule, ' ');

        *blank = '\0';
        assert_int_equal(calendar_add(c, rule, blank + 1, NULL), RC_OK);
        free_text(rule);
    }
    return c;
}

static struct window *window_of(const char *text)
{
    char *words[5];
    struct window *w;

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_true(take(&text, " ", &words[i]));
    assert_int_equal(window_new(
                         &(struct window_options){
                             .from = instant(words[0]),
                             .until = instant(words[1]),
                             .daily_from = *words[2] == '-' ? NULL : words[2],
                             .daily_to = *words[3] == '-' ? NULL : words[3],
                             .zone = *words[4] == '-' ? NULL : words[4],
                         },
                         zones, &w, NULL),
                     RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        free_text(words[i]);
    return w;
}

static struct timeline *timeline_of(const struct filter_case *c)
{
    struct schedule_options how = {.zone = c->zone};
    const char *schedule_texts = c->schedules, *calendar_texts = c->calendars;
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    struct calendar *calendars[TIMELINE_CALENDARS_MAX];
    struct timeline_options o = {.calendars = calendars};
    size_t count = 0;
    char *text;

    for (; take(&schedule_texts, "|", &text); free_text(text))
        assert_int_equal(schedule_parse(text, &how, zones, NULL, &schedules[count++], NULL), RC_OK);
    for (; take(&calendar_texts, "|", &text); free_text(text))
        calendars[o.calendar_count++] = calendar_of(text);
    if (*c->window != '\0')
        o.window = window_of(c->window);
    return timeline_new(schedules, count, &o);
}

/* Back from the last one, and as ranges. */
static void check_other_ways(const struct timeline *t, usec_t from, const struct occurrence *found,
                             size_t count)
{
    struct occurrence o, out[16];
    usec_t last = count == 0 ? from : found[count - 1].at;
    bool more;

    o.at = last + 1;
    for (size_t i = count; i-- > 0;) {
        assert_int_equal(timeline_prev(t, o.at, &o), RC_OK);
        assert_true(o.at == found[i].at && o.schedule == found[i].schedule);
    }
    assert_true(timeline_prev(t, o.at, &o) != RC_OK || o.at <= from);
    assert_int_equal(timeline_count(t, from, last, 100, &more), count);
    assert_false(more);
    assert_int_equal(timeline_newest(t, from, last, ARRAY_LEN(out), out), count);
    for (size_t i = 0; i < count; i++)
        assert_true(out[i].at == found[i].at && out[i].due == found[i].at);
}

/* "2026-11-24T12:00Z", "2026-11-24T12:00Z/1" of the second schedule, "." for no more; false: it differs. */
static bool is_next(const struct timeline *t, char *expected, struct occurrence *o)
{
    char *told = strchr(expected, '/');
    enum rc rc = timeline_next(t, o->at, o);

    if (strcmp(expected, ".") == 0)
        return rc == RC_NOT_FOUND;
    if (told != NULL)
        *told++ = '\0';
    return rc == RC_OK && o->at == instant(expected) &&
           (told == NULL || *told - '0' == (int)o->schedule);
}

static void check_case(const struct filter_case *c)
{
    SCOPED(timeline) struct timeline *t = timeline_of(c);
    const char *expected = c->expected;
    struct occurrence o = {.at = instant(c->from)}, found[16];
    size_t count = 0;
    char *word, got[RFC3339_TEXT];

    for (; take(&expected, " ", &word); free_text(word)) {
        if (!is_next(t, word, &o))
            fail_msg("%s, %s, %s: %s/%u, not %s", c->schedules, c->calendars, c->window,
                     rfc3339_format(o.at, got), o.schedule, word);
        if (*word != '.')
            found[count++] = o;
    }
    check_other_ways(t, instant(c->from), found, count);
}

static void is_due_when_calendars_and_window_allow(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_case(&cases[i]);
}

/* --- how long it takes: a walk over what is closed would not end --- */

static void add_all(struct schedule **ret, const char *text, const char *zone)
{
    for (size_t i = 0; i < TIMELINE_SCHEDULES_MAX; i++)
        assert_int_equal(schedule_parse(text, &(struct schedule_options){.zone = zone}, zones, NULL,
                                        &ret[i], NULL),
                         RC_OK);
}

/* Sixteen calendars that share the day among them. */
static void share_the_day(struct calendar **ret)
{
    for (int i = 0; i < TIMELINE_CALENDARS_MAX; i++) {
        char hours[16];

        (void)snprintf(hours, sizeof hours, "%02d:%02d-%02d:%02d", i * 90 / 60, i * 90 % 60,
                       (i + 1) * 90 / 60, (i + 1) * 90 % 60);
        ret[i] = calendar_new(CALENDAR_EXCLUDE);
        assert_int_equal(calendar_add(ret[i], "hours", hours, NULL), RC_OK);
    }
}

static void ends_where_it_is_never_open(void **state UNUSED)
{
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    struct calendar *calendars[TIMELINE_CALENDARS_MAX];
    struct timeline_options o = {.calendars = calendars, .calendar_count = TIMELINE_CALENDARS_MAX};
    SCOPED(timeline) struct timeline *t = NULL;
    struct occurrence found;
    bool more = true;

    add_all(schedules, "* * * * * *", "Europe/Berlin");
    share_the_day(calendars);
    t = timeline_new(schedules, TIMELINE_SCHEDULES_MAX, &o);
    assert_int_equal(timeline_next(t, USEC_MIN, &found), RC_NOT_FOUND);
    assert_int_equal(timeline_prev(t, USEC_MAX, &found), RC_NOT_FOUND);
    assert_int_equal(timeline_count(t, USEC_MIN, USEC_MAX, TIMELINE_COUNT_MAX, &more), 0);
    assert_false(more);
    assert_int_equal(timeline_newest(t, USEC_MIN, USEC_MAX, 1, &found), 0);
}

static void reaches_dates_far_away(void **state UNUSED)
{
    static const struct filter_case far = {"* * * * * *",
                                           "Europe/Berlin",
                                           "ONLY date 1970-01-02, date 2199-12-30",
                                           "- - 12:00 12:01 UTC",
                                           "",
                                           ""};
    SCOPED(timeline) struct timeline *t = timeline_of(&far);
    struct occurrence o, out[2];
    bool more = false;

    assert_int_equal(timeline_next(t, instant("1970-01-03T00:00Z"), &o), RC_OK);
    assert_true(o.at == instant("2199-12-30T12:00Z"));
    assert_int_equal(timeline_prev(t, o.at, &o), RC_OK);
    assert_true(o.at == instant("1970-01-02T12:00:59Z"));
    assert_int_equal(timeline_count(t, 0, USEC_MAX, TIMELINE_COUNT_MAX, &more), 120);
    assert_int_equal(timeline_newest(t, 0, instant("2199-12-30T12:00Z"), 2, out), 2);
    assert_true(out[0].at == o.at && out[1].at == instant("2199-12-30T12:00Z"));
}

/* clang-format off */
static const struct blame_case { /* what keeps each instant of the first schedule: a calendar's number, w: the window, -: nothing */
    const char *schedule, *calendars, *window, *from, *expected;
} blame_cases[] = {
    {"0 12 * * *", "", "", "2026-12-23T13:00Z", "---"},
    {"0 12 * * *", "EXCLUDE yearly 12-25", "", "2026-12-23T13:00Z", "-0-"},
    {"0 12 * * *", "EXCLUDE weekday MON | EXCLUDE yearly 12-25 | EXCLUDE yearly 12-24", "", "2026-12-23T13:00Z", "21--0-"},
    {"0 12 * * *", "EXCLUDE yearly 12-25 | EXCLUDE yearly 12-25", "", "2026-12-23T13:00Z", "-0-"},
    {"0 12 * * *", "ONLY weekday FRI | ONLY weekday SAT", "", "2026-12-23T13:00Z", "0--00"},
    {"0 12 * * *", "EXCLUDE weekday SUN | ONLY weekday FRI | EXCLUDE yearly 12-25", "", "2026-12-23T13:00Z", "1210"},
    {"0 12 * * *", "", "- 2026-12-25T00:00Z - - -", "2026-12-23T13:00Z", "-ww"},
    {"0 12 * * *", "EXCLUDE yearly 12-25", "- - 12:00 13:00 Europe/Berlin", "2026-12-23T13:00Z", "w0w"},
    {"0 */6 * * *", "EXCLUDE weekday FRI, hours 22:00-07:00", "", "2026-12-25T00:00Z", "---00-"},
};
/* clang-format on */

static void tells_what_leaves_an_instant_out(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(blame_cases); i++) {
        const struct blame_case *c = &blame_cases[i];
        const struct filter_case all = {c->schedule, "UTC", c->calendars, c->window, "", ""};
        SCOPED(timeline) struct timeline *t = timeline_of(&all);
        struct occurrence o = {.at = instant(c->from)};

        for (const char *expected = c->expected; *expected != '\0'; expected++) {
            int by;

            assert_int_equal(schedule_next(timeline_schedule(t, 0), o.at, &o), RC_OK);
            by = timeline_left_out_by(t, &o);
            assert_int_equal(by == TIMELINE_OPEN     ? '-'
                             : by == TIMELINE_WINDOW ? 'w'
                                                     : '0' + by,
                             *expected);
        }
    }
}

/* What delays leaves nothing out. */
static void jitter_alone_leaves_nothing_out(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = NULL;
    struct schedule *s = NULL;
    struct occurrence o;

    assert_int_equal(
        schedule_parse("@hourly", &(struct schedule_options){.zone = "UTC"}, zones, NULL, &s, NULL),
        RC_OK);
    t = timeline_new(&s, 1, &(struct timeline_options){.jitter = USEC_PER_MIN});
    assert_int_equal(timeline_next(t, 0, &o), RC_OK);
    assert_int_equal(timeline_left_out_by(t, &o), TIMELINE_OPEN);
}

/* The first schedule's instants that nothing leaves out are the timeline's, case by case. */
static void what_nothing_leaves_out_is_due(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(timeline) struct timeline *t = timeline_of(&cases[i]);
        struct occurrence o = {.at = instant(cases[i].from)}, due;

        for (int n = 0; n < 200 && schedule_next(timeline_schedule(t, 0), o.at, &o) == RC_OK; n++) {
            bool is_due = timeline_next(t, o.at - 1, &due) == RC_OK && due.at == o.at;

            if (timeline_left_out_by(t, &o) == TIMELINE_OPEN)
                assert_true(is_due);
            else if (timeline_schedules(t) == 1)
                assert_false(is_due);
        }
    }
}

/* Both kinds of restriction at their limit. */
static void counts_to_ten_thousand_and_no_further(void **state UNUSED)
{
    static const struct filter_case often = {"* * * * * * | @every 1s",
                                             "Europe/Berlin",
                                             "EXCLUDE hours 12:00-13:00 | EXCLUDE weekday SAT",
                                             "- - 06:00 22:00 America/New_York",
                                             "",
                                             ""};
    SCOPED(timeline) struct timeline *t = timeline_of(&often);
    bool more = false;

    assert_int_equal(timeline_count(t, USEC_MIN, USEC_MAX, SIZE_MAX, &more), TIMELINE_COUNT_MAX);
    assert_true(more);
}

static int set_up(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_due_when_calendars_and_window_allow),
        cmocka_unit_test(ends_where_it_is_never_open),
        cmocka_unit_test(reaches_dates_far_away),
        cmocka_unit_test(counts_to_ten_thousand_and_no_further),
        cmocka_unit_test(tells_what_leaves_an_instant_out),
        cmocka_unit_test(what_nothing_leaves_out_is_due),
        cmocka_unit_test(jitter_alone_leaves_nothing_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
