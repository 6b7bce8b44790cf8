/*
 * What two expressions mean the same, and wall times of the forms. (What is due when: schedule_test.c.)
 */
#include "cron/expression.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/cron/zones.h"

static struct zoneset *zones;

static struct schedule *make(const char *text, const struct schedule_options *options)
{
    struct schedule *s = NULL;
    struct error err = {0};

    if (schedule_parse(text, options, zones, NULL, &s, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void tells_expressions_apart(void **state UNUSED)
{
    /* Each pair differs in one thing only. */
    static const char *const pairs[][2] = {
        {"0 0 0 * * *", "1 0 0 * * *"},
        {"0 0 * * *", "1 0 * * *"},
        {"0 0 * * *", "0 1 * * *"},
        {"0 */24 * * *", "0 0 * * *"},
        {"0 0 1 * *", "0 0 2 * *"},
        {"0 0 L * *", "0 0 L-1 * *"},
        {"0 0 1W * *", "0 0 2W * *"},
        {"0 0 LW * *", "0 0 L-1W * *"},
        {"0 0 * * 1", "0 0 * * 2"},
        {"0 0 * * 1L", "0 0 * * 2L"},
        {"0 0 * * 1#1", "0 0 * * 1#2"},
        {"0 0 1 1 *", "0 0 1 2 *"},
        {"0 0 1 * 1", "0 0 1 * +1"},
        {"0 0 0 1 1 * 2026", "0 0 0 1 1 * 2027"},
        {"@every 1m", "@every 2m"},
        {"@every 2m", "@every 2m/1m"},
        {"@every 1m", "@every 1m from 00:00 to 23:59"},
        {"@every 1m from 08:00 to 10:00", "@every 1m from 09:00 to 10:00"},
        {"@every 1m from 08:00 to 10:00", "@every 1m from 08:00 to 11:00"},
        {"@every 1m from 08:00 to 10:00", "@every 2m from 08:00 to 10:00"},
        {"@every 1m from 08:00 to 10:00", "@every 1m from 08:00 to 10:00 on 1"},
        {"@at 2026-01-01T00:00:00Z", "@at 2026-01-01T00:00:01Z"},
        {"@at 2026-01-01T00:00:00Z", "@at 2026-01-01T00:00:00"},
        {"@at 2026-01-01T00:00", "@at 2026-01-01T00:01"},
        {"0 0 * * *", "TZ=Europe/Berlin 0 0 * * *"},
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const struct schedule_options options = {0};
        SCOPED(schedule) struct schedule *a = make(pairs[i][0], &options);
        SCOPED(schedule) struct schedule *b = make(pairs[i][1], &options);

        if (schedule_equal(a, b) || schedule_equal(b, a))
            fail_msg("'%s' and '%s' are told to be the same", pairs[i][0], pairs[i][1]);
        assert_true(schedule_equal(a, a));
        assert_true(schedule_equal(b, b));
    }
}

static void tells_rules_for_clock_changes_apart(void **state UNUSED)
{
    const struct schedule_options usual = {0}, skip = {.dst_gap = DST_GAP_SKIP},
                                  both = {.dst_overlap = DST_OVERLAP_BOTH};
    SCOPED(schedule) struct schedule *a = make("0 0 * * *", &usual);
    SCOPED(schedule) struct schedule *b = make("0 0 * * *", &skip);
    SCOPED(schedule) struct schedule *c = make("0 0 * * *", &both);

    assert_false(schedule_equal(a, b));
    assert_false(schedule_equal(a, c));
}

static void understands_a_zone_that_is_named_twice(void **state UNUSED)
{
    const struct schedule_options options = {.zone = "Europe/Berlin"}, none = {0};
    SCOPED(schedule) struct schedule *a = make("TZ=Europe/Berlin 0 0 * * *", &options);
    SCOPED(schedule) struct schedule *b = make("TZ=UTC @at 2026-01-01T00:00 UTC", &none);

    assert_string_equal(schedule_zone(a), "Europe/Berlin");
    assert_string_equal(schedule_zone(b), "UTC");
}

static void elapsed_time_and_instants_name_no_wall_times(void **state UNUSED)
{
    const struct expression every = {.form = FORM_EVERY, .every = {.period = 60}};
    const struct expression instant = {.form = FORM_INSTANT, .instant = 0};

    assert_true(expression_first(&every, 0) == WALL_NONE);
    assert_true(expression_last(&every, 0) == WALL_NEVER);
    assert_true(expression_first(&instant, 0) == WALL_NONE);
    assert_true(expression_last(&instant, 0) == WALL_NEVER);
}

static void keeps_a_star_that_picks_one_value_only(void **state UNUSED)
{
    /* To say 0 instead would make the schedule fixed-time. */
    static const char *const texts[][2] = {
        {"*/60 0 0 * * *", "*/60 0 0 * * *"},
        {"*/90 5 0 * * *", "*/60 5 0 * * *"},
        {"*/99 0 * * *", "*/60 0 * * *"},
        {"0 0 */40 * *", "0 0 */31 * *"},
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct schedule_options options = {0};
        SCOPED(schedule) struct schedule *s = make(texts[i][0], &options);
        SCOPED_BUF text = {0};

        schedule_format(s, &text);
        assert_string_equal(buf_text(&text), texts[i][1]);
    }
}

static void a_step_beyond_the_day_is_a_run_of_one(void **state UNUSED)
{
    const struct schedule_options options = {0};
    SCOPED(schedule) struct schedule *s = make("@every 36525d from 08:00 to 09:00", &options);
    SCOPED(schedule) struct schedule *again = NULL;
    SCOPED_BUF text = {0};
    struct occurrence o;

    assert_int_equal(schedule_next(s, 0, &o), RC_OK);
    assert_true(o.at == 8 * 3600 * USEC_PER_SEC);
    assert_int_equal(schedule_next(s, o.at, &o), RC_OK);
    assert_true(o.at == 32 * 3600 * USEC_PER_SEC);
    schedule_format(s, &text);
    again = make(buf_text(&text), &options);
    assert_true(schedule_equal(s, again));
}

static void large_overlaps_are_due_twice(void **state UNUSED)
{
    /* 2018-03-10: the clocks of Casey go back by three hours, from 03:00 to 00:00. */
    const usec_t change = INT64_C(1520701200) * USEC_PER_SEC;
    const struct schedule_options options = {.zone = "Antarctica/Casey"};
    SCOPED(schedule) struct schedule *s = make("30 1 * * *", &options);
    struct clock_change c;

    assert_int_equal(schedule_next_change(s, change - 1, change, &c), RC_OK);
    assert_true(c.at == change && c.effect == CHANGE_TWICE);
}

static void says_what_is_rarely_said(void **state UNUSED)
{
    static const char *const cases[][2] = {
        {"0 0 L-11 * *", "at 00:00 on the 11th day before the last of every month, UTC"},
        {"0 0 L-13 * *", "at 00:00 on the 13th day before the last of every month, UTC"},
        {"0 0 L-4 * *", "at 00:00 on the 4th day before the last of every month, UTC"},
        {"0 0 L-14 * *", "at 00:00 on the 14th day before the last of every month, UTC"},
        {"0 0 L-21 * *", "at 00:00 on the 21st day before the last of every month, UTC"},
        {"0 0,1,2,5,7,9,14,18,20,21 * * *",
         "at minute 0 of hours 0 to 2, 5, 7, 9, 14, 18, 20 and 21, UTC"},
        {"0 0,1,2,5,7,9,14,18,20,21,23 * * *",
         "at minute 0 of hours 0 to 2, 5, 7, 9, 14, 18, 20, 21 and 23, UTC"},
        {"0 0 0 1 1 * 2190-2199", "at 00:00 on day 1 of January in 2190 to 2199, UTC"},
        {"0 0 0 1 1 * 2199", "at 00:00 on day 1 of January in 2199, UTC"},
        {"0 0 1 * 0-6", "at 00:00 on day 1 of the month or on Sunday to Saturday, UTC"},
        {"0 0 1-31 * 1", "at 00:00 on days 1 to 31 of the month or on Monday, UTC"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct schedule_options options = {0};
        SCOPED(schedule) struct schedule *s = make(cases[i][0], &options);
        SCOPED_BUF text = {0};

        schedule_describe(s, &text);
        assert_string_equal(buf_text(&text), cases[i][1]);
    }
}

static void lints_have_names(void **state UNUSED)
{
    assert_string_equal(lint_code_name(LINT_STEP_FROM_VALUE), "STEP_FROM_VALUE");
    assert_string_equal(lint_code_name((enum lint_code)99), "UNKNOWN");
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
        cmocka_unit_test(tells_expressions_apart),
        cmocka_unit_test(tells_rules_for_clock_changes_apart),
        cmocka_unit_test(understands_a_zone_that_is_named_twice),
        cmocka_unit_test(elapsed_time_and_instants_name_no_wall_times),
        cmocka_unit_test(keeps_a_star_that_picks_one_value_only),
        cmocka_unit_test(a_step_beyond_the_day_is_a_run_of_one),
        cmocka_unit_test(large_overlaps_are_due_twice),
        cmocka_unit_test(says_what_is_rarely_said),
        cmocka_unit_test(lints_have_names),
    };

    return cmocka_run_group_tests(tests, make_zones, drop_zones);
}
