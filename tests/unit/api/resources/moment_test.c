#include "api/resources/moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/zoneset.h"

static const struct moment_case {
    const char *text, *first, *second; /* second NULL: there is one */
    usec_t span;
    bool is_in_gap;
} cases[] = {
    {"2026-11-29T14:20:00+01:00", "2026-11-29T13:20:00Z", NULL, USEC_PER_SEC, false},
    {"2026-11-29T13:20:00Z", "2026-11-29T13:20:00Z", NULL, USEC_PER_SEC, false},
    {"2026-11-29T13:20:00.1234567Z", "2026-11-29T13:20:00.123000Z", NULL, USEC_PER_MS, false},
    {"2026-11-29T14:20", "2026-11-29T13:20:00Z", NULL, USEC_PER_MIN, false},
    {"2026-11-29 14:20:05", "2026-11-29T13:20:05Z", NULL, USEC_PER_SEC, false},
    {"2026-11-29", "2026-11-28T23:00:00Z", NULL, USEC_PER_DAY, false},
    {"2026-03-29T02:30", "2026-03-29T01:00:00Z", NULL, USEC_PER_SEC, true},
    {"2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", USEC_PER_MIN, false},
};

static void reads_what_people_write(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct zone *berlin;
    char text[RFC3339_TEXT];

    assert_int_equal(zoneset_get(zones, "Europe/Berlin", &berlin, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct moment m;

        assert_int_equal(moment_parse(cases[i].text, berlin, &m, NULL), RC_OK);
        assert_string_equal(rfc3339_format(m.at[0], text), cases[i].first);
        assert_int_equal(m.count, cases[i].second != NULL ? 2 : 1);
        if (cases[i].second != NULL)
            assert_string_equal(rfc3339_format(m.at[1], text), cases[i].second);
        assert_int_equal(m.span, cases[i].span);
        assert_int_equal(m.is_in_gap, cases[i].is_in_gap);
    }
}

static void refuses_anything_else(void **state UNUSED)
{
    static const char *const bad[] = {
        "", "noon", "2026-11-29T14", "2026-13-29T14:20", "2026-11-29T14:20:00+1", "14:20"};
    SCOPED(zone) struct zone *utc = zone_utc();

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        struct moment m;

        assert_int_equal(moment_parse(bad[i], utc, &m, &err), RC_INVALID);
        assert_true(err.hint[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(refuses_anything_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
