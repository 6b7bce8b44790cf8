#include "cli/shared/instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

/* clang-format off */
static const struct read_case {
    const char *text, *instant;
} read_cases[] = { /* now: 2027-03-01T12:00:00Z, on the clock of Berlin */
    {"2027-03-28T02:30:00Z",          "2027-03-28T02:30:00Z"},
    {"2027-03-28T02:30:00.5+02:00",   "2027-03-28T00:30:00.500000Z"},
    {"2027-03-27",                    "2027-03-26T23:00:00Z"},
    {"2027-03-27T02:30",              "2027-03-27T01:30:00Z"},
    {"2027-03-27 02:30:15",           "2027-03-27T01:30:15Z"},
    {"2027-03-27T02",                 "2027-03-27T01:00:00Z"},
    {"2027-03-28T02:30",              "2027-03-28T01:00:00Z"},  /* there is no such time: the end of the gap */
    {"2027-10-31T02:30",              "2027-10-31T00:30:00Z"},  /* the first of two */
    {"-2h",                           "2027-03-01T10:00:00Z"},
    {"+90m",                          "2027-03-01T13:30:00Z"},
    {"",                              NULL},
    {"now",                           NULL},
    {"2027-3-27",                     NULL},
    {"2027-13-27",                    NULL},
    {"2027-02-29",                    NULL},
    {"2027-03-27T2",                  NULL},
    {"2027-03-27T25:00",              NULL},
    {"-",                             NULL},
    {"+2",                            NULL},
    {"+99999999w",                    NULL},
};
/* clang-format on */

static void an_instant_is_read_as_people_type_it(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    struct zone *berlin;
    usec_t now;

    assert_int_equal(zoneset_get(zones, "Europe/Berlin", &berlin, NULL), RC_OK);
    assert_int_equal(rfc3339_parse("2027-03-01T12:00:00Z", &now, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(read_cases); i++) {
        const struct read_case *c = &read_cases[i];
        struct error err = {0};
        char text[RFC3339_TEXT];
        usec_t at = 0;
        enum rc rc = instant_parse(c->text, berlin, now, &at, &err);

        assert_int_equal(rc, c->instant == NULL ? RC_INVALID : RC_OK);
        if (c->instant != NULL)
            assert_string_equal(rfc3339_format(at, text), c->instant);
        else
            assert_true(strlen(err.text) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instant_is_read_as_people_type_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
