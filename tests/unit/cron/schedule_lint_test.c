#include "cron/schedule.h"
#include "unit/cron/schedules.h"

/* --- lints --- */

static void warns_of_what_a_person_should_look_at(void **state UNUSED)
{
    static const struct {
        const char *expression, *codes; /* code@column */
    } lint_cases[] = {
        {"0 0 * * *", ""},
        {"5/15 * * * *", "STEP_FROM_VALUE@1 "},
        {"0 22-2 * * *", "WRAPPED_RANGE@3 "},
        {"0 0 * * FRI-MON", "WRAPPED_RANGE@9 "},
        {"0 0 * NOV-FEB *", "WRAPPED_RANGE@7 "},
        {"0 0 * * FRI-SUN,5-7", ""},
        {"*/90 * * * *", "STEP_TOO_LARGE@1 "},
        {"*/60 * * * *", "STEP_TOO_LARGE@1 "},
        {"0 0 */2 * MON", "DAYS_ORED@5 "},
        {"0 0 */2 * +MON", ""},
        {"0 0 1 * MON", ""},
        {"0 0 30 2 *", "NEVER_FIRES@0 "},
        {"0 0 0 1 1 * 1999", "PAST@0 "},
        {"@at 2020-01-01T00:00:00Z", "PAST@0 "},
        {"@at 2199-01-01T00:00:00Z", ""},
        {"5/15 22-2 * * *", "STEP_FROM_VALUE@1 WRAPPED_RANGE@6 "},
    };

    for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++) {
        struct schedule_options options = {.task = task, .now = instant("2026-01-01T00:00:00Z")};
        SCOPED(schedule) struct schedule *s = NULL;
        SCOPED_BUF got = {0};
        struct lints lints;

        assert_int_equal(
            schedule_parse(lint_cases[i].expression, &options, zones, &lints, &s, NULL), RC_OK);
        for (size_t n = 0; n < lints.count; n++)
            buf_printf(&got, "%s@%d ", lint_code_name(lints.list[n].code), lints.list[n].column);
        assert_string_equal(buf_text(&got), lint_cases[i].codes);
    }
}

static void has_no_lints_where_the_dialect_knows_the_form(void **state UNUSED)
{
    struct lints lints;
    SCOPED(schedule)
    struct schedule *s = parse_for("0 5/15 22-2 ? * FRI-MON", DIALECT_QUARTZ, &lints);

    assert_int_equal(lints.count, 0);
    assert_non_null(s);
}

/* --- hashed values --- */

static void hashes_the_task_not_the_dice(void **state UNUSED)
{
    struct schedule_options none = {0}, other = {.task = {{9, 9, 9}}};
    SCOPED(schedule) struct schedule *a = parse_for("H H * * *", DIALECT_AUTO, NULL);
    SCOPED(schedule) struct schedule *b = parse_for("H H * * *", DIALECT_AUTO, NULL);
    SCOPED(schedule) struct schedule *c = NULL;
    SCOPED(schedule) struct schedule *d = NULL;
    struct lints lints;

    assert_int_equal(schedule_parse("H H * * *", &other, zones, &lints, &c, NULL), RC_OK);
    assert_int_equal(lints.count, 0);
    assert_int_equal(schedule_parse("H H * * *", &none, zones, &lints, &d, NULL), RC_OK);
    assert_int_equal(lints.count, 1);
    assert_int_equal(lints.list[0].code, LINT_HASH_WITHOUT_TASK);
    assert_true(schedule_equal(a, b));
    assert_false(schedule_equal(a, c));
}

static void keeps_hashed_values_inside_their_bounds(void **state UNUSED)
{
    static const struct {
        const char *expression;
        int day_min, day_max, hour_min, hour_max, minute_step;
    } bounds[] = {
        {"H H(2-4) H * *", 1, 28, 2, 4, 0},       {"0~9 ~5 ~ * *", 1, 28, 0, 5, 0},
        {"H 20~ 25~31 * *", 25, 28, 20, 23, 0},   {"H/15 H(9-17)/3 H(1-31) * *", 1, 28, 9, 17, 15},
        {"H 3~3 ~2 * *", 1, 2, 3, 3, 0},          {"H H(2-3) 3 1 +SAT~SUN", 3, 3, 2, 3, 0},
        {"H 4 3 1 +H(FRI-SUN)/9", 3, 3, 4, 4, 0},
    };

    for (uint8_t seed = 0; seed < 200; seed++) {
        struct schedule_options options = {.task = {{seed, 7, (uint8_t)(seed * 3)}}};

        for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
            SCOPED(schedule) struct schedule *s = NULL;
            struct occurrence o, p;
            struct civil c;

            assert_int_equal(schedule_parse(bounds[i].expression, &options, zones, NULL, &s, NULL),
                             RC_OK);
            assert_int_equal(schedule_next(s, 0, &o), RC_OK);
            c = civil_of(o.at);
            assert_in_range(c.day, bounds[i].day_min, bounds[i].day_max);
            assert_in_range(c.hour, bounds[i].hour_min, bounds[i].hour_max);
            assert_int_equal(schedule_next(s, o.at, &p), RC_OK);
            if (bounds[i].minute_step > 0)
                assert_true((p.at - o.at) % (bounds[i].minute_step * USEC_PER_MIN) == 0);
        }
    }
}

static void spreads_hashed_minutes_evenly(void **state UNUSED)
{
    int counts[60] = {0};

    for (int i = 0; i < 6000; i++) {
        struct schedule_options options = {
            .task = uuid_named(UUID_NIL, (char[]){(char)('a' + i % 26), (char)('a' + i / 26 % 26),
                                                  (char)('a' + i / 676), '\0'})};
        SCOPED(schedule) struct schedule *s = NULL;
        struct occurrence o;

        assert_int_equal(schedule_parse("H * * * *", &options, zones, NULL, &s, NULL), RC_OK);
        assert_int_equal(schedule_next(s, 0, &o), RC_OK);
        counts[civil_of(o.at).minute]++;
    }
    for (int minute = 0; minute < 60; minute++)
        assert_in_range(counts[minute], 60, 140);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warns_of_what_a_person_should_look_at),
        cmocka_unit_test(has_no_lints_where_the_dialect_knows_the_form),
        cmocka_unit_test(hashes_the_task_not_the_dice),
        cmocka_unit_test(keeps_hashed_values_inside_their_bounds),
        cmocka_unit_test(spreads_hashed_minutes_evenly),
    };

    return cmocka_run_group_tests(tests, set_up_zones, tear_down_zones);
}
