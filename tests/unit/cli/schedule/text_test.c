#include "cli/schedule/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* clang-format off */
static const struct next_case {
    const char *expression, *zone, *from, *text;
    enum dst_gap gap;
    enum dst_overlap overlap;
} next_cases[] = {
    {"30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z",
     "2027-03-27T02:30:00+01:00  Sat\n"
     "2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30 does not exist, runs at 03:00\n"
     "2027-03-29T02:30:00+02:00  Mon\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z",
     "2027-03-27T02:30:00+01:00  Sat\n"
     "2027-03-29T02:30:00+02:00  Mon\n"
     "2027-03-30T02:30:00+02:00  Tue\n", DST_GAP_SKIP, DST_OVERLAP_FIRST},
    {"30 2 * * *", "Europe/Berlin", "2027-10-31T00:00:00Z",
     "2027-10-31T02:30:00+02:00  Sun\n"
     "2027-10-31T02:30:00+01:00  Sun  REPEATED: 02:30 comes a second time\n"
     "2027-11-01T02:30:00+01:00  Mon\n", DST_GAP_RUN_AFTER, DST_OVERLAP_BOTH},
    {"15 30 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z",
     "2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30:15 does not exist, runs at 03:00\n"
     "2027-03-29T02:30:15+02:00  Mon\n"
     "2027-03-30T02:30:15+02:00  Tue\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"59 23 * * *", "Asia/Gaza", "2027-03-26T00:00:00Z",
     "2027-03-26T23:59:00+02:00  Fri\n"
     "2027-03-27T23:59:00+03:00  Sat\n"
     "2027-03-28T23:59:00+03:00  Sun\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"30 23 * * *", "America/Godthab", "2027-03-27T20:00:00Z",
     "2027-03-28T00:00:00-01:00  Sun  MOVED: 2027-03-27 23:30 does not exist, runs at 00:00\n"
     "2027-03-28T23:30:00-01:00  Sun\n"
     "2027-03-29T23:30:00-01:00  Mon\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00:00Z",
     "2027-04-04T01:45:00+11:00  Sun\n"
     "2027-04-05T01:45:00+10:30  Mon\n"
     "2027-04-06T01:45:00+10:30  Tue\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"@every 12h", "America/New_York", "1969-12-31T00:00:00Z",
     "1969-12-31T19:00:00-05:00  Wed\n"
     "1970-01-01T07:00:00-05:00  Thu\n"
     "1970-01-01T19:00:00-05:00  Thu\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"0 0 * * *", "Africa/Monrovia", "1972-01-05T00:00:00Z",
     "1972-01-05T00:00:00-00:44:30  Wed\n"
     "1972-01-06T00:00:00-00:44:30  Thu\n"
     "1972-01-07T00:44:30+00:00  Fri  MOVED: 00:00 does not exist, runs at 00:44:30\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"@at 2027-03-28T02:30", "Europe/Berlin", "2027-03-27T00:00:00Z",
     "2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30 does not exist, runs at 03:00\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"@at 2027-03-28T02:30:00.25Z", "UTC", "2027-03-27T00:00:00Z",
     "2027-03-28T02:30:00.250000+00:00  Sun\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
    {"0 0 30 2 *", "UTC", "2027-03-27T00:00:00Z", "none\n", DST_GAP_RUN_AFTER, DST_OVERLAP_FIRST},
};
/* clang-format on */

static void next_instants_say_what_the_clock_did(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(next_cases); i++) {
        const struct next_case *c = &next_cases[i];
        struct schedule_options options = {
            .zone = c->zone, .dst_gap = c->gap, .dst_overlap = c->overlap};
        SCOPED(schedule) struct schedule *s = NULL;
        SCOPED_BUF out = {0};

        assert_int_equal(schedule_parse(c->expression, &options, zones, NULL, &s, NULL), RC_OK);
        next_text(s, instant(c->from), 3, &out);
        assert_string_equal(buf_text(&out), c->text);
    }
}

static const struct explain_case {
    const char *expression, *zone, *text;
} explain_cases[] = {
    {"30/15 2 * * *", "Europe/Berlin",
     "expression    30/15 2 * * *\n"
     "meaning       at 02:30 and 02:45 every day, Europe/Berlin\n"
     "canonical     30,45 2 * * *\n"
     "zone          Europe/Berlin\n"
     "class         fixed-time\n"
     "lints         STEP_FROM_VALUE at column 1: minute: 30/n means from 30 to the end; crond has "
     "no such form\n"
     "how often     2 a day, 62 a month, 731 a year\n"
     "clock changes 2027-03-28: 02:30 and others do not exist, run once at 03:00\n"
     "              2027-10-31: 02:30 and others come twice, run the first time\n"
     "              2028-03-26: 02:30 and others do not exist, run once at 03:00\n"
     "next          2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30 does not exist, runs at 03:00\n"
     "              2027-03-29T02:30:00+02:00  Mon\n"},
    {"*/90 22-2 * * *", "UTC",
     "expression    */90 22-2 * * *\n"
     "meaning       at 00:00, 01:00, 02:00, 22:00 and 23:00 every day, UTC\n"
     "canonical     */60 0-2,22,23 * * *\n"
     "zone          UTC\n"
     "class         interval-like\n"
     "lints         STEP_TOO_LARGE at column 1: minute: a step of 90 takes the first value only\n"
     "              WRAPPED_RANGE at column 6: hour: the range wraps around\n"
     "how often     5 a day, 155 a month, 1830 a year\n"
     "clock changes none of the next 12 months touches it\n"
     "next          2027-03-28T00:00:00+00:00  Sun\n"
     "              2027-03-28T01:00:00+00:00  Sun\n"},
    {"0 0 30 2 *", "UTC",
     "expression    0 0 30 2 *\n"
     "meaning       at 00:00 on day 30 of February, UTC\n"
     "canonical     0 0 30 2 *\n"
     "zone          UTC\n"
     "class         fixed-time\n"
     "lints         NEVER_FIRES: never fires\n"
     "how often     0 a day, 0 a month, 0 a year\n"
     "clock changes none of the next 12 months touches it\n"
     "next          none\n"},
};

static void an_explanation_tells_all_of_it(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(explain_cases); i++) {
        const struct explain_case *c = &explain_cases[i];
        struct schedule_options options = {.zone = c->zone};
        SCOPED(schedule) struct schedule *s = NULL;
        struct lints lints;
        SCOPED_BUF out = {0};

        assert_int_equal(schedule_parse(c->expression, &options, zones, &lints, &s, NULL), RC_OK);
        explain_text(&(struct schedule_view){.expression = c->expression,
                                             .schedule = s,
                                             .lints = &lints,
                                             .from = instant("2027-03-27T23:59:00Z"),
                                             .count = 2},
                     &out);
        assert_string_equal(buf_text(&out), c->text);
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
        cmocka_unit_test(next_instants_say_what_the_clock_did),
        cmocka_unit_test(an_explanation_tells_all_of_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
