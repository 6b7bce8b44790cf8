#include "model/backfill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "model/spec.h"
#include "model/spec_timeline.h"

static usec_t at(const char *text)
{
    usec_t t = 0;

    if (text != NULL)
        assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

/* --- the range --- */

static const struct range_case {
    const char *from, *to, *pointer; /* pointer NULL: it is fine */
} range_cases[] = {
    {"2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", NULL},
    {"2000-01-01T00:00:00Z", "2026-11-24T12:00:00Z", NULL},
    {"2026-11-24T11:59:59.999999Z", "2026-11-24T12:00:00Z", NULL},
    {NULL, "2026-03-02T00:00:00Z", "/from"},
    {"2026-03-01T00:00:00Z", NULL, "/to"},
    {NULL, NULL, "/from"},
    {"1999-12-31T23:59:59.999999Z", "2026-03-02T00:00:00Z", "/from"},
    {"2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "/to"},
    {"2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "/to"},
    {"2026-03-01T00:00:00Z", "2026-11-24T12:00:00.000001Z", "/to"},
};

static void a_range_is_one_of_the_past(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(range_cases); i++) {
        const struct range_case *c = &range_cases[i];
        const struct backfill_task range = {at(c->from), at(c->to)};
        struct error err = {0};
        enum rc rc = backfill_check_range(&range, at("2026-11-24T12:00:00Z"), &err);

        assert_int_equal(rc, c->pointer == NULL ? RC_OK : RC_INVALID);
        assert_string_equal(err.pointer, c->pointer == NULL ? "" : c->pointer);
    }
}

static void a_command_is_held_to_it(void **state UNUSED)
{
    struct command c = {.kind = COMMAND_BACKFILL,
                        .body.backfill = {at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z")}};
    struct error err = {0};

    assert_int_equal(command_check(&c, at("2026-03-02T00:00:00Z"), &err), RC_OK);
    assert_int_equal(command_check(&c, at("2026-03-01T23:59:59Z"), &err), RC_INVALID);
    assert_string_equal(err.text,
                        "to: 2026-03-02T00:00:00Z has not passed, it is 2026-03-01T23:59:59Z");
}

/* --- its instants --- */

static struct timeline *each_minute(struct zoneset *zones)
{
    struct schedule_spec schedule = {.expression = "* * * * *"};
    const struct task_spec spec = {.key = "a", .schedules = &schedule, .schedule_count = 1};
    struct timeline *t = NULL;

    assert_int_equal(spec_timeline(&spec, UUID_NIL, zones, &t, NULL), RC_OK);
    return t;
}

static void the_first_instant_of_a_range_is_behind_its_beginning(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    SCOPED(timeline) struct timeline *t = each_minute(zones);
    const struct backfill_task range = {at("2026-03-01T00:00:00Z"), at("2026-03-01T00:03:00Z")};
    struct occurrence o = {.at = range.from};
    size_t count;

    for (usec_t minute = 1; minute <= 3; minute++) {
        assert_true(backfill_next(t, &range, &o));
        assert_true(o.at == range.from + minute * USEC_PER_MIN);
    }
    assert_false(backfill_next(t, &range, &o));
    assert_int_equal(backfill_count(t, &range, &count, NULL), RC_OK);
    assert_int_equal(count, 3);
}

static void a_thousand_and_no_more_are_asked_for_at_once(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");
    SCOPED(timeline) struct timeline *t = each_minute(zones);
    struct backfill_task range = {at("2026-03-01T00:00:00Z"), at("2026-03-01T16:40:59Z")};
    struct error err = {0};
    size_t count = 7;

    assert_int_equal(backfill_count(t, &range, &count, &err), RC_OK);
    assert_int_equal(count, 1000);
    range.to = at("2026-03-01T16:41:00Z");
    count = 7;
    assert_int_equal(backfill_count(t, &range, &count, &err), RC_INVALID);
    assert_int_equal(count, 7);
    assert_string_equal(err.pointer, "/to");
    assert_non_null(strstr(err.hint, "2026-03-01T16:40:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_is_one_of_the_past),
        cmocka_unit_test(a_command_is_held_to_it),
        cmocka_unit_test(the_first_instant_of_a_range_is_behind_its_beginning),
        cmocka_unit_test(a_thousand_and_no_more_are_asked_for_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
