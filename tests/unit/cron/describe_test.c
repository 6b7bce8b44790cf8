#include "cron/schedule.h"
#include "unit/cron/schedules.h"

/* --- canonical text, plain English --- */

struct text_case {
    enum dialect dialect;
    const char *expression, *canonical, *english;
};

/* clang-format off */
static const struct text_case text_cases[] = {
    {DIALECT_AUTO, "* * * * *", "* * * * *",
     "every minute, UTC"},
    {DIALECT_AUTO, "*/15 * * * *", "*/15 * * * *",
     "every 15 minutes, UTC"},
    {DIALECT_AUTO, "0 * * * *", "0 * * * *",
     "every hour, UTC"},
    {DIALECT_AUTO, "5 * * * *", "5 * * * *",
     "at minute 5 of every hour, UTC"},
    {DIALECT_AUTO, "5,20 * * * *", "5,20 * * * *",
     "at minutes 5 and 20 of every hour, UTC"},
    {DIALECT_AUTO, "0 */2 * * *", "0 */2 * * *",
     "every 2 hours, UTC"},
    {DIALECT_AUTO, "5 */2 * * *", "5 */2 * * *",
     "at minute 5 of every 2nd hour, UTC"},
    {DIALECT_AUTO, "30 2 * * *", "30 2 * * *",
     "at 02:30 every day, UTC"},
    {DIALECT_AUTO, "30 2,14 * * *", "30 2,14 * * *",
     "at 02:30 and 14:30 every day, UTC"},
    {DIALECT_AUTO, "30 2 LW * *", "30 2 LW * *",
     "at 02:30 on the last weekday of every month, UTC"},
    {DIALECT_AUTO, "0 9 * * MON-FRI", "0 9 * * 1-5",
     "at 09:00 on Monday to Friday, UTC"},
    {DIALECT_AUTO, "*/15 9-17 * * 1-5", "*/15 9-17 * * 1-5",
     "every 15 minutes of hours 9 to 17 on Monday to Friday, UTC"},
    {DIALECT_AUTO, "0-30/10 9-17 * * 1-5", "0-30/10 9-17 * * 1-5",
     "at minutes 0, 10, 20 and 30 of hours 9 to 17 on Monday to Friday, UTC"},
    {DIALECT_AUTO, "0 0 1 * *", "0 0 1 * *",
     "at 00:00 on day 1 of every month, UTC"},
    {DIALECT_AUTO, "0 0 1,15 * *", "0 0 1,15 * *",
     "at 00:00 on days 1 and 15 of every month, UTC"},
    {DIALECT_AUTO, "0 0 1-7,15,L * *", "0 0 1-7,15,L * *",
     "at 00:00 on days 1 to 7, 15 and the last day of every month, UTC"},
    {DIALECT_AUTO, "0 0 L-3,L-1W * *", "0 0 L-1W,L-3 * *",
     "at 00:00 on the 3rd day before the last and the weekday nearest the 1st day before the last of every month, UTC"},
    {DIALECT_AUTO, "0 0 15-L * *", "0 0 15-31 * *",
     "at 00:00 on days 15 to 31 of every month, UTC"},
    {DIALECT_AUTO, "0 0 1-l/2,L * *", "0 0 1-31/2,L * *",
     "at 00:00 on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31 and the last day of every month, UTC"},
    {DIALECT_AUTO, "0 0 15W,LW * *", "0 0 LW,15W * *",
     "at 00:00 on the last weekday and the weekday nearest day 15 of every month, UTC"},
    {DIALECT_AUTO, "0 12 * * 5L", "0 12 * * 5L",
     "at 12:00 on the last Friday of every month, UTC"},
    {DIALECT_AUTO, "0 12 * * MON#2", "0 12 * * 1#2",
     "at 12:00 on the 2nd Monday of every month, UTC"},
    {DIALECT_AUTO, "0 12 * * MON-WED#1,FRI#L", "0 12 * * 1#1,2#1,3#1,5L",
     "at 12:00 on the 1st Monday, the 1st Tuesday, the 1st Wednesday and the last Friday of every month, UTC"},
    {DIALECT_AUTO, "0 0 13 * FRI", "0 0 13 * 5",
     "at 00:00 on day 13 of the month or on Friday, UTC"},
    {DIALECT_AUTO, "0 0 13 * +FRI", "0 0 13 * +5",
     "at 00:00 on day 13 of the month if it is Friday, UTC"},
    {DIALECT_AUTO, "0 0 */2 * MON", "0 0 */2 * 1",
     "at 00:00 on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month or on Monday, UTC"},
    {DIALECT_AUTO, "0 0 */1 * MON", "0 0 */1 * 1",
     "at 00:00 on days 1 to 31 of the month or on Monday, UTC"},
    {DIALECT_AUTO, "0 0 1 JAN,JUL *", "0 0 1 1,7 *",
     "at 00:00 on day 1 of January and July, UTC"},
    {DIALECT_AUTO, "0 0 * NOV-FEB *", "0 0 * 1,2,11,12 *",
     "at 00:00 every day in January, February, November and December, UTC"},
    {DIALECT_AUTO, "0 0 1 1 * ", "0 0 1 1 *",
     "at 00:00 on day 1 of January, UTC"},
    {DIALECT_AUTO, "0 30 2 * * *", "30 2 * * *",
     "at 02:30 every day, UTC"},
    {DIALECT_AUTO, "*/10 * * * * *", "*/10 * * * * *",
     "every 10 seconds, UTC"},
    {DIALECT_AUTO, "* * * * * *", "* * * * * *",
     "every second, UTC"},
    {DIALECT_AUTO, "15 * * * * *", "15 * * * * *",
     "at second 15 of every minute, UTC"},
    {DIALECT_AUTO, "*/20 5 * * * *", "*/20 5 * * * *",
     "every 20 seconds of minute 5 of every hour, UTC"},
    {DIALECT_AUTO, "5,10 0 2 * * *", "5,10 0 2 * * *",
     "at 02:00:05 and 02:00:10 every day, UTC"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2030", "0 0 0 1 1 * 2030",
     "at 00:00 on day 1 of January in 2030, UTC"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2030-2035,2040", "0 0 0 1 1 * 2030-2035,2040",
     "at 00:00 on day 1 of January in 2030 to 2035 and 2040, UTC"},
    {DIALECT_AUTO, "0 0 12 * * * */50", "0 0 12 * * * */50",
     "at 12:00 every day in 1970, 2020, 2070, 2120 and 2170, UTC"},
    {DIALECT_AUTO, "0-59 2 * * *", "0-59 2 * * *",
     "every minute of hour 2, UTC"},
    {DIALECT_AUTO, "*/20,7 * * * *", "*/20,7 * * * *",
     "at minutes 0, 7, 20 and 40 of every hour, UTC"},
    {DIALECT_AUTO, "10,* 5 * * *", "* 5 * * *",
     "every minute of hour 5, UTC"},
    {DIALECT_AUTO, "*/90 * * * *", "*/60 * * * *",
     "every hour, UTC"},
    {DIALECT_AUTO, "59-5 * * * *", "0-5,59 * * * *",
     "at minutes 0 to 5 and 59 of every hour, UTC"},
    {DIALECT_AUTO, "5/20 * * * *", "5-45/20 * * * *",
     "at minutes 5, 25 and 45 of every hour, UTC"},
    {DIALECT_AUTO, "H H(2-4) * * H", "57 3 * * 4",
     "at 03:57 on Thursday, UTC"},
    {DIALECT_AUTO, "0 0 * * 7", "0 0 * * 0",
     "at 00:00 on Sunday, UTC"},
    {DIALECT_AUTO, "0 0 L-3,*/1 * MON#1,*", "0 0 * * *",
     "at 00:00 every day, UTC"},
    {DIALECT_AUTO, "0 0 * * 0-7", "0 0 * * *",
     "at 00:00 every day, UTC"},
    {DIALECT_AUTO, "0 22-2 * * *", "0 0-2,22,23 * * *",
     "at 00:00, 01:00, 02:00, 22:00 and 23:00 every day, UTC"},
    {DIALECT_AUTO, "@hourly", "0 * * * *",
     "every hour, UTC"},
    {DIALECT_AUTO, "@daily", "0 0 * * *",
     "at 00:00 every day, UTC"},
    {DIALECT_AUTO, "@midnight", "0 0 * * *",
     "at 00:00 every day, UTC"},
    {DIALECT_AUTO, "@weekly", "0 0 * * 0",
     "at 00:00 on Sunday, UTC"},
    {DIALECT_AUTO, "@monthly", "0 0 1 * *",
     "at 00:00 on day 1 of every month, UTC"},
    {DIALECT_AUTO, "@yearly", "0 0 1 1 *",
     "at 00:00 on day 1 of January, UTC"},
    {DIALECT_AUTO, "@annually", "0 0 1 1 *",
     "at 00:00 on day 1 of January, UTC"},
    {DIALECT_AUTO, "@every 90s", "@every 1m30s",
     "every 1m30s of elapsed time"},
    {DIALECT_AUTO, "@every 1h30m/10m", "@every 1h30m/10m",
     "every 1h30m of elapsed time, 10m after each multiple"},
    {DIALECT_AUTO, "@every 2w", "@every 14d",
     "every 14d of elapsed time"},
    {DIALECT_AUTO, "@every 1h/90m", "@every 1h/30m",
     "every 1h of elapsed time, 30m after each multiple"},
    {DIALECT_AUTO, "@every 15m from 08:00 to 18:00", "@every 15m from 08:00 to 18:00",
     "every 15m from 08:00 to 18:00, UTC"},
    {DIALECT_AUTO, "@every 45m from 22:00 to 01:30 on FRI,SAT", "@every 45m from 22:00 to 01:30 on 5,6",
     "every 45m from 22:00 to 01:30 of the next day on Friday and Saturday, UTC"},
    {DIALECT_AUTO, "@every 30m from 09:00 to 10:00 on FRI#3", "@every 30m from 09:00 to 10:00 on 5#3",
     "every 30m from 09:00 to 10:00 on the 3rd Friday of every month, UTC"},
    {DIALECT_AUTO, "@every 2h from 20:00 to 06:00 on MON,SUN#L", "@every 2h from 20:00 to 06:00 on 1,0L",
     "every 2h from 20:00 to 06:00 of the next day on Monday and the last Sunday of every month, UTC"},
    {DIALECT_AUTO, "@every 30m from 09:00 to 10:00 on */2", "@every 30m from 09:00 to 10:00 on 0-6/2",
     "every 30m from 09:00 to 10:00 on Sunday, Tuesday, Thursday and Saturday, UTC"},
    {DIALECT_AUTO, "@every 30m from 09:00 to 10:00 on *,1#1", "@every 30m from 09:00 to 10:00",
     "every 30m from 09:00 to 10:00, UTC"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00+01:00", "@at 2026-03-29T01:30:00Z",
     "once, at 2026-03-29T01:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29 02:30 Europe/Berlin", "TZ=Europe/Berlin @at 2026-03-29T02:30:00",
     "once, at 2026-03-29T02:30:00, Europe/Berlin"},
    {DIALECT_AUTO, "TZ=Europe/Berlin 30 2 * * *", "TZ=Europe/Berlin 30 2 * * *",
     "at 02:30 every day, Europe/Berlin"},
    {DIALECT_AUTO, "CRON_TZ=America/New_York @every 1d", "TZ=America/New_York @every 1d",
     "every 1d of elapsed time"},
    {DIALECT_AUTO, "cron(0 10 * * ? *)", "0 10 * * *",
     "at 10:00 every day, UTC"},
    {DIALECT_AUTO, "cron(15 10 ? * 6L 2026-2028)", "0 15 10 * * 5L 2026-2028",
     "at 10:15 on the last Friday of every month in 2026 to 2028, UTC"},
    {DIALECT_AUTO, "cron(0/5 8-17 ? * MON-FRI *)", "0-55/5 8-17 * * 1-5",
     "every 5 minutes of hours 8 to 17 on Monday to Friday, UTC"},
    {DIALECT_AUTO, "rate(5 minutes)", "@every 5m",
     "every 5m of elapsed time"},
    {DIALECT_AUTO, "rate(1 day)", "@every 1d",
     "every 1d of elapsed time"},
    {DIALECT_QUARTZ, "0 0 12 * * ?", "0 0 12 * * ?",
     "at 12:00 every day, UTC"},
    {DIALECT_QUARTZ, "0 0 12 ? * MON-FRI", "0 0 12 ? * 2-6",
     "at 12:00 on Monday to Friday, UTC"},
    {DIALECT_QUARTZ, "0 0 12 ? * *", "0 0 12 * * ?",
     "at 12:00 every day, UTC"},
    {DIALECT_QUARTZ, "0 15 10 L-3 * ?", "0 15 10 L-3 * ?",
     "at 10:15 on the 3rd day before the last of every month, UTC"},
    {DIALECT_QUARTZ, "0 15 10 ? * 6#3 2030", "0 15 10 ? * 6#3 2030",
     "at 10:15 on the 3rd Friday of every month in 2030, UTC"},
    {DIALECT_QUARTZ, "0 0/5 14,18 * * ?", "0 0-55/5 14,18 * * ?",
     "every 5 minutes of hours 14 and 18, UTC"},
    {DIALECT_QUARTZ, "0 0 0 ? * L", "0 0 0 ? * 7",
     "at 00:00 on Saturday, UTC"},
    {DIALECT_QUARTZ, "@daily", "0 0 0 * * ?",
     "at 00:00 every day, UTC"},
    {DIALECT_VIXIE, "0 0 */2 * MON", "0 0 */2 * 1",
     "at 00:00 on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month if it is Monday, UTC"},
    {DIALECT_VIXIE, "0 0 10,*/2 * MON", "0 0 1,3,5,7,9-11,13,15,17,19,21,23,25,27,29,31 * 1",
     "at 00:00 on days 1, 3, 5, 7, 9 to 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month or on Monday, UTC"},
    {DIALECT_VIXIE, "0 0 1 * MON", "0 0 1 * 1",
     "at 00:00 on day 1 of the month or on Monday, UTC"},
    {DIALECT_VIXIE, "*/5 * * * *", "*/5 * * * *",
     "every 5 minutes, UTC"},
    {DIALECT_VIXIE, "0 0 */10,5 * 1-5", "0 0 */10,5 * 1-5",
     "at 00:00 on days 1, 5, 11, 21 and 31 of the month if it is Monday to Friday, UTC"},
    {DIALECT_OCPS, "0 0 L * MON#1", "0 0 L * 1#1",
     "at 00:00 on the last day of the month or on the 1st Monday, UTC"},
    {DIALECT_OCPS, "0 0 13 * +FRI", "0 0 13 * +5",
     "at 00:00 on day 13 of the month if it is Friday, UTC"},
};
/* clang-format on */

static void formats_canonically_and_describes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
        const struct text_case *c = &text_cases[i];
        SCOPED(schedule) struct schedule *s = parse_for(c->expression, c->dialect, NULL);
        SCOPED_BUF canonical = {0}, english = {0};

        schedule_format(s, &canonical);
        schedule_describe(s, &english);
        assert_string_equal(buf_text(&canonical), c->canonical);
        assert_string_equal(buf_text(&english), c->english);
    }
}

static void reads_back_its_canonical_text(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
        const struct text_case *c = &text_cases[i];
        SCOPED(schedule) struct schedule *s = parse_for(c->expression, c->dialect, NULL);
        SCOPED(schedule) struct schedule *again = parse_for(c->canonical, c->dialect, NULL);
        SCOPED_BUF text = {0};

        assert_true(schedule_equal(s, again));
        schedule_format(again, &text);
        assert_string_equal(buf_text(&text), c->canonical);
    }
}

static void knows_interval_like_from_fixed_time(void **state UNUSED)
{
    static const char *const interval[] = {
        "* * * * *",     "0 * * * *",   "*/15 2 * * *", "10,* 2 * * *",
        "0 2,*/5 * * *", "* 0 2 * * *", "@hourly",      "@every 1h from 08:00 to 18:00"};
    static const char *const fixed[] = {"0-59 2 * * *", "H 2 * * *", "0/5 2 * * *",
                                        "0 0 * * *",    "@daily",    "0 30 2 * * *"};

    for (size_t i = 0; i < ARRAY_LEN(interval); i++) {
        SCOPED(schedule) struct schedule *s = parse_for(interval[i], DIALECT_AUTO, NULL);

        assert_true(schedule_is_interval(s));
    }
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        SCOPED(schedule) struct schedule *s = parse_for(fixed[i], DIALECT_AUTO, NULL);

        assert_false(schedule_is_interval(s));
    }
}

static void equals_another_spelling_only(void **state UNUSED)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } pairs[] = {
        {"0 0 * * MON", "0 0 ? * 1", true},
        {"0 0 * * 7", "@weekly", true},
        {"0,30 * * * *", "*/30 * * * *", false}, /* another class in the minute */
        {"0,30 2 * * *", "*/30 2 * * *", false},
        {"0,30 * * * *", "0-59/30 * * * *", true},
        {"@every 60m", "@every 1h", true},
        {"@every 1h", "@every 1h/1m", false},
        {"@every 1h", "0 * * * *", false},
        {"@every 1h from 08:00 to 18:00", "@every 1h from 08:00 to 18:00 on *", true},
        {"@every 1h from 08:00 to 18:00", "@every 1h from 08:00 to 18:01", false},
        {"@at 2026-01-01T00:00:00Z", "@at 2026-01-01T01:00:00+01:00", true},
        {"@at 2026-01-01T00:00:00", "@at 2026-01-01T00:00", true},
        {"@at 2026-01-01T00:00:00", "@at 2026-01-01T00:01", false},
        {"TZ=Europe/Berlin 0 0 * * *", "TZ=Europe/Dublin 0 0 * * *", false},
        {"0 0 1 * MON", "0 0 1 * +MON", false},
        {"0 0 0 1 1 * 2030", "0 0 0 1 1 * 2031", false},
        {"0 0 * * 1#1", "0 0 * * 1#2", false},
        {"0 0 L * *", "0 0 LW * *", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        SCOPED(schedule) struct schedule *a = parse_for(pairs[i].a, DIALECT_AUTO, NULL);
        SCOPED(schedule) struct schedule *b = parse_for(pairs[i].b, DIALECT_AUTO, NULL);

        assert_true(schedule_equal(a, b) == pairs[i].equal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_canonically_and_describes),
        cmocka_unit_test(reads_back_its_canonical_text),
        cmocka_unit_test(knows_interval_like_from_fixed_time),
        cmocka_unit_test(equals_another_spelling_only),
    };

    return cmocka_run_group_tests(tests, set_up_zones, tear_down_zones);
}
