#include "http/json_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* RFC 7396, appendix A, as far as both are objects; and what it says of arrays, nulls and objects that were none. */
static const struct merge_case {
    const char *target, *patch, *result;
} merge_cases[] = {
    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
    {"{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}"},
    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    {"{\"a\":1}", "{\"a\":{\"b\":null,\"c\":2}}", "{\"a\":{\"c\":2}}"},
    {"{\"a\":1}", "{\"a\":[null,{\"b\":null}]}", "{\"a\":[null,{\"b\":null}]}"},
    {"{\"a\":1}", "{}", "{\"a\":1}"},
    /* two spellings of one member */
    {"{\"p\":\"x\"}", "{\"p_base64\":\"AA==\"}", "{\"p_base64\":\"AA==\"}"},
    {"{\"p_base64\":\"AA==\"}", "{\"p\":\"x\"}", "{\"p\":\"x\"}"},
    {"{\"p_base64\":\"AA==\"}", "{\"p\":null}", "{}"},
    {"{\"p\":\"x\"}", "{\"p_base64\":null}", "{}"},
    {"{\"p\":\"x\"}", "{\"p\":\"y\",\"p_base64\":\"AA==\"}", "{\"p\":\"y\",\"p_base64\":\"AA==\"}"},
    {"{\"p\":\"x\"}", "{\"p\":null,\"p_base64\":\"AA==\"}", "{\"p_base64\":\"AA==\"}"},
    /* further in they are two: a label may be called so */
    {"{\"o\":{\"p\":\"x\"}}", "{\"o\":{\"p_base64\":\"y\"}}",
     "{\"o\":{\"p\":\"x\",\"p_base64\":\"y\"}}"},
    {"{\"o\":{\"p_base64\":\"x\"}}", "{\"o\":{\"p\":null}}", "{\"o\":{\"p_base64\":\"x\"}}"},
};

static void merges_as_the_rfc_says(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(merge_cases); i++) {
        const struct merge_case *c = &merge_cases[i];
        SCOPED_BUF made = {0};
        struct error err = {0};

        assert_int_equal(
            json_merge(bytes_of(c->target), bytes_of(c->patch), "_base64", &made, &err), RC_OK);
        assert_string_equal(buf_text(&made), c->result);
    }
}

static void refuses_what_is_no_patch(void **state UNUSED)
{
    static const char *const wrong[] = {"", "[1]", "null", "1", "{", "{\"a\":1,\"a\":2}"};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        SCOPED_BUF made = {0};
        struct error err = {0};

        assert_int_equal(json_merge(bytes_of("{}"), bytes_of(wrong[i]), NULL, &made, &err),
                         RC_INVALID);
        assert_int_equal(made.len, 0);
    }
}

static void one_document_has_one_spelling(void **state UNUSED)
{
    SCOPED_BUF a = {0};
    SCOPED_BUF b = {0};

    assert_int_equal(json_canonical(bytes_of(" {\"b\": [1, 2.5],\n\"a\": \"\\u00e4\"}"), &a, NULL),
                     RC_OK);
    assert_int_equal(json_canonical(bytes_of("{\"a\":\"\xc3\xa4\",\"b\":[1,2.5]}"), &b, NULL),
                     RC_OK);
    assert_string_equal(buf_text(&a), buf_text(&b));
    assert_int_equal(json_canonical(bytes_of("{"), &b, NULL), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_as_the_rfc_says),
        cmocka_unit_test(refuses_what_is_no_patch),
        cmocka_unit_test(one_document_has_one_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
