#include "api/resources/timeline_of.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/cron/zones.h"

#define HOUR (60 * USEC_PER_MIN)

static const struct task_row hourly = {
    .task_id = {{1}}, .revision = 2, .spec = "{\"schedules\":[{\"expression\":\"0 * * * *\"}]}"};
static const struct task_row once = {
    .task_id = {{2}},
    .revision = 2,
    .spec = "{\"schedules\":[{\"expression\":\"@at 1970-01-01T03:00\"}]}"};
static const struct task_row jittered = {
    .task_id = {{3}},
    .revision = 2,
    .spec = "{\"schedules\":[{\"expression\":\"0 * * * *\"}],\"jitter_ms\":3600000}"};

static const struct next_case {
    const struct task_row *row;
    usec_t after, skip_until; /* minutes */
    usec_t due, skips;        /* minutes; due -1: never */
} next_cases[] = {
    {&hourly, 30, 0, 60, 0},      {&hourly, 30, 60, 120, 60}, /* one is to be skipped */
    {&hourly, 30, 180, 240, 180}, {&hourly, 60, 60, 120, 0},  /* it was */
    {&hourly, 90, 60, 120, 0},    {&hourly, 30, 0, 60, 0},   /* nothing is remembered of what was */
    {&once, 30, 0, 180, 0},       {&once, 30, 180, -1, 180}, /* nothing is left */
    {&once, 180, 180, -1, 0},
};

static void the_next_run_is_the_first_that_is_not_to_be_skipped(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    SCOPED(next_cache) struct next_cache *cache = next_cache_new();

    for (size_t i = 0; i < ARRAY_LEN(next_cases); i++) {
        const struct next_case *c = &next_cases[i];
        const struct next_run run = next_run_of(cache, c->row, zones, c->after * USEC_PER_MIN,
                                                c->skip_until * USEC_PER_MIN);

        if (run.due != (c->due < 0 ? USEC_MAX : c->due * USEC_PER_MIN) ||
            run.skip_until != c->skips * USEC_PER_MIN)
            fail_msg("case %zu: due at minute %jd", i, (intmax_t)(run.due / USEC_PER_MIN));
    }
}

/* Scheduled before, due after: it is to come, and may be the one to be skipped. */
static void what_jitter_holds_back_can_still_be_skipped(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = test_zoneset();
    SCOPED(next_cache) struct next_cache *cache = next_cache_new();
    const usec_t due = next_run_of(cache, &jittered, zones, HOUR, 0).due;
    struct next_run run;

    assert_true(due > HOUR && due < 2 * HOUR);
    run = next_run_of(cache, &jittered, zones, due - 1, HOUR);
    assert_int_equal(run.skip_until, HOUR);
    assert_true(run.due > 2 * HOUR);
    run = next_run_of(cache, &jittered, zones, due, HOUR);
    assert_int_equal(run.skip_until, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_run_is_the_first_that_is_not_to_be_skipped),
        cmocka_unit_test(what_jitter_holds_back_can_still_be_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
