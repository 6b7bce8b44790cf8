/*
 * Searches of one view. What calendars hold: calendar_test.c; searches over changes of the clock: timeline_filter_test.c.
 */
#include "cron/almanac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"

enum { DAY = 86400, HOUR = 3600 };

static const int64_t day = DAY;

static struct zoneset *zones;
static struct schedule *each_second, *at_nine, *on_mondays;

static struct calendar *add_calendar(enum calendar_mode mode, const char *kind, const char *value)
{
    struct calendar *c = calendar_new(mode);

    assert_int_equal(calendar_add(c, kind, value, NULL), RC_OK);
    return c;
}

/* Saturdays and nights are closed. */
static struct almanac *make(void)
{
    struct calendar *c[] = {add_calendar(CALENDAR_EXCLUDE, "weekday", "SAT"),
                            add_calendar(CALENDAR_EXCLUDE, "hours", "22:00-06:00")};

    return almanac_new(c, ARRAY_LEN(c));
}

static int64_t wall(const char *text)
{
    SCOPED(text) char *full = xasprintf("%s:00Z", text);
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(full, &t, NULL), RC_OK);
    return t / USEC_PER_SEC;
}

/* In the hours of the day [from, from + length). */
static void aim_at(struct almanac_view *v, const struct schedule *s, int32_t from, int32_t length)
{
    almanac_aim(v, &(struct almanac_aim){
                       .expression = schedule_expression(s), .from = from, .length = length});
}

static void opens_and_closes(void **state UNUSED)
{
    struct almanac *a = make();
    struct almanac_view v;

    almanac_look(&v, a);
    assert_true(almanac_is_open(&v, wall("2026-11-27T21:59")));
    assert_false(almanac_is_open(&v, wall("2026-11-27T22:00")));
    assert_false(almanac_is_open(&v, wall("2026-11-28T12:00")));
    assert_false(almanac_is_open(&v, wall("2026-11-29T05:59")));
    assert_true(almanac_is_open(&v, wall("2026-11-29T06:00")));
    assert_false(almanac_is_open(&v, -DAY)); /* 31 December 1969, midnight */
    assert_true(almanac_is_open(&v, -DAY + 12 * HOUR));
    almanac_free(a);
    almanac_free(NULL);
}

static void is_open_without_calendars(void **state UNUSED)
{
    struct almanac *a = almanac_new(NULL, 0);
    struct almanac_view v;

    almanac_look(&v, a);
    assert_true(almanac_is_open(&v, 0));
    aim_at(&v, each_second, 0, DAY);
    assert_int_equal(almanac_first(&v, 12345, DAY, DAY), 12345);
    assert_int_equal(almanac_last(&v, 12345, 0, 0), 12345);
    almanac_free(a);
}

/* clang-format off */
static const struct search_case {
    struct schedule **schedule;
    int32_t from, length;     /* the hours looked for */
    const char *wall, *first, *last;
} search_cases[] = {
    {&each_second, 0,         DAY,       "2026-11-24T12:00", "2026-11-24T12:00", "2026-11-24T12:00"},
    {&each_second, 0,         DAY,       "2026-11-27T23:00", "2026-11-29T06:00", "2026-11-27T21:59"},
    {&each_second, 0,         DAY,       "2026-11-30T23:00", "2026-12-01T06:00", "2026-11-30T21:59"},
    {&each_second, 0,         DAY,       "2026-11-30T01:00", "2026-11-30T06:00", "2026-11-29T21:59"},
    {&each_second, 23 * HOUR, 8 * HOUR,  "2026-11-30T01:00", "2026-11-30T06:00", "2026-11-29T21:59"}, /* meets the open segment from 06 to 07 */
    {&each_second, 23 * HOUR, 7 * HOUR,  "2026-11-30T01:00", "",                 ""},
    {&each_second, 22 * HOUR, HOUR,      "2026-11-30T01:00", "",                 ""},
    {&at_nine,     0,         DAY,       "2026-11-30T23:00", "2026-12-01T06:00", "2026-11-30T21:59"},
    {&at_nine,     8 * HOUR,  HOUR,      "2026-11-30T23:00", "",                 ""},
    {&at_nine,     8 * HOUR,  HOUR + 60, "2026-11-30T23:00", "2026-12-01T06:00", "2026-11-30T21:59"},
    {&on_mondays,  0,         DAY,       "2026-11-30T23:00", "2026-12-07T06:00", "2026-11-30T21:59"},
    {&on_mondays,  0,         DAY,       "2026-12-31T23:00", "2027-01-04T06:00", "2026-12-28T21:59"},
};
/* clang-format on */

static void finds_what_is_aimed_at(void **state UNUSED)
{
    struct almanac *a = make();
    struct almanac_view v;

    almanac_look(&v, a);
    for (size_t i = 0; i < ARRAY_LEN(search_cases); i++) {
        const struct search_case *c = &search_cases[i];
        int64_t from = wall(c->wall), first, last;

        aim_at(&v, *c->schedule, c->from, c->length);
        first = almanac_first(&v, from, from + 400 * day, from + 400 * day);
        last = almanac_last(&v, from, from - 400 * day, from - 400 * day);
        if (*c->first == '\0' ? first < from + 400 * day : first != wall(c->first))
            fail_msg("%zu: first %lld", i, (long long)first);
        if (*c->last == '\0' ? last >= from - 400 * day : last / 60 * 60 != wall(c->last))
            fail_msg("%zu: last %lld", i, (long long)last);
    }
    almanac_free(a);
}

static void answers_a_limit_where_it_finds_nothing_before(void **state UNUSED)
{
    struct almanac *a = make();
    struct almanac_view v;
    int64_t closed = wall("2026-11-27T23:00");

    almanac_look(&v, a);
    aim_at(&v, each_second, 0, DAY);
    assert_true(almanac_first(&v, closed, closed + HOUR, INT64_MAX - 1) >= closed + HOUR);
    assert_true(almanac_last(&v, closed, closed - 10, 0) < closed - 10);
    almanac_free(a);
}

/* Once a search has failed, all that is closed behind is known, both ways. */
static void remembers_what_is_closed(void **state UNUSED)
{
    struct calendar *only = add_calendar(CALENDAR_ONLY, "date", "2100-01-01");
    struct almanac *a = almanac_new(&only, 1);
    int64_t open = wall("2100-01-01T00:00"), end = wall("2199-12-31T00:00");
    struct almanac_view v;

    almanac_look(&v, a);
    aim_at(&v, each_second, 0, DAY);
    assert_int_equal(almanac_first(&v, 0, DAY, end), DAY);
    assert_int_equal(v.closed_from, DAY);
    assert_int_equal(v.closed_to, open - 1);
    assert_int_equal(almanac_first(&v, 2 * day, 3 * day, end), 3 * day); /* no search */
    assert_int_equal(almanac_first(&v, 2 * day, end, end), open);
    assert_int_equal(almanac_first(&v, 0, 2 * day, end), 2 * day); /* what follows is known */
    assert_int_equal(v.closed_from, DAY);
    assert_int_equal(almanac_last(&v, 3 * day, 2 * day, 0), 2 * day - 1);
    assert_int_equal(almanac_last(&v, 3 * day, 0, 0), DAY - 1);

    almanac_look(&v, a);
    aim_at(&v, each_second, 0, DAY);
    assert_int_equal(almanac_last(&v, end, end - DAY, 0), end - DAY - 1);
    assert_int_equal(v.closed_to, end - DAY - 1);
    assert_int_equal(v.closed_from, open + DAY);
    assert_int_equal(almanac_last(&v, end, end - 2 * day, 0), end - 2 * day - 1);
    assert_int_equal(almanac_last(&v, end - 2 * day, 0, 0), open + DAY - 1);
    almanac_free(a);
}

static void looks_no_further_than_the_horizon(void **state UNUSED)
{
    struct calendar *only = add_calendar(CALENDAR_ONLY, "date", "2100-01-01");
    struct almanac *a = almanac_new(&only, 1);
    struct almanac_view v;

    almanac_look(&v, a);
    aim_at(&v, each_second, 0, DAY);
    assert_int_equal(almanac_first(&v, 0, 2 * day, DAY), 2 * day);
    assert_true(v.closed_from > v.closed_to); /* nothing was asked about what lies behind */
    assert_int_equal(almanac_last(&v, 9 * day, 2 * day, 3 * day), 2 * day - 1);
    assert_true(v.closed_from > v.closed_to);
    assert_int_equal(almanac_first(&v, 0, 2 * day, 400 * day), 2 * day);
    assert_in_range(v.closed_to, 400 * day, 432 * day); /* not 2100 */
    almanac_free(a);
}

/* All sixteen calendars with all their hours: more than 64 segments of the day. */
static void has_room_for_the_most_segments(void **state UNUSED)
{
    enum { HOURS = ALMANAC_CALENDARS_MAX * CALENDAR_HOURS_MAX };
    struct calendar *c[ALMANAC_CALENDARS_MAX];
    struct almanac *a;
    struct almanac_view v;

    for (int i = 0; i < ALMANAC_CALENDARS_MAX; i++) {
        c[i] = calendar_new(CALENDAR_EXCLUDE);
        for (int n = 0; n < CALENDAR_HOURS_MAX; n++) {
            int from = (i * CALENDAR_HOURS_MAX + n) * 5, to = from + 2;
            char text[16];

            (void)snprintf(text, sizeof text, "%02d:%02d-%02d:%02d", from / 60, from % 60, to / 60,
                           to % 60);
            assert_int_equal(calendar_add(c[i], "hours", text, NULL), RC_OK);
        }
    }
    a = almanac_new(c, ALMANAC_CALENDARS_MAX);
    almanac_look(&v, a);
    aim_at(&v, each_second, 0, DAY);
    for (int64_t minute = 0; minute < 1440; minute++) {
        bool closed = minute / 5 < HOURS && minute % 5 < 2;

        assert_true(almanac_is_open(&v, minute * 60) != closed);
        assert_int_equal(almanac_first(&v, minute * 60, DAY, DAY),
                         closed ? (minute / 5 * 5 + 2) * 60 : minute * 60);
    }
    almanac_free(a);
}

static struct schedule *parse(const char *text)
{
    struct schedule *s;

    assert_int_equal(schedule_parse(text, &(struct schedule_options){0}, zones, NULL, &s, NULL),
                     RC_OK);
    return s;
}

static int set_up(void **state UNUSED)
{
    zones = zoneset_new("");
    each_second = parse("* * * * * *");
    at_nine = parse("0 9 * * *");
    on_mondays = parse("* * * * MON");
    return 0;
}

static int tear_down(void **state UNUSED)
{
    schedule_free(each_second);
    schedule_free(at_nine);
    schedule_free(on_mondays);
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_closes),
        cmocka_unit_test(is_open_without_calendars),
        cmocka_unit_test(finds_what_is_aimed_at),
        cmocka_unit_test(answers_a_limit_where_it_finds_nothing_before),
        cmocka_unit_test(remembers_what_is_closed),
        cmocka_unit_test(looks_no_further_than_the_horizon),
        cmocka_unit_test(has_room_for_the_most_segments),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
