#include "http/json_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct diff_case {
    const char *from, *to, *changes;
} diff_cases[] = {
    {"{}", "{}", "[]"},
    {"{\"a\":1,\"b\":[1,{\"c\":2}]}", "{\"b\":[1,{\"c\":2}],\"a\":1}", "[]"},
    {"{\"jitter_ms\":0}", "{\"jitter_ms\":300000}",
     "[{\"pointer\":\"/jitter_ms\",\"from\":0,\"to\":300000}]"},
    {"{\"a\":1}", "{\"b\":\"\\u00e4\"}",
     "[{\"pointer\":\"/a\",\"from\":1},{\"pointer\":\"/b\",\"to\":\"\xc3\xa4\"}]"},
    {"{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1,\"c\":3}}",
     "[{\"pointer\":\"/a/c\",\"from\":2,\"to\":3}]"},
    {"{\"s\":[{\"x\":1},2]}", "{\"s\":[{\"x\":2}]}",
     "[{\"pointer\":\"/s/0/x\",\"from\":1,\"to\":2},{\"pointer\":\"/s/1\",\"from\":2}]"},
    {"{\"s\":[]}", "{\"s\":[{\"x\":[true]}]}", "[{\"pointer\":\"/s/0\",\"to\":{\"x\":[true]}}]"},
    {"{\"a\":[1]}", "{\"a\":{\"0\":1}}", "[{\"pointer\":\"/a\",\"from\":[1],\"to\":{\"0\":1}}]"},
    {"{\"a\":null}", "{\"a\":false}", "[{\"pointer\":\"/a\",\"from\":null,\"to\":false}]"},
    {"{\"a/b\":1,\"c~d\":1,\"\":1}", "{\"a/b\":2,\"c~d\":1,\"\":2}",
     "[{\"pointer\":\"/a~1b\",\"from\":1,\"to\":2},{\"pointer\":\"/\",\"from\":1,\"to\":2}]"},
    {"{\"a\":1}", "{\"a\":1.5}", "[{\"pointer\":\"/a\",\"from\":1,\"to\":1.5}]"},
    {"[1]", "{}", "[{\"pointer\":\"\",\"from\":[1],\"to\":{}}]"},
};

static void names_what_differs(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(diff_cases); i++) {
        const struct diff_case *c = &diff_cases[i];
        SCOPED(json_doc) struct json_doc *from = NULL;
        SCOPED(json_doc) struct json_doc *to = NULL;
        SCOPED_BUF made = {0};
        struct json j = json_into(&made);

        assert_int_equal(json_doc_parse(bytes_of(c->from), &from, NULL), RC_OK);
        assert_int_equal(json_doc_parse(bytes_of(c->to), &to, NULL), RC_OK);
        json_diff(&j, from, to);
        assert_string_equal(buf_text(&made), c->changes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
