/* Old names of zones: the table can be searched, ends somewhere, and holds names that tasks may bear. */
#include "cron/zone_links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cron/zone.h"

static void knows_the_zone_behind_a_name(void **state UNUSED)
{
    static const char *const cases[][2] = {
        {"US/Eastern", "America/New_York"}, {"Japan", "Asia/Tokyo"}, {"GB", "Europe/London"},
        {"Africa/Asmera", "Africa/Asmara"}, {"Zulu", "Etc/UTC"},     {"Europe/Kiev", "Europe/Kyiv"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(zone_link_target(cases[i][0]), cases[i][1]);
}

static void knows_no_zone_behind_other_names(void **state UNUSED)
{
    static const char *const names[] = {"Europe/Berlin", "us/eastern", "", "US",
                                        "US/Easter",     "US/Eastern/"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_null(zone_link_target(names[i]));
}

static void every_chain_ends(void **state UNUSED)
{
    const char *before = "", *name;

    for (size_t i = 0; (name = zone_link_name(i)) != NULL; before = name, i++) {
        const char *at = zone_link_target(name);
        int steps = 0;

        assert_true(strcmp(before, name) < 0 && zone_name_is_valid(name));
        for (; at != NULL && steps < 3; at = zone_link_target(at), steps++)
            assert_true(zone_name_is_valid(at));
        assert_null(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_zone_behind_a_name),
        cmocka_unit_test(knows_no_zone_behind_other_names),
        cmocka_unit_test(every_chain_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
