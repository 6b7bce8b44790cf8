#include "cron/tz_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WINTER (INT64_C(1768478400) * USEC_PER_SEC) /* 2026-01-15T12:00:00Z */
#define SUMMER (INT64_C(1784116800) * USEC_PER_SEC) /* 2026-07-15T12:00:00Z */

/* clang-format off */
static const struct meaning { /* offsets in minutes: TZ=VALUE date -d @1768478400 +%z */
    const char *value, *name; /* name NULL: none */
    int winter, summer;
} meanings[] = {
    {"",                                    "UTC",           0,    0},
    {":",                                   "UTC",           0,    0},
    {"UTC",                                 "UTC",           0,    0},
    {"UTC0",                                "UTC",           0,    0},
    {"GMT+0",                               "GMT+0",         0,    0},
    {"JST-9",                               "Etc/GMT-9",     540,  540},
    {":JST-9",                              "Etc/GMT-9",     540,  540},
    {"<+03>-3",                             "Etc/GMT-3",     180,  180},
    {"UTC+5",                               "Etc/GMT+5",     -300, -300},
    {"LINT-14",                             "Etc/GMT-14",    840,  840},
    {"ABC-15",                              NULL,            900,  900},
    {"ABC13",                               NULL,            -780, -780},
    {"IST-5:30",                            NULL,            330,  330},
    {"EST5EDT",                             "EST5EDT",       -300, -240},
    {"EST5EDT,M3.2.0,M11.1.0",              NULL,            -300, -240},
    {"CET-1CEST,M3.5.0,M10.5.0/3",          NULL,            60,   120},
    {"CET-1CEST",                           NULL,            60,   120},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3",        NULL,            660,  600},
    {"Europe/Berlin",                       "Europe/Berlin", 60,   120},
    {":Europe/Berlin",                      "Europe/Berlin", 60,   120},
    {"Japan",                               "Japan",         540,  540},
    {"/usr/share/zoneinfo/Europe/Berlin",   "Europe/Berlin", 60,   120},
    {":/usr/share/zoneinfo/Etc/UTC",        "Etc/UTC",       0,    0},
};

static const struct refused {
    const char *value, *why;
} refused[] = {
    {"Mars/Base",                           "unknown time zone 'Mars/Base'"},
    {"Europe/Berln",                        "unknown time zone"},
    {"PST",                                 "unknown time zone"},
    {"JST-99",                              "unknown time zone"},
    {":/etc/localtime",                     "'/etc/localtime' is a file"},
    {"/usr/share/zoneinfo/Nowhere",         "unknown time zone 'Nowhere'"},
    {"/usr/share/zoneinfo/",                "unknown time zone"},
    {"Europe/Berlin ",                      "unknown time zone"},
    {"<+033333333333333333333333333333333333333333333333333333333333333333333>-3", "unknown time zone"},
};
/* clang-format on */

static void a_value_is_the_clock_that_libc_shows(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
        const struct meaning *m = &meanings[i];
        struct tz_value made;

        if (tz_value_read(m->value, zones, &made, NULL) != RC_OK ||
            tz_value_read(m->value, zones, &made, NULL) != RC_OK) /* nor does asking name it */
            fail_msg("%s is refused", m->value);
        if (!text_equal(made.name, m->name))
            fail_msg("%s is named %s", m->value, made.name);
        if (zone_offset_at(made.zone, WINTER) != m->winter * 60 ||
            zone_offset_at(made.zone, SUMMER) != m->summer * 60)
            fail_msg("%s: %d %d", m->value, zone_offset_at(made.zone, WINTER),
                     zone_offset_at(made.zone, SUMMER));
    }
}

static void what_libc_would_take_for_utc_is_an_error(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
        struct tz_value made;
        struct error err = {0};

        if (tz_value_read(refused[i].value, zones, &made, &err) != RC_INVALID ||
            strstr(err.text, refused[i].why) == NULL)
            fail_msg("%s: %s", refused[i].value, err.text);
    }
}

static void a_rule_needs_no_tzdata(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    struct tz_value made;

    assert_int_equal(tz_value_read("JST-9", zones, &made, NULL), RC_OK);
    assert_null(made.name);
    assert_int_equal(zone_offset_at(made.zone, SUMMER), 9 * 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_the_clock_that_libc_shows),
        cmocka_unit_test(what_libc_would_take_for_utc_is_an_error),
        cmocka_unit_test(a_rule_needs_no_tzdata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
