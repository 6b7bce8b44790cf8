#include "cron/frequency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

enum { MONTHS = 12 };

static struct zoneset *zones;

static struct schedule *parse(const char *text, const char *zone, bool both)
{
    struct schedule_options options = {.zone = zone,
                                       .dst_overlap = both ? DST_OVERLAP_BOTH : DST_OVERLAP_FIRST};
    struct schedule *s;

    assert_int_equal(schedule_parse(text, &options, zones, NULL, &s, NULL), RC_OK);
    return s;
}

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* --- worked examples --- */

/* clang-format off */
static const struct known_case {
    const char *text, *zone, *from;
    int64_t per_day, per_month, per_year;
} known_cases[] = {
    {"* * * * *",           "UTC",           "2026-11-24T18:00:00Z", 1440,  44640,   525600},
    {"* * * * *",           "UTC",           "2027-03-24T18:00:00Z", 1440,  44640,   527040},  /* holds a 29 February */
    {"* * * * * *",         "UTC",           "2026-11-24T18:00:00Z", 86400, 2678400, 31536000},
    {"*/5 * * * *",         "Europe/Berlin", "2026-11-24T18:00:00Z", 288,   8940,    105120},  /* 23 and 25 hours make up */
    {"*/5 2 * * *",         "Europe/Berlin", "2026-11-24T18:00:00Z", 12,    384,     4380},    /* October has 12 more, March 12 less */
    {"30 2 * * *",          "Europe/Berlin", "2026-11-24T18:00:00Z", 1,     31,      365},
    {"0,30 2 * * *",        "Europe/Berlin", "2026-11-24T18:00:00Z", 2,     62,      729},     /* two become one in the gap */
    {"0,30 2 28 3 *",       "Europe/Berlin", "2026-11-24T18:00:00Z", 1,     1,       1},
    {"0 0 29 2 *",          "UTC",           "2026-11-24T18:00:00Z", 0,     0,       0},
    {"0 0 29 2 *",          "UTC",           "2027-12-24T18:00:00Z", 1,     1,       1},
    {"0 0 30 2 *",          "UTC",           "2026-11-24T18:00:00Z", 0,     0,       0},
    {"0 9-17 * * MON-FRI",  "UTC",           "2026-11-24T18:00:00Z", 9,     207,     2340},
    {"0 0 1 * *",           "UTC",           "2026-11-24T18:00:00Z", 1,     1,       12},
    {"0 0 1 1 *",           "UTC",           "2026-11-24T18:00:00Z", 1,     1,       1},
    {"@every 90m",          "Europe/Berlin", "2026-11-24T18:00:00Z", 16,    497,     5840},
    {"@every 7h",           "UTC",           "2026-11-24T18:00:00Z", 4,     107, 1251},
    {"@every 20m from 08:00 to 09:00 on MON", "UTC", "2026-11-24T18:00:00Z", 4, 20,  208},
    {"@every 1h from 22:00 to 02:00", "UTC", "2026-11-24T18:00:00Z", 5,     155,     1825},
    {"@at 2026-11-01T00:00:00Z", "UTC",      "2026-11-24T18:00:00Z", 1,     1,       1},       /* the month of now counts whole */
    {"@at 2026-10-31T23:59:59Z", "UTC",      "2026-11-24T18:00:00Z", 0,     0,       0},
    {"@at 2027-10-31T23:59:59.9Z", "UTC",    "2026-11-24T18:00:00Z", 1,     1,       1},
    {"@at 2027-03-28T00:30:00Z", "Europe/Berlin", "2026-11-24T18:00:00Z", 1, 1,       1},
    {"@at 2027-03-28T02:30", "Europe/Berlin", "2026-11-24T18:00:00Z", 1,    1,       1},
    {"@at 2027-05-28T02:30", "Europe/Berlin", "2026-11-24T18:00:00Z", 1,    1,       1},
    {"@at 2028-05-28T02:30", "Europe/Berlin", "2026-11-24T18:00:00Z", 0,    0,       0},
    {"0 12 30 12 *",        "Pacific/Apia",  "2011-06-01T00:00:00Z", 0,     0,       0},       /* the day that there was not */
    {"0 12 * * *",          "Pacific/Apia",  "2011-12-15T00:00:00Z", 1,     31,      365},
    {"0 0 * * *",           "UTC",           "1900-01-01T00:00:00Z", 1,     31,      365},     /* as in 1970 */
    {"0 0 * * *",           "UTC",           "9000-01-01T00:00:00Z", 1,     31,      31},      /* December 2199 */
};
/* clang-format on */

static void frequencies_are_as_counted_by_hand(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(known_cases); i++) {
        const struct known_case *c = &known_cases[i];
        SCOPED(schedule) struct schedule *s = parse(c->text, c->zone, false);
        struct frequency f = frequency_of(s, instant(c->from));

        if (f.per_day != c->per_day || f.per_month != c->per_month || f.per_year != c->per_year)
            fail_msg("%s from %s: %lld a day, %lld a month, %lld a year", c->text, c->from,
                     (long long)f.per_day, (long long)f.per_month, (long long)f.per_year);
    }
}

/* --- against a walk --- */

struct walked {
    int64_t days[400], months[MONTHS];
    bool changes[400];
};

static struct civil local(const struct zone *z, usec_t at)
{
    return civil_of(at + zone_offset_at(z, at) * USEC_PER_SEC);
}

static void note_changes(const struct zone *z, int64_t first, struct walked *w)
{
    usec_t at = (first - 2) * USEC_PER_DAY;
    struct zone_span v;

    while (zone_next_change(z, at, &v) == RC_OK && v.start < (first + 400) * 86400) {
        int64_t wall = v.start + v.offset, before = wall - v.shift - 1;

        at = v.start * USEC_PER_SEC;
        if (wall / 86400 >= first && wall / 86400 < first + 400)
            w->changes[wall / 86400 - first] = true;
        if (before / 86400 >= first && before / 86400 < first + 400)
            w->changes[before / 86400 - first] = true;
    }
}

static void walk(const struct schedule *s, const struct zone *z, struct civil c, struct walked *w)
{
    int64_t first = civil_to_days(c.year, c.month, 1), end = civil_to_days(c.year + 1, c.month, 1);
    struct occurrence o = {.at = (first - 2) * USEC_PER_DAY};

    while (schedule_next(s, o.at, &o) == RC_OK && o.at < (end + 2) * USEC_PER_DAY) {
        struct civil day = local(z, o.at);
        int64_t number = civil_to_days(day.year, day.month, day.day);

        if (number < first || number >= end)
            continue;
        w->days[number - first]++;
        w->months[(day.month - c.month + MONTHS) % MONTHS]++;
    }
    note_changes(z, first, w);
}

static void check(const char *text, const char *zone, usec_t from, bool both)
{
    SCOPED(schedule) struct schedule *s = parse(text, zone, both);
    struct frequency f = frequency_of(s, from), expected = {0};
    struct walked w = {0};
    int64_t most = 0;
    struct zone *z;

    assert_int_equal(zoneset_get(zones, zone, &z, NULL), RC_OK);
    walk(s, z, local(z, from), &w);
    for (size_t i = 0; i < ARRAY_LEN(w.days); i++) {
        most = MAX(most, w.days[i]);
        expected.per_day = w.changes[i] ? expected.per_day : MAX(expected.per_day, w.days[i]);
        expected.per_year += w.days[i];
    }
    for (int i = 0; i < MONTHS; i++)
        expected.per_month = MAX(expected.per_month, w.months[i]);
    if (expected.per_day == 0)
        expected.per_day = most;
    if (f.per_day != expected.per_day || f.per_month != expected.per_month ||
        f.per_year != expected.per_year)
        fail_msg("%s, %s, %lld: %lld %lld %lld, not %lld %lld %lld", text, zone, (long long)from,
                 (long long)f.per_day, (long long)f.per_month, (long long)f.per_year,
                 (long long)expected.per_day, (long long)expected.per_month,
                 (long long)expected.per_year);
}

static const char *const walked_texts[] = {
    "*/7 0-4 * * *",
    "30 2 * * *",
    "0,15,30 0-3 * * *",
    "*/20 1-2 * * 0",
    "5 0 0 L * *",
    "0 0 1,15 * +MON",
    "0 12 15W * *",
    "59 59 23 ? * 5L 2009-2040",
    "H H(0-3) * * *",
    "@every 37m",
    "@every 100d/3h",
    "@every 25m from 23:00 to 02:50 on SUN,MON",
    "0 0 29 2 *",
    "30 0 30 12 *",
    "@every 1h from 05:00 to 04:00",
    "@every 50m from 01:00 to 03:30 on SUN#L",
    "17 3 * 3,4,10,11 *",
};
static const char *const froms[] = {
    "1970-01-02T00:00:00Z", "1971-12-31T23:59:59Z", "1993-05-01T00:00:00Z", "2011-03-15T12:00:00Z",
    "2018-01-15T12:00:00Z", "2026-11-24T18:00:00Z", "2028-04-15T12:00:00Z", "2030-04-10T12:00:00Z",
    "2198-12-31T23:00:00Z", "2199-06-01T00:00:00Z",
};

static void frequencies_are_what_a_walk_counts(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(walked_texts); i++)
        for (size_t k = 0; k < ARRAY_LEN(test_zones); k++)
            for (size_t m = 0; m < ARRAY_LEN(froms); m++)
                check(walked_texts[i], test_zones[k].name, instant(froms[m]), (i + k + m) % 2 == 0);
}

static void every_second_is_counted_in_a_zone_with_changes(void **state UNUSED)
{
    SCOPED(schedule) struct schedule *s = parse("* * * * * *", "Europe/Berlin", false);
    struct frequency f = frequency_of(s, instant("2026-11-24T18:00:00Z"));

    assert_int_equal(f.per_day, 86400);
    assert_int_equal(f.per_month, 31 * 86400 + 3600);
    assert_int_equal(f.per_year, 365 * 86400);
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
        cmocka_unit_test(frequencies_are_as_counted_by_hand),
        cmocka_unit_test(frequencies_are_what_a_walk_counts),
        cmocka_unit_test(every_second_is_counted_in_a_zone_with_changes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
