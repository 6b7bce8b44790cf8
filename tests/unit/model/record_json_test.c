#include "model/record_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_json(enum record_kind kind, const void *record, const char *json)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    record_to_json(&j, record_type_of(kind), record);
    assert_string_equal(buf_text(&out), json);
}

static void leaves_out_what_is_absent(void **state UNUSED)
{
    struct execution_status status = {.attempt = 1, .occurred_at = 1000000};

    status.event_id.b[15] = 1;
    expect_json(RECORD_EXECUTION_STATUS, &status,
                "{\"event_id\":\"00000000-0000-0000-0000-000000000001\",\"execution_id\":null,"
                "\"task_id\":null,\"attempt\":1,\"status\":\"PENDING\",\"if_unclaimed\":false,"
                "\"reason\":\"NONE\",\"occurred_at\":\"1970-01-01T00:00:01Z\"}");
}

static void writes_optional_fields_that_are_there(void **state UNUSED)
{
    struct worker_ref worker = {"w", {{0}}};
    struct execution_status status = {.attempt = 1,
                                      .status = STATUS_FAILED,
                                      .reason = REASON_EXIT_CODE,
                                      .worker = &worker,
                                      .exit_code = {true, 0},
                                      .result = {"\0\1", 2},
                                      .trigger = TRIGGER_MANUAL,
                                      .revision = 3};

    expect_json(
        RECORD_EXECUTION_STATUS, &status,
        "{\"event_id\":null,\"execution_id\":null,\"task_id\":null,\"attempt\":1,"
        "\"status\":\"FAILED\",\"if_unclaimed\":false,\"reason\":\"EXIT_CODE\","
        "\"occurred_at\":null,\"worker\":{\"name\":\"w\",\"incarnation\":null},"
        "\"exit_code\":0,\"result_base64\":\"AAE=\",\"trigger\":\"MANUAL\",\"revision\":3}");
}

static void writes_text_payloads_as_text(void **state UNUSED)
{
    struct command command = {.actor = "me", .kind = COMMAND_TRIGGER_TASK};
    static const struct {
        struct bytes payload;
        const char *json;
    } cases[] = {
        {{NULL, 0}, ""},
        {{"", 0}, "\"payload\":\"\","},
        {{"{\"a\":1}", 7}, "\"payload\":\"{\\\"a\\\":1}\","},
        {{"\xff", 1}, "\"payload_base64\":\"/w==\","},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(text)
        char *json = xasprintf(
            "{\"command_id\":null,\"task_id\":null,\"actor\":\"me\",\"kind\":\"TRIGGER_TASK\","
            "\"body\":{%s\"ignore_overlap\":false}}",
            cases[i].json);

        command.body.trigger_task.payload = cases[i].payload;
        expect_json(RECORD_COMMAND, &command, json);
    }
}

static void writes_what_lies_inside(void **state UNUSED)
{
    struct pair labels[] = {{"team", "a\"b"}, {"zone", ""}};
    struct log_line lines[] = {{.at = 1, .message = "a\0b", .message_len = 3}};
    struct log_mark marks[] = {{.line = 1, .unfinished = true}};
    struct log_batch batch = {
        .first_seq = 1, .lines = lines, .line_count = 1, .marks = marks, .mark_count = 1};
    struct execution_created created = {
        .task_key = "k", .nominal_local = 1000000, .run_timeout_ms = 5, .labels = {labels, 2}};

    expect_json(RECORD_LOG_BATCH, &batch,
                "{\"execution_id\":null,\"task_id\":null,\"attempt\":0,\"writer\":null,"
                "\"first_seq\":1,\"lines\":[{\"at\":\"1970-01-01T00:00:00.000001Z\","
                "\"level\":\"INFO\",\"stream\":\"LOG\",\"message\":\"a\\u0000b\"}],"
                "\"marks\":[{\"line\":1,\"unfinished\":true,\"escaped\":false}]}");
    expect_json(
        RECORD_EXECUTION_CREATED, &created,
        "{\"execution_id\":null,\"task_id\":null,\"task_key\":\"k\",\"project\":\"\","
        "\"revision\":0,\"attempt\":0,\"max_attempts\":0,\"trigger\":\"UNKNOWN\","
        "\"scheduled_at\":null,\"due_at\":null,\"nominal_local\":\"1970-01-01T00:00:01\","
        "\"dst\":\"NONE\",\"run_timeout_ms\":5,\"status_partition\":0,"
        "\"labels\":{\"team\":\"a\\\"b\",\"zone\":\"\"},\"status_from\":0,\"waited\":false}");
}

static void writes_a_whole_task(void **state UNUSED)
{
    struct schedule_spec schedule = {.expression = "@daily", .zone = "UTC"};
    struct window_spec window = {.daily_from = "08:00"};
    struct command command = {.kind = COMMAND_PUT_TASK, .actor = "me"};
    struct task_spec *spec = &command.body.put_task.spec;
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    *spec = (struct task_spec){.key = "k",
                               .schedules = &schedule,
                               .schedule_count = 1,
                               .window = &window,
                               .retry = {.max_attempts = 1, .multiplier = 1.5}};
    record_to_json(&j, &task_spec_type, spec);
    assert_string_equal(
        buf_text(&out),
        "{\"key\":\"k\",\"project\":\"\",\"labels\":{},\"queue\":\"\",\"schedules\":["
        "{\"expression\":\"@daily\",\"zone\":\"UTC\",\"dialect\":\"AUTO\","
        "\"dst_gap\":\"RUN_AFTER\",\"dst_overlap\":\"FIRST\"}],\"calendars\":[],"
        "\"window\":{\"daily_from\":\"08:00\"},\"jitter_ms\":0,\"misfire\":{\"policy\":\"LAST\","
        "\"after_ms\":0,\"window_ms\":0,\"limit\":0},\"overlap\":\"ALLOW\",\"max_concurrency\":0,"
        "\"retry\":{\"max_attempts\":1,\"first_delay_ms\":0,\"max_delay_ms\":0,\"jitter_ms\":0,"
        "\"multiplier\":1.5}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_what_is_absent),
        cmocka_unit_test(writes_optional_fields_that_are_there),
        cmocka_unit_test(writes_text_payloads_as_text),
        cmocka_unit_test(writes_what_lies_inside),
        cmocka_unit_test(writes_a_whole_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
