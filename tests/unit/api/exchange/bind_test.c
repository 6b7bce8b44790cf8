#include "api/exchange/bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/record_json.h"
#include "model/spec.h"

static struct arena *memory;

static int set_up(void **state UNUSED)
{
    memory = arena_new(0);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    arena_free(memory);
    return 0;
}

static void a_spec_is_read_by_its_table(void **state UNUSED)
{
    static const char text[] =
        "{\"key\":\"a\",\"labels\":{\"team\":\"ops\"},\"payload_base64\":\"AP8=\",\"overlap\":\"queue_one\","
        "\"schedules\":[{\"expression\":\"0 9 * * *\",\"zone\":\"Europe/Berlin\",\"dialect\":\"vixie\"},{\"expression\":\"@hourly\"}],"
        "\"window\":{\"from\":\"2026-11-24T13:00:00+01:00\"},\"retry\":{\"max_attempts\":3,\"multiplier\":1.5},"
        "\"run_timeout_ms\":5000,\"title\":null}";
    struct task_spec *spec = NULL;

    assert_int_equal(bind_spec(bytes_of(text), memory, &spec, NULL), RC_OK);
    assert_string_equal(spec->key, "a");
    assert_null(spec->title);
    assert_int_equal(spec->labels.count, 1);
    assert_string_equal(spec->labels.items[0].value, "ops");
    assert_int_equal(spec->payload.len, 2);
    assert_memory_equal(spec->payload.data, "\0\xff", 2);
    assert_int_equal(spec->overlap, OVERLAP_QUEUE_ONE);
    assert_int_equal(spec->schedule_count, 2);
    assert_int_equal(spec->schedules[0].dialect, DIALECT_VIXIE);
    assert_string_equal(spec->schedules[1].expression, "@hourly");
    assert_non_null(spec->window);
    assert_int_equal(spec->window->from, INT64_C(1795521600000000));
    assert_int_equal(spec->retry.max_attempts, 3);
    assert_true(spec->retry.multiplier > 1.4 && spec->retry.multiplier < 1.6);
    assert_int_equal(spec->run_timeout_ms, 5000);
}

static void what_is_written_is_read_back(void **state UNUSED)
{
    static const char text[] =
        "{\"key\":\"a\",\"project\":\"p\",\"payload\":\"hi\",\"labels\":{\"a\":\"b\",\"c\":\"d\"},"
        "\"schedules\":[{\"expression\":\"0 9 * * *\"}],\"window\":{\"daily_from\":\"08:00\"}}";
    struct task_spec *first = NULL, *second = NULL;
    SCOPED_BUF json = {0};
    struct json j = json_into(&json);

    assert_int_equal(bind_spec(bytes_of(text), memory, &first, NULL), RC_OK);
    record_to_json(&j, &task_spec_type, first);
    assert_int_equal(bind_spec(buf_bytes(&json), memory, &second, NULL), RC_OK);
    spec_normalise(first);
    spec_normalise(second);
    assert_true(spec_equal(first, second));
}

static void complaints_have_a_pointer_and_a_way_out(void **state UNUSED)
{
    static const struct {
        const char *text, *pointer, *words, *hint;
    } cases[] = {
        {"[]", "", "an object is expected, not an array", ""},
        {"{\"kye\":\"a\"}", "/kye", "TaskSpec has no field", "did you mean \"key\"?"},
        {"{\"run_timeout\":1}", "/run_timeout", "no field", "did you mean \"run_timeout_ms\"?"},
        {"{\"Run-Timeout-Ms\":1}", "/Run-Timeout-Ms", "no field", "\"run_timeout_ms\"?"},
        {"{\"titel\":\"a\"}", "/titel", "no field", "did you mean \"title\"?"},
        {"{\"zz\":\"a\"}", "/zz", "no field", "docs/http-api.md"},
        {"{\"revision\":1}", "/revision", "TaskSpec has no field", "docs/http-api.md"},
        {"{\"key\":1}", "/key", "a text is expected, not a number", ""},
        {"{\"key\":null}", "/key", "a text is expected, not null", ""},
        {"{\"max_concurrency\":\"1\"}", "/max_concurrency", "a number is expected, not a text", ""},
        {"{\"max_concurrency\":3000000000}", "/max_concurrency",
         "outside -2147483648 to 2147483647", ""},
        {"{\"schedules\":{}}", "/schedules", "an array is expected", ""},
        {"{\"schedules\":[{},{\"zone\":true}]}", "/schedules/1/zone",
         "a text is expected, not true or false", ""},
        {"{\"schedules\":[{\"expresion\":\"\"}]}", "/schedules/0/expresion",
         "Schedule has no field", "did you mean \"expression\"?"},
        {"{\"labels\":{\"a\":1}}", "/labels/a", "a text is expected", ""},
        {"{\"overlap\":\"never\"}", "/overlap", "ALLOW, SKIP", ""},
        {"{\"window\":{\"from\":\"tomorrow\"}}", "/window/from", "tomorrow",
         "2026-11-24T13:00:00Z"},
        {"{\"window\":{\"until\":\"1970-01-01T00:00:00Z\"}}", "/window/until",
         "told from no instant", "leave it out"},
        {"{\"payload_base64\":\"?\"}", "/payload_base64", "base64", ""},
        {"{\"payload\":\"a\",\"payload_base64\":\"YQ==\"}", "/payload_base64", "twice", ""},
        {"{\"key_base64\":\"YQ==\"}", "/key_base64", "no field", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct task_spec *spec = NULL;
        struct error err = {0};

        assert_int_equal(bind_spec(bytes_of(cases[i].text), memory, &spec, &err), RC_INVALID);
        assert_string_equal(err.pointer, cases[i].pointer);
        if (strstr(err.text, cases[i].words) == NULL || strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("%s: %s (%s)", cases[i].text, err.text, err.hint);
        assert_null(spec);
    }
}

static void an_action_may_have_no_body_and_a_reason(void **state UNUSED)
{
    struct resume_task resume = {0};
    const char *reason = NULL;
    struct error err;

    assert_int_equal(bind_action(bytes_of(""), command_body_type(COMMAND_RESUME_TASK), memory,
                                 &resume, &reason, NULL),
                     RC_OK);
    assert_null(reason);
    assert_int_equal(bind_action(bytes_of("{\"gap\":\"last\",\"reason\":\"over\"}"),
                                 command_body_type(COMMAND_RESUME_TASK), memory, &resume, &reason,
                                 NULL),
                     RC_OK);
    assert_int_equal(resume.gap, RESUME_LAST);
    assert_string_equal(reason, "over");
    assert_int_equal(bind_action(bytes_of("{\"until\":1}"), command_body_type(COMMAND_RESUME_TASK),
                                 memory, &resume, &reason, &err),
                     RC_INVALID);
    assert_string_equal(err.pointer, "/until");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_spec_is_read_by_its_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(complaints_have_a_pointer_and_a_way_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_action_may_have_no_body_and_a_reason, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
