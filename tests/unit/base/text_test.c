/* rfc3339, utf8, buf and arena: what turns into text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

static void instants_are_read_and_written(void **state UNUSED)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"},
        {"2026-03-29t02:30:00.5z", "2026-03-29T02:30:00.500000Z"},
        {"2026-03-29 02:30:00.123456789-05:30", "2026-03-29T08:00:00.123456Z"},
        {"2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    };
    char text[RFC3339_TEXT];
    usec_t t = 0;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(rfc3339_parse(cases[i].in, &t, NULL), RC_OK);
        assert_string_equal(rfc3339_format(t, text), cases[i].out);
    }
}

static void formats_instants_on_another_clock(void **state UNUSED)
{
    static const struct {
        int offset;
        const char *text;
    } cases[] = {
        {0, "2026-03-29T00:30:00.250000+00:00"},        {3600, "2026-03-29T01:30:00.250000+01:00"},
        {-12600, "2026-03-28T21:00:00.250000-03:30"},   {20700, "2026-03-29T06:15:00.250000+05:45"},
        {-2670, "2026-03-28T23:45:30.250000-00:44:30"},
    };
    char text[RFC3339_TEXT];
    usec_t t = 0;

    assert_int_equal(rfc3339_parse("2026-03-29T00:30:00.25Z", &t, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(rfc3339_format_local(t, cases[i].offset, text), cases[i].text);
}

static void refuses_what_is_no_instant(void **state UNUSED)
{
    static const char *const wrong[] = {"",
                                        "now",
                                        "2026-03-29",
                                        "2026-03-29T02:30Z",
                                        "2026-03-29T02:30:00",
                                        "2026-02-29T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-01-01T24:00:00Z",
                                        "2026-01-01T00:00:60Z",
                                        "2026-01-01T00:00:00+24:00",
                                        "2026-01-01T00:00:00Zx",
                                        "2026-01-01T00:00:00.Z",
                                        "2026-01-01T00:00:00.1234567890Z",
                                        "0000-01-01T00:00:00Z"};
    usec_t t = 7;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(rfc3339_parse(wrong[i], &t, NULL), RC_INVALID);
    assert_int_equal(t, 7);
}

static void days_and_dates_agree_for_eight_centuries(void **state UNUSED)
{
    int year, month, day;

    for (int64_t days = -150000; days < 150000; days++) {
        civil_from_days(days, &year, &month, &day);
        assert_int_equal(civil_to_days(year, month, day), days);
    }
}

static void the_beginning_of_a_character_is_told_from_the_rest(void **state UNUSED)
{
    static const struct {
        const char *in;
        size_t len;
        size_t first, whole; /* length of its first character; without a last one that is cut off */
    } cases[] = {
        {"", 0, 0, 0},
        {"a", 1, 1, 1},
        {"\0", 1, 0, 1},
        {"\xc3\xa9", 2, 2, 2},
        {"\xc3", 1, 0, 0},
        {"a\xe2\x82", 3, 1, 1},
        {"\xe2\x82\xac", 3, 3, 3},
        {"\xf0\x9f\x98", 3, 0, 0},
        {"\xf0\x9f\x98\x80", 4, 4, 4},
        {"\xff", 1, 0, 1},
        {"\xc1", 1, 0, 1},
        {"\xf5", 1, 0, 1},
        {"\xe0\x9f", 2, 0, 2},
        {"\xed\xa0", 2, 0, 2},
        {"\xf4\x90", 2, 0, 2},
        {"\xf4\x8f", 2, 0, 0},
        {"\x80\x80\x80", 3, 0, 3},
        {"\xe2\x28", 2, 0, 2},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(utf8_char(cases[i].in, cases[i].len), cases[i].first);
        assert_int_equal(utf8_whole(cases[i].in, cases[i].len), cases[i].whole);
    }
}

static void foreign_text_is_kept_escaped(void **state UNUSED)
{
    static const struct {
        const char *in;
        size_t len;
        const char *out; /* NULL: clean as it is */
    } cases[] = {
        {"plain", 5, NULL},
        {"", 0, NULL},
        {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11, NULL},
        {"a\0b", 3, "a\\x00b"},
        {"\xff", 1, "\\xff"},
        {"\xc3", 1, "\\xc3"},
        {"\xc0\x80", 2, "\\xc0\\x80"},
        {"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},
        {"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"},
        {"\xe0\x9f\xbf", 3, "\\xe0\\x9f\\xbf"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED_BUF out = {0};

        assert_int_equal(utf8_is_clean(cases[i].in, cases[i].len), cases[i].out == NULL);
        utf8_escape(&out, cases[i].in, cases[i].len);
        assert_string_equal(buf_text(&out), cases[i].out == NULL ? cases[i].in : cases[i].out);
    }
}

static void a_buffer_grows_and_is_given_away(void **state UNUSED)
{
    SCOPED_BUF b = {0};
    SCOPED(text) char *text = NULL;

    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i);
    buf_add_char(&b, '.');
    assert_int_equal(b.len, strlen(b.data));
    text = buf_take(&b);
    assert_true(text_starts(text, "0,1,2,"));
    assert_string_equal(buf_text(&b), "");
}

static void an_arena_keeps_to_its_budget(void **state UNUSED)
{
    SCOPED(arena) struct arena *a = arena_new(1000);

    assert_non_null(arena_alloc(a, 500));
    assert_null(arena_alloc(a, 600));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_non_null(arena_alloc(a, 400));
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    assert_string_equal(arena_printf(a, "%s-%d", "x", 5), "x-5");
}

static void an_arena_gives_zeroed_aligned_memory(void **state UNUSED)
{
    SCOPED(arena) struct arena *a = arena_new(0);

    for (int round = 0; round < 3; round++, arena_reset(a)) {
        for (size_t size = 1; size < 20000; size = size * 2 + 1) {
            char *p = arena_alloc(a, size);

            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xaa, size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read_and_written),
        cmocka_unit_test(formats_instants_on_another_clock),
        cmocka_unit_test(refuses_what_is_no_instant),
        cmocka_unit_test(days_and_dates_agree_for_eight_centuries),
        cmocka_unit_test(the_beginning_of_a_character_is_told_from_the_rest),
        cmocka_unit_test(foreign_text_is_kept_escaped),
        cmocka_unit_test(a_buffer_grows_and_is_given_away),
        cmocka_unit_test(an_arena_keeps_to_its_budget),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
