#include "cli/client/task_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct calendar_case {
    const char *text, *rules; /* "kind=value ..."; NULL: refused */
} calendar_cases[] = {
    {"weekday SAT", "weekday=SAT"},
    {"weekday SAT,SUN", "weekday=SAT weekday=SUN"},
    {"  date 2026-12-24,2026-12-25   hours\t12:00-13:00 ",
     "date=2026-12-24 date=2026-12-25 hours=12:00-13:00"},
    {"range 2026-12-24/2027-01-06", "range=2026-12-24/2027-01-06"},
    {"weekday ,SAT,,", "weekday=SAT"},
    {"", ""},
    {"weekday", NULL},
    {"weekday SAT hours", NULL},
};

static void reads_the_rules_of_a_calendar(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(calendar_cases); i++) {
        const struct calendar_case *c = &calendar_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct calendar_spec calendar;
        struct error err = {0};
        SCOPED_BUF text = {0};

        if (c->rules == NULL) {
            assert_int_equal(limits_calendar(c->text, CALENDAR_ONLY, memory, &calendar, &err),
                             RC_INVALID);
            assert_non_null(strstr(err.text, "there is no value after"));
            continue;
        }
        assert_int_equal(limits_calendar(c->text, CALENDAR_ONLY, memory, &calendar, &err), RC_OK);
        assert_int_equal(calendar.mode, CALENDAR_ONLY);
        for (size_t n = 0; n < calendar.rule_count; n++)
            buf_printf(&text, "%s%s=%s", n == 0 ? "" : " ", calendar.rules[n].kind,
                       calendar.rules[n].value);
        assert_string_equal(buf_text(&text), c->rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_rules_of_a_calendar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
