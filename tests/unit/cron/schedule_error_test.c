#include "cron/schedule.h"
#include "unit/cron/schedules.h"

/* --- what is wrong with an expression --- */

struct error_case {
    enum dialect dialect;
    const char *expression;
    int column;
    const char *text;
};

/* clang-format off */
static const struct error_case error_cases[] = {
    {DIALECT_AUTO, "", 1, "an expression is missing"},
    {DIALECT_AUTO, "   ", 1, "an expression is missing"},
    {DIALECT_AUTO, "* * * *", 8, "5, 6 or 7 fields are needed, not 4"},
    {DIALECT_AUTO, "* * * * * * * *", 15, "5, 6 or 7 fields are needed, not 8"},
    {DIALECT_AUTO, "TZ=Europe/Berlin", 17, "an expression is missing"},
    {DIALECT_QUARTZ, "* * * * *", 10, "the dialect quartz needs 6 or 7 fields, not 5"},
    {DIALECT_VIXIE, "* * * * * *", 11, "the dialect vixie needs 5 fields, not 6"},
    {DIALECT_AUTO, "60 * * * *", 1, "minute: 60 is outside 0-59"},
    {DIALECT_AUTO, "* 24 * * *", 3, "hour: 24 is outside 0-23"},
    {DIALECT_AUTO, "* * 0 * *", 5, "day of month: 0 is outside 1-31"},
    {DIALECT_AUTO, "* * 32 * *", 5, "day of month: 32 is outside 1-31"},
    {DIALECT_AUTO, "* * * 13 *", 7, "month: 13 is outside 1-12"},
    {DIALECT_AUTO, "* * * 0 *", 7, "month: 0 is outside 1-12"},
    {DIALECT_AUTO, "* * * * 8", 9, "day of week: 8 is outside 0-7"},
    {DIALECT_AUTO, "0 0 0 1 1 * 1969", 13, "year: 1969 is outside 1970-2199"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2200", 13, "year: 2200 is outside 1970-2199"},
    {DIALECT_AUTO, "0 12 * * * 2026", 12, "day of week: 2026 is outside 0-7: a year needs 7 fields or cron(...)"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2030-2026", 13, "year: 2030-2026 runs backwards"},
    {DIALECT_AUTO, "61-70 * * * *", 1, "minute: 61 is outside 0-59"},
    {DIALECT_AUTO, "1-60 * * * *", 3, "minute: 60 is outside 0-59"},
    {DIALECT_AUTO, "1,,2 * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "1, * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, ",1 * * * *", 1, "minute: a value is missing"},
    {DIALECT_AUTO, "- * * * *", 1, "minute: unexpected '-'"},
    {DIALECT_AUTO, "1- * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "-5 * * * *", 1, "minute: unexpected '-5'"},
    {DIALECT_AUTO, "5-10-15 * * * *", 5, "minute: unexpected '-15'"},
    {DIALECT_AUTO, "*/0 * * * *", 3, "minute: a step of 0 is below 1"},
    {DIALECT_AUTO, "*/ * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "*/x * * * *", 3, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "*5 * * * *", 2, "minute: unexpected '5'"},
    {DIALECT_AUTO, "** * * * *", 2, "minute: unexpected '*'"},
    {DIALECT_AUTO, "1/2/3 * * * *", 4, "minute: unexpected '/3'"},
    {DIALECT_AUTO, "1.5 * * * *", 2, "minute: unexpected '.5'"},
    {DIALECT_AUTO, "99999999999 * * * *", 1, "minute: '999999999...' is too long a number"},
    {DIALECT_AUTO, "? * * * *", 1, "minute: unexpected '?'"},
    {DIALECT_AUTO, "* * * ? *", 7, "month: unexpected '?'"},
    {DIALECT_AUTO, "* * ?/2 * *", 6, "day of month: unexpected '/2'"},
    {DIALECT_AUTO, "x * * * *", 1, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "MON * * * *", 1, "minute: unexpected 'MON'"},
    {DIALECT_AUTO, "* * MON * *", 5, "day of month: unexpected 'MON'"},
    {DIALECT_AUTO, "* * * MON *", 7, "month: 'MON' is not a name"},
    {DIALECT_AUTO, "* * * JANUARY *", 10, "month: unexpected 'UARY'"},
    {DIALECT_AUTO, "* * * * MONDAY", 12, "day of week: unexpected 'DAY'"},
    {DIALECT_AUTO, "* * * * JAN", 9, "day of week: 'JAN' is not a name"},
    {DIALECT_AUTO, "* * * * +", 10, "day of week: a value is missing"},
    {DIALECT_AUTO, "* * + * *", 5, "day of month: unexpected '+'"},
    {DIALECT_AUTO, "* * * * L", 9, "day of week: 'L' is not a name"},
    {DIALECT_AUTO, "* * * * 5#6", 11, "day of week: #6 is outside #1-#5"},
    {DIALECT_AUTO, "* * * * 5#0", 11, "day of week: #0 is outside #1-#5"},
    {DIALECT_AUTO, "* * * * 5#", 11, "day of week: a value is missing"},
    {DIALECT_AUTO, "* * * * 5LL", 11, "day of week: unexpected 'L'"},
    {DIALECT_AUTO, "* * * * 1-5L", 12, "day of week: unexpected 'L'"},
    {DIALECT_AUTO, "* * W * *", 5, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * 0W * *", 5, "day of month: 0 is outside 1-31"},
    {DIALECT_AUTO, "* * 1-5W * *", 8, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * L-31 * *", 7, "day of month: L-31 is outside L-0 to L-30"},
    {DIALECT_AUTO, "* * L-W * *", 7, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * LWW * *", 7, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "L * * * *", 1, "minute: unexpected 'L'"},
    {DIALECT_AUTO, "H(5 * * * *", 4, "minute: a value is missing"},
    {DIALECT_AUTO, "H(5-70) * * * *", 5, "minute: 70 is outside 0-59"},
    {DIALECT_AUTO, "H(9-5) * * * *", 1, "minute: 9-5 runs backwards"},
    {DIALECT_AUTO, "Hx * * * *", 2, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "* * H(29-31) * *", 5, "day of month: a hashed day stays in 1-28, 29 is outside"},
    {DIALECT_AUTO, "9~5 * * * *", 1, "minute: 9-5 runs backwards"},
    {DIALECT_AUTO, "* * 30~ * *", 5, "day of month: a hashed day stays in 1-28, 30 is outside"},
    {DIALECT_AUTO, "0 0 0 1 1 * H", 13, "year: a year is not hashed"},
    {DIALECT_AUTO, "@reboot", 1, "@reboot is no time: a scheduler that never reboots cannot keep it"},
    {DIALECT_AUTO, "@dayly", 1, "unknown macro '@dayly'"},
    {DIALECT_AUTO, "@DAILY", 1, "unknown macro '@DAILY'"},
    {DIALECT_AUTO, "@daily x", 8, "unexpected 'x'"},
    {DIALECT_AUTO, "@every", 7, "@every needs a duration"},
    {DIALECT_AUTO, "@every x", 8, "'x' is not a duration"},
    {DIALECT_AUTO, "@every 0s", 8, "a period of 0 s is outside 1 s to 36525d"},
    {DIALECT_AUTO, "@every 5", 8, "'5' is not a duration"},
    {DIALECT_AUTO, "@every 1.5h", 8, "'1.5h' is not a duration"},
    {DIALECT_AUTO, "@every 500ms", 12, "'500ms' is not a duration"},
    {DIALECT_AUTO, "@every -5m", 8, "'-5m' is not a duration"},
    {DIALECT_AUTO, "@every 36526d", 8, "a period of 3155846400 s is outside 1 s to 36525d"},
    {DIALECT_AUTO, "@every 5m/", 11, "'' is not a duration"},
    {DIALECT_AUTO, "@every 5m 6m", 11, "'from HH:MM' is missing"},
    {DIALECT_AUTO, "@every 5m/1m from 08:00 to 09:00", 14, "unexpected 'from'"},
    {DIALECT_AUTO, "@every 5m from 08:00", 21, "'to HH:MM' is missing"},
    {DIALECT_AUTO, "@every 5m from 8:00 to 09:00", 16, "'8:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 24:00", 25, "'24:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 MON", 31, "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on", 31, "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on MON TUE", 38, "unexpected 'TUE'"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on 1#6", 36, "day of week: #6 is outside #1-#5"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on +MON", 34, "day of week: unexpected '+MON'"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on 15W", 34, "day of week: 15 is outside 0-7"},
    {DIALECT_AUTO, "@at", 4, "@at needs a time"},
    {DIALECT_AUTO, "@at tomorrow", 5, "@at: 'tomorrow' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29", 5, "@at: '2026-03-29' is not a time"},
    {DIALECT_AUTO, "@at 2026-02-29T00:00", 5, "@at: '2026-02-29T00:00' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00.5", 5, "@at: '2026-03-29T02:30:00.5' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00Z Europe/Berlin", 26, "unexpected 'Europe/Berlin'"},
    {DIALECT_AUTO, "@at 1969-12-31T23:59:59Z", 5, "@at: '1969-12-31T23:59:59Z' is outside the years 1970-2199"},
    {DIALECT_AUTO, "@at 2200-01-01T00:00:00", 5, "@at: '2200-01-01T00:00:00' is outside the years 1970-2199"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @at 2026-03-29T02:30 Europe/Dublin", 39, "time zone 'Europe/Dublin' conflicts with 'Europe/Berlin'"},
    {DIALECT_AUTO, "TZ=Nowhere/Land 0 0 * * *", 4, "unknown time zone 'Nowhere/Land'"},
    {DIALECT_AUTO, "TZ=../etc/passwd 0 0 * * *", 4, "unknown time zone '../etc/passwd'"},
    {DIALECT_AUTO, "TZ= 0 0 * * *", 4, "unknown time zone ''"},
    {DIALECT_AUTO, "cron(0 10 * * *)", 16, "cron(...) needs 6 fields, not 5"},
    {DIALECT_AUTO, "cron(0 10 * * ? * *)", 19, "cron(...) needs 6 fields, not 7"},
    {DIALECT_AUTO, "cron(0 10 * * * *)", 15, "cron(...) needs exactly one ? in day of month and day of week"},
    {DIALECT_AUTO, "cron(0 10 ? * ? *)", 15, "cron(...) needs exactly one ? in day of month and day of week"},
    {DIALECT_AUTO, "cron(0 10 * * ? *", 18, "the closing parenthesis is missing"},
    {DIALECT_AUTO, "cron(0 10 * * ? *) x", 21, "the closing parenthesis is missing"},
    {DIALECT_AUTO, "cron(0 10 ? * 0 *)", 15, "day of week: 0 is outside 1-7"},
    {DIALECT_AUTO, "cron(0 10 ? * 8 *)", 15, "day of week: 8 is outside 1-7"},
    {DIALECT_AUTO, "rate(5)", 6, "rate(...) needs a number and a unit"},
    {DIALECT_AUTO, "rate(5 minute)", 8, "rate: 'minute' is not a unit for 5"},
    {DIALECT_AUTO, "rate(1 minutes)", 8, "rate: 'minutes' is not a unit for 1"},
    {DIALECT_AUTO, "rate(0 minutes)", 6, "rate: '0' is not a number from 1 to 999999999999"},
    {DIALECT_AUTO, "rate(5 weeks)", 8, "rate: 'weeks' is not a unit for 5"},
    {DIALECT_AUTO, "rate(x minutes)", 6, "rate: 'x' is not a number from 1 to 999999999999"},
    {DIALECT_AUTO, "rate(99999999 days)", 6, "a period of 8639999913600 s is outside 1 s to 36525d"},
    {DIALECT_VIXIE, "cron(0 10 * * ? *)", 1, "cron(...) and rate(...) are not of this dialect"},
    {DIALECT_QUARTZ, "rate(5 minutes)", 1, "cron(...) and rate(...) are not of this dialect"},
    {DIALECT_QUARTZ, "0 0 12 * * *", 12, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ? * ?", 12, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ? * 2,?", 12, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ?,1 * ?", 14, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_AUTO, "cron(0 10 ? * ?,MON *)", 15, "cron(...) needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ? * 0", 12, "day of week: 0 is outside 1-7"},
    {DIALECT_QUARTZ, "0 0 12 ? * 8", 12, "day of week: 8 is outside 1-7"},
    {DIALECT_VIXIE, "5/15 * * * *", 2, "minute: the dialect vixie has no step from a single value: write a range, a-b/n"},
    {DIALECT_VIXIE, "22-2 * * * *", 1, "minute: the dialect vixie has no ranges that wrap"},
    {DIALECT_VIXIE, "0 22-2 * * *", 3, "hour: the dialect vixie has no ranges that wrap"},
    {DIALECT_VIXIE, "0 0 L * *", 5, "day of month: the dialect vixie has no L"},
    {DIALECT_VIXIE, "0 0 15W * *", 7, "day of month: the dialect vixie has no W"},
    {DIALECT_VIXIE, "0 0 * * 5L", 10, "day of week: the dialect vixie has no L"},
    {DIALECT_VIXIE, "0 0 * * 1#2", 10, "day of week: the dialect vixie has no #"},
    {DIALECT_VIXIE, "H * * * *", 1, "minute: the dialect vixie has no H"},
    {DIALECT_VIXIE, "0 0 ? * *", 5, "day of month: unexpected '?'"},
    {DIALECT_VIXIE, "0 0 * * +1", 9, "day of week: unexpected '+1'"},
    {DIALECT_OCPS, "5/15 * * * *", 2, "minute: the dialect ocps has no step from a single value: write a range, a-b/n"},
    {DIALECT_OCPS, "0 22-2 * * *", 3, "hour: the dialect ocps has no ranges that wrap"},
    {DIALECT_OCPS, "0 ? * * *", 3, "hour: unexpected '?'"},
    {DIALECT_AUTO, "\033[31m * * * *", 1, "minute: unexpected '?[31m'"},
    {DIALECT_AUTO, "0 0 * * MON\xe2\x80\x93" "FRI", 12, "day of week: unexpected '\xe2\x80\x93" "FRI'"},
    {DIALECT_AUTO, "0 0 * * 1\xff", 10, "day of week: unexpected '\\xff'"},
    {DIALECT_AUTO, "@123456789012345678901234567890123456789\xe2\x80\x93", 1,
     "unknown macro '@123456789012345678901234567890123456789'"},
    {DIALECT_AUTO, "@12345678901234567890123456789012345678\xe2\x80\x93", 1,
     "unknown macro '@12345678901234567890123456789012345678\\xe2'"},
    {DIALECT_AUTO, "0\xc2\xa0" "0 * * *", 11, "5, 6 or 7 fields are needed, not 4"},
    {DIALECT_AUTO, "0\n0 * * * *", 2, "minute: unexpected '?0'"},
    {DIALECT_AUTO, "0 0 * * *\\", 10, "day of week: unexpected '\\'"},
};
/* clang-format on */

static void says_what_is_wrong_and_where(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
        const struct error_case *c = &error_cases[i];
        struct schedule_options options = {.dialect = c->dialect, .task = task};
        struct schedule *s = NULL;
        struct error err = {0};

        if (schedule_parse(c->expression, &options, zones, NULL, &s, &err) != RC_INVALID)
            fail_msg("accepted: %s", c->expression);
        assert_string_equal(err.text, c->text);
        assert_int_equal(err.column, c->column);
        assert_null(s);
    }
}

static void gives_the_way_out_as_a_hint(void **state UNUSED)
{
    static const char *const hints[][2] = {
        {"0 10 * * ? *", "looks like AWS: write cron(...)"},
        {"0 0 * * MONDAY", "names have three letters, such as JAN or MON"},
        {"@reboot", "let an init system start it, or trigger the task"},
        {"@every 1.5h", "write 90s, 15m, 1h30m, 1d or 2w"},
        {"* * * *", "minute hour day-of-month month day-of-week"},
    };

    for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
        struct schedule_options options = {0};
        struct schedule *s = NULL;
        struct error err = {0};

        assert_int_equal(schedule_parse(hints[i][0], &options, zones, NULL, &s, &err), RC_INVALID);
        assert_string_equal(err.hint, hints[i][1]);
    }
}

static void refuses_a_zone_that_conflicts_with_the_option(void **state UNUSED)
{
    struct schedule_options options = {.zone = "Europe/Berlin"};
    struct schedule *s = NULL;
    struct error err = {0};

    assert_int_equal(schedule_parse("TZ=Europe/Dublin 0 0 * * *", &options, zones, NULL, &s, &err),
                     RC_INVALID);
    assert_string_equal(err.text, "time zone 'Europe/Dublin' conflicts with 'Europe/Berlin'");
    assert_int_equal(err.column, 4);
    assert_int_equal(schedule_parse("TZ=Europe/Berlin 0 0 * * *", &options, zones, NULL, &s, &err),
                     RC_OK);
    assert_string_equal(schedule_zone(s), "Europe/Berlin");
    schedule_free(s);
}

static void fails_without_anyone_to_tell(void **state UNUSED)
{
    struct schedule_options options = {.zone = "Nowhere"};
    struct schedule *s = NULL;

    assert_int_equal(schedule_parse("60 * * * *", &options, zones, NULL, &s, NULL), RC_INVALID);
    assert_int_equal(schedule_parse("0 * * * *", &options, zones, NULL, &s, NULL), RC_INVALID);
    assert_int_equal(schedule_parse("TZ=Nowhere 0 * * * *", &(struct schedule_options){0}, zones,
                                    NULL, &s, NULL),
                     RC_INVALID);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(gives_the_way_out_as_a_hint),
        cmocka_unit_test(refuses_a_zone_that_conflicts_with_the_option),
        cmocka_unit_test(fails_without_anyone_to_tell),
    };

    return cmocka_run_group_tests(tests, set_up_zones, tear_down_zones);
}
