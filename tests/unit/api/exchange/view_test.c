#include "api/exchange/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_row_shows_what_it_has(void **state UNUSED)
{
    struct execution_row row = {
        .execution_id = CRONOBS_NAMESPACE,
        .scheduled_at = 1795521600000000,
        .nominal_local = 1795525200000000,
        .attempt = 2,
        .status = STATUS_FAILED,
        .trigger = TRIGGER_SCHEDULED,
        .exit_code = {true, 0},
        .labels = "{\"a\":\"b\"}",
        .message = "it \"failed\"",
        .payload = {"\xff\x00", 2},
    };
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    view_object(&j, &execution_type, &row, "task_id cancel_requested contradicted waited");
    assert_string_equal(
        out.data,
        "{\"execution_id\":\"4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11\",\"scheduled_at\":\"2026-11-24T12:00:00Z\","
        "\"trigger\":\"SCHEDULED\",\"nominal_local\":\"2026-11-24T13:00:00\",\"exit_code\":0,\"attempt\":2,"
        "\"status\":\"FAILED\",\"message\":\"it \\\"failed\\\"\",\"labels\":{\"a\":\"b\"},\"payload_base64\":\"/wA=\"}");
}

static void bytes_that_are_text_are_shown_as_text(void **state UNUSED)
{
    struct execution_row row = {.payload = {"hi", 2}};
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    view_object(&j, &execution_type, &row,
                "execution_id task_id attempt status cancel_requested contradicted waited");
    assert_string_equal(out.data, "{\"payload\":\"hi\"}");
}

static void a_local_time_has_its_offset(void **state UNUSED)
{
    static const struct {
        int offset;
        const char *text;
    } cases[] = {
        {0, "{\"local\":\"2026-11-24T12:00:00+00:00\"}"},
        {3600, "{\"local\":\"2026-11-24T13:00:00+01:00\"}"},
        {-12600, "{\"local\":\"2026-11-24T08:30:00-03:30\"}"},
        {20700, "{\"local\":\"2026-11-24T17:45:00+05:45\"}"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED_BUF out = {0};
        struct json j = json_into(&out);

        json_open_object(&j);
        view_local(&j, "local", 1795521600000000, cases[i].offset);
        json_close_object(&j);
        assert_string_equal(out.data, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_shows_what_it_has),
        cmocka_unit_test(bytes_that_are_text_are_shown_as_text),
        cmocka_unit_test(a_local_time_has_its_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
