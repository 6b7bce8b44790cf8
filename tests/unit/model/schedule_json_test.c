#include "model/schedule_json.h"

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

static const struct json_case {
    const char *expression, *zone, *from, *json;
    enum dst_overlap overlap;
} json_cases[] = {
    {"30/15 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z",
     "{\"expression\":\"30/15 2 * * *\",\"canonical\":\"30,45 2 * * *\","
     "\"description\":\"at 02:30 and 02:45 every day, Europe/Berlin\","
     "\"zone\":\"Europe/Berlin\",\"class\":\"FIXED_TIME\","
     "\"lints\":[{\"code\":\"STEP_FROM_VALUE\",\"column\":1,"
     "\"text\":\"minute: 30/n means from 30 to the end; crond has no such form\"}],"
     "\"clock_changes\":[{\"at\":\"2027-03-28T01:00:00Z\",\"local\":\"2027-03-28T02:30:00\","
     "\"several\":true,\"effect\":\"MOVES\","
     "\"text\":\"2027-03-28: 02:30 and others do not exist, run once at 03:00\"},"
     "{\"at\":\"2027-10-31T01:00:00Z\",\"local\":\"2027-10-31T02:30:00\",\"several\":true,"
     "\"effect\":\"ONCE\",\"text\":\"2027-10-31: 02:30 and others come twice, run the first "
     "time\"},{\"at\":\"2028-03-26T01:00:00Z\",\"local\":\"2028-03-26T02:30:00\","
     "\"several\":true,\"effect\":\"MOVES\","
     "\"text\":\"2028-03-26: 02:30 and others do not exist, run once at 03:00\"}],"
     "\"frequency\":{\"per_day\":2,\"per_month\":62,\"per_year\":731},"
     "\"next\":[{\"at\":\"2027-03-28T01:00:00Z\",\"local\":\"2027-03-28T03:00:00+02:00\","
     "\"dst\":\"MOVED\",\"nominal\":\"2027-03-28T02:30:00\"},"
     "{\"at\":\"2027-03-29T00:30:00Z\",\"local\":\"2027-03-29T02:30:00+02:00\","
     "\"dst\":\"NONE\"}]}",
     DST_OVERLAP_FIRST},
    {"30 2 31 10 *", "Europe/Berlin", "2027-10-01T00:00:00Z",
     "{\"expression\":\"30 2 31 10 *\",\"canonical\":\"30 2 31 10 *\","
     "\"description\":\"at 02:30 on day 31 of October, Europe/Berlin\","
     "\"zone\":\"Europe/Berlin\",\"class\":\"FIXED_TIME\",\"lints\":[],"
     "\"clock_changes\":[{\"at\":\"2027-10-31T01:00:00Z\",\"local\":\"2027-10-31T02:30:00\","
     "\"several\":false,\"effect\":\"TWICE\",\"text\":\"2027-10-31: 02:30 comes twice, runs "
     "twice\"}],\"frequency\":{\"per_day\":2,\"per_month\":2,\"per_year\":2},"
     "\"next\":[{\"at\":\"2027-10-31T00:30:00Z\",\"local\":\"2027-10-31T02:30:00+02:00\","
     "\"dst\":\"NONE\"},{\"at\":\"2027-10-31T01:30:00Z\","
     "\"local\":\"2027-10-31T02:30:00+01:00\",\"dst\":\"REPEATED\"}]}",
     DST_OVERLAP_BOTH},
    {"0 0 30 2 *", "UTC", "2027-10-01T00:00:00Z",
     "{\"expression\":\"0 0 30 2 *\",\"canonical\":\"0 0 30 2 *\","
     "\"description\":\"at 00:00 on day 30 of February, UTC\",\"zone\":\"UTC\","
     "\"class\":\"FIXED_TIME\",\"lints\":[{\"code\":\"NEVER_FIRES\",\"text\":\"never fires\"}],"
     "\"clock_changes\":[],\"frequency\":{\"per_day\":0,\"per_month\":0,\"per_year\":0},"
     "\"next\":[]}",
     DST_OVERLAP_FIRST},
};

static void a_schedule_is_told_whole(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(json_cases); i++) {
        const struct json_case *c = &json_cases[i];
        struct schedule_options options = {.zone = c->zone, .dst_overlap = c->overlap};
        SCOPED(schedule) struct schedule *s = NULL;
        struct lints lints;
        SCOPED_BUF out = {0};
        struct json j = json_into(&out);

        assert_int_equal(schedule_parse(c->expression, &options, zones, &lints, &s, NULL), RC_OK);
        schedule_json(&j, &(struct schedule_view){.expression = c->expression,
                                                  .schedule = s,
                                                  .lints = &lints,
                                                  .from = instant(c->from),
                                                  .count = 2});
        assert_string_equal(buf_text(&out), c->json);
    }
}

static void the_first_instant_of_all_is_an_instant(void **state UNUSED)
{
    struct schedule_options options = {0};
    SCOPED(schedule) struct schedule *s = NULL;
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    assert_int_equal(schedule_parse("@yearly", &options, zones, NULL, &s, NULL), RC_OK);
    schedule_json_next(&j, s, -1, 1);
    assert_string_equal(buf_text(&out),
                        "[{\"at\":\"1970-01-01T00:00:00Z\",\"local\":"
                        "\"1970-01-01T00:00:00+00:00\",\"dst\":\"NONE\"}]");
}

/* clang-format off */
static const struct year_case {
    const char *from, *until;
} year_cases[] = {
    {"2027-03-28T12:00:00Z", "2028-03-28T12:00:00Z"},
    {"2028-02-29T12:00:00Z", "2029-03-01T12:00:00Z"},
    {"1900-01-01T00:00:00Z", "1971-01-01T00:00:00Z"},
};
/* clang-format on */

static void a_year_later_is_the_same_day(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(year_cases); i++)
        assert_int_equal(schedule_year_after(instant(year_cases[i].from)),
                         instant(year_cases[i].until));
    assert_true(schedule_year_after(USEC_MAX) > 0);
    assert_true(schedule_year_after(USEC_MIN) > 0);
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
        cmocka_unit_test(a_schedule_is_told_whole),
        cmocka_unit_test(the_first_instant_of_all_is_an_instant),
        cmocka_unit_test(a_year_later_is_the_same_day),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
