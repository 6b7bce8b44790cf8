#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void puts_commas_where_they_belong(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_text(&j, "a", "x");
    json_key(&j, "b");
    json_open_array(&j);
    json_int(&j, 1);
    json_open_object(&j);
    json_close_object(&j);
    json_open_array(&j);
    json_close_array(&j);
    json_put_null(&j);
    json_close_array(&j);
    json_add_bool(&j, "c", true);
    json_add_int(&j, "d", -5);
    json_key(&j, "e");
    json_raw(&j, "[1,2]");
    json_close_object(&j);
    assert_string_equal(buf_text(&out),
                        "{\"a\":\"x\",\"b\":[1,{},[],null],\"c\":true,\"d\":-5,\"e\":[1,2]}");
}

static const struct text_case {
    const char *text;
    size_t len;
    const char *json;
} text_cases[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
    {"\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\""},
    {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
    {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x95\x92\"", 15,
     "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x95\x92\\\"\""},
    {"caf\xe9\n", 5, "\"caf\\\\xe9\\n\""},
    {"\xed\xa0\x80", 3, "\"\\\\xed\\\\xa0\\\\x80\""},
    {"\xff\0\xc3\xa4\0", 5, "\"\\\\xff\\u0000\xc3\xa4\\u0000\""},
};

static void escapes_whatever_a_string_may_not_hold(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
        SCOPED_BUF out = {0};
        struct json j = json_into(&out);

        json_text_of(&j, text_cases[i].text, text_cases[i].len);
        assert_string_equal(buf_text(&out), text_cases[i].json);
    }
}

static void writes_numbers_that_read_back_the_same(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_array(&j);
    json_int(&j, INT64_MIN);
    json_int(&j, INT64_MAX);
    json_int(&j, 0);
    json_double(&j, 0.1);
    json_double(&j, 1.0 / 3);
    json_double(&j, 2);
    json_double(&j, NAN);
    json_double(&j, -INFINITY);
    json_close_array(&j);
    assert_string_equal(buf_text(&out),
                        "[-9223372036854775808,9223372036854775807,0,0.1,"
                        "0.3333333333333333,2,null,null]");
}

static void writes_ids_and_instants_as_text_or_null(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_uuid(&j, "id", CRONOBS_NAMESPACE);
    json_add_uuid(&j, "none", UUID_NIL);
    json_add_instant(&j, "at", 1774747800000001);
    json_add_instant(&j, "never", 0);
    json_key(&j, "wall");
    json_local(&j, 1774747800000000);
    json_add_text(&j, "text", NULL);
    json_close_object(&j);
    assert_string_equal(buf_text(&out),
                        "{\"id\":\"4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11\",\"none\":null,"
                        "\"at\":\"2026-03-29T01:30:00.000001Z\",\"never\":null,"
                        "\"wall\":\"2026-03-29T01:30:00\",\"text\":null}");
}

static void writes_bytes_as_base64(void **state UNUSED)
{
    static const struct {
        const char *bytes, *json;
    } cases[] = {{"", "\"\""},        {"f", "\"Zg==\""},        {"fo", "\"Zm8=\""},
                 {"foo", "\"Zm9v\""}, {"foob", "\"Zm9vYg==\""}, {"\xff\xfe\xfd", "\"//79\""}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED_BUF out = {0};
        struct json j = json_into(&out);

        json_base64(&j, bytes_of(cases[i].bytes));
        assert_string_equal(buf_text(&out), cases[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_commas_where_they_belong),
        cmocka_unit_test(escapes_whatever_a_string_may_not_hold),
        cmocka_unit_test(writes_numbers_that_read_back_the_same),
        cmocka_unit_test(writes_ids_and_instants_as_text_or_null),
        cmocka_unit_test(writes_bytes_as_base64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
