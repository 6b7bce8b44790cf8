#include "api/resources/days.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/zoneset.h"

static struct zoneset *zones;

static int set_up(void **state UNUSED)
{
    zones = zoneset_new(NULL);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

static const struct {
    const char *zone;
    int year, month, day;
    const char *start;
    int hours; /* of the day */
} cases[] = {
    {"UTC", 2026, 11, 24, "2026-11-24T00:00:00Z", 24},
    {"Europe/Berlin", 2026, 3, 29, "2026-03-28T23:00:00Z", 23},
    {"Europe/Berlin", 2026, 10, 25, "2026-10-24T22:00:00Z", 25},
    {"America/New_York", 2026, 3, 8, "2026-03-08T05:00:00Z", 23},
    {"Asia/Kolkata", 2026, 11, 24, "2026-11-23T18:30:00Z", 24},
    /* there is no midnight: 00:00 is 01:00 */
    {"Asia/Beirut", 2021, 3, 28, "2021-03-27T22:00:00Z", 23},
    {"America/Havana", 2021, 11, 7, "2021-11-07T04:00:00Z", 25}, /* midnight comes twice */
    {"Pacific/Apia", 2011, 12, 30, "2011-12-30T10:00:00Z", 0},   /* the day that was left out */
    {"Pacific/Apia", 2011, 12, 31, "2011-12-30T10:00:00Z", 24},
};

static void days_are_as_long_as_the_clocks_make_them(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t day = civil_to_days(cases[i].year, cases[i].month, cases[i].day);
        char text[RFC3339_TEXT];
        struct zone *zone;
        usec_t start;

        assert_int_equal(zoneset_get(zones, cases[i].zone, &zone, NULL), RC_OK);
        start = day_start(zone, day);
        assert_string_equal(rfc3339_format(start, text), cases[i].start);
        assert_int_equal((day_start(zone, day + 1) - start) / (3600 * USEC_PER_SEC),
                         cases[i].hours);
        if (cases[i].hours == 0)
            continue;
        assert_int_equal(day_of(zone, start), day);
        assert_int_equal(day_of(zone, start - 1), cases[i].zone[0] == 'P' ? day - 2 : day - 1);
        assert_int_equal(day_of(zone, day_start(zone, day + 1) - 1), day);
    }
}

static void a_day_is_written_as_a_date(void **state UNUSED)
{
    char text[16];

    assert_string_equal(day_text(0, text), "1970-01-01");
    assert_string_equal(day_text(civil_to_days(2026, 11, 24), text), "2026-11-24");
    assert_string_equal(day_text(-1, text), "1969-12-31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_as_long_as_the_clocks_make_them),
        cmocka_unit_test(a_day_is_written_as_a_date),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
