/*
 * Expressions that are refused: the column at which each goes wrong, and what is said. (Those that people are
 * likely to write: schedule_test.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cron/schedule.h"
#include "unit/cron/zones.h"

#define X40    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define ZONE_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ZONE_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static struct zoneset *zones;

static const struct refusal {
    enum dialect dialect;
    const char *text;
    int column;
    const char *said;
} refusals[] = {
    /* clang-format off */
    {DIALECT_AUTO, "rate(99999999999999999999999999999999999999999 minutes)", 6,
     "rate: '9999999999999999999999999999999999999999' is not a number from 1 to 999999999999"},
    {DIALECT_AUTO, "rate(1234567890123 minutes)", 6,
     "rate: '1234567890123' is not a number from 1 to 999999999999"},
    {DIALECT_AUTO, "rate(5 " X40 "x)", 8,
     "rate: '" X40 "' is not a unit for 5"},
    {DIALECT_AUTO, "@every 1234567890s", 8,
     "'1234567890s' is not a duration"},
    {DIALECT_AUTO, "@every 5", 8,
     "'5' is not a duration"},
    {DIALECT_AUTO, "@every 11111111111111111111111111111111111111111x", 8,
     "'1111111111111111111111111111111111111111' is not a duration"},
    {DIALECT_AUTO, "@every 99999w1s", 8,
     "a period of 60479395200 s is outside 1 s to 36525d"},
    {DIALECT_AUTO, "@every 1m/x", 11,
     "'x' is not a duration"},
    {DIALECT_AUTO, "@every 1m from 08.00 to 09:00", 16,
     "'08.00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from 8:00 to 09:00", 16,
     "'8:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from x8:00 to 09:00", 16,
     "'x8:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from 24:00 to 09:00", 16,
     "'24:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:x0", 25,
     "'09:x0' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:60", 25,
     "'09:60' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from", 11,
     "'from HH:MM' is missing"},
    {DIALECT_AUTO, "@every 1m form 08:00 to 09:00", 11,
     "'from HH:MM' is missing"},
    {DIALECT_AUTO, "@every 1m from 08:00 to", 22,
     "'to HH:MM' is missing"},
    {DIALECT_AUTO, "@every 1m from " X40 "x to 09:00", 16,
     "'" X40 "' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:00 on", 31,
     "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:00 at MON", 31,
     "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:00 on ABC", 34,
     "day of week: 'ABC' is not a name"},
    {DIALECT_AUTO, "@every 1m from 08:00 to 09:00 on MON " X40 "x", 38,
     "unexpected '" X40 "'"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @at 2026-01-01T00:00 Europe/Dublin", 39,
     "time zone 'Europe/Dublin' conflicts with 'Europe/Berlin'"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @at 2026-01-01T00:00 UTC", 39,
     "time zone 'UTC' conflicts with 'Europe/Berlin'"},
    {DIALECT_AUTO, "TZ=" ZONE_A "A @at 2026-01-01T00:00 " ZONE_B "BB", 91,
     "time zone '" ZONE_B "' conflicts with '" ZONE_A "'"},
    {DIALECT_AUTO, "@at 22222222222222222222222222222222222222222", 5,
     "@at: '2222222222222222222222222222222222222222' is not a time"},
    {DIALECT_AUTO, "@at 2026-01-01X00:00:00", 5,
     "@at: '2026-01-01X00:00:00' is not a time"},
    {DIALECT_AUTO, "@at 2026-01-01T0000000000000000000000000000000000000", 5,
     "@at: '2026-01-01T00000000000000000000000000000' is not a time"},
    {DIALECT_AUTO, "@at 2026-01-01", 5,
     "@at: '2026-01-01' is not a time"},
    {DIALECT_AUTO, "@at 2026-13-01T00:00:00Z", 5,
     "@at: '2026-13-01T00:00:00Z' is not a time"},
    {DIALECT_AUTO, "@at 2026", 5,
     "@at: '2026' is not a time"},
    {DIALECT_AUTO, "@at 2200-01-01                              00:00", 5,
     "@at: '2200-01-01                              ' is outside the years 1970-2199"},
    {DIALECT_AUTO, "@at 1969-12-31T23:59:59Z", 5,
     "@at: '1969-12-31T23:59:59Z' is outside the years 1970-2199"},
    {DIALECT_AUTO, "@" X40 "x", 1,
     "unknown macro '@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"},
    {DIALECT_AUTO, "1 2 3 4 5 6 7 8 9 10 11", 15,
     "5, 6 or 7 fields are needed, not 11"},
    {DIALECT_AUTO, X40 "x * * * *", 1,
     "minute: unexpected '" X40 "'"},
    {DIALECT_AUTO, "*" X40 "x * * * *", 2,
     "minute: unexpected '" X40 "'"},
    {DIALECT_AUTO, "0 0 1-L" X40 "x * *", 8,
     "day of month: unexpected '" X40 "'"},
    {DIALECT_AUTO, "* * * " X40 "x *", 7,
     "month: '" X40 "' is not a name"},
    {DIALECT_AUTO, "H(x-5) * * * *", 3,
     "minute: unexpected 'x-5)'"},
    {DIALECT_AUTO, "H(1/5) * * * *", 4,
     "minute: unexpected '/5)'"},
    {DIALECT_AUTO, "H(1-x) * * * *", 5,
     "minute: unexpected 'x)'"},
    {DIALECT_AUTO, "H(1-5x * * * *", 6,
     "minute: unexpected 'x'"},
    {DIALECT_AUTO, "H/0 * * * *", 3,
     "minute: a step of 0 is below 1"},
    {DIALECT_AUTO, "H/x * * * *", 3,
     "minute: unexpected 'x'"},
    {DIALECT_AUTO, "0 0 0 1 1 * ~", 13,
     "year: a year is not hashed"},
    {DIALECT_AUTO, "0 0 0 1 1 * H", 13,
     "year: a year is not hashed"},
    {DIALECT_AUTO, "5~x * * * *", 3,
     "minute: unexpected 'x'"},
    {DIALECT_AUTO, "0 0 L-x * *", 7,
     "day of month: unexpected 'x'"},
    {DIALECT_AUTO, "0 0 L-31 * *", 7,
     "day of month: L-31 is outside L-0 to L-30"},
    {DIALECT_AUTO, "0 0 15-L-3 * *", 9,
     "day of month: unexpected '-3'"},
    {DIALECT_AUTO, "0 0 15-LW * *", 9,
     "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "0 0 15-L/ * *", 10,
     "day of month: a value is missing"},
    {DIALECT_AUTO, "0 0 15-L/0 * *", 10,
     "day of month: a step of 0 is below 1"},
    {DIALECT_AUTO, "0 0 0-L * *", 5,
     "day of month: 0 is outside 1-31"},
    {DIALECT_AUTO, "0 0 L-5-L * *", 8,
     "day of month: unexpected '-L'"},
    {DIALECT_AUTO, "0 0 15~L * *", 8,
     "day of month: unexpected 'L'"},
    {DIALECT_AUTO, "0 15-L * * *", 6,
     "hour: unexpected 'L'"},
    {DIALECT_AUTO, "0 0 * * MON-L", 13,
     "day of week: 'L' is not a name"},
    {DIALECT_AUTO, "cron(0 0 15-L * ? *)", 13,
     "day of month: cron(...) has no range that ends in L"},
    {DIALECT_QUARTZ, "0 0 0 15-L * ?", 10,
     "day of month: the dialect quartz has no range that ends in L"},
    {DIALECT_VIXIE, "0 0 15-L * *", 8,
     "day of month: the dialect vixie has no range that ends in L"},
    {DIALECT_OCPS, "0 0 1-L/2 * *", 7,
     "day of month: the dialect ocps has no range that ends in L"},
    {DIALECT_AUTO, "0 0 * * MON#6", 13,
     "day of week: #6 is outside #1-#5"},
    {DIALECT_AUTO, "0 0 * * MON#x", 13,
     "day of week: unexpected 'x'"},
    {DIALECT_AUTO, "0 0 * * MON-FRIL", 16,
     "day of week: unexpected 'L'"},
    {DIALECT_AUTO, "0 0 * * MON#1x", 14,
     "day of week: unexpected 'x'"},
    {DIALECT_OCPS, "0 0 * * FRI-MON#2", 9,
     "day of week: the dialect ocps has no ranges that wrap"},
    {DIALECT_VIXIE, "0 0 * * MON#2", 12,
     "day of week: the dialect vixie has no #"},
    {DIALECT_VIXIE, "0 0 * * MONL", 12,
     "day of week: the dialect vixie has no L"},
    {DIALECT_VIXIE, "0 0 1W * *", 6,
     "day of month: the dialect vixie has no W"},
    {DIALECT_VIXIE, "0 0 L * *", 5,
     "day of month: the dialect vixie has no L"},
    {DIALECT_VIXIE, "H 0 * * *", 1,
     "minute: the dialect vixie has no H"},
    {DIALECT_VIXIE, "cron(0 0 * * ? *)", 1,
     "cron(...) and rate(...) are not of this dialect"},
    {DIALECT_AUTO, "cron(0 0 * * ? *", 17,
     "the closing parenthesis is missing"},
    {DIALECT_AUTO, "cron(0 0 * * ?)", 15,
     "cron(...) needs 6 fields, not 5"},
    {DIALECT_AUTO, "cron(0 0 * * ? * *)", 18,
     "cron(...) needs 6 fields, not 7"},
    /* clang-format on */
};

static void tells_where_an_expression_goes_wrong(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct schedule_options options = {.dialect = r->dialect};
        struct schedule *s = NULL;
        struct error err = {0};

        if (schedule_parse(r->text, &options, zones, NULL, &s, &err) != RC_INVALID)
            fail_msg("'%s' is accepted", r->text);
        if (err.column != r->column || !text_equal(err.text, r->said))
            fail_msg("'%s': column %d, \"%s\"", r->text, err.column, err.text);
        assert_null(s);
        assert_int_equal(schedule_parse(r->text, &options, zones, NULL, &s, NULL), RC_INVALID);
    }
}

static int make_zones(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static int drop_zones(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_where_an_expression_goes_wrong),
    };

    return cmocka_run_group_tests(tests, make_zones, drop_zones);
}
