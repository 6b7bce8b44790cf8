/*
 * The time zones of this machine: every name of zone1970.tab can be read, and what is misspelt is hinted at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/schedule.h"

static void reads_every_zone_of_the_table(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new("/usr/share/zoneinfo");
    FILE *table = fopen("/usr/share/zoneinfo/zone1970.tab", "re");
    char line[512], name[ZONE_NAME_MAX];
    int count = 0;

    assert_non_null(table);
    while (fgets(line, sizeof line, table) != NULL) {
        struct zone *z = NULL;
        struct error err = {0};

        if (line[0] == '#' || sscanf(line, "%*[^\t]\t%*[^\t]\t%63[^\t\n]", name) != 1)
            continue;
        if (zoneset_get(set, name, &z, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_string_equal(zone_name(z), name);
        count++;
    }
    (void)fclose(table);
    assert_true(count > 300);
}

static void names_the_nearest_zones(void **state UNUSED)
{
    static const char *const cases[][2] = {
        {"Europe/Berln", "did you mean Europe/Berlin"},
        {"Berlin", "did you mean Europe/Berlin"},
        {"BST", "did you mean EST, HST, MST"}, /* as near as each other */
        {"America/NewYork", "did you mean America/New_York"},
        {"europe/london", "did you mean Europe/London"},
    };
    SCOPED(zoneset) struct zoneset *set = zoneset_new("/usr/share/zoneinfo");

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *z = NULL;
        struct error err = {0};

        assert_int_equal(zoneset_get(set, cases[i][0], &z, &err), RC_INVALID);
        assert_true(text_starts(err.hint, cases[i][1]));
    }
}

static void refuses_files_that_are_no_zones(void **state UNUSED)
{
    static const char *const names[] = {"Europe",    "leapseconds", "tzdata.zi", "right/UTC",
                                        "posix/UTC", "localtime",   "Factory"};
    SCOPED(zoneset) struct zoneset *set = zoneset_new("/usr/share/zoneinfo");

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct zone *z = NULL;

        assert_int_equal(zoneset_get(set, names[i], &z, NULL), RC_INVALID);
    }
}

static void knows_the_release_of_tzdata(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(NULL);
    char text[TZDATA_VERSION_MAX];

    assert_true(text_starts(zoneset_version(set), "20"));
    assert_string_equal(zoneset_version_now(set, text), zoneset_version(set));
}

static void schedules_in_a_zone_of_the_machine(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(NULL);
    struct schedule_options options = {.zone = "Europe/Berlin"};
    SCOPED(schedule) struct schedule *s = NULL;
    struct occurrence o;
    usec_t after = 0, expected = 0;

    assert_int_equal(rfc3339_parse("2026-03-28T12:00:00Z", &after, NULL), RC_OK);
    assert_int_equal(rfc3339_parse("2026-03-29T01:00:00Z", &expected, NULL), RC_OK);
    assert_int_equal(schedule_parse("30 2 * * *", &options, set, NULL, &s, NULL), RC_OK);
    assert_int_equal(schedule_next(s, after, &o), RC_OK);
    assert_true(o.at == expected && o.dst == DST_MOVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_zone_of_the_table),
        cmocka_unit_test(names_the_nearest_zones),
        cmocka_unit_test(refuses_files_that_are_no_zones),
        cmocka_unit_test(knows_the_release_of_tzdata),
        cmocka_unit_test(schedules_in_a_zone_of_the_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
