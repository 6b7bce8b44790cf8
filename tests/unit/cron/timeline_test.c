#include "cron/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* Expressions between bars, Europe/Berlin. */
static struct timeline *unite(const char *texts)
{
    struct schedule_options options = {.zone = "Europe/Berlin"};
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    size_t count = 0;

    while (*texts != '\0') {
        size_t len = strcspn(texts, "|");
        SCOPED(text) char *text = xstrndup(texts, len);

        assert_int_equal(schedule_parse(text, &options, zones, NULL, &schedules[count++], NULL),
                         RC_OK);
        texts += len + (texts[len] == '|');
    }
    return timeline_new(schedules, count, NULL);
}

static const char *const unions[] = {
    "",
    "30 2 * * *",
    "0 * * * *|*/15 2-3 * * *|@every 20m",
    "0 0 1 * *|0 0 2 * *|0 0 1 * *",
    "0 0 30 2 *|0 12 * * 1-5",
    "@at 2026-03-29T02:30|30 2 * * *|*/30 2 * * *",
    "@at 2026-03-01T00:00:00.5Z|@at 2026-03-01T00:00:00Z|@every 12h",
};

/* Every schedule asked on its own, again and again. */
static size_t walk(const struct timeline *t, usec_t from, usec_t to, usec_t *out, size_t room)
{
    size_t count = 0;

    for (usec_t at = from; count < room; at = out[count++]) {
        usec_t best = USEC_MAX;

        for (size_t i = 0; i < timeline_schedules(t); i++) {
            struct occurrence o;

            if (schedule_next(timeline_schedule(t, i), at, &o) == RC_OK)
                best = MIN(best, o.at);
        }
        if (best > to)
            return count;
        out[count] = best;
    }
    return count;
}

static void gives_each_instant_of_the_union_once(void **state UNUSED)
{
    usec_t from = instant("2026-02-27T00:00:00Z"), to = instant("2026-04-02T00:00:00Z");

    for (size_t i = 0; i < ARRAY_LEN(unions); i++) {
        SCOPED(timeline) struct timeline *t = unite(unions[i]);
        usec_t expected[5000];
        size_t count = walk(t, from, to, expected, ARRAY_LEN(expected)), n;
        struct occurrence o = {.at = from};

        for (n = 0; timeline_next(t, o.at, &o) == RC_OK && o.at <= to; n++)
            assert_true(n < count && o.at == expected[n]);
        assert_int_equal(n, count);
        o.at = to + 1;
        for (; timeline_prev(t, o.at, &o) == RC_OK && o.at > from; n--)
            assert_true(n > 0 && o.at == expected[n - 1]);
        assert_int_equal(n, 0);
    }
}

static void counts_what_lies_in_a_range(void **state UNUSED)
{
    usec_t from = instant("2026-02-27T00:00:00Z"), to = instant("2026-04-02T00:00:00Z");

    for (size_t i = 0; i < ARRAY_LEN(unions); i++) {
        SCOPED(timeline) struct timeline *t = unite(unions[i]);
        usec_t expected[5000];
        size_t count = walk(t, from, to, expected, ARRAY_LEN(expected));
        bool more = true;

        assert_int_equal(timeline_count(t, from, to, TIMELINE_COUNT_MAX, &more), count);
        assert_false(more);
        if (count == 0)
            continue;
        assert_int_equal(timeline_count(t, from, to, count, &more), count);
        assert_false(more);
        assert_int_equal(timeline_count(t, from, to, count - 1, &more), count - 1);
        assert_true(more);
    }
}

static void counts_ranges_open_at_the_start_and_closed_at_the_end(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = unite("@every 1h");
    usec_t hour = 60 * USEC_PER_MIN;
    bool more;

    assert_int_equal(timeline_count(t, 0, 10 * hour, 100, &more), 10);
    assert_int_equal(timeline_count(t, -1, 10 * hour - 1, 100, &more), 10);
    assert_int_equal(timeline_count(t, hour, hour, 100, &more), 0);
    assert_int_equal(timeline_count(t, 2 * hour, hour, 100, &more), 0);
    assert_false(more);
}

static void stops_counting_at_ten_thousand(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = unite("@every 1s|* * * * *");
    bool more = false;

    assert_int_equal(timeline_count(t, 0, USEC_MAX, SIZE_MAX, &more), TIMELINE_COUNT_MAX);
    assert_true(more);
}

static void gives_the_newest_oldest_first(void **state UNUSED)
{
    usec_t from = instant("2026-02-27T00:00:00Z"), to = instant("2026-04-02T00:00:00Z");
    static const size_t limits[] = {0, 1, 3, 100};

    for (size_t i = 0; i < ARRAY_LEN(unions) * ARRAY_LEN(limits); i++) {
        SCOPED(timeline) struct timeline *t = unite(unions[i / ARRAY_LEN(limits)]);
        size_t limit = limits[i % ARRAY_LEN(limits)], count, got;
        struct occurrence out[100];
        usec_t expected[5000];

        count = walk(t, from, to, expected, ARRAY_LEN(expected));
        got = timeline_newest(t, from, to, limit, out);
        assert_int_equal(got, MIN(limit, count));
        for (size_t n = 0; n < got; n++)
            assert_true(out[n].at == expected[count - got + n]);
    }
}

static void finds_the_newest_of_two_hundred_years_at_once(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = unite("* * * * * *|@every 1s|0 0 30 2 *");
    struct occurrence out[2];

    assert_int_equal(timeline_newest(t, 0, instant("2199-06-01T00:00:00Z"), 2, out), 2);
    assert_true(out[0].at == instant("2199-05-31T23:59:59Z"));
    assert_true(out[1].at == instant("2199-06-01T00:00:00Z"));
    assert_int_equal(timeline_newest(t, 0, USEC_MAX, 2, out), 2);
    assert_int_equal(timeline_newest(t, 10, 10, 2, out), 0);
}

static void tells_an_instant_as_the_first_schedule_tells_it(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *moved = unite("30 2 * * *|0 3 * * *");
    SCOPED(timeline) struct timeline *plain = unite("0 3 * * *|30 2 * * *");
    usec_t before = instant("2026-03-29T00:00:00Z");
    struct occurrence o;

    assert_int_equal(timeline_next(moved, before, &o), RC_OK);
    assert_int_equal(o.dst, DST_MOVED);
    assert_int_equal(o.schedule, 0);
    assert_int_equal(timeline_next(plain, before, &o), RC_OK);
    assert_int_equal(o.dst, DST_NONE);
    assert_int_equal(timeline_next(plain, o.at, &o), RC_OK);
    assert_true(o.at == instant("2026-03-30T00:30:00Z"));
    assert_int_equal(o.schedule, 1);
}

static void knows_the_zone_of_an_instant(void **state UNUSED)
{
    struct schedule *schedules[2];
    SCOPED(timeline) struct timeline *t = NULL;
    struct occurrence o = {0};

    assert_int_equal(schedule_parse("TZ=Europe/Berlin 0 12 * * *", &(struct schedule_options){0},
                                    zones, NULL, &schedules[0], NULL),
                     RC_OK);
    assert_int_equal(schedule_parse("TZ=America/New_York 0 12 * * *", &(struct schedule_options){0},
                                    zones, NULL, &schedules[1], NULL),
                     RC_OK);
    t = timeline_new(schedules, 2, NULL);
    assert_int_equal(timeline_next(t, 0, &o), RC_OK);
    assert_string_equal(timeline_zone(t, &o), "Europe/Berlin");
    assert_int_equal(timeline_next(t, o.at, &o), RC_OK);
    assert_string_equal(timeline_zone(t, &o), "America/New_York");
    assert_true(o.due == o.at);
    timeline_free(NULL);
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

/* No schedule names it: by the clock of the first one's zone, or by that of UTC. */
static void an_instant_of_nobody_is_shut_out_too(void **state UNUSED)
{
    const struct schedule_options options = {.zone = "Europe/Berlin"};
    const struct window_options daily = {.daily_from = "06:00", .daily_to = "20:00"};
    struct calendar *night[2];
    struct timeline_options shut = {.calendar_count = 1};
    struct schedule *s;

    for (size_t i = 0; i < ARRAY_LEN(night); i++) {
        night[i] = calendar_new(CALENDAR_EXCLUDE);
        assert_int_equal(calendar_add(night[i], "hours", "22:00-24:00", NULL), RC_OK);
    }
    assert_int_equal(schedule_parse("0 0 * * *", &options, zones, NULL, &s, NULL), RC_OK);
    assert_int_equal(window_new(&daily, zones, &shut.window, NULL), RC_OK);
    shut.calendars = &night[0];
    SCOPED(timeline) struct timeline *berlin = timeline_new(&s, 1, &shut);
    shut.calendars = &night[1];
    shut.window = NULL;
    SCOPED(timeline) struct timeline *bare = timeline_new(NULL, 0, &shut);

    assert_int_equal(timeline_shut_by(berlin, instant("2027-07-01T20:30:00Z")), 0);
    assert_int_equal(timeline_shut_by(berlin, instant("2027-01-01T20:30:00Z")), TIMELINE_WINDOW);
    assert_int_equal(timeline_shut_by(berlin, instant("2027-07-01T12:00:00Z")), TIMELINE_OPEN);
    assert_int_equal(timeline_shut_by(bare, instant("2027-07-01T20:30:00Z")), TIMELINE_OPEN);
    assert_int_equal(timeline_shut_by(bare, instant("2027-07-01T22:30:00Z")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_instant_of_the_union_once),
        cmocka_unit_test(counts_what_lies_in_a_range),
        cmocka_unit_test(counts_ranges_open_at_the_start_and_closed_at_the_end),
        cmocka_unit_test(stops_counting_at_ten_thousand),
        cmocka_unit_test(gives_the_newest_oldest_first),
        cmocka_unit_test(finds_the_newest_of_two_hundred_years_at_once),
        cmocka_unit_test(tells_an_instant_as_the_first_schedule_tells_it),
        cmocka_unit_test(knows_the_zone_of_an_instant),
        cmocka_unit_test(an_instant_of_nobody_is_shut_out_too),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
