#include "model/preview.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/rfc3339.h"
#include "model/spec.h"
#include "unit/cron/zones.h"

static const usec_t NOVEMBER = INT64_C(1795521600) * USEC_PER_SEC; /* 2026-11-24T12:00:00Z */

/* What is to be skipped of the instants that a test looks at. */
static const char *const two_skips[] = {"{\"by\":\"anna\"}", "{}"};
static size_t skip_count;

/* The text, and how many steps it took. */
static size_t preview_of(struct task_spec *spec, struct buf *text)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    SCOPED(preview) struct preview *p = NULL;
    struct json j = json_into(text);
    struct preview_config config = {.spec = spec,
                                    .now = NOVEMBER,
                                    .zones = zones,
                                    .json = &j,
                                    .skips = two_skips,
                                    .skip_count = skip_count};
    size_t steps = 1;

    spec->key = "a";
    spec->queue = "q";
    spec_normalise(spec);
    config.task = task_id_of(spec->project, spec->key);
    assert_int_equal(preview_new(&config, &p, NULL), RC_OK);
    json_open_object(&j);
    while (preview_step(p))
        steps++;
    assert_false(preview_step(p));
    json_close_object(&j);
    return steps;
}

static size_t count_of(const struct buf *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text->data; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static void assert_has(const struct buf *text, const char *part)
{
    if (strstr(text->data, part) == NULL)
        fail_msg("no %s in %s", part, text->data);
}

static void a_task_without_schedules_has_nothing_to_come(void **state UNUSED)
{
    SCOPED_BUF text = {0};

    (void)preview_of(&(struct task_spec){.key = NULL}, &text);
    assert_string_equal(buf_text(&text),
                        "{\"schedules\":[],\"next\":[],\"left_out\":[],\"left_out_to\":"
                        "\"2027-11-25T12:00:00Z\",\"clock_changes\":[],\"lints\":[]}");
}

static void the_first_ones_are_those_to_be_skipped(void **state UNUSED)
{
    struct schedule_spec daily = {.expression = "0 9 * * *", .zone = "UTC"};
    struct task_spec spec = {.schedules = &daily, .schedule_count = 1};
    SCOPED_BUF text = {0};

    skip_count = ARRAY_LEN(two_skips);
    (void)preview_of(&spec, &text);
    skip_count = 0;
    assert_int_equal(count_of(&text, "\"skip\":"), 2);
    assert_has(&text,
               "\"due_at\":\"2026-11-25T09:00:00Z\",\"dst\":\"NONE\",\"skip\":{\"by\":\"anna\"}}");
    assert_has(&text, "\"due_at\":\"2026-11-26T09:00:00Z\",\"dst\":\"NONE\",\"skip\":{}}");
    assert_has(&text, "\"due_at\":\"2026-11-27T09:00:00Z\",\"dst\":\"NONE\"}");
}

static void an_instant_left_out_names_its_calendar(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "0 9 * * *", .zone = "Europe/Berlin"},
                                        {.expression = "0 12 * * MON", .zone = "UTC"}};
    struct calendar_rule day = {"yearly", "12-25"}, weekend = {"weekday", "SAT"};
    struct calendar_spec calendars[] = {
        {"weekend", CALENDAR_EXCLUDE, &weekend, 1},
        {"holidays", CALENDAR_EXCLUDE, &day, 1},
    };
    struct task_spec spec = {.schedules = schedules,
                             .schedule_count = 2,
                             .calendars = calendars,
                             .calendar_count = 2,
                             .jitter_ms = 60000};
    SCOPED_BUF text = {0};

    (void)preview_of(&spec, &text);
    assert_has(
        &text,
        "\"next\":[{\"schedule\":0,\"at\":\"2026-11-25T08:00:00Z\",\"local\":"
        "\"2026-11-25T09:00:00+01:00\",\"zone\":\"Europe/Berlin\",\"due_at\":\"2026-11-25T08:00:");
    assert_has(&text, "{\"schedule\":1,\"at\":\"2026-11-30T12:00:00Z\"");
    assert_has(&text,
               "\"left_out\":[{\"schedule\":0,\"at\":\"2026-11-28T08:00:00Z\",\"local\":"
               "\"2026-11-28T09:00:00+01:00\",\"zone\":\"Europe/Berlin\",\"by\":\"weekend\","
               "\"pointer\":\"/calendars/0\"}");
    assert_has(&text,
               "{\"schedule\":0,\"at\":\"2026-12-25T08:00:00Z\",\"local\":"
               "\"2026-12-25T09:00:00+01:00\",\"zone\":\"Europe/Berlin\",\"by\":\"holidays\","
               "\"pointer\":\"/calendars/1\"}");
    assert_int_equal(count_of(&text, "\"by\":"), PREVIEW_LEFT_OUT_MAX);
    assert_int_equal(count_of(&text, "\"due_at\":"), PREVIEW_NEXT_MAX);
    assert_int_equal(count_of(&text, "\"canonical\":"), 2);
}

static void an_instant_that_another_schedule_has_is_not_left_out(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "0 9 * * *", .zone = "Europe/Berlin"},
                                        {.expression = "0 8 * * *", .zone = "UTC"}};
    struct calendar_rule nine = {"hours", "09:00-10:00"};
    struct calendar_spec calendars[] = {{"nine", CALENDAR_EXCLUDE, &nine, 1}};
    struct task_spec spec = {
        .schedules = schedules, .schedule_count = 2, .calendars = calendars, .calendar_count = 1};
    SCOPED_BUF text = {0};

    (void)preview_of(&spec, &text);
    assert_has(&text, "{\"schedule\":1,\"at\":\"2026-11-25T08:00:00Z\"");
    /* in summer it is 07:00 in UTC */
    assert_has(&text, "\"left_out\":[{\"schedule\":0,\"at\":\"2027-03-28T07:00:00Z\"");
}

static void what_is_over_leaves_out_what_comes(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "* * * * * *", .zone = "UTC"}};
    struct window_spec window = {.until = NOVEMBER + 3 * USEC_PER_SEC};
    struct task_spec spec = {.schedules = schedules, .schedule_count = 1, .window = &window};
    SCOPED_BUF text = {0};

    (void)preview_of(&spec, &text);
    assert_int_equal(count_of(&text, "\"due_at\":"), 2);
    assert_has(
        &text,
        "\"left_out\":[{\"schedule\":0,\"at\":\"2026-11-24T12:00:03Z\",\"local\":"
        "\"2026-11-24T12:00:03+00:00\",\"zone\":\"UTC\",\"by\":\"window\",\"pointer\":\"/window\"}");
    assert_has(&text, "\"left_out_to\":\"2026-11-24T12:00:22Z\"");
}

/* Each second, and a calendar that leaves out nothing for a year: it looks no further than it may, in many steps. */
static void it_looks_at_so_many_and_no_more(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "* * * * * *", .zone = "UTC"}};
    struct calendar_rule day = {"date", "2100-01-01"};
    struct calendar_spec calendars[] = {{"far", CALENDAR_EXCLUDE, &day, 1}};
    struct task_spec spec = {
        .schedules = schedules, .schedule_count = 1, .calendars = calendars, .calendar_count = 1};
    SCOPED_BUF text = {0};

    assert_true(preview_of(&spec, &text) >= PREVIEW_LOOKED_AT_MAX / 100);
    assert_has(&text, "\"left_out\":[],\"left_out_to\":\"2026-11-24T17:33:20Z\"");
}

static void refuses_what_cannot_be_read(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct schedule_spec schedule = {.expression = "61 * * * *"};
    const struct task_spec spec = {.schedules = &schedule, .schedule_count = 1};
    struct preview *p = NULL;
    struct error err = {0};

    assert_int_equal(preview_new(&(struct preview_config){.spec = &spec, .zones = zones}, &p, &err),
                     RC_INVALID);
    assert_string_equal(err.pointer, "/schedules/0/expression");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_without_schedules_has_nothing_to_come),
        cmocka_unit_test(the_first_ones_are_those_to_be_skipped),
        cmocka_unit_test(an_instant_left_out_names_its_calendar),
        cmocka_unit_test(an_instant_that_another_schedule_has_is_not_left_out),
        cmocka_unit_test(what_is_over_leaves_out_what_comes),
        cmocka_unit_test(it_looks_at_so_many_and_no_more),
        cmocka_unit_test(refuses_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
