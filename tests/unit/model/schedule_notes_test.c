#include "model/schedule_notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "unit/cron/zones.h"

static const usec_t NOVEMBER = INT64_C(1795521600) * USEC_PER_SEC; /* 2026-11-24T12:00:00Z */

static const char *notes_of(struct schedule_spec *schedules, size_t count, struct buf *text)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct json j = json_into(text);

    json_open_object(&j);
    schedule_notes_put(
        &j,
        &(struct task_spec){
            .key = "a", .project = "default", .schedules = schedules, .schedule_count = count},
        zones, 0, NOVEMBER);
    json_close_object(&j);
    return buf_text(text);
}

/* Behind the lints of its schedules. */
static void tells_what_follows_and_is_not_there(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct then_spec then[] = {{"dwh", "load", 0}, {"ops", "aldrm", 0}};
    struct schedule_spec schedule = {.expression = "5/15 * * * *"};
    SCOPED_BUF text = {0};
    struct json j = json_into(&text);

    json_open_object(&j);
    schedule_notes_put(&j,
                       &(struct task_spec){.key = "a",
                                           .project = "dwh",
                                           .schedules = &schedule,
                                           .schedule_count = 1,
                                           .then = then,
                                           .then_count = 2},
                       zones, 2, NOVEMBER);
    json_close_object(&j);
    assert_non_null(strstr(
        buf_text(&text),
        "},{\"pointer\":\"/then/1/task\",\"code\":\"NO_SUCH_TASK\",\"text\":\"there is no task "
        "ops~aldrm yet: until there is, it is not set off\"}]}"));
    assert_null(strstr(buf_text(&text), "/then/0"));
}

static void tells_the_clock_changes_of_each_schedule(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "0 12 * * *", .zone = "Europe/Berlin"},
                                        {.expression = "30 2 * * *", .zone = "Europe/Berlin"}};
    SCOPED_BUF text = {0};

    assert_string_equal(
        notes_of(schedules, 2, &text),
        "{\"clock_changes\":[{\"schedule\":1,\"at\":\"2027-03-28T01:00:00Z\",\"text\":\"2027-03-28: "
        "02:30 does not exist, runs at 03:00\"},{\"schedule\":1,\"at\":\"2027-10-31T01:00:00Z\","
        "\"text\":\"2027-10-31: 02:30 comes twice, runs the first time\"}],\"lints\":[]}");
}

static void tells_the_lints_of_each_schedule(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "0 12 * * *"},
                                        {.expression = "5/15 * * * *"}};
    SCOPED_BUF text = {0};

    assert_non_null(
        strstr(notes_of(schedules, 2, &text),
               "\"lints\":[{\"schedule\":1,\"code\":\"STEP_FROM_VALUE\",\"column\":1,"));
}

static void has_nothing_to_say_of_a_task_without_schedules(void **state UNUSED)
{
    SCOPED_BUF text = {0};

    assert_string_equal(notes_of(NULL, 0, &text), "{\"clock_changes\":[],\"lints\":[]}");
}

static void stops_at_its_limit(void **state UNUSED)
{
    struct schedule_spec schedules[120];
    SCOPED_BUF text = {0};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(schedules); i++)
        schedules[i] = (struct schedule_spec){.expression = "2/7 2 * * *", .zone = "Europe/Berlin"};
    for (const char *at = notes_of(schedules, 120, &text);
         (at = strstr(at, "\"schedule\":")) != NULL; at++)
        count++;
    assert_int_equal(count, 2 * SCHEDULE_NOTES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_clock_changes_of_each_schedule),
        cmocka_unit_test(tells_the_lints_of_each_schedule),
        cmocka_unit_test(has_nothing_to_say_of_a_task_without_schedules),
        cmocka_unit_test(tells_what_follows_and_is_not_there),
        cmocka_unit_test(stops_at_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
