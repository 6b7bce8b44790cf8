#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/timeline.h"
#include "unit/cron/zones.h"

static const usec_t minute = USEC_PER_MIN, hour = 60 * USEC_PER_MIN;
static const char nil[] = "00000000-0000-0000-0000-000000000000";
static const char some[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

static struct zoneset *zones;

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* UTC; hours: of a calendar that excludes them, NULL: none. */
static struct timeline *make(const char *expression, const char *task, usec_t jitter,
                             const char *hours)
{
    struct timeline_options o = {.jitter = jitter};
    struct calendar *c = calendar_new(CALENDAR_EXCLUDE);
    struct schedule *s;

    assert_int_equal(
        schedule_parse(expression, &(struct schedule_options){0}, zones, NULL, &s, NULL), RC_OK);
    assert_int_equal(uuid_from_text(task, &o.task, NULL), RC_OK);
    if (hours != NULL) {
        assert_int_equal(calendar_add(c, "hours", hours, NULL), RC_OK);
        o.calendars = &c;
        o.calendar_count = 1;
        return timeline_new(&s, 1, &o);
    }
    calendar_free(c);
    return timeline_new(&s, 1, &o);
}

/* The hash must never change: these come from another program. */
static void delays_for_ever_the_same(void **state UNUSED)
{
    static const struct {
        const char *task, *at;
        usec_t jitter, delay;
    } cases[] = {
        {nil, "2026-11-24T12:00:00Z", INT64_C(60000000), 4076000},
        {nil, "2026-11-24T13:00:00Z", INT64_C(60000000), 31524517},
        {nil, "2026-11-24T12:00:00Z", INT64_C(7200000000), 2824076000}, /* mod the gap, an hour */
        {nil, "1970-01-01T00:00:00Z", INT64_C(3600000000), 3456401157},
        {some, "2026-11-24T12:00:00Z", INT64_C(60000000), 37921837},
        {some, "2026-11-24T13:00:00Z", INT64_C(60000000), 14505300},
        {some, "2026-11-24T12:00:00Z", INT64_C(7200000000), 1837921837},
        {some, "1970-01-01T00:00:00Z", INT64_C(3600000000), 963369884},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(timeline)
        struct timeline *t = make("0 * * * *", cases[i].task, cases[i].jitter, NULL);
        usec_t at = instant(cases[i].at);
        struct occurrence o;

        assert_int_equal(timeline_next(t, at - 1, &o), RC_OK);
        assert_true(o.at == at && o.due == at + cases[i].delay);
    }
}

static void delays_nothing_unless_asked_to(void **state UNUSED)
{
    static const usec_t jitters[] = {0, 1}; /* less than 1 µs is none */

    for (size_t i = 0; i < ARRAY_LEN(jitters); i++) {
        SCOPED(timeline) struct timeline *t = make("0 * * * *", some, jitters[i], "12:00-13:00");
        struct occurrence o, out[3];

        assert_int_equal(timeline_next(t, 0, &o), RC_OK);
        assert_true(o.due == o.at);
        assert_int_equal(timeline_prev(t, 100 * hour, &o), RC_OK);
        assert_true(o.due == o.at);
        assert_int_equal(timeline_newest(t, 0, 100 * hour, ARRAY_LEN(out), out), ARRAY_LEN(out));
        assert_true(out[0].due == out[0].at && out[2].due == out[2].at);
    }
}

static void keeps_the_order(void **state UNUSED)
{
    static const char *const expressions[] = {"* * * * * *", "*/5 * * * *", "0,1,30 * * * *",
                                              "13 4 * * *"};
    static const usec_t jitters[] = {
        2, 1000, USEC_PER_SEC, INT64_C(90000000), 86400 * USEC_PER_SEC, USEC_MAX};

    for (size_t i = 0; i < ARRAY_LEN(expressions) * ARRAY_LEN(jitters); i++) {
        usec_t jitter = jitters[i % ARRAY_LEN(jitters)], due = 0;
        SCOPED(timeline)
        struct timeline *t = make(expressions[i / ARRAY_LEN(jitters)], some, jitter, "12:00-13:00");
        struct occurrence o = {.at = instant("2026-11-24T11:30:00Z")};
        bool delayed = false;

        for (int n = 0; n < 500; n++) {
            assert_int_equal(timeline_next(t, o.at, &o), RC_OK);
            assert_true(o.at > due); /* the one before it is due before it */
            assert_true(o.due >= o.at && o.due - o.at < jitter);
            delayed |= o.due > o.at;
            due = o.due;
        }
        assert_true(delayed);
    }
}

static void tells_the_same_delay_whichever_way_it_is_asked(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = make("*/7 * * * *", some, 5 * minute, "12:00-13:00");
    usec_t from = instant("2026-11-24T11:00:00Z"), to = instant("2026-11-24T14:00:00Z");
    struct occurrence o = {.at = from}, back, out[100];
    size_t count = timeline_newest(t, from, to, ARRAY_LEN(out), out);

    assert_int_equal(count, 18);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(timeline_next(t, o.at, &o), RC_OK);
        assert_int_equal(timeline_prev(t, o.at + 1, &back), RC_OK);
        assert_true(o.at == out[i].at && o.due == out[i].due);
        assert_true(o.at == back.at && o.due == back.due);
    }
}

/* 2824076000 µs for an hour: more than the half hour between instants, were none left out. */
static void measures_the_gap_to_what_calendars_leave(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *all = make("0,30 * * * *", nil, 2 * hour, NULL);
    SCOPED(timeline)
    struct timeline *some_left = make("0,30 * * * *", nil, 2 * hour, "12:30-13:00");
    usec_t at = instant("2026-11-24T12:00:00Z");
    struct occurrence o;

    assert_int_equal(timeline_next(all, at - 1, &o), RC_OK);
    assert_true(o.due - at == INT64_C(2824076000) % (30 * minute));
    assert_int_equal(timeline_next(some_left, at - 1, &o), RC_OK);
    assert_true(o.at == at && o.due - at == INT64_C(2824076000));
}

static void delays_the_last_instant_too(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = make("@at 2026-11-24T12:00:00Z", nil, minute, NULL);
    struct occurrence o;

    assert_int_equal(timeline_next(t, 0, &o), RC_OK);
    assert_true(o.due == o.at + 4076000);
    assert_int_equal(timeline_next(t, o.at, &o), RC_NOT_FOUND);
}

/* A window judges instants, not when they are due. */
static void may_be_due_after_the_window(void **state UNUSED)
{
    struct timeline_options o = {.jitter = 2 * hour};
    struct schedule *s;
    struct occurrence found;
    SCOPED(timeline) struct timeline *t = NULL;

    assert_int_equal(
        schedule_parse("0 * * * *", &(struct schedule_options){0}, zones, NULL, &s, NULL), RC_OK);
    assert_int_equal(window_new(&(struct window_options){.until = instant("2026-11-24T12:00:01Z")},
                                zones, &o.window, NULL),
                     RC_OK);
    t = timeline_new(&s, 1, &o);
    assert_int_equal(timeline_prev(t, USEC_MAX, &found), RC_OK);
    assert_true(found.at == instant("2026-11-24T12:00:00Z"));
    assert_true(found.due > instant("2026-11-24T12:00:01Z"));
}

static void spreads_tasks_evenly(void **state UNUSED)
{
    enum { TASKS = 2000, PARTS = 10 };
    int counts[PARTS] = {0};

    for (int i = 0; i < TASKS; i++) {
        char key[32], id[UUID_TEXT];
        SCOPED(timeline) struct timeline *t = NULL;
        struct occurrence o;

        (void)snprintf(key, sizeof key, "task-%d", i);
        t = make("0 * * * *", uuid_to_text(task_id_of("default", key), id), minute, NULL);
        assert_int_equal(timeline_next(t, 0, &o), RC_OK);
        counts[(o.due - o.at) * PARTS / minute]++;
    }
    for (int i = 0; i < PARTS; i++)
        assert_in_range(counts[i], TASKS / PARTS * 3 / 4, TASKS / PARTS * 5 / 4);
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
        cmocka_unit_test(delays_for_ever_the_same),
        cmocka_unit_test(delays_nothing_unless_asked_to),
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(tells_the_same_delay_whichever_way_it_is_asked),
        cmocka_unit_test(measures_the_gap_to_what_calendars_leave),
        cmocka_unit_test(delays_the_last_instant_too),
        cmocka_unit_test(may_be_due_after_the_window),
        cmocka_unit_test(spreads_tasks_evenly),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
