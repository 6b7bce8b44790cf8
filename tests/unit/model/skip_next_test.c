#include "model/skip_next.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cron/zoneset.h"

static const usec_t HOUR = 60 * USEC_PER_MIN;

/* Each hour up to the fifth. */
static struct timeline *hours(void)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    struct schedule *s = NULL;

    assert_int_equal(schedule_parse("0 0 1-5 1 1 * 1970", &(struct schedule_options){.zone = "UTC"},
                                    zones, NULL, &s, NULL),
                     RC_OK);
    return timeline_new(&s, 1, NULL);
}

static const struct skip_case {
    double after, until; /* hours */
    size_t count;        /* to be skipped */
    int next;            /* the first one that runs; 0: none */
} skip_cases[] = {
    {0, 0, 0, 1},     /* nothing was asked for */
    {0.5, 1, 1, 2},   /* up to the mark, it included */
    {0.5, 3, 3, 4},   /* asked three times */
    {1, 1, 0, 2},     /* it is over */
    {2.5, 1, 0, 3},   /* long since */
    {0.5, 2.5, 2, 3}, /* other clocks have moved the instants */
    {0.5, 5, 5, 0},   /* nothing is left */
    {4.5, 9, 1, 0},   {5, 9, 0, 0},
};

static void as_many_as_lie_before_the_mark_are_skipped(void **state UNUSED)
{
    SCOPED(timeline) struct timeline *t = hours();

    for (size_t i = 0; i < ARRAY_LEN(skip_cases); i++) {
        const struct skip_case *c = &skip_cases[i];
        usec_t after = (usec_t)(c->after * (double)HOUR), until = (usec_t)(c->until * (double)HOUR);
        struct occurrence next = {.at = 0};
        bool has_next = skip_next_find(t, after, until, &next) == RC_OK;

        if (skip_next_count(t, after, until) != c->count || has_next != (c->next != 0) ||
            (has_next && next.at != c->next * HOUR))
            fail_msg("case %zu", i);
        assert_false(has_next && skip_next_covers(until, next.at));
        if (c->count > 0) {
            assert_int_equal(timeline_next(t, after, &next), RC_OK);
            assert_true(skip_next_covers(until, next.at));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_lie_before_the_mark_are_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
