/*
 * Directories of zones as they should not be: without a version, with odd files, with none. Each test makes its own.
 */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <ftw.h>

#include "unit/cron/zones.h"

static char directory[64];

static int make_directory(void **state UNUSED)
{
    (void)snprintf(directory, sizeof directory, "/tmp/cronobs-zones-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status UNUSED, int kind UNUSED,
                      struct FTW *place UNUSED)
{
    return remove(path);
}

static int drop_directory(void **state UNUSED)
{
    return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *path_of(const char *name)
{
    return xasprintf("%s/%s", directory, name);
}

static void put_bytes(const char *name, struct bytes content)
{
    SCOPED(text) char *path = path_of(name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *name, const char *text)
{
    put_bytes(name, bytes_of(text));
}

static void put_folder(const char *name)
{
    SCOPED(text) char *path = path_of(name);

    assert_int_equal(mkdir(path, 0700), 0);
}

static void put_zone(const char *name)
{
    const struct test_zone t = {name, 3600, {{0}}, "CET-1"};
    SCOPED_BUF bytes = {0};

    add_tzif(&bytes, &t);
    put_bytes(name, buf_bytes(&bytes));
}

/* NULL when the zone is refused; *ret then is why. */
static const char *name_found(const char *name, struct error *ret)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(directory);
    struct zone *z = NULL;

    return zoneset_get(set, name, &z, ret) == RC_OK ? name : NULL;
}

static void expect_version(const char *expected)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new(directory);

    assert_string_equal(zoneset_version(set), expected);
}

static void reads_the_version_where_it_stands(void **state UNUSED)
{
    expect_version("unknown");
    put_text("tzdata.zi", "");
    expect_version("unknown");
    put_text("+VERSION", "\n");
    expect_version("unknown");
    put_text("+VERSION", "2025b\n");
    expect_version("2025b");
    put_text("tzdata.zi", "# redo posix_only\n# version 2026a\n");
    expect_version("2025b");
    put_text("tzdata.zi", "# version 2026a-dirty rest\n");
    expect_version("2026a-dirty");
}

static void sees_that_the_version_changes(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = NULL;
    char text[TZDATA_VERSION_MAX];

    put_text("tzdata.zi", "# version 2026a\n");
    set = zoneset_new(directory);
    put_text("tzdata.zi", "# version 2026b\n");
    assert_string_equal(zoneset_version(set), "2026a");
    assert_string_equal(zoneset_version_now(set, text), "2026b");
}

static void note_fate(void *ctx, const char *name, enum zone_fate fate)
{
    static const char *const fates[] = {
        [ZONE_KEPT] = "kept", [ZONE_CHANGED] = "changed", [ZONE_GONE] = "gone"};

    buf_printf(ctx, "%s:%s ", name, fates[fate]);
}

static void renews_a_set_and_says_what_became_of_each_zone(void **state UNUSED)
{
    static const char *const names[] = {"Cut", "Gone", "Kept", "Other"};
    const struct test_zone other = {"Other", 7200, {{0}}, "EET-2"};
    SCOPED(zoneset) struct zoneset *old = NULL;
    SCOPED(zoneset) struct zoneset *set = NULL;
    SCOPED(text) char *gone = path_of("Gone");
    SCOPED_BUF bytes = {0};
    SCOPED_BUF told = {0};
    struct zone *was, *is;

    put_text("tzdata.zi", "# version 2026a\n");
    old = zoneset_new(directory);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        put_zone(names[i]);
        assert_int_equal(zoneset_get(old, names[i], &was, NULL), RC_OK);
    }
    assert_int_equal(remove(gone), 0);
    put_text("Cut", "TZif");
    add_tzif(&bytes, &other);
    put_bytes("Other", buf_bytes(&bytes));
    put_text("tzdata.zi", "# version 2026b\n");
    set = zoneset_renewed(old, note_fate, &told);
    assert_string_equal(zoneset_version(set), "2026b");
    assert_string_equal(buf_text(&told), "Cut:gone Gone:gone Kept:kept Other:changed UTC:kept ");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(zoneset_get(old, names[i], &was, NULL), RC_OK);
        assert_int_equal(zoneset_get(set, names[i], &is, NULL), RC_OK);
        assert_true((was == is) == (i != 3));
    }
    assert_int_equal(zone_offset_at(is, 0), 7200);
}

static void a_zone_with_one_change_more_is_another(void **state UNUSED)
{
    const struct test_zone more = {"Aaa", 0, {{1000, 3600}}, "CET-1"};
    SCOPED(zoneset) struct zoneset *old = zoneset_new(directory);
    SCOPED(zoneset) struct zoneset *set = NULL;
    SCOPED_BUF bytes = {0};
    SCOPED_BUF told = {0};
    struct zone *was;

    put_zone("Aaa");
    assert_int_equal(zoneset_get(old, "Aaa", &was, NULL), RC_OK);
    add_tzif(&bytes, &more);
    put_bytes("Aaa", buf_bytes(&bytes));
    set = zoneset_renewed(old, note_fate, &told);
    assert_string_equal(buf_text(&told), "Aaa:changed UTC:kept ");
}

static void says_that_there_are_no_zones(void **state UNUSED)
{
    struct error err = {0};

    assert_null(name_found("Europe/Berlin", &err));
    assert_true(text_starts(err.hint, "there are no zone files in /tmp/cronobs-zones-"));
}

static void hints_at_zones_only(void **state UNUSED)
{
    SCOPED(text) char *pipe = path_of("Abd"), *dangling = path_of("Abe");
    struct error err = {0};

    put_zone("Abc");
    put_zone("abc");
    put_zone("Abc d");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_null(name_found("Abx", &err));
    assert_string_equal(err.hint, "did you mean Abc");
}

static void hints_at_zones_three_names_deep(void **state UNUSED)
{
    struct error err = {0};

    put_folder("A");
    put_folder("A/B");
    put_folder("A/B/C");
    put_zone("A/B/Cd");
    put_zone("A/B/C/D");
    assert_string_equal(name_found("A/B/Cd", NULL), "A/B/Cd");
    assert_null(name_found("A/B/Ce", &err));
    assert_string_equal(err.hint, "did you mean A/B/Cd");
    assert_null(name_found("A/B/C/D", NULL));
    assert_null(name_found("A", NULL));
}

static void names_the_three_nearest(void **state UNUSED)
{
    struct error err = {0};

    put_zone("Abcdef");
    put_zone("Abcdeg");
    put_zone("Abcdxx");
    put_zone("Abcxxx");
    put_zone("Zzzzzzzzzzzz");
    assert_null(name_found("Abcdefg", &err));
    assert_true(text_starts(err.hint, "did you mean Abcde"));
    assert_non_null(strstr(err.hint, "Abcdef"));
    assert_non_null(strstr(err.hint, "Abcdeg"));
    assert_null(strstr(err.hint, "Z"));
}

static void lists_its_names(void **state UNUSED)
{
    static const char *const expected[] = {"A/Eastern", "America/New_York", "US/Eastern", "UTC"};
    SCOPED(zoneset) struct zoneset *set = zoneset_new(directory);
    const char *const *names;
    size_t count = 0;

    put_folder("America");
    put_folder("A");
    put_zone("UTC");
    put_zone("America/New_York");
    put_zone("A/Eastern");
    put_zone("lower");
    names = zoneset_names(set, &count);
    assert_true(count >= ARRAY_LEN(expected)); /* and other links to New York */
    for (size_t i = 0, found = 0; found < ARRAY_LEN(expected); i++) {
        assert_true(i < count);
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        found += text_equal(names[i], expected[found]);
        assert_string_not_equal(names[i], "lower");
    }
    assert_ptr_equal(zoneset_names(set, &count), names);
}

static void has_no_hint_for_what_is_far_too_long(void **state UNUSED)
{
    char name[ZONE_NAME_MAX + 2] = "";
    struct error err = {0};

    put_zone("Aaa");
    memset(name, 'A', sizeof name - 1);
    assert_null(name_found(name, &err));
    assert_string_equal(err.hint, "");
}

static void needs_no_directory_that_exists(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *set = zoneset_new("/nonexistent/zones");
    struct zone *z = NULL;
    struct error err = {0};

    assert_int_equal(zoneset_get(set, "UTC", &z, NULL), RC_OK);
    assert_int_equal(zoneset_get(set, "Europe/Berlin", &z, &err), RC_INVALID);
    assert_string_equal(err.hint, "there are no zone files in /nonexistent/zones: install tzdata");
    zoneset_free(NULL);
}

static void refuses_a_zone_beyond_a_mebibyte(void **state UNUSED)
{
    SCOPED_BUF bytes = {0};
    struct error err = {0};

    memset(buf_reserve(&bytes, ZONE_BYTES_MAX + 100), 0, ZONE_BYTES_MAX + 100);
    bytes.len = ZONE_BYTES_MAX + 100;
    put_bytes("Big", buf_bytes(&bytes));
    assert_null(name_found("Big", &err));
    assert_string_equal(err.text,
                        "could not read time zone 'Big': 1048577 bytes are more than 1048576");
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, drop_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(reads_the_version_where_it_stands),
        IN_DIRECTORY(sees_that_the_version_changes),
        IN_DIRECTORY(renews_a_set_and_says_what_became_of_each_zone),
        IN_DIRECTORY(a_zone_with_one_change_more_is_another),
        IN_DIRECTORY(says_that_there_are_no_zones),
        IN_DIRECTORY(hints_at_zones_only),
        IN_DIRECTORY(hints_at_zones_three_names_deep),
        IN_DIRECTORY(names_the_three_nearest),
        IN_DIRECTORY(lists_its_names),
        IN_DIRECTORY(has_no_hint_for_what_is_far_too_long),
        IN_DIRECTORY(needs_no_directory_that_exists),
        IN_DIRECTORY(refuses_a_zone_beyond_a_mebibyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
