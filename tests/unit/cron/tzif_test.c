/*
 * The corners of TZif files and their rules. (What zones answer: zone_test.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/zone.h"
#include "unit/cron/zones.h"

#define SIXTY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* NULL, and why, when it is refused. */
static struct zone *read_zone(const struct buf *bytes, struct error *err)
{
    struct zone *z = NULL;

    if (zone_parse("Test/Zone", buf_bytes(bytes), &z, err) != RC_OK)
        assert_null(z);
    return z;
}

static void expect_refusal(const struct buf *bytes, const char *why)
{
    SCOPED(text) char *text = xasprintf("could not read time zone 'Test/Zone': %s", why);
    struct error err = {0};

    assert_null(read_zone(bytes, &err));
    assert_string_equal(err.text, text);
}

static void refuses_what_is_no_rule(void **state UNUSED)
{
    static const char *const rules[] = {
        "AAA12345",
        "AAA5:00:60",
        "AAA5:00:",
        "AAA0BBB-",
        "AAA0BB,M3.1.0,M10.1.0",
        "AAA0BBB;M3.1.0,M10.1.0",
        "AAA0BBB-1;M3.1.0,M10.1.0",
        "AAA0BBB,M3,M10.1.0",
        "AAA0BBB,M3.1,M10.1.0",
        "AAA0BBB,M3.x.0,M10.1.0",
        "AAA0BBB,M3.1.0;M10.1.0",
        "AAA0BBB,M3.1.0,",
        "AAA0BBB,M3.1.0,M10.1.0/",
        "<AAA;>0",
    };

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        const struct test_zone t = {"Test/Zone", 0, {{0}}, rules[i]};
        SCOPED(text) char *why = xasprintf("the rule '%s' is not one of RFC 9636", rules[i]);
        SCOPED_BUF bytes = {0};

        add_tzif(&bytes, &t);
        expect_refusal(&bytes, why);
    }
}

static void shows_the_start_of_a_long_rule(void **state UNUSED)
{
    const struct test_zone t = {"Test/Zone", 0, {{0}}, SIXTY_A "AAA"};
    SCOPED_BUF bytes = {0};

    add_tzif(&bytes, &t);
    expect_refusal(&bytes, "the rule '" SIXTY_A "' is not one of RFC 9636");
}

static void reads_the_corners_of_rules(void **state UNUSED)
{
    static const struct {
        const char *rule, *at;
        int offset;
    } cases[] = {
        {"AAA+5", "2026-01-01T00:00:00Z", -18000},
        {"AAA-5:00:30", "2026-01-01T00:00:00Z", 18030},
        /* 28 February and 1 March: the 59th and the 60th of every year that J counts. */
        {"AAA0BBB,J59/0,J60/1", "2024-02-28T00:00:00Z", 3600},
        {"AAA0BBB,J59/0,J60/1", "2024-02-29T23:59:59Z", 3600},
        {"AAA0BBB,J59/0,J60/1", "2024-03-01T00:00:00Z", 0},
        {"AAA0BBB,J59/0,J60/1", "2025-02-27T23:59:59Z", 0},
        {"AAA0BBB,J59/0,J60/1", "2025-02-28T00:00:00Z", 3600},
        {"AAA0BBB,J59/0,J60/1", "2025-03-01T00:00:00Z", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct test_zone t = {"Test/Zone", 0, {{0}}, cases[i].rule};
        SCOPED_BUF bytes = {0};
        SCOPED(zone) struct zone *z = NULL;

        add_tzif(&bytes, &t);
        z = read_zone(&bytes, NULL);
        assert_non_null(z);
        assert_int_equal(zone_offset_at(z, instant(cases[i].at)), cases[i].offset);
    }
}

static void refuses_more_than_256_types_of_local_time(void **state UNUSED)
{
    enum { TYPES = 257 };
    SCOPED_BUF bytes = {0};

    add_header(&bytes, '2', 0, 1);
    buf_add(&bytes, "\0\0\0\0\0\0LMT", 10);
    add_header(&bytes, '2', 0, TYPES);
    add_be(&bytes, 0, 6);
    for (int i = 1; i < TYPES; i++)
        add_be(&bytes, 0, 6);
    buf_add(&bytes, "LMT\0\nUTC0\n", 10);
    expect_refusal(&bytes, "257 types of local time, 1-256 are allowed");
}

static void refuses_changes_that_go_back_or_too_far(void **state UNUSED)
{
    static const struct test_change changes[][2] = {
        {{2000, 3600}, {1000, 0}},
        {{2000, 3600}, {2000, 0}},
        {{2000, 3600}, {INT64_C(1) << 41, 0}},
    };

    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        const struct test_zone t = {"Test/Zone", 0, {changes[i][0], changes[i][1]}, "UTC0"};
        SCOPED_BUF bytes = {0};

        add_tzif(&bytes, &t);
        expect_refusal(&bytes, "its changes are not in order");
    }
}

static void needs_the_rule_between_line_feeds(void **state UNUSED)
{
    static const char *const endings[] = {"\n", "UTC0\n", "\nUTC0", ""};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        const struct test_zone t = {"Test/Zone", 0, {{0}}, ""};
        SCOPED_BUF bytes = {0};

        add_tzif(&bytes, &t);
        bytes.len -= 2;
        buf_add_text(&bytes, endings[i]);
        expect_refusal(&bytes, "cut short");
    }
}

static void finds_spans_outside_the_years_that_are_indexed(void **state UNUSED)
{
    const int64_t late = INT64_C(7300000000); /* in 2201 */
    const struct test_zone t = {
        "Test/Zone",
        0,
        {{-2000000000, 3600}, {-1000000000, 7200}, {late, 3600}, {late + 1000, 0}},
        "AAA0"};
    static const struct {
        int64_t second;
        int offset;
    } cases[] = {
        {-2000000001, 0},
        {-2000000000, 3600},
        {-1000000000, 7200},
        {-1, 7200},
        {0, 7200},
        {INT64_C(7299999999), 7200},
        {INT64_C(7300000000), 3600},
        {INT64_C(7300001000), 0},
        {INT64_C(9000000000), 0},
    };
    SCOPED_BUF bytes = {0};
    SCOPED(zone) struct zone *z = NULL;

    add_tzif(&bytes, &t);
    z = read_zone(&bytes, NULL);
    assert_non_null(z);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(zone_offset_at(z, cases[i].second * USEC_PER_SEC), cases[i].offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_rule),
        cmocka_unit_test(shows_the_start_of_a_long_rule),
        cmocka_unit_test(reads_the_corners_of_rules),
        cmocka_unit_test(refuses_more_than_256_types_of_local_time),
        cmocka_unit_test(refuses_changes_that_go_back_or_too_far),
        cmocka_unit_test(needs_the_rule_between_line_feeds),
        cmocka_unit_test(finds_spans_outside_the_years_that_are_indexed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
