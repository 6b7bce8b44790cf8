#include "cron/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rfc3339.h"

/* "weekday SAT, hours 12:00-13:00": rules as kind and value. */
static struct calendar *calendar_of(const char *rules)
{
    struct calendar *c = calendar_new(CALENDAR_EXCLUDE);

    while (*rules != '\0') {
        size_t len = strcspn(rules, ","), kind_len = strcspn(rules, " ");
        SCOPED(text) char *kind = xstrndup(rules, kind_len);
        SCOPED(text) char *value = xstrndup(rules + kind_len + 1, len - kind_len - 1);

        assert_int_equal(calendar_add(c, kind, value, NULL), RC_OK);
        rules += len;
        rules += strspn(rules, ", ");
    }
    return c;
}

static int64_t wall_of(const char *text)
{
    SCOPED(text) char *full = xasprintf("%sZ", text);
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(full, &t, NULL), RC_OK);
    return t / USEC_PER_SEC;
}

/* clang-format off */
static const struct hold_case {
    const char *rules, *local;
    bool held;
} hold_cases[] = {
    {"",                                "2026-11-24T00:00:00", true},  /* no rule: all */
    {"date 2026-12-24",                 "2026-12-23T23:59:59", false},
    {"date 2026-12-24",                 "2026-12-24T00:00:00", true},
    {"date 2026-12-24",                 "2026-12-24T23:59:59", true},
    {"date 2026-12-24",                 "2026-12-25T00:00:00", false},
    {"date 2026-12-24",                 "2025-12-24T12:00:00", false},
    {"date 1970-01-01",                 "1970-01-01T12:00:00", true},  /* the first of all */
    {"date 1970-01-01",                 "1969-12-31T12:00:00", false},
    {"date 2199-12-31",                 "2199-12-31T12:00:00", true},  /* the last of all */
    {"date 2028-02-29",                 "2028-02-29T12:00:00", true},
    {"date 2026-12-24, date 2026-12-26", "2026-12-25T12:00:00", false},
    {"date 2026-12-24, date 2026-12-26", "2026-12-26T12:00:00", true},
    {"range 2026-12-24/2027-01-06",     "2026-12-23T12:00:00", false},
    {"range 2026-12-24/2027-01-06",     "2026-12-24T00:00:00", true},  /* both ends included */
    {"range 2026-12-24/2027-01-06",     "2026-12-31T12:00:00", true},
    {"range 2026-12-24/2027-01-06",     "2027-01-06T23:59:59", true},
    {"range 2026-12-24/2027-01-06",     "2027-01-07T00:00:00", false},
    {"range 2026-12-24/2026-12-24",     "2026-12-24T12:00:00", true},
    {"range 2026-01-01/2028-12-31",     "2027-07-15T12:00:00", true},  /* months without an end in them */
    {"yearly 12-25",                    "2026-12-25T12:00:00", true},
    {"yearly 12-25",                    "2199-12-25T12:00:00", true},
    {"yearly 12-25",                    "2026-11-25T12:00:00", false},
    {"yearly 02-29",                    "2028-02-29T12:00:00", true},
    {"yearly 02-29",                    "2027-02-28T12:00:00", false}, /* of leap years only */
    {"yearly 02-29",                    "2027-03-01T12:00:00", false},
    {"weekday SAT",                     "2026-11-28T12:00:00", true},
    {"weekday SAT",                     "2026-11-29T12:00:00", false},
    {"weekday sun",                     "2026-11-29T12:00:00", true},  /* any case */
    {"weekday 0",                       "2026-11-29T12:00:00", true},
    {"weekday 7",                       "2026-11-29T12:00:00", true},
    {"weekday 6, weekday Mon",          "2026-11-30T12:00:00", true},
    {"weekday THU",                     "1970-01-01T12:00:00", true},
    {"nth_weekday MON#1",               "2026-12-07T12:00:00", true},
    {"nth_weekday MON#2",               "2026-12-07T12:00:00", false},
    {"nth_weekday MON#2",               "2026-12-14T12:00:00", true},
    {"nth_weekday MON#2",               "2026-12-15T12:00:00", false},
    {"nth_weekday 1#2",                 "2026-12-14T12:00:00", true},
    {"nth_weekday FRI#5",               "2027-01-29T12:00:00", true},
    {"nth_weekday FRI#5",               "2026-12-25T12:00:00", false}, /* the fourth and last */
    {"nth_weekday FRI#L",               "2026-12-25T12:00:00", true},
    {"nth_weekday fri#l",               "2027-01-29T12:00:00", true},
    {"nth_weekday FRI#L",               "2027-01-22T12:00:00", false},
    {"nth_weekday SUN#L",               "2026-02-22T12:00:00", true},  /* 28 days */
    {"nth_weekday SUN#L",               "2026-02-15T12:00:00", false},
    {"hours 12:00-13:00",               "2026-11-24T11:59:59", false},
    {"hours 12:00-13:00",               "2026-11-24T12:00:00", true},
    {"hours 12:00-13:00",               "2026-11-24T12:59:59", true},
    {"hours 12:00-13:00",               "2026-11-24T13:00:00", false}, /* half-open */
    {"hours 12:05-12:06",               "2026-11-24T12:05:30", true},
    {"hours 12:00-13:00, hours 15:00-16:00", "2026-11-24T15:30:00", true},
    {"hours 12:00-13:00, hours 15:00-16:00", "2026-11-24T14:30:00", false},
    {"hours 22:00-24:00",               "2026-11-24T23:59:59", true},
    {"hours 22:00-24:00",               "2026-11-24T00:00:00", false},
    {"hours 22:00-00:00",               "2026-11-24T23:59:59", true},  /* the same */
    {"hours 22:00-00:00",               "2026-11-24T00:00:00", false},
    {"hours 00:00-24:00",               "2026-11-24T00:00:00", true},
    {"hours 22:00-06:00",               "2026-11-24T21:59:59", false},
    {"hours 22:00-06:00",               "2026-11-24T22:00:00", true},
    {"hours 22:00-06:00",               "2026-11-24T05:59:59", true},
    {"hours 22:00-06:00",               "2026-11-24T06:00:00", false},
    {"weekday SAT, hours 12:00-13:00",  "2026-11-28T12:30:00", true},
    {"weekday SAT, hours 12:00-13:00",  "2026-11-28T13:30:00", false},
    {"weekday SAT, hours 12:00-13:00",  "2026-11-29T12:30:00", false},
    {"weekday SAT, hours 22:00-06:00",  "2026-11-28T05:30:00", false}, /* belongs to Friday */
    {"weekday SAT, hours 22:00-06:00",  "2026-11-28T22:30:00", true},
    {"weekday SAT, hours 22:00-06:00",  "2026-11-29T05:30:00", true},  /* belongs to Saturday */
    {"weekday SAT, hours 22:00-06:00",  "2026-11-29T22:30:00", false},
    {"date 2026-12-31, hours 22:00-02:00", "2027-01-01T01:30:00", true}, /* over the end of a month, and of a year */
    {"date 2027-01-01, hours 22:00-02:00", "2027-01-01T01:30:00", false},
    {"date 2028-02-29, hours 23:00-01:00", "2028-03-01T00:30:00", true},
    {"date 2026-12-24, weekday SAT",    "2026-12-24T12:00:00", true},  /* dates are joined */
    {"date 2026-12-24, weekday SAT",    "2026-12-26T12:00:00", true},
    {"date 2026-12-24, weekday SAT",    "2026-12-25T12:00:00", false},
    {"yearly 01-01, nth_weekday MON#1, range 2026-03-01/2026-03-05", "2026-03-03T12:00:00", true},
};

static const struct error_case {
    const char *kind, *value;
    int column;
    const char *text, *hint;
} error_cases[] = {
    {"day",     "2026-12-24", 0, "'day' is not a kind of rule", "date, range, yearly, weekday, nth_weekday or hours"},
    {"",        "2026-12-24", 0, "'' is not a kind of rule", "date, range, yearly, weekday, nth_weekday or hours"},
    {"date",    "",           1, "date '': year: 4 digits are expected", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "24.12.2026", 1, "date '24.12.2026': year: 4 digits are expected", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "1969-12-31", 1, "date '1969-12-31': year: 1969 is outside 1970-2199", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2200-01-01", 1, "date '2200-01-01': year: 2200 is outside 1970-2199", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "20261224",   5, "date '20261224': '-' is expected", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-1-24",  6, "date '2026-1-24': month: 2 digits are expected", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-00-24", 6, "date '2026-00-24': month: 0 is outside 1-12", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-12/24", 8, "date '2026-12/24': '-' is expected", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-12-00", 9, "date '2026-12-00': day: 0 is outside 1-31", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-11-31", 9, "date '2026-11-31': day: 31 is outside 1-30", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-02-29", 9, "date '2026-02-29': day: 29 is outside 1-28", "YYYY-MM-DD, as in 2026-12-24"},
    {"date",    "2026-12-24 ", 11, "date '2026-12-24 ': unexpected ' '", "YYYY-MM-DD, as in 2026-12-24"},
    {"range",   "2026-12-24", 11, "range '2026-12-24': '/' is expected", "first and last day, as in 2026-12-24/2027-01-06"},
    {"range",   "2026-12-24/2026-12-23", 1, "range '2026-12-24/2026-12-23': the second date is before the first",
     "first and last day, as in 2026-12-24/2027-01-06"},
    {"range",   "2026-13-24/2026-12-23", 6, "range '2026-13-24/2026-12-23': month: 13 is outside 1-12",
     "first and last day, as in 2026-12-24/2027-01-06"},
    {"range",   "2026-12-24/2026-12-32", 20, "range '2026-12-24/2026-12-32': day: 32 is outside 1-31",
     "first and last day, as in 2026-12-24/2027-01-06"},
    {"range",   "2026-12-24/2026-12-31/", 22, "range '2026-12-24/2026-12-31/': unexpected '/'",
     "first and last day, as in 2026-12-24/2027-01-06"},
    {"yearly",  "13-25",      1, "yearly '13-25': month: 13 is outside 1-12", "MM-DD, as in 12-25"},
    {"yearly",  "12.25",      3, "yearly '12.25': '-' is expected", "MM-DD, as in 12-25"},
    {"yearly",  "02-30",      4, "yearly '02-30': day: 30 is outside 1-29", "MM-DD, as in 12-25"},
    {"yearly",  "12-25-2026", 6, "yearly '12-25-2026': unexpected '-2026'", "MM-DD, as in 12-25"},
    {"weekday", "",           1, "weekday '': a day of the week is expected: SUN-SAT or 0-7", "as in SAT"},
    {"weekday", "SA",         1, "weekday 'SA': a day of the week is expected: SUN-SAT or 0-7", "as in SAT"},
    {"weekday", "8",          1, "weekday '8': a day of the week is expected: SUN-SAT or 0-7", "as in SAT"},
    {"weekday", "/",          1, "weekday '/': a day of the week is expected: SUN-SAT or 0-7", "as in SAT"},
    {"weekday", "\033[1m\xff", 1, "weekday '?[1m\\xff': a day of the week is expected: SUN-SAT or 0-7", "as in SAT"},
    {"\x80\n",  "SAT",        0, "'\\x80?' is not a kind of rule", "date, range, yearly, weekday, nth_weekday or hours"},
    {"weekday", "SATURDAY",   4, "weekday 'SATURDAY': unexpected 'URDAY'", "as in SAT"},
    {"weekday", "SAT-SUN",    4, "weekday 'SAT-SUN': unexpected '-SUN'", "as in SAT"},
    {"nth_weekday", "MOO#1",  1, "nth_weekday 'MOO#1': a day of the week is expected: SUN-SAT or 0-7",
     "as in MON#2, or MON#L for the last one"},
    {"nth_weekday", "MON",    4, "nth_weekday 'MON': '#' is expected", "as in MON#2, or MON#L for the last one"},
    {"nth_weekday", "MON#",   5, "nth_weekday 'MON#': which one of the month: 1 digit is expected",
     "as in MON#2, or MON#L for the last one"},
    {"nth_weekday", "MON#6",  5, "nth_weekday 'MON#6': which one of the month: 6 is outside 1-5",
     "as in MON#2, or MON#L for the last one"},
    {"nth_weekday", "MON#22", 6, "nth_weekday 'MON#22': unexpected '2'", "as in MON#2, or MON#L for the last one"},
    {"hours",   "12-13",      3, "hours '12-13': ':' is expected", "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "9:00-10:00", 1, "hours '9:00-10:00': hour: 2 digits are expected",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:00",      6, "hours '12:00': '-' is expected", "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "24:00-12:00", 1, "hours '24:00-12:00': hour: 24 is outside 0-23",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:60-13:00", 4, "hours '12:60-13:00': minute: 60 is outside 0-59",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:00-24:01", 10, "hours '12:00-24:01': 24:00 is the last time",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:00-25:00", 7, "hours '12:00-25:00': hour: 25 is outside 0-24",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:00-12:00", 1, "hours '12:00-12:00': it starts and ends at the same time",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
    {"hours",   "12:00-13:00:00", 12, "hours '12:00-13:00:00': unexpected ':00'",
     "HH:MM-HH:MM, as in 12:00-13:00, 22:00-06:00 or 00:00-24:00"},
};
/* clang-format on */

static void holds_local_times(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(hold_cases); i++) {
        SCOPED(calendar) struct calendar *c = calendar_of(hold_cases[i].rules);

        if (calendar_holds(c, wall_of(hold_cases[i].local)) != hold_cases[i].held)
            fail_msg("%s: %s", hold_cases[i].rules, hold_cases[i].local);
    }
}

static void refuses_what_is_no_rule(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
        const struct error_case *e = &error_cases[i];
        SCOPED(calendar) struct calendar *c = calendar_new(CALENDAR_ONLY);
        struct error err = {0};

        assert_int_equal(calendar_add(c, e->kind, e->value, &err), RC_INVALID);
        assert_string_equal(err.text, e->text);
        assert_string_equal(err.hint, e->hint);
        assert_int_equal(err.column, e->column);
        assert_int_equal(err.rc, RC_INVALID);
        assert_int_equal(calendar_add(c, e->kind, e->value, NULL), RC_INVALID);
        assert_true(calendar_holds(c, 0)); /* nothing was added */
    }
}

static void cuts_what_is_too_long_for_a_message(void **state UNUSED)
{
    SCOPED(calendar) struct calendar *c = calendar_new(CALENDAR_ONLY);
    char value[600];
    struct error err = {0};

    memset(value, 'x', sizeof value);
    value[sizeof value - 1] = '\0';
    assert_int_equal(calendar_add(c, "weekday", value, &err), RC_INVALID);
    assert_int_equal(strlen(err.text),
                     strlen("weekday '': a day of the week is expected: SUN-SAT or 0-7") + 60);
    assert_int_equal(calendar_add(c, value, "SAT", &err), RC_INVALID);
    assert_int_equal(strlen(err.text), strlen("'' is not a kind of rule") + 60);
}

static void keeps_its_mode(void **state UNUSED)
{
    SCOPED(calendar) struct calendar *exclude = calendar_new(CALENDAR_EXCLUDE);
    SCOPED(calendar) struct calendar *only = calendar_new(CALENDAR_ONLY);

    assert_int_equal(calendar_mode_of(exclude), CALENDAR_EXCLUDE);
    assert_int_equal(calendar_mode_of(only), CALENDAR_ONLY);
    calendar_free(NULL);
}

static void date_text(int64_t day, char text[16])
{
    int year, month, in_month;

    civil_from_days(day, &year, &month, &in_month);
    (void)snprintf(text, 16, "%04d-%02d-%02d", year, month, in_month);
}

static void joins_dates_in_whatever_order_they_come(void **state UNUSED)
{
    enum { DAYS = 400, ROUNDS = 60, FIRST = 20000 };
    uint32_t seed = 1;

    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(calendar) struct calendar *c = calendar_new(CALENDAR_EXCLUDE);
        bool held[DAYS] = {0};

        for (int i = 0; i <= round; i++) {
            char from[16], to[16], value[40];
            int first, last;

            seed = seed * 1664525 + 1013904223;
            first = (int)(seed >> 8) % DAYS;
            last = MIN(first + (int)(seed >> 28), DAYS - 1);
            date_text(FIRST + first, from);
            date_text(FIRST + last, to);
            (void)snprintf(value, sizeof value, "%s/%s", from, to);
            assert_int_equal(calendar_add(c, "range", value, NULL), RC_OK);
            for (int day = first; day <= last; day++)
                held[day] = true;
        }
        for (int day = 0; day < DAYS; day++)
            assert_int_equal(calendar_holds(c, INT64_C(86400) * (FIRST + day)), held[day]);
    }
}

static void has_limits(void **state UNUSED)
{
    SCOPED(calendar) struct calendar *c = calendar_new(CALENDAR_EXCLUDE);
    struct error err = {0};
    char text[16];

    for (int64_t i = 0; i < CALENDAR_DATES_MAX; i++) {
        date_text(2 * i, text);
        assert_int_equal(calendar_add(c, "date", text, NULL), RC_OK);
    }
    assert_int_equal(calendar_add(c, "date", "2026-12-24", &err), RC_INVALID);
    assert_string_equal(err.text,
                        "date '2026-12-24': more than 1000 dates and ranges in a calendar");
    assert_string_equal(err.hint, "join days in a row to a range, or add a calendar");
    for (int i = 0; i < CALENDAR_HOURS_MAX; i++) {
        (void)snprintf(text, sizeof text, "%02d:00-%02d:30", i, i);
        assert_int_equal(calendar_add(c, "hours", text, NULL), RC_OK);
    }
    assert_int_equal(calendar_add(c, "hours", "20:00-21:00", &err), RC_INVALID);
    assert_string_equal(err.text, "hours '20:00-21:00': more than 8 hours in a calendar");
    assert_string_equal(err.hint, "add a calendar");
    assert_true(calendar_holds(c, 0));
    assert_false(calendar_holds(c, INT64_C(86400)));
    assert_true(calendar_holds(c, INT64_C(2) * 999 * 86400 + INT64_C(7) * 3600));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_local_times),
        cmocka_unit_test(refuses_what_is_no_rule),
        cmocka_unit_test(cuts_what_is_too_long_for_a_message),
        cmocka_unit_test(keeps_its_mode),
        cmocka_unit_test(joins_dates_in_whatever_order_they_come),
        cmocka_unit_test(has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
