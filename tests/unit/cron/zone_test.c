#include "cron/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

static struct zone *make(const struct test_zone *z)
{
    SCOPED_BUF bytes = {0};
    struct zone *made = NULL;
    struct error err = {0};

    add_tzif(&bytes, z);
    if (zone_parse(z->name, buf_bytes(&bytes), &made, &err) != RC_OK)
        fail_msg("%s", err.text);
    return made;
}

static struct zone *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(test_zones); i++)
        if (text_equal(test_zones[i].name, name))
            return make(&test_zones[i]);
    fail_msg("no test zone %s", name);
    return NULL;
}

static void knows_the_offset_of_an_instant(void **state UNUSED)
{
    static const struct {
        const char *zone, *at;
        int offset;
    } cases[] = {
        {"Europe/Berlin", "2026-03-29T00:59:59.999999Z", 3600},
        {"Europe/Berlin", "2026-03-29T01:00:00Z", 7200},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", 7200},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", 3600},
        {"Europe/Berlin", "2199-07-01T00:00:00Z", 7200},
        {"Europe/Berlin", "2199-12-31T23:59:59Z", 3600},
        {"Europe/Berlin", "1970-01-01T00:00:00Z", 3600},
        {"Europe/Dublin", "2026-01-01T00:00:00Z", 0},
        {"Europe/Dublin", "2026-07-01T00:00:00Z", 3600},
        {"Asia/Gaza", "2026-03-27T23:59:59Z", 7200},
        {"Asia/Gaza", "2026-03-28T00:00:00Z", 10800},
        {"America/Godthab", "2026-03-29T00:59:59Z", -7200},
        {"America/Godthab", "2026-03-29T01:00:00Z", -3600},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", -36000},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", 50400},
        {"Africa/Monrovia", "1972-01-07T00:44:29Z", -2670},
        {"Africa/Monrovia", "1972-01-07T00:44:30Z", 0},
        {"Africa/Monrovia", "1900-01-01T00:00:00Z", -2670},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(zone) struct zone *z = find(cases[i].zone);

        assert_int_equal(zone_offset_at(z, instant(cases[i].at)), cases[i].offset);
    }
}

static void turns_wall_times_into_instants(void **state UNUSED)
{
    static const struct {
        const char *zone, *wall;
        enum wall_kind kind;
        const char *first, *second;
    } cases[] = {
        {"Europe/Berlin", "2026-01-01T12:00:00.5Z", WALL_UNIQUE, "2026-01-01T11:00:00.5Z", NULL},
        {"Europe/Berlin", "2026-03-29T01:59:59Z", WALL_UNIQUE, "2026-03-29T00:59:59Z", NULL},
        {"Europe/Berlin", "2026-03-29T02:00:00Z", WALL_GAP, "2026-03-29T01:00:00Z", NULL},
        {"Europe/Berlin", "2026-03-29T02:59:59Z", WALL_GAP, "2026-03-29T01:00:00Z", NULL},
        {"Europe/Berlin", "2026-03-29T03:00:00Z", WALL_UNIQUE, "2026-03-29T01:00:00Z", NULL},
        {"Europe/Berlin", "2026-10-25T02:00:00Z", WALL_OVERLAP, "2026-10-25T00:00:00Z",
         "2026-10-25T01:00:00Z"},
        {"Europe/Berlin", "2026-10-25T03:00:00Z", WALL_UNIQUE, "2026-10-25T02:00:00Z", NULL},
        {"Pacific/Apia", "2011-12-30T12:00:00Z", WALL_GAP, "2011-12-30T10:00:00Z", NULL},
        {"Antarctica/Casey", "2018-03-11T02:00:00Z", WALL_OVERLAP, "2018-03-10T15:00:00Z",
         "2018-03-10T18:00:00Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(zone) struct zone *z = find(cases[i].zone);
        struct wall w = zone_from_wall(z, instant(cases[i].wall));

        assert_int_equal(w.kind, cases[i].kind);
        assert_true(w.first == instant(cases[i].first));
        if (cases[i].second != NULL)
            assert_true(w.second == instant(cases[i].second));
    }
}

static void lists_the_changes_to_come(void **state UNUSED)
{
    SCOPED(zone) struct zone *z = find("Europe/Berlin");
    struct zone_span change;

    assert_int_equal(zone_next_change(z, instant("2026-01-01T00:00:00Z"), &change), RC_OK);
    assert_true(change.start * USEC_PER_SEC == instant("2026-03-29T01:00:00Z"));
    assert_int_equal(change.shift, 3600);
    assert_int_equal(zone_next_change(z, change.start * USEC_PER_SEC, &change), RC_OK);
    assert_true(change.start * USEC_PER_SEC == instant("2026-10-25T01:00:00Z"));
    assert_int_equal(change.shift, -3600);
    assert_int_equal(zone_next_change(z, instant("2199-12-01T00:00:00Z"), &change), RC_NOT_FOUND);
}

static void reads_every_kind_of_rule(void **state UNUSED)
{
    static const struct {
        const char *footer, *at;
        int offset;
    } cases[] = {
        {"<+03>-3", "2026-01-01T00:00:00Z", 10800},
        {"<-0330>3:30", "2026-01-01T00:00:00Z", -12600},
        {"LMT-0:20:30", "2026-01-01T00:00:00Z", 1230},
        {"", "2026-01-01T00:00:00Z", 0},
        /* Jn never counts 29 February, n does: day 60 is 1 March in J, 29 February or 1 March else. */
        {"AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", 0},
        {"AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 3600},
        {"AAA0BBB,J60/0,J300/0", "2027-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,299/0", "2028-02-28T23:59:59Z", 0},
        {"AAA0BBB,59/0,299/0", "2028-02-29T00:00:00Z", 3600},
        {"AAA0BBB,59/0,299/0", "2027-03-01T00:00:00Z", 3600},
        {"AAA0BBB-2:30,M3.1.0,M10.1.0", "2026-07-01T00:00:00Z", 9000},
        {"AAA0BBB,M3.1.0/-167,M10.1.0/167", "2026-02-22T00:59:59Z", 0},
        {"AAA0BBB,M3.1.0/-167,M10.1.0/167", "2026-02-22T01:00:00Z", 3600},
        {"AAA0BBB,M3.1.0/-167,M10.1.0/167", "2026-10-10T22:00:00Z", 0},
        /* Daylight saving all the year. */
        {"XXX3EDT4,0/0,J365/23", "2026-01-01T00:00:00Z", -14400},
        {"XXX3EDT4,0/0,J365/23", "2026-12-31T23:59:59Z", -14400},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct test_zone t = {"Test/Zone", 0, {{0}}, cases[i].footer};
        SCOPED(zone) struct zone *z = make(&t);

        if (zone_offset_at(z, instant(cases[i].at)) != cases[i].offset)
            print_error("%s at %s\n", cases[i].footer, cases[i].at);
        assert_int_equal(zone_offset_at(z, instant(cases[i].at)), cases[i].offset);
    }
}

static void daylight_saving_all_the_year_is_no_change(void **state UNUSED)
{
    struct test_zone t = {"Test/Zone", 0, {{0}}, "XXX3EDT4,0/0,J365/23"};
    SCOPED(zone) struct zone *z = make(&t);
    struct zone_span change;

    assert_int_equal(zone_next_change(z, 0, &change), RC_NOT_FOUND);
}

static void expect_refusal(const struct buf *bytes, const char *text)
{
    struct zone *z = NULL;
    struct error err = {0};

    assert_int_equal(zone_parse("Test/Zone", buf_bytes(bytes), &z, &err), RC_INVALID);
    assert_string_equal(err.text, text);
    assert_null(z);
}

static void refuses_bad_rules(void **state UNUSED)
{
    static const char *const footers[] = {
        "A0",
        "AB0",
        "AAA",
        "AAA25",
        "AAA0BBB",
        "AAA0BBB,",
        "AAA0BBB,M3.1.0",
        "AAA0BBB,M13.1.0,M10.1.0",
        "AAA0BBB,M3.6.0,M10.1.0",
        "AAA0BBB,M3.1.7,M10.1.0",
        "AAA0BBB,J0,J300",
        "AAA0BBB,J366,J300",
        "AAA0BBB,366,1",
        "AAA0BBB,M3.1.0/168,M10.1.0",
        "AAA0BBB,M3.1.0,M10.1.0x",
        "<+03-3",
        "<>-3",
        "AAA0:60",
        "AAA0 BBB",
    };

    for (size_t i = 0; i < ARRAY_LEN(footers); i++) {
        struct test_zone t = {"Test/Zone", 0, {{0}}, footers[i]};
        SCOPED(text)
        char *text = xasprintf(
            "could not read time zone 'Test/Zone': the rule '%s' "
            "is not one of RFC 9636",
            footers[i]);
        SCOPED_BUF bytes = {0};

        add_tzif(&bytes, &t);
        expect_refusal(&bytes, text);
    }
}

static void refuses_a_file_cut_short_anywhere(void **state UNUSED)
{
    SCOPED_BUF bytes = {0};

    add_tzif(&bytes, &test_zones[0]);
    for (size_t len = 0; len < bytes.len; len++) {
        SCOPED_BUF part = {0};
        struct zone *z = NULL;

        buf_add(&part, bytes.data, len);
        assert_int_equal(zone_parse("Test/Zone", buf_bytes(&part), &z, NULL), RC_INVALID);
    }
}

static void refuses_hostile_files(void **state UNUSED)
{
    /* Offsets into the bytes of Apia: two changes, three types. */
    enum { SECOND = 44 + 10, TIMES = SECOND + 44, INDEXES = TIMES + 16, TYPES = INDEXES + 2 };
    static const struct {
        size_t at;
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {0, "TZIF", 4, "not a TZif file"},
        {4, "\0", 1, "version 1 of TZif is not supported"},
        {4, "x", 1, "version 72 of TZif is not supported"},
        {32, "\xff\xff\xff\xff", 4, "cut short"},
        {SECOND, "tzif", 4, "not a TZif file"},
        {SECOND + 28, "\0\0\0\1", 4, "cut short"},
        {SECOND + 32, "\xff\xff\xff\xff", 4, "cut short"},
        {SECOND + 36, "\0\0\0\0", 4, "0 types of local time, 1-256 are allowed"},
        {TIMES, "\x7f", 1, "its changes are not in order"},
        {INDEXES, "\3", 1, "type 3 of local time does not exist"},
        {TYPES, "\0\2\0\0", 4, "an offset of 131072 s is outside -89999-93599"},
        {TYPES, "\xff\xfe\0\0", 4, "an offset of -131072 s is outside -89999-93599"},
        {TYPES + 12, "\0\0\0\1", 4, "its rule contradicts its last change"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(text)
        char *text = xasprintf("could not read time zone 'Test/Zone': %s", cases[i].text);
        SCOPED_BUF bytes = {0};

        for (size_t z = 0; z < ARRAY_LEN(test_zones); z++)
            if (text_equal(test_zones[z].name, "Pacific/Apia"))
                add_tzif(&bytes, &test_zones[z]);
        memcpy(bytes.data + cases[i].at, cases[i].bytes, cases[i].len);
        expect_refusal(&bytes, text);
    }
}

static void refuses_leap_seconds(void **state UNUSED)
{
    SCOPED_BUF bytes = {0};

    add_tzif(&bytes, &test_zones[0]);
    bytes.data[44 + 10 + 31] = 1;
    buf_add(&bytes, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    expect_refusal(&bytes, "could not read time zone 'Test/Zone': it counts leap seconds");
}

static void refuses_a_file_beyond_a_mebibyte(void **state UNUSED)
{
    SCOPED_BUF bytes = {0};

    memset(buf_reserve(&bytes, ZONE_BYTES_MAX + 1), 0, ZONE_BYTES_MAX + 1);
    bytes.len = ZONE_BYTES_MAX + 1;
    expect_refusal(&bytes,
                   "could not read time zone 'Test/Zone': 1048577 bytes are more than 1048576");
}

static void passes_over_changes_before_history(void **state UNUSED)
{
    struct test_zone t = {"Test/Zone", 100, {{-(INT64_C(1) << 59), 200}, {1000, 3600}}, "AAA-1"};
    SCOPED(zone) struct zone *z = make(&t);

    assert_int_equal(zone_offset_at(z, 999 * USEC_PER_SEC), 200);
    assert_int_equal(zone_offset_at(z, 1000 * USEC_PER_SEC), 3600);
}

static void merges_changes_that_change_nothing(void **state UNUSED)
{
    struct test_zone t = {"Test/Zone", 0, {{1000, 3600}, {2000, 3600}, {3000, 0}}, "AAA0"};
    SCOPED(zone) struct zone *z = make(&t);
    size_t count;

    (void)zone_spans(z, &count);
    assert_int_equal(count, 3);
}

static void finds_spans_however_close_they_are(void **state UNUSED)
{
    struct test_zone t = {
        "Test/Zone", 0, {{1000, 1}, {1001, 2}, {1002, 3}, {1003, 4}}, "AAA-0:00:04"};
    SCOPED(zone) struct zone *z = make(&t);

    for (int64_t second = 990; second < 1010; second++)
        assert_int_equal(zone_offset_at(z, second * USEC_PER_SEC), MIN(MAX(second - 999, 0), 4));
}

static void tells_good_names_from_bad(void **state UNUSED)
{
    static const char *const good[] = {
        "UTC",       "Europe/Berlin", "America/Argentina/Buenos_Aires",
        "Etc/GMT+5", "Etc/GMT-14",    "EST5EDT"};
    static const char *const bad[] = {
        "",
        "/",
        "Europe/",
        "/Europe",
        "Europe//Berlin",
        "a/b/c/d",
        "../passwd",
        "Europe/Ber lin",
        "localtime",
        "Factory",
        "posixrules",
        "posix/UTC",
        "right/UTC",
        "zone.tab",
        "Europe/Berlin\n",
        "ThisNameIsFarTooLongToBeThatOfAnyZoneThereIsOrThereEverWillBeInTheWorld",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(zone_name_is_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(zone_name_is_valid(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_offset_of_an_instant),
        cmocka_unit_test(turns_wall_times_into_instants),
        cmocka_unit_test(lists_the_changes_to_come),
        cmocka_unit_test(reads_every_kind_of_rule),
        cmocka_unit_test(daylight_saving_all_the_year_is_no_change),
        cmocka_unit_test(refuses_bad_rules),
        cmocka_unit_test(refuses_a_file_cut_short_anywhere),
        cmocka_unit_test(refuses_hostile_files),
        cmocka_unit_test(refuses_leap_seconds),
        cmocka_unit_test(refuses_a_file_beyond_a_mebibyte),
        cmocka_unit_test(passes_over_changes_before_history),
        cmocka_unit_test(merges_changes_that_change_nothing),
        cmocka_unit_test(finds_spans_however_close_they_are),
        cmocka_unit_test(tells_good_names_from_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
