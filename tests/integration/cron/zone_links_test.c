/*
 * Old names of zones on hosts that lack them: a directory with a handful of zones stands for one, and the links that
 * this machine's tzdata knows are compared with the program's table.
 */
#include "cron/zone_links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/zoneset.h"

#define MACHINE "/usr/share/zoneinfo"

static const char *const places[] = {"America", "Africa", "Asia"};
static const char *const zones[] = {"America/New_York", "Africa/Nairobi", "Asia/Kathmandu"};
static char directory[64];

static int make_directory(void **state UNUSED)
{
    (void)snprintf(directory, sizeof directory, "/tmp/cronobs-links-XXXXXX");
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        SCOPED(text) char *folder = xasprintf("%s/%s", directory, places[i]);
        SCOPED(text) char *path = xasprintf("%s/%s", directory, zones[i]);
        SCOPED(text) char *real = xasprintf(MACHINE "/%s", zones[i]);

        assert_int_equal(mkdir(folder, 0700), 0);
        assert_int_equal(symlink(real, path), 0);
    }
    return 0;
}

static int remove_directory(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        SCOPED(text) char *folder = xasprintf("%s/%s", directory, places[i]);
        SCOPED(text) char *path = xasprintf("%s/%s", directory, zones[i]);

        (void)unlink(path);
        (void)rmdir(folder);
    }
    return rmdir(directory);
}

static bool clocks_agree(const struct zone *a, const struct zone *b, const char *since)
{
    usec_t from = 0;
    size_t count;
    const struct zone_span *spans = zone_spans(a, &count);

    assert_int_equal(rfc3339_parse(since, &from, NULL), RC_OK);
    for (size_t i = zone_span_of(a, from / USEC_PER_SEC); i < count; i++) {
        usec_t at = MAX(spans[i].start * USEC_PER_SEC, from);

        if (zone_offset_at(b, at) != spans[i].offset ||
            zone_offset_at(b, at - 1) != zone_offset_at(a, at - 1))
            return false;
    }
    return true;
}

static void finds_old_names_where_only_their_zones_are(void **state UNUSED)
{
    static const char *const cases[][2] = {
        {"US/Eastern", "America/New_York"},
        {"EST5EDT", "America/New_York"},
        {"Africa/Asmera", "Africa/Nairobi"}, /* by way of Africa/Asmara */
        {"Asia/Katmandu", "Asia/Kathmandu"},
    };
    SCOPED(zoneset) struct zoneset *set = zoneset_new(directory);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *old = NULL, *zone = NULL;

        assert_int_equal(zoneset_get(set, cases[i][0], &old, NULL), RC_OK);
        assert_int_equal(zoneset_get(set, cases[i][1], &zone, NULL), RC_OK);
        assert_string_equal(zone_name(old), cases[i][0]);
        assert_true(clocks_agree(zone, old, "1970-01-02T00:00:00Z"));
    }
}

static void hints_at_old_names_whose_zones_are_there(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(directory);
    struct error err = {0};
    struct zone *z = NULL;

    assert_int_equal(zoneset_get(set, "Japan", &z, NULL), RC_INVALID); /* no Asia/Tokyo here */
    assert_int_equal(zoneset_get(set, "US/Eastrn", &z, &err), RC_INVALID);
    assert_true(text_starts(err.hint, "did you mean US/Eastern"));
}

static void expect_of_link(struct zoneset *set, const char *target, const char *name)
{
    struct zone *old = NULL, *zone = NULL;
    struct error err = {0};

    if (zoneset_get(set, name, &old, &err) != RC_OK)
        fail_msg("tzdata knows %s as another name of %s: %s", name, target, err.text);
    assert_int_equal(zoneset_get(set, target, &zone, NULL), RC_OK);
}

/* "L America/New_York US/Eastern" in the one file that every tzdata has. */
static void knows_every_link_of_the_machine(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(MACHINE);
    FILE *rules = fopen(MACHINE "/tzdata.zi", "re");
    char line[512], target[ZONE_NAME_MAX], name[ZONE_NAME_MAX];
    int count = 0;

    assert_non_null(rules);
    while (fgets(line, sizeof line, rules) != NULL) {
        if (sscanf(line, "L %63s %63s", target, name) != 2)
            continue;
        expect_of_link(set, target, name);
        count++;
    }
    (void)fclose(rules);
    assert_true(count > 100);
}

/* Up to release 2024a WET, EET and their like were zones apart, which differed in the last century. */
static void names_the_zones_that_the_machine_has_behind_its_files(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(MACHINE);
    const char *name;

    for (size_t i = 0; (name = zone_link_name(i)) != NULL; i++) {
        struct zone *old = NULL, *zone = NULL;

        assert_int_equal(zoneset_get(set, name, &old, NULL), RC_OK);
        assert_int_equal(zoneset_get(set, zone_link_target(name), &zone, NULL), RC_OK);
        if (!clocks_agree(zone, old, "2000-01-01T00:00:00Z"))
            fail_msg("%s is not %s", name, zone_link_target(name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_old_names_where_only_their_zones_are),
        cmocka_unit_test(hints_at_old_names_whose_zones_are_there),
        cmocka_unit_test(knows_every_link_of_the_machine),
        cmocka_unit_test(names_the_zones_that_the_machine_has_behind_its_files),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
