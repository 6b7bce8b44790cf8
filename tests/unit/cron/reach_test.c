/*
 * What an expression can reach must hold all that it names, and little more: else a search would miss instants, or take long.
 */
#include "cron/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"

enum { DAY = 86400, HOUR = 3600 };

static struct zoneset *zones;

static struct schedule *parse(const char *text)
{
    struct schedule *s;

    assert_int_equal(schedule_parse(text, &(struct schedule_options){0}, zones, NULL, &s, NULL),
                     RC_OK);
    return s;
}

/* clang-format off */
static const struct time_case {
    const char *expression;
    int32_t offset, from, to;
    bool reached;
} time_cases[] = {
    {"30 9 * * *",           0,    9 * HOUR,           10 * HOUR,         true},
    {"30 9 * * *",           0,    9 * HOUR,           9 * HOUR + 1800,   false},
    {"30 9 * * *",           0,    9 * HOUR + 1800,    9 * HOUR + 1801,   true},
    {"30 9 * * *",           0,    9 * HOUR + 1860,    DAY,               false},
    {"30 9 * * *",           0,    0,                  DAY,               true},
    {"30 9 * * *",           0,    9 * HOUR + 1800,    9 * HOUR + 1800,   false}, /* nothing */
    {"0,59 0,23 * * *",      0,    HOUR,               23 * HOUR,         false},
    {"0,59 0,23 * * *",      0,    HOUR - 60,          HOUR,              true},
    {"0,59 0,23 * * *",      0,    23 * HOUR + 60,     24 * HOUR - 60,    false},
    {"15 30 9 * * *",        0,    9 * HOUR + 1800,    9 * HOUR + 1810,   true},  /* minutes as a whole */
    {"@every 1h from 09:00 to 11:30", 0, 9 * HOUR,     9 * HOUR + 1,      true},
    {"@every 1h from 09:00 to 11:30", 0, 9 * HOUR + 1, 10 * HOUR,         false},
    {"@every 1h from 09:00 to 11:30", 0, 11 * HOUR + 1, DAY,              false},
    {"@every 1h from 09:00 to 11:30", 0, 0,            9 * HOUR,          false},
    {"@every 1h from 23:00 to 01:00", 0, 0,            1,                 true},  /* over midnight */
    {"@every 1h from 23:00 to 01:00", 0, HOUR,         HOUR + 1,          true},
    {"@every 1h from 23:00 to 01:00", 0, HOUR + 1,     23 * HOUR,         false},
    {"@every 6h/30m",        0,    6 * HOUR + 1800,    6 * HOUR + 1801,   true},
    {"@every 6h/30m",        0,    6 * HOUR + 1801,    12 * HOUR + 1800,  false},
    {"@every 6h/30m",        HOUR, 7 * HOUR + 1800,    7 * HOUR + 1801,   true},
    {"@every 6h/30m",        -7 * HOUR, 5 * HOUR + 1800, 5 * HOUR + 1801, true},
    {"@every 6h/30m",        -7 * HOUR, 5 * HOUR + 1801, 11 * HOUR + 1800, false},
    {"@every 5h",            0,    12 * HOUR,          12 * HOUR + 1,     true},  /* comes round to each hour */
    {"@every 5h",            0,    12 * HOUR + 1,      13 * HOUR,         false},
    {"@every 7s",            0,    12 * HOUR + 1,      12 * HOUR + 2,     true},
    {"@every 2d/3h",         0,    3 * HOUR,           3 * HOUR + 1,      true},
    {"@every 2d/3h",         0,    3 * HOUR + 1,       DAY,               false},
    {"@at 2026-11-24T12:00", 0,    0,                  1,                 true},  /* once: not looked at */
    {"@at 2026-11-24T12:00:00Z", 0,   0,                  1,                 true},
};

static const struct date_case {
    const char *expression;
    int year, month;
    uint32_t dates; /* bits 1-31 */
} date_cases[] = {
    {"0 0 1,31 * *",                       2026, 11, 1u << 1},
    {"0 0 1,31 * *",                       2026, 12, 1u << 1 | 1u << 31},
    {"0 0 1 2 *",                          2026, 11, 0},
    {"0 0 0 1 * * 2027",                   2026, 11, 0},
    {"0 0 * * MON",                        2026, 11, 1u << 2 | 1u << 9 | 1u << 16 | 1u << 23 | 1u << 30},
    {"0 0 * * *",                          1969, 12, 0},
    {"0 0 * * *",                          2200, 1,  0},
    {"@every 1h from 09:00 to 10:00 on SUN", 2026, 11, 1u << 1 | 1u << 8 | 1u << 15 | 1u << 22 | 1u << 29},
    {"@every 1h from 23:00 to 01:00 on SAT", 2026, 11, 3u << 7 | 3u << 14 | 3u << 21 | 3u << 28 | 1u << 1}, /* 31 October is one */
    {"@every 1h from 23:00 to 00:00 on SAT", 2026, 11, 3u << 7 | 3u << 14 | 3u << 21 | 3u << 28 | 1u << 1},
    {"@every 1h from 23:00 to 23:30 on SAT", 2026, 11, 1u << 7 | 1u << 14 | 1u << 21 | 1u << 28},
    {"@at 2026-11-24T12:00",               2026, 12, UINT32_MAX},
    {"@every 1h",                          2026, 12, UINT32_MAX},
};

static const struct {
    const char *expression;
    bool all;
} all_cases[] = {
    {"0 0 * * *", true}, {"*/5 * ? * *", true}, {"0 0 1-31 * *", true}, {"0 0 * * 0-6", true}, {"0 0 0 * * * *", true},
    {"0 0 1 * *", false}, {"0 0 * 1 *", false}, {"0 0 * * 1", false}, {"0 0 0 * * * 2027", false}, {"0 0 */2 * MON", false},
    {"@every 1d", true}, {"@every 1h from 09:00 to 10:00", true}, {"@every 1h from 09:00 to 10:00 on MON", false},
    {"@at 2026-11-24T12:00", true},
};
/* clang-format on */

static void tells_times_of_day(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(time_cases); i++) {
        const struct time_case *c = &time_cases[i];
        SCOPED(schedule) struct schedule *s = parse(c->expression);

        if (reach_time(schedule_expression(s), c->offset, c->from, c->to) != c->reached)
            fail_msg("%zu: %s: %d-%d", i, c->expression, c->from, c->to);
    }
}

static void tells_dates(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(date_cases); i++) {
        const struct date_case *c = &date_cases[i];
        SCOPED(schedule) struct schedule *s = parse(c->expression);
        uint32_t dates = reach_dates(schedule_expression(s), c->year, c->month);

        if (c->dates != UINT32_MAX)
            dates &= (UINT32_C(2) << civil_month_days(c->year, c->month)) - 2;
        assert_int_equal(dates, c->dates);
    }
}

static void tells_whether_all_dates_are_reached(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(all_cases); i++) {
        SCOPED(schedule) struct schedule *s = parse(all_cases[i].expression);

        if (reach_all_dates(schedule_expression(s)) != all_cases[i].all)
            fail_msg("%s", all_cases[i].expression);
    }
}

/* In UTC, where nothing is moved. */
static void reaches_all_that_is_due(void **state UNUSED)
{
    static const char *const texts[] = {
        "*/7 3,17 * * *",       "13 13 13 * FRI",
        "59 59 23 L * ?",       "0 12 LW * *",
        "30 6 * 2 MON#2,FRI#L", "@every 61m/7s",
        "@every 2d/5h",         "@every 25m from 22:10 to 03:40 on MON,SAT",
        "* * * * * * 2026",     "@every 13h from 23:59 to 23:58"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        SCOPED(schedule) struct schedule *s = parse(texts[i]);
        const struct expression *e = schedule_expression(s);
        struct occurrence o = {.at = INT64_C(1767225600) * USEC_PER_SEC}; /* 2026 */

        for (int n = 0; n < 2000 && schedule_next(s, o.at, &o) == RC_OK; n++) {
            struct civil c = civil_of(o.at);
            int32_t time = (c.hour * 60 + c.minute) * 60 + c.second;

            assert_true(reach_time(e, 0, time, time + 1));
            assert_true(reach_dates(e, c.year, c.month) >> c.day & 1);
        }
    }
}

static int set_up(void **state UNUSED)
{
    zones = zoneset_new("");
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
        cmocka_unit_test(tells_times_of_day),
        cmocka_unit_test(tells_dates),
        cmocka_unit_test(tells_whether_all_dates_are_reached),
        cmocka_unit_test(reaches_all_that_is_due),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
