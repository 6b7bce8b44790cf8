#include "http/chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text, *body;
    enum rc rc;
} cases[] = {
    {"0\r\n\r\n", "", RC_OK},
    {"3\r\nabc\r\n0\r\n\r\n", "abc", RC_OK},
    {"a\r\n0123456789\r\n001\r\nx\r\n0\r\n\r\n", "0123456789x", RC_OK},
    {"1;name=value\r\nx\r\n0;last\r\nTrailer: a\r\nOther: b\r\n\r\n", "x", RC_OK},
    {"3\r\nab", "ab", RC_RETRY},
    {"0\r\n", "", RC_RETRY},
    {"0x3\r\nabc\r\n0\r\n\r\n", "", RC_INVALID},
    {"+3\r\nabc\r\n0\r\n\r\n", "", RC_INVALID},
    {" 3\r\nabc\r\n", "", RC_INVALID},
    {"\r\nabc\r\n", "", RC_INVALID},
    {"3\nabc\r\n", "", RC_INVALID},
    {"3\r\nabcd\r\n", "abc", RC_INVALID},
    {"3\r\nabc\n0\r\n\r\n", "abc", RC_INVALID},
    {"000000001\r\nx\r\n", "", RC_INVALID},
    {"-1\r\n", "", RC_INVALID},
    {"0\r\nTrailer: a\n\r\n", "", RC_INVALID},
};

/* Fed in pieces of `size` bytes. */
static enum rc decode(const char *text, size_t size, struct buf *out, size_t *used)
{
    struct chunked c = {0};
    enum rc rc = RC_RETRY;

    *used = 0;
    while (rc == RC_RETRY && *used < strlen(text)) {
        size_t took = 0, len = MIN(size, strlen(text) - *used);

        rc = chunked_decode(&c, (struct bytes){text + *used, len}, 1000, out, &took, NULL);
        *used += took;
    }
    return rc;
}

static void a_body_is_the_same_however_it_arrives(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t size = 1; size < 20; size++) {
            SCOPED_BUF out = {0};
            size_t used;

            assert_int_equal(decode(cases[i].text, size, &out, &used), cases[i].rc);
            assert_string_equal(buf_text(&out), cases[i].body);
        }
    }
}

static void what_follows_the_body_is_left_alone(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    size_t used;

    assert_int_equal(decode("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1", 1000, &out, &used), RC_OK);
    assert_int_equal(used, 11);
}

static void a_body_over_the_limit_is_refused(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct chunked c = {0};
    struct error err;
    size_t used;

    assert_int_equal(chunked_decode(&c, bytes_of("ffffffff\r\n1234567890"), 8, &out, &used, &err),
                     RC_CONFLICT);
    assert_non_null(strstr(err.text, "8 bytes"));
    c = (struct chunked){0}; /* at its size: what is announced need not be waited for */
    assert_int_equal(chunked_decode(&c, bytes_of("ffffffff\r"), 8, &out, &used, &err), RC_CONFLICT);
    c = (struct chunked){0};
    assert_int_equal(
        chunked_decode(&c, bytes_of("8;ext\r\n12345678\r\n0\r\n\r\n"), 8, &out, &used, &err),
        RC_OK);
}

static void trailers_without_end_are_refused(void **state UNUSED)
{
    SCOPED_BUF text = {0};
    SCOPED_BUF out = {0};
    size_t used;

    buf_add_text(&text, "0\r\n");
    for (int i = 0; i < 1000; i++)
        buf_add_text(&text, "Name: value\r\n");
    assert_int_equal(decode(text.data, text.len, &out, &used), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_the_same_however_it_arrives),
        cmocka_unit_test(what_follows_the_body_is_left_alone),
        cmocka_unit_test(a_body_over_the_limit_is_refused),
        cmocka_unit_test(trailers_without_end_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
