#include "cron/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

/* "" is 0. */
static usec_t instant(const char *text)
{
    usec_t t = 0;

    if (*text != '\0')
        assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* clang-format off */
struct bounds {
    const char *from, *until, *daily_from, *daily_to, *zone;
};

static const struct open_case {
    struct bounds bounds;
    const char *at;
    bool open;
} open_cases[] = {
    {{"", "", "", "", ""},                                          "2026-11-24T00:00:00Z", true},
    {{"", "", "", "", ""},                                          "1970-01-01T00:00:00Z", true},
    {{"", "", "", "", ""},                                          "2199-12-31T23:59:59Z", true},
    {{"", "", "", "", ""},                                          "2201-01-01T00:00:00Z", false}, /* nothing is due there */
    {{"", "", "", "", ""},                                          "1969-01-01T00:00:00Z", false},
    {{"2026-11-24T00:00:00Z", "", "", "", ""},                      "2026-11-23T23:59:59.999999Z", false},
    {{"2026-11-24T00:00:00Z", "", "", "", ""},                      "2026-11-24T00:00:00Z", true},
    {{"", "2026-11-24T00:00:00Z", "", "", ""},                      "2026-11-23T23:59:59.999999Z", true},
    {{"", "2026-11-24T00:00:00Z", "", "", ""},                      "2026-11-24T00:00:00Z", false},
    {{"", "", "09:00", "17:30", ""},                                "2026-11-24T08:59:59.999999Z", false},
    {{"", "", "09:00", "17:30", ""},                                "2026-11-24T09:00:00Z", true},
    {{"", "", "09:00", "17:30", ""},                                "2026-11-24T17:29:59.999999Z", true},
    {{"", "", "09:00", "17:30", ""},                                "2026-11-24T17:30:00Z", false},
    {{"", "", "00:00", "24:00", ""},                                "2026-11-24T23:59:59Z", true},
    {{"", "", "22:00", "24:00", ""},                                "2026-11-24T23:59:59Z", true},
    {{"", "", "22:00", "24:00", ""},                                "2026-11-25T00:00:00Z", false},
    {{"", "", "22:00", "00:00", ""},                                "2026-11-24T23:59:59Z", true},
    {{"", "", "22:00", "00:00", ""},                                "2026-11-25T00:00:00Z", false},
    {{"", "", "22:00", "06:00", ""},                                "2026-11-24T21:59:59Z", false}, /* overnight */
    {{"", "", "22:00", "06:00", ""},                                "2026-11-24T22:00:00Z", true},
    {{"", "", "22:00", "06:00", ""},                                "2026-11-25T05:59:59Z", true},
    {{"", "", "22:00", "06:00", ""},                                "2026-11-25T06:00:00Z", false},
    {{"", "", "09:00", "10:00", "Europe/Berlin"},                   "2026-11-24T08:00:00Z", true},  /* winter */
    {{"", "", "09:00", "10:00", "Europe/Berlin"},                   "2026-11-24T09:00:00Z", false},
    {{"", "", "09:00", "10:00", "Europe/Berlin"},                   "2026-07-24T07:00:00Z", true},  /* summer */
    {{"", "", "09:00", "10:00", "Europe/Berlin"},                   "2026-07-24T08:00:00Z", false},
    {{"", "", "02:00", "03:00", "Europe/Berlin"},                   "2026-03-29T00:59:59Z", false}, /* the hour is skipped */
    {{"", "", "02:00", "03:00", "Europe/Berlin"},                   "2026-03-29T01:00:00Z", false},
    {{"", "", "02:00", "03:00", "Europe/Berlin"},                   "2026-10-25T00:00:00Z", true},  /* it comes twice */
    {{"", "", "02:00", "03:00", "Europe/Berlin"},                   "2026-10-25T01:59:59Z", true},
    {{"", "", "02:00", "03:00", "Europe/Berlin"},                   "2026-10-25T02:00:00Z", false},
    {{"", "", "12:00", "13:00", "Asia/Kathmandu"},                  "2026-11-24T06:15:00Z", true},  /* +05:45 */
    {{"", "", "12:00", "13:00", "Asia/Kathmandu"},                  "2026-11-24T06:14:59Z", false},
    {{"2026-11-24T09:30:00Z", "2026-11-24T09:40:00Z", "09:00", "10:00", ""}, "2026-11-24T09:35:00Z", true},
    {{"2026-11-24T09:30:00Z", "2026-11-24T09:40:00Z", "09:00", "10:00", ""}, "2026-11-24T09:45:00Z", false},
    {{"", "", "09:00", "10:00", ""},                                "1970-01-01T09:30:00Z", true},
    {{"", "", "23:00", "01:00", ""},                                "1969-12-31T23:30:00Z", true},
};

static const struct error_case {
    struct bounds bounds;
    const char *pointer, *text, *hint;
} error_cases[] = {
    {{"2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z", "", "", ""}, "/until", "until: is not later than from", "open if from <= t < until"},
    {{"2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z", "", "", ""}, "/until", "until: is not later than from", "open if from <= t < until"},
    {{"", "", "09:00", "", ""},      "/daily_to",   "daily_to: is missing", "the hours need both a beginning and an end"},
    {{"", "", "", "09:00", ""},      "/daily_from", "daily_from: is missing", "the hours need both a beginning and an end"},
    {{"", "", "9:00", "10:00", ""},  "/daily_from", "daily_from: '9:00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "24:00", "10:00", ""}, "/daily_from", "daily_from: '24:00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:60", "10:00", ""}, "/daily_from", "daily_from: '09:60' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "a9:00", "10:00", ""}, "/daily_from", "daily_from: 'a9:00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09\t00", "10:00", ""}, "/daily_from", "daily_from: '09?00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "0::00", "10:00", ""}, "/daily_from", "daily_from: '0::00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "0a:00", "10:00", ""}, "/daily_from", "daily_from: '0a:00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09-00", "10:00", ""}, "/daily_from", "daily_from: '09-00' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:x0", "10:00", ""}, "/daily_from", "daily_from: '09:x0' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:0:", "10:00", ""}, "/daily_from", "daily_from: '09:0:' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:/9", "10:00", ""}, "/daily_from", "daily_from: '09:/9' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:0x", "10:00", ""}, "/daily_from", "daily_from: '09:0x' is not a time from 00:00 to 23:59", "HH:MM, as in 09:00"},
    {{"", "", "09:00", "24:01", ""}, "/daily_to",   "daily_to: '24:01' is not a time from 00:00 to 24:00", "HH:MM, as in 09:00"},
    {{"", "", "09:00", "09:00:00", ""}, "/daily_to", "daily_to: '09:00:00' is not a time from 00:00 to 24:00", "HH:MM, as in 09:00"},
    {{"", "", "09:00", "09:00", ""}, "/daily_to",   "daily_to: is the same time as daily_from", "00:00 to 24:00 is the whole day"},
    {{"", "", "09:00", "10:00", "Europe/Berln"}, "/zone", NULL, NULL}, /* the text is the zone set's */
    {{"", "", "", "", "Europe/Berln"},           "/zone", NULL, NULL},
};

/* The first open instant from `at` on, and the last one up to it; "": none. */
static const struct leap_case {
    struct bounds bounds;
    const char *at, *first, *last;
} leap_cases[] = {
    {{"", "", "", "", ""},                 "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"},
    {{"", "", "", "", ""},                 "2210-01-01T00:00:00Z", "", "2200-01-02T23:59:58.999999Z"},
    {{"", "", "", "", ""},                 "1960-01-01T00:00:00Z", "1969-12-30T00:00:00Z", ""},
    {{"2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z", "", "", ""}, "2026-11-23T00:00:00Z", "2026-11-24T12:00:00Z", ""},
    {{"2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z", "", "", ""}, "2026-11-26T00:00:00Z", "", "2026-11-25T11:59:59.999999Z"},
    {{"2026-11-24T12:00:00Z", "", "", "", ""}, "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"},
    {{"", "2026-11-24T12:00:00Z", "", "", ""}, "2026-11-24T12:00:00Z", "", "2026-11-24T11:59:59.999999Z"},
    {{"", "", "09:00", "10:00", ""},       "2026-11-24T09:30:00.5Z", "2026-11-24T09:30:00.5Z", "2026-11-24T09:30:00.5Z"},
    {{"", "", "09:00", "10:00", ""},       "2026-11-24T08:00:00.5Z", "2026-11-24T09:00:00Z", "2026-11-23T09:59:59.999999Z"},
    {{"", "", "09:00", "10:00", ""},       "2026-11-24T10:00:00Z", "2026-11-25T09:00:00Z", "2026-11-24T09:59:59.999999Z"},
    {{"", "", "22:00", "24:00", ""},       "2026-11-24T12:00:00Z", "2026-11-24T22:00:00Z", "2026-11-23T23:59:59.999999Z"},
    {{"", "", "22:00", "06:00", ""},       "2026-11-24T12:00:00Z", "2026-11-24T22:00:00Z", "2026-11-24T05:59:59.999999Z"},
    {{"", "", "02:00", "03:00", "Europe/Berlin"}, "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z", "2026-03-28T01:59:59.999999Z"},
    {{"", "", "02:00", "03:00", "Europe/Berlin"}, "2026-03-29T12:00:00Z", "2026-03-30T00:00:00Z", "2026-03-28T01:59:59.999999Z"},
    {{"", "", "02:30", "03:30", "Europe/Berlin"}, "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-28T02:29:59.999999Z"},
    {{"", "", "02:30", "03:30", "Europe/Berlin"}, "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-29T01:29:59.999999Z"},
    {{"", "", "02:30", "02:45", "Europe/Berlin"}, "2026-10-25T00:50:00Z", "2026-10-25T01:30:00Z", "2026-10-25T00:44:59.999999Z"},
    {{"", "", "01:30", "02:30", "Europe/Berlin"}, "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z", "2026-10-25T00:29:59.999999Z"},
    {{"", "", "01:30", "02:30", "Europe/Berlin"}, "2026-10-25T02:00:00Z", "2026-10-26T00:30:00Z", "2026-10-25T01:29:59.999999Z"},
    {{"2026-11-24T12:00:00Z", "", "09:00", "10:00", ""}, "2026-11-20T00:00:00Z", "2026-11-25T09:00:00Z", ""},
    {{"2026-11-24T12:00:00Z", "", "09:00", "10:00", ""}, "2026-11-24T12:30:00Z", "2026-11-25T09:00:00Z", ""},
    {{"", "2026-11-24T08:00:00Z", "09:00", "10:00", ""}, "2026-11-24T07:00:00Z", "", "2026-11-23T09:59:59.999999Z"},
    {{"", "2026-11-24T08:00:00Z", "09:00", "10:00", ""}, "2026-11-24T09:30:00Z", "", "2026-11-23T09:59:59.999999Z"},
    {{"", "", "12:00", "13:00", "Pacific/Apia"}, "2011-12-30T00:00:00Z", "2011-12-30T22:00:00Z", "2011-12-29T22:59:59.999999Z"},
};
/* clang-format on */

static enum rc make(const struct bounds *b, struct window **ret, struct error *err)
{
    return window_new(
        &(struct window_options){
            .from = instant(b->from),
            .until = instant(b->until),
            .daily_from = b->daily_from,
            .daily_to = b->daily_to,
            .zone = b->zone,
        },
        zones, ret, err);
}

static void is_open_at(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(open_cases); i++) {
        const struct open_case *c = &open_cases[i];
        SCOPED(window) struct window *w = NULL;

        assert_int_equal(make(&c->bounds, &w, NULL), RC_OK);
        if (window_holds(w, instant(c->at)) != c->open)
            fail_msg("%zu: %s-%s at %s", i, c->bounds.daily_from, c->bounds.daily_to, c->at);
    }
}

static void is_open_always_without_any_bound(void **state UNUSED)
{
    SCOPED(window) struct window *w = NULL;

    assert_int_equal(window_new(&(struct window_options){0}, zones, &w, NULL), RC_OK);
    assert_true(window_holds(w, 0));
    window_free(NULL);
}

static void refuses_bounds_that_make_no_sense(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
        const struct error_case *e = &error_cases[i];
        struct window *w = NULL;
        struct error err = {0};

        assert_int_equal(make(&e->bounds, &w, &err), RC_INVALID);
        assert_string_equal(err.pointer, e->pointer);
        if (e->text != NULL) {
            assert_string_equal(err.text, e->text);
            assert_string_equal(err.hint, e->hint);
        }
        assert_int_equal(make(&e->bounds, &w, NULL), RC_INVALID);
        assert_null(w);
    }
}

static void names_a_zone_that_is_not_there(void **state UNUSED)
{
    struct window *w = NULL;
    struct error err = {0};

    assert_int_equal(make(&(struct bounds){"", "", "", "", "Europe/Berln"}, &w, &err), RC_INVALID);
    assert_true(text_starts(err.text, "zone: "));
    assert_non_null(strstr(err.text, "Europe/Berln"));
}

static void check_leap(size_t i, const char *what, usec_t got, usec_t none, const char *expected)
{
    char text[RFC3339_TEXT];

    if (*expected == '\0' ? got != none : got != instant(expected))
        fail_msg("%zu: %s: %s, not %s", i, what, rfc3339_format(got, text), expected);
}

static void leaps_to_where_it_is_open(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(leap_cases); i++) {
        const struct leap_case *c = &leap_cases[i];
        SCOPED(window) struct window *w = NULL;

        assert_int_equal(make(&c->bounds, &w, NULL), RC_OK);
        check_leap(i, "first", window_first(w, instant(c->at)), USEC_MAX, c->first);
        check_leap(i, "last", window_last(w, instant(c->at)), USEC_MIN, c->last);
    }
}

enum { MINUTES = 3 * 1440 };

static void check_leaps(const struct window *w, usec_t start)
{
    usec_t next = window_first(w, start + MINUTES * USEC_PER_MIN);

    for (int minute = MINUTES - 1; minute >= 0; minute--) {
        usec_t at = start + minute * USEC_PER_MIN;

        next = window_holds(w, at) ? at : next;
        assert_true(window_first(w, at) == next);
    }
    for (usec_t last = window_last(w, start), at = start; at < start + MINUTES * USEC_PER_MIN;
         at += USEC_PER_MIN) {
        if (window_holds(w, at))
            last = at;
        assert_true(window_last(w, at) == last);
        if (last == at)
            last = at + USEC_PER_MIN - 1;
    }
}

/* Minute by minute over the changes of the clock. */
static void leaps_as_a_walk_does(void **state UNUSED)
{
    static const char *const starts[] = {"2026-03-28T06:00:00Z", "2026-10-24T06:00:00Z",
                                         "2026-10-03T06:00:00Z", "2026-04-04T06:00:00Z",
                                         "2011-12-29T06:00:00Z"};
    static const char *const times[] = {"00:00", "01:45", "02:00", "02:30", "03:15", "23:30"};
    static const char *const names[] = {"Europe/Berlin", "Australia/Lord_Howe", "America/Godthab",
                                        "Antarctica/Troll", "Pacific/Apia"};

    for (size_t i = 0; i < ARRAY_LEN(starts) * ARRAY_LEN(names); i++) {
        for (size_t n = 0; n < ARRAY_LEN(times); n++) {
            struct bounds b = {"", "", times[n], times[(n + 1 + i % 5) % ARRAY_LEN(times)],
                               names[i / ARRAY_LEN(starts)]};
            SCOPED(window) struct window *w = NULL;

            assert_int_equal(make(&b, &w, NULL), RC_OK);
            check_leaps(w, instant(starts[i % ARRAY_LEN(starts)]));
        }
    }
}

static void tells_its_hours_on_the_clock_of_utc(void **state UNUSED)
{
    SCOPED(window) struct window *w = NULL, *always = NULL;
    struct window_hours h;

    assert_int_equal(make(&(struct bounds){"", "", "00:30", "06:00", "Europe/Berlin"}, &w, NULL),
                     RC_OK);
    h = window_hours_at(w, instant("2026-07-01T00:00:00Z"));
    assert_int_equal(h.from, 22 * 3600 + 1800);
    assert_int_equal(h.length, 5 * 3600 + 1800);
    assert_true(h.start * USEC_PER_SEC == instant("2026-03-29T01:00:00Z"));
    assert_true(h.end * USEC_PER_SEC == instant("2026-10-25T01:00:00Z"));
    assert_int_equal(make(&(struct bounds){"", "", "00:00", "24:00", ""}, &always, NULL), RC_OK);
    assert_int_equal(window_hours_at(always, 0).length, 86400);
    window_free(TAKE(always));
    assert_int_equal(make(&(struct bounds){"", "", "", "", ""}, &always, NULL), RC_OK);
    assert_int_equal(window_hours_at(always, 0).length, 86400);
}

static int set_up(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_open_at),
        cmocka_unit_test(is_open_always_without_any_bound),
        cmocka_unit_test(refuses_bounds_that_make_no_sense),
        cmocka_unit_test(names_a_zone_that_is_not_there),
        cmocka_unit_test(leaps_to_where_it_is_open),
        cmocka_unit_test(leaps_as_a_walk_does),
        cmocka_unit_test(tells_its_hours_on_the_clock_of_utc),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
