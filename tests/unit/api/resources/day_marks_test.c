#include "api/resources/day_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cron/zoneset.h"

#define HOUR (60 * USEC_PER_MIN)

/* Four days of UTC, the third of no length, and an hour. */
static const usec_t bounds[] = {
    0, USEC_PER_DAY, 2 * USEC_PER_DAY, 2 * USEC_PER_DAY, 3 * USEC_PER_DAY, 3 * USEC_PER_DAY + HOUR};

enum { SPANS = ARRAY_LEN(bounds) - 1 };

static void finds_the_span_that_holds_an_instant(void **state UNUSED)
{
    static const struct {
        usec_t at;
        size_t span;
    } cases[] = {{-1, SPANS},
                 {0, 0},
                 {USEC_PER_DAY - 1, 0},
                 {USEC_PER_DAY, 1},
                 {2 * USEC_PER_DAY - 1, 1},
                 {2 * USEC_PER_DAY, 3},
                 {3 * USEC_PER_DAY, 4},
                 {3 * USEC_PER_DAY + HOUR - 1, 4},
                 {3 * USEC_PER_DAY + HOUR, SPANS}};
    const struct day_marks m = {.bounds = bounds, .count = SPANS};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(day_marks_find(&m, cases[i].at), cases[i].span);
    assert_int_equal(day_marks_find(&(struct day_marks){.bounds = bounds, .count = 0}, 5), 0);
}

static struct timeline *hourly(void)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    struct schedule *s = NULL;

    assert_int_equal(schedule_parse("0 * * * *", &(struct schedule_options){.zone = "UTC"}, zones,
                                    NULL, &s, NULL),
                     RC_OK);
    return timeline_new(&s, 1, NULL);
}

/* (from, to] in hours; what each of the spans is to have */
static const struct gap_case {
    double from, to;
    int count;
    bool is_known; /* the revision */
    int expected[SPANS];
} gap_cases[] = {
    {1, 3, 2, true, {2, 0, 0, 0, 0}},    /* within one: what the scheduler counted */
    {1, 3, 99, true, {99, 0, 0, 0, 0}},  /* whatever that is */
    {22, 26, 4, true, {1, 3, 0, 0, 0}},  /* the last instant of a day is the first of the next */
    {22, 26, 4, false, {0, 4, 0, 0, 0}}, /* nobody knows of what: where it ends */
    {-5, 2, 7, true, {3, 0, 0, 0, 0}},   /* since before */
    {71, 90, 19, true, {0, 0, 0, 0, 1}}, /* until after */
    {-9, 99, 108, true, {24, 24, 0, 24, 1}}, /* all over */
    {-9, -1, 8, true, {0}},
    {80, 90, 10, true, {0}},
    {23.2, 23.9, 1, true, {1, 0, 0, 0, 0}},
    {23.5, 24.5, 1, true, {0, 1, 0, 0, 0}},
};

static void counts_a_gap_where_its_instants_lie(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = hourly();

    for (size_t i = 0; i < ARRAY_LEN(gap_cases); i++) {
        const struct gap_case *c = &gap_cases[i];
        int64_t counts[SPANS][REASON_COUNT] = {{0}};
        struct day_marks m = {.bounds = bounds, .count = SPANS, .gaps = counts};
        const struct gap_row gap = {.reason = REASON_PAUSED,
                                    .count = c->count,
                                    .from_at = (usec_t)(c->from * (double)HOUR),
                                    .to_at = (usec_t)(c->to * (double)HOUR)};

        (void)day_marks_add_gap(&m, &gap, c->is_known ? t : NULL);
        for (size_t n = 0; n < SPANS; n++)
            assert_int_equal(counts[n][REASON_PAUSED], c->expected[n]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_span_that_holds_an_instant),
        cmocka_unit_test(counts_a_gap_where_its_instants_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
