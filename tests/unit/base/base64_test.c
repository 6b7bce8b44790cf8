#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *plain, *url;
} pairs[] = {
    {"", ""},        {"f", "Zg"},        {"fo", "Zm8"},
    {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff\xfe", "-__-"},
};

static void bytes_go_round(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        SCOPED_BUF out = {0};
        struct bytes back;

        base64url_encode(&out, bytes_of(pairs[i].plain));
        assert_string_equal(buf_text(&out), pairs[i].url);
        assert_int_equal(base64_decode(pairs[i].url, memory, &back, NULL), RC_OK);
        assert_true(bytes_equal(back, (struct bytes){pairs[i].plain, strlen(pairs[i].plain)}));
        assert_non_null(back.data);
    }
}

static void both_alphabets_and_padding_are_read(void **state UNUSED)
{
    static const char *const same[] = {"-__-Zg", "+//+Zg==", "-__-Zg=="};
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        struct bytes back;

        assert_int_equal(base64_decode(same[i], memory, &back, NULL), RC_OK);
        assert_true(bytes_equal(back, bytes_of("\xfb\xff\xfe"
                                               "f")));
    }
}

static void refuses_what_is_not_base64(void **state UNUSED)
{
    static const char *const wrong[] = {
        "Z", "Zg===", "Zm9vY", "Z g=", "Zm9v\n", "Zm=9", "\xc3\xa4gg"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct bytes back = {0};

        if (base64_decode(wrong[i], memory, &back, &err) != RC_INVALID)
            fail_msg("%s", wrong[i]);
        assert_null(back.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_round),
        cmocka_unit_test(both_alphabets_and_padding_are_read),
        cmocka_unit_test(refuses_what_is_not_base64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
