#include "cron/zoneset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/cron/zones.h"

static void has_utc_without_a_directory(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new("");
    struct zone *z = NULL;
    char text[TZDATA_VERSION_MAX];
    size_t count = 0;

    assert_string_equal(zoneset_names(set, &count)[0], "UTC");
    assert_int_equal(count, 1);
    assert_int_equal(zoneset_get(set, "UTC", &z, NULL), RC_OK);
    assert_string_equal(zone_name(z), "UTC");
    assert_int_equal(zone_offset_at(z, 0), 0);
    assert_string_equal(zoneset_version(set), "unknown");
    assert_string_equal(zoneset_version_now(set, text), "unknown");
}

static void answers_the_same_zone_twice(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = test_zoneset();

    for (size_t i = 0; i < ARRAY_LEN(test_zones); i++) {
        struct zone *a = NULL, *b = NULL;

        assert_int_equal(zoneset_get(set, test_zones[i].name, &a, NULL), RC_OK);
        assert_int_equal(zoneset_get(set, test_zones[i].name, &b, NULL), RC_OK);
        assert_ptr_equal(a, b);
        assert_string_equal(zone_name(a), test_zones[i].name);
    }
}

static void refuses_an_unknown_zone(void **state UNUSED)
{
    static const char *const names[] = {"Europe/Nowhere", "", "../../etc/passwd", "localtime"};
    SCOPED(zoneset) struct zoneset *set = zoneset_new("");

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        SCOPED(text) char *text = xasprintf("unknown time zone '%s'", names[i]);
        struct zone *z = NULL;
        struct error err = {0};

        assert_int_equal(zoneset_get(set, names[i], &z, &err), RC_INVALID);
        assert_string_equal(err.text, text);
        assert_int_equal(zoneset_get(set, names[i], &z, NULL), RC_INVALID);
        assert_null(z);
    }
}

static const struct offset_case {
    const char *name, *hint; /* "": none, with no directory in which another is near */
} offset_cases[] = {
    {"+02:00", "Etc/GMT-2 is 2 h ahead of UTC"},
    {"+2", "Etc/GMT-2 is 2 h ahead of UTC"},
    {"-0500", "Etc/GMT+5 is 5 h behind UTC"},
    {"UTC-5", "Etc/GMT+5 is 5 h behind UTC"},
    {"GMT+12", "Etc/GMT-12 is 12 h ahead of UTC"},
    {"+05:30", ""},
    {"+0530", ""},
    {"+13", ""},
    {"+", ""},
    {"+x", ""},
    {"*2", ""},
};

static void the_zone_of_an_offset_is_told(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new("");

    for (size_t i = 0; i < ARRAY_LEN(offset_cases); i++) {
        struct error err = {0};
        struct zone *z = NULL;

        assert_int_equal(zoneset_get(set, offset_cases[i].name, &z, &err), RC_INVALID);
        assert_string_equal(err.hint, offset_cases[i].hint);
    }
}

static void puts_a_zone_in_the_place_of_another(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new("");
    SCOPED(zone) struct zone *utc = zone_utc();
    struct zone *before = NULL, *after = NULL;

    assert_int_equal(zoneset_get(set, "UTC", &before, NULL), RC_OK);
    SCOPED(zone) struct zone *kept = zone_ref(before);
    zoneset_add(set, utc);
    assert_int_equal(zoneset_get(set, "UTC", &after, NULL), RC_OK);
    assert_ptr_equal(after, utc);
    assert_string_equal(zone_name(kept), "UTC");
}

static void lasts_as_long_as_anybody_holds_it(void **state UNUSED)
{
    struct zoneset *set = zoneset_new("");
    SCOPED(zoneset) struct zoneset *held = zoneset_ref(set);
    struct zone *utc = NULL;

    assert_ptr_equal(held, set);
    zoneset_free(set);
    assert_int_equal(zoneset_get(held, "UTC", &utc, NULL), RC_OK);
    assert_string_equal(zone_name(utc), "UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_utc_without_a_directory),
        cmocka_unit_test(answers_the_same_zone_twice),
        cmocka_unit_test(refuses_an_unknown_zone),
        cmocka_unit_test(the_zone_of_an_offset_is_told),
        cmocka_unit_test(puts_a_zone_in_the_place_of_another),
        cmocka_unit_test(lasts_as_long_as_anybody_holds_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
