#include "cli/shared/local_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/shared/files.h"

/* clang-format off */
static const struct clock_case {
    const char *tz, *link, *file, *named; /* file: whose bytes /etc/localtime has */
    const char *name;                     /* "": none; NULL: an error with the text `shown` */
    const char *shown;
} clock_cases[] = {
    /* TZ is first, whatever the machine says */
    {"Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "Asia/Tokyo", NULL},
    {"",           "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "UTC",        NULL},
    {":",          "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "UTC",        NULL},
    {"UTC0",       "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "UTC",        NULL},
    {"JST-9",      "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "Etc/GMT-9",  NULL},
    {"EST5EDT,M3.2.0,M11.1.0", NULL, NULL, NULL,                               "", "TZ=EST5EDT,M3.2.0,M11.1.0"},
    {"Mars/Base",  "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, NULL, "TZ: unknown time zone 'Mars/Base'"},
    {":/srv/zone", NULL, NULL, NULL,                                           NULL, "TZ: '/srv/zone' is a file"},
    /* then the machine */
    {NULL, "/usr/share/zoneinfo/Europe/Berlin",    "Europe/Berlin", NULL,      "Europe/Berlin", NULL},
    {NULL, "../usr/share/zoneinfo/Etc/UTC",        "Etc/UTC",       NULL,      "Etc/UTC",       NULL},
    {":/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "Europe/Berlin", NULL},
    {"/etc/localtime",  "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", NULL, "Europe/Berlin", NULL},
    {NULL, NULL, "Europe/Berlin", "Europe/Berlin",                             "Europe/Berlin", NULL},
    {NULL, NULL, "Europe/Berlin", "Asia/Tokyo",                                "", "/etc/localtime"}, /* a name that is out of date */
    {NULL, NULL, "Europe/Berlin", "Nowhere",                                   "", "/etc/localtime"},
    {NULL, NULL, "Europe/Berlin", NULL,                                        "", "/etc/localtime"},
    {NULL, "/var/db/localtime", "Europe/Berlin", "Europe/Berlin",              "Europe/Berlin", NULL},
    {NULL, "/usr/share/zoneinfo/Nowhere", "Europe/Berlin", NULL,               "", "/etc/localtime"},
    {NULL, NULL, NULL, "Europe/Berlin",                                        "UTC", NULL}, /* the C library does not read /etc/timezone */
    {NULL, NULL, NULL, NULL,                                                   "UTC", NULL},
};
/* clang-format on */

static void read_zone(const char *name, struct buf *out)
{
    SCOPED(text) char *path = xasprintf("/usr/share/zoneinfo/%s", name);

    assert_int_equal(file_read(path, ZONE_BYTES_MAX, out, NULL), RC_OK);
}

static void check(const struct clock_case *c)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED_BUF file = {0};
    struct machine_clock clock = {.tz = c->tz, .link = c->link, .named = c->named};
    struct tz_value zone;
    struct error err = {0};
    enum rc rc;

    if (c->file != NULL)
        read_zone(c->file, &file);
    clock.file = buf_bytes(&file);
    rc = machine_zone(&clock, zones, &zone, &err);
    if (c->name == NULL) {
        assert_int_equal(rc, RC_INVALID);
        assert_non_null(strstr(err.text, c->shown));
        return;
    }
    assert_int_equal(rc, RC_OK);
    if (*c->name == '\0') {
        assert_null(zone.name);
        assert_string_equal(zone_name(zone.zone), c->shown);
    } else
        assert_string_equal(zone.name, c->name);
}

static void the_clock_is_the_one_that_date_shows(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(clock_cases); i++)
        check(&clock_cases[i]);
}

static void a_file_that_is_no_zone_is_an_error(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    const struct machine_clock clock = {.file = bytes_of("hello")};
    struct tz_value zone;
    struct error err = {0};

    assert_int_equal(machine_zone(&clock, zones, &zone, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "/etc/localtime"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_is_the_one_that_date_shows),
        cmocka_unit_test(a_file_that_is_no_zone_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
