/*
 * Clock changes, one line a case. An instant ends in M where a gap moved it, in R where it repeats a wall
 * time. The expected instants agree with a walk over the wall clock by Python's zoneinfo.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/schedule.h"
#include "unit/cron/zones.h"

#define NORMAL    DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST
#define SKIP      DST_GAP_SKIP, DST_OVERLAP_FIRST
#define BOTH      DST_GAP_RUN_AFTER, DST_OVERLAP_BOTH
#define SKIP_BOTH DST_GAP_SKIP, DST_OVERLAP_BOTH

struct change_case {
    const char *expression, *zone;
    enum dst_gap gap;
    enum dst_overlap overlap;
    const char *after, *expected;
};

/* clang-format off */
static const struct change_case cases[] = {
    /* +1, from 29 March 01:00 UTC +2, from 25 October 01:00 UTC +1 */
    {"30 2 * * *", "Europe/Berlin", NORMAL, "2026-03-28T02:00:00Z",
     "2026-03-29T01:00:00ZM 2026-03-30T00:30:00Z"},
    {"0 2,3 * * *", "Europe/Berlin", NORMAL, "2026-03-28T22:00:00Z",
     "2026-03-29T01:00:00Z"},
    {"0,15,30,45 2 * * *", "Europe/Berlin", NORMAL, "2026-03-28T22:00:00Z",
     "2026-03-29T01:00:00ZM"},
    {"15 2 * * *", "Europe/Berlin", SKIP, "2026-03-28T00:00:00Z",
     "2026-03-28T01:15:00Z 2026-03-30T00:15:00Z"},
    {"*/30 * * * *", "Europe/Berlin", NORMAL, "2026-03-28T23:45:00Z",
     "2026-03-29T00:00:00Z 2026-03-29T00:30:00Z 2026-03-29T01:00:00Z 2026-03-29T01:30:00Z 2026-03-29T02:00:00Z 2026-03-29T02:30:00Z"},
    {"*/30 2 * * *", "Europe/Berlin", NORMAL, "2026-03-28T22:00:00Z",
     "2026-03-30T00:00:00Z 2026-03-30T00:30:00Z"},
    {"0-59/30 2 * * *", "Europe/Berlin", NORMAL, "2026-03-28T22:00:00Z",
     "2026-03-29T01:00:00ZM 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z"},
    {"30 2 29 3 *", "Europe/Berlin", NORMAL, "2026-01-01T00:00:00Z",
     "2026-03-29T01:00:00ZM"},
    {"30 2 * * *", "Europe/Berlin", NORMAL, "2026-10-24T02:00:00Z",
     "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"},
    {"30 2 * * *", "Europe/Berlin", BOTH, "2026-10-24T02:00:00Z",
     "2026-10-25T00:30:00Z 2026-10-25T01:30:00ZR 2026-10-26T01:30:00Z"},
    {"0 3 * * *", "Europe/Berlin", NORMAL, "2026-10-24T02:00:00Z",
     "2026-10-25T02:00:00Z 2026-10-26T02:00:00Z"},
    {"*/30 2 * * *", "Europe/Berlin", NORMAL, "2026-10-24T20:00:00Z",
     "2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00ZR 2026-10-25T01:30:00ZR"},
    {"15 * * * *", "Europe/Berlin", NORMAL, "2026-10-24T23:00:00Z",
     "2026-10-24T23:15:00Z 2026-10-25T00:15:00Z 2026-10-25T01:15:00ZR 2026-10-25T02:15:00Z 2026-10-25T03:15:00Z"},
    {"0 30 2 * * *", "Europe/Berlin", SKIP_BOTH, "2026-10-24T12:00:00Z",
     "2026-10-25T00:30:00Z 2026-10-25T01:30:00ZR"},
    /* -5, from 8 March 07:00 UTC -4, from 1 November 06:00 UTC -5 */
    {"30 2 * * *", "America/New_York", NORMAL, "2026-03-07T12:00:00Z",
     "2026-03-08T07:00:00ZM 2026-03-09T06:30:00Z"},
    {"30 1 * * *", "America/New_York", NORMAL, "2026-10-31T12:00:00Z",
     "2026-11-01T05:30:00Z"},
    {"30 1 * * *", "America/New_York", BOTH, "2026-10-31T12:00:00Z",
     "2026-11-01T05:30:00Z 2026-11-01T06:30:00ZR"},
    {"30 1 * * *", "America/New_York", SKIP_BOTH, "2026-10-31T12:00:00Z",
     "2026-11-01T05:30:00Z 2026-11-01T06:30:00ZR 2026-11-02T06:30:00Z"},
    {"30 2 * * *", "America/New_York", SKIP_BOTH, "2026-03-07T12:00:00Z",
     "2026-03-09T06:30:00Z"},
    /* +11, from 4 April 15:00 UTC +10:30, from 3 October 15:30 UTC +11 */
    {"15 2 * * *", "Australia/Lord_Howe", SKIP, "2026-10-02T20:00:00Z",
     "2026-10-04T15:15:00Z 2026-10-05T15:15:00Z"},
    {"15 2 * * *", "Australia/Lord_Howe", NORMAL, "2026-10-02T20:00:00Z",
     "2026-10-03T15:30:00ZM"},
    {"*/15 2 * * *", "Australia/Lord_Howe", NORMAL, "2026-10-03T10:00:00Z",
     "2026-10-03T15:30:00Z 2026-10-03T15:45:00Z"},
    {"45 1 * * *", "Australia/Lord_Howe", NORMAL, "2026-04-03T16:00:00Z",
     "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z"},
    {"*/15 1 * * *", "Australia/Lord_Howe", NORMAL, "2026-04-04T12:00:00Z",
     "2026-04-04T14:00:00Z 2026-04-04T14:15:00Z 2026-04-04T14:30:00Z 2026-04-04T14:45:00Z 2026-04-04T15:00:00ZR 2026-04-04T15:15:00ZR"},
    /* -10, from 2011-12-30 10:00 UTC +14: 24 h, no repair */
    {"0 12 * * *", "Pacific/Apia", NORMAL, "2011-12-28T00:00:00Z",
     "2011-12-28T22:00:00Z 2011-12-29T22:00:00Z 2011-12-30T22:00:00Z 2011-12-31T22:00:00Z"},
    {"0 * * * *", "Pacific/Apia", NORMAL, "2011-12-30T07:30:00Z",
     "2011-12-30T08:00:00Z 2011-12-30T09:00:00Z 2011-12-30T10:00:00Z 2011-12-30T11:00:00Z 2011-12-30T12:00:00Z"},
    {"0 12 30 12 *", "Pacific/Apia", NORMAL, "2011-06-01T00:00:00Z",
     "2012-12-29T22:00:00Z"},
    {"0 0 * * *", "Pacific/Apia", NORMAL, "2011-12-28T11:00:00Z",
     "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z 2011-12-31T10:00:00Z"},
    /* +1, from 15 February 02:00 UTC 0, from 22 March 02:00 UTC +1 */
    {"30 2 * * *", "Africa/Casablanca", NORMAL, "2026-02-14T00:00:00Z",
     "2026-02-14T01:30:00Z 2026-02-15T01:30:00Z 2026-02-16T02:30:00Z"},
    {"30 2 * * *", "Africa/Casablanca", NORMAL, "2026-03-21T00:00:00Z",
     "2026-03-21T02:30:00Z 2026-03-22T02:00:00ZM 2026-03-23T01:30:00Z"},
    {"30 2 * * *", "Africa/Casablanca", SKIP, "2026-03-21T00:00:00Z",
     "2026-03-21T02:30:00Z 2026-03-23T01:30:00Z"},
    {"*/30 2 * * *", "Africa/Casablanca", NORMAL, "2026-02-14T23:00:00Z",
     "2026-02-15T01:00:00Z 2026-02-15T01:30:00Z 2026-02-15T02:00:00ZR 2026-02-15T02:30:00ZR"},
    /* 0, from 29 March 01:00 UTC +2, from 25 October 01:00 UTC 0 */
    {"30 1,2 * * *", "Antarctica/Troll", NORMAL, "2026-03-28T12:00:00Z",
     "2026-03-29T01:00:00ZM 2026-03-29T23:30:00Z 2026-03-30T00:30:00Z"},
    {"*/30 1-3 * * *", "Antarctica/Troll", NORMAL, "2026-03-28T23:00:00Z",
     "2026-03-29T01:00:00Z 2026-03-29T01:30:00Z"},
    {"30 2 * * *", "Antarctica/Troll", NORMAL, "2026-10-24T12:00:00Z",
     "2026-10-25T00:30:00Z 2026-10-26T02:30:00Z"},
    {"0 2 * * *", "Antarctica/Troll", BOTH, "2026-10-24T12:00:00Z",
     "2026-10-25T00:00:00Z 2026-10-25T02:00:00ZR 2026-10-26T02:00:00Z"},
    /* 0, from 29 March 01:00 UTC +1, from 25 October 01:00 UTC 0 */
    {"30 1 * * *", "Europe/Dublin", NORMAL, "2026-03-28T00:00:00Z",
     "2026-03-28T01:30:00Z 2026-03-29T01:00:00ZM 2026-03-30T00:30:00Z"},
    {"30 1 * * *", "Europe/Dublin", NORMAL, "2026-10-24T12:00:00Z",
     "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"},
    /* -3, from 2018-11-04 03:00 UTC -2, from 2019-02-17 02:00 UTC -3 */
    {"0 0 * * *", "America/Sao_Paulo", NORMAL, "2018-11-02T12:00:00Z",
     "2018-11-03T03:00:00Z 2018-11-04T03:00:00ZM"},
    {"0 * * * *", "America/Sao_Paulo", NORMAL, "2018-11-04T01:30:00Z",
     "2018-11-04T02:00:00Z 2018-11-04T03:00:00Z 2018-11-04T04:00:00Z 2018-11-04T05:00:00Z"},
    {"30 23 * * *", "America/Sao_Paulo", NORMAL, "2019-02-16T12:00:00Z",
     "2019-02-17T01:30:00Z 2019-02-18T02:30:00Z"},
    {"*/30 23 * * *", "America/Sao_Paulo", NORMAL, "2019-02-17T00:00:00Z",
     "2019-02-17T01:00:00Z 2019-02-17T01:30:00Z 2019-02-17T02:00:00ZR 2019-02-17T02:30:00ZR"},
    /* +2, from 28 March 00:00 UTC +3, from 23 October 23:00 UTC +2 */
    {"30 2 * * *", "Asia/Gaza", NORMAL, "2026-03-27T00:00:00Z",
     "2026-03-27T00:30:00Z 2026-03-28T00:00:00ZM 2026-03-28T23:30:00Z"},
    {"30 1 * * *", "Asia/Gaza", NORMAL, "2026-10-23T00:00:00Z",
     "2026-10-23T22:30:00Z 2026-10-24T23:30:00Z"},
    /* -4, from 2007-12-09 07:00 UTC -4:30, from 2016-05-01 07:00 UTC -4 */
    {"0 3 * * *", "America/Caracas", NORMAL, "2016-04-30T00:00:00Z",
     "2016-04-30T07:30:00Z 2016-05-01T07:00:00Z 2016-05-02T07:00:00Z"},
    {"45 2 * * *", "America/Caracas", NORMAL, "2016-04-30T00:00:00Z",
     "2016-04-30T07:15:00Z 2016-05-01T07:00:00ZM 2016-05-02T06:45:00Z"},
    {"45 2 * * *", "America/Caracas", NORMAL, "2007-12-08T00:00:00Z",
     "2007-12-08T06:45:00Z 2007-12-09T06:45:00Z 2007-12-10T07:15:00Z"},
    /* +9, from 2015-08-14 15:00 UTC +8:30, from 2018-05-04 15:00 UTC +9 */
    {"15 0 * * *", "Asia/Pyongyang", NORMAL, "2018-05-03T12:00:00Z",
     "2018-05-03T15:45:00Z 2018-05-04T15:15:00Z"},
    {"45 23 * * *", "Asia/Pyongyang", NORMAL, "2015-08-13T15:00:00Z",
     "2015-08-14T14:45:00Z"},
    /* -5, from 10 March 05:00 UTC -4, from 3 November 05:00 UTC -5 (2024: releases of tzdata differ on November 2026) */
    {"30 0 * * *", "America/Havana", NORMAL, "2024-03-09T00:00:00Z",
     "2024-03-09T05:30:00Z 2024-03-10T05:00:00ZM 2024-03-11T04:30:00Z"},
    {"30 0 * * *", "America/Havana", NORMAL, "2024-11-02T12:00:00Z",
     "2024-11-03T04:30:00Z"},
    /* +4, from 2014-10-25 22:00 UTC +3 */
    {"0 1 * * *", "Europe/Moscow", NORMAL, "2014-10-25T00:00:00Z",
     "2014-10-25T21:00:00Z 2014-10-26T22:00:00Z"},
    {"30 1 26 10 *", "Europe/Moscow", NORMAL, "2014-10-20T00:00:00Z",
     "2014-10-25T21:30:00Z"},
    /* -12, from 1993-08-21 12:00 UTC +12 */
    {"0 9 * * *", "Pacific/Kwajalein", NORMAL, "1993-08-19T12:00:00Z",
     "1993-08-19T21:00:00Z 1993-08-20T21:00:00Z 1993-08-21T21:00:00Z 1993-08-22T21:00:00Z"},
    /* +11, from 2018-03-10 17:00 UTC +8, from 2018-10-06 20:00 UTC +11: 3 h, no repair */
    {"0 1 * * *", "Antarctica/Casey", NORMAL, "2018-03-10T00:00:00Z",
     "2018-03-10T14:00:00Z 2018-03-10T17:00:00ZR 2018-03-11T17:00:00Z"},
    {"0 5 * * *", "Antarctica/Casey", NORMAL, "2018-10-06T00:00:00Z",
     "2018-10-07T18:00:00Z"},
    {"0 2 * * *", "Antarctica/Casey", NORMAL, "2018-10-06T00:00:00Z",
     "2018-10-06T18:00:00Z 2018-10-07T15:00:00Z"},
    /* -0:44:30, from 1972-01-07 00:44:30 UTC 0 */
    {"59 1 * * *", "Africa/Monrovia", NORMAL, "1972-01-06T00:00:00Z",
     "1972-01-06T02:43:30Z 1972-01-07T01:59:00Z 1972-01-08T01:59:00Z"},
    {"30 0 * * *", "Africa/Monrovia", NORMAL, "1972-01-06T00:00:00Z",
     "1972-01-06T01:14:30Z 1972-01-07T00:44:30ZM 1972-01-08T00:30:00Z"},
    /* +5:30, from 1985-12-31 18:30 UTC +5:45 */
    {"5 0 31 12 *", "Asia/Kathmandu", NORMAL, "1985-12-01T00:00:00Z",
     "1985-12-30T18:35:00Z"},
    {"5 0 1 1 *", "Asia/Kathmandu", NORMAL, "1985-12-01T00:00:00Z",
     "1985-12-31T18:30:00ZM"},
    /* by the footer rule, to the end */
    {"30 2 * * *", "Europe/Berlin", NORMAL, "2199-03-30T00:00:00Z",
     "2199-03-30T01:30:00Z 2199-03-31T01:00:00ZM 2199-04-01T00:30:00Z"},
    {"30 2 * * *", "Europe/Berlin", NORMAL, "2150-03-28T00:00:00Z",
     "2150-03-28T01:30:00Z 2150-03-29T01:00:00ZM 2150-03-30T00:30:00Z"},
};
/* clang-format on */

static struct zoneset *zones;

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

static struct schedule *parse(const struct change_case *c)
{
    struct schedule_options options = {
        .zone = c->zone, .dst_gap = c->gap, .dst_overlap = c->overlap};
    struct schedule *s = NULL;
    struct error err = {0};

    if (schedule_parse(c->expression, &options, zones, NULL, &s, &err) != RC_OK)
        fail_msg("%s: %s", c->expression, err.text);
    return s;
}

static void add_occurrence(struct buf *out, const struct occurrence *o)
{
    static const char *const marks[] = {[DST_NONE] = "", [DST_MOVED] = "M", [DST_REPEATED] = "R"};
    char text[RFC3339_TEXT];

    if (out->len > 0)
        buf_add_char(out, ' ');
    buf_printf(out, "%s%s", rfc3339_format(o->at, text), marks[o->dst]);
}

static size_t words(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++)
        count += *text == ' ';
    return count;
}

static void fires_as_the_table_says_at_clock_changes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(schedule) struct schedule *s = parse(&cases[i]);
        SCOPED_BUF got = {0};
        struct occurrence o = {.at = instant(cases[i].after)};

        for (size_t n = words(cases[i].expected); n > 0; n--) {
            assert_int_equal(schedule_next(s, o.at, &o), RC_OK);
            add_occurrence(&got, &o);
        }
        if (!text_equal(buf_text(&got), cases[i].expected))
            print_error("%s %s\n", cases[i].expression, cases[i].zone);
        assert_string_equal(buf_text(&got), cases[i].expected);
    }
}

static void goes_back_the_way_it_came(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(schedule) struct schedule *s = parse(&cases[i]);
        struct occurrence there[8], back;
        usec_t at = instant(cases[i].after);
        size_t count = words(cases[i].expected);

        for (size_t n = 0; n < count; n++, at = there[n - 1].at)
            assert_int_equal(schedule_next(s, at, &there[n]), RC_OK);
        at++;
        for (size_t n = count; n-- > 0; at = back.at) {
            assert_int_equal(schedule_prev(s, at, &back), RC_OK);
            assert_true(back.at == there[n].at && back.nominal == there[n].nominal &&
                        back.dst == there[n].dst && back.offset == there[n].offset);
        }
    }
}

static void tells_the_wall_time_that_was_meant(void **state UNUSED)
{
    static const struct {
        const char *expression, *after, *nominal;
        int offset;
    } nominal_cases[] = {
        {"30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T02:30:00Z", 7200},
        {"15,45 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T02:15:00Z", 7200},
        {"0 2,3 * * *", "2026-03-28T12:00:00Z", "2026-03-29T03:00:00Z", 7200},
        {"30 2 * * *", "2026-03-29T12:00:00Z", "2026-03-30T02:30:00Z", 7200},
        {"30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T02:30:00Z", 7200},
        {"*/30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z", 3600},
    };

    for (size_t i = 0; i < ARRAY_LEN(nominal_cases); i++) {
        struct change_case c = {nominal_cases[i].expression, "Europe/Berlin", NORMAL, NULL, NULL};
        SCOPED(schedule) struct schedule *s = parse(&c);
        struct occurrence o;
        char text[RFC3339_TEXT];

        assert_int_equal(schedule_next(s, instant(nominal_cases[i].after), &o), RC_OK);
        assert_string_equal(rfc3339_format(o.nominal, text), nominal_cases[i].nominal);
        assert_int_equal(o.offset, nominal_cases[i].offset);
    }
}

static void tells_which_changes_touch_a_schedule(void **state UNUSED)
{
    static const struct {
        const char *expression, *zone;
        enum dst_gap gap;
        enum dst_overlap overlap;
        const char *expected;
    } touched[] = {
        {"30 2 * * *", "Europe/Berlin", NORMAL,
         "2026-03-29: 02:30 does not exist, runs at 03:00\n"
         "2026-10-25: 02:30 comes twice, runs the first time\n"},
        {"30 2 * * *", "Europe/Berlin", SKIP_BOTH,
         "2026-03-29: 02:30 does not exist, does not run\n"
         "2026-10-25: 02:30 comes twice, runs twice\n"},
        {"15,30 2 * * *", "Europe/Berlin", NORMAL,
         "2026-03-29: 02:15 and others do not exist, run once at 03:00\n"
         "2026-10-25: 02:15 and others come twice, run the first time\n"},
        {"*/30 * * * *", "Europe/Berlin", NORMAL,
         "2026-03-29: 02:00 and others do not exist, do not run\n"
         "2026-10-25: 02:00 and others come twice, run twice\n"},
        {"10 30 2 * 3 *", "Europe/Berlin", NORMAL,
         "2026-03-29: 02:30:10 does not exist, runs at 03:00\n"},
        {"0 3 * * *", "Europe/Berlin", NORMAL, ""},
        {"0 3 * * 1-6", "America/New_York", NORMAL, ""},
        {"15 2 * * *", "Australia/Lord_Howe", NORMAL,
         "2026-10-04: 02:15 does not exist, runs at 02:30\n"},
        {"30 2 * * *", "UTC", NORMAL, ""},
        {"@every 1h", "Europe/Berlin", NORMAL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(touched); i++) {
        struct change_case c = {
            touched[i].expression, touched[i].zone, touched[i].gap, touched[i].overlap, NULL, NULL};
        SCOPED(schedule) struct schedule *s = parse(&c);
        SCOPED_BUF got = {0};
        struct clock_change change = {.at = instant("2026-01-01T00:00:00Z")};

        while (schedule_next_change(s, change.at, instant("2027-01-01T00:00:00Z"), &change) ==
               RC_OK) {
            clock_change_describe(&change, &got);
            buf_add_char(&got, '\n');
        }
        assert_string_equal(buf_text(&got), touched[i].expected);
    }
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
        cmocka_unit_test(fires_as_the_table_says_at_clock_changes),
        cmocka_unit_test(goes_back_the_way_it_came),
        cmocka_unit_test(tells_the_wall_time_that_was_meant),
        cmocka_unit_test(tells_which_changes_touch_a_schedule),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
