#include "cron/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;
static const struct uuid task = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static usec_t instant(const char *text)
{
    usec_t t = 0;

    assert_int_equal(rfc3339_parse(text, &t, NULL), RC_OK);
    return t;
}

static struct schedule *parse_for(const char *text, enum dialect dialect, struct lints *lints)
{
    struct schedule_options options = {.dialect = dialect, .task = task};
    struct schedule *s = NULL;
    struct error err = {0};

    if (schedule_parse(text, &options, zones, lints, &s, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void add_nexts(const struct schedule *s, usec_t after, int count, struct buf *out)
{
    struct occurrence o = {.at = after};
    char text[RFC3339_TEXT];

    for (; count > 0 && schedule_next(s, o.at, &o) == RC_OK; count--)
        buf_printf(out, "%s%s", out->len > 0 ? " " : "", rfc3339_format(o.at, text));
}

/* --- what expressions mean: the next three instants, UTC --- */

struct next_case {
    enum dialect dialect;
    const char *expression, *after, *expected;
};

/* clang-format off */
static const struct next_case next_cases[] = {
    {DIALECT_AUTO, "* * * * *", "2026-01-01T00:00:30Z",
     "2026-01-01T00:01:00Z 2026-01-01T00:02:00Z 2026-01-01T00:03:00Z"},
    {DIALECT_AUTO, "  */15\t*  * * * \t", "2026-01-01T00:00:00Z",
     "2026-01-01T00:15:00Z 2026-01-01T00:30:00Z 2026-01-01T00:45:00Z"},
    {DIALECT_AUTO, "5,10-12,50-59/5 * * * *", "2026-01-01T00:05:00Z",
     "2026-01-01T00:10:00Z 2026-01-01T00:11:00Z 2026-01-01T00:12:00Z"},
    {DIALECT_AUTO, "0 9-17/4 * * *", "2026-01-01T00:00:00Z",
     "2026-01-01T09:00:00Z 2026-01-01T13:00:00Z 2026-01-01T17:00:00Z"},
    {DIALECT_AUTO, "5/20 * * * *", "2026-01-01T00:00:00Z",
     "2026-01-01T00:05:00Z 2026-01-01T00:25:00Z 2026-01-01T00:45:00Z"},
    {DIALECT_AUTO, "0 22-2/2 * * *", "2026-01-01T00:30:00Z",
     "2026-01-01T02:00:00Z 2026-01-01T22:00:00Z 2026-01-02T00:00:00Z"},
    {DIALECT_AUTO, "59 23 31 12 *", "2026-01-01T00:00:00Z",
     "2026-12-31T23:59:00Z 2027-12-31T23:59:00Z 2028-12-31T23:59:00Z"},
    {DIALECT_AUTO, "0 0 31 * *", "2026-01-01T00:00:00Z",
     "2026-01-31T00:00:00Z 2026-03-31T00:00:00Z 2026-05-31T00:00:00Z"},
    {DIALECT_AUTO, "0 0 29 2 *", "2026-01-01T00:00:00Z",
     "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z 2036-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 29 2 +1", "2026-01-01T00:00:00Z",
     "2044-02-29T00:00:00Z 2072-02-29T00:00:00Z 2112-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 29 2 *", "2096-03-01T00:00:00Z",
     "2104-02-29T00:00:00Z 2108-02-29T00:00:00Z 2112-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * jan,Mar-MAY *", "2026-01-30T00:00:00Z",
     "2026-01-31T00:00:00Z 2026-03-01T00:00:00Z 2026-03-02T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * NOV-FEB *", "2026-02-27T00:00:00Z",
     "2026-02-28T00:00:00Z 2026-11-01T00:00:00Z 2026-11-02T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * mon", "2026-01-01T00:00:00Z",
     "2026-01-05T00:00:00Z 2026-01-12T00:00:00Z 2026-01-19T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 0", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z 2026-01-18T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 7", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z 2026-01-18T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 5-7", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * FRI-SUN", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * SAT-TUE", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-04T00:00:00Z 2026-01-05T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 6-1", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-04T00:00:00Z 2026-01-05T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 7-2", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-05T00:00:00Z 2026-01-06T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * */2", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-04T00:00:00Z 2026-01-06T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 1/2", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-05T00:00:00Z 2026-01-07T00:00:00Z"},
    {DIALECT_AUTO, "0 0 25-5/5 * *", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-25T00:00:00Z 2026-01-30T00:00:00Z"},
    {DIALECT_AUTO, "0 0 13 * FRI", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z"},
    {DIALECT_AUTO, "0 0 13 * +FRI", "2026-01-01T00:00:00Z",
     "2026-02-13T00:00:00Z 2026-03-13T00:00:00Z 2026-11-13T00:00:00Z"},
    {DIALECT_AUTO, "0 0 13,* * FRI", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-16T00:00:00Z"},
    {DIALECT_AUTO, "0 0 ? * FRI", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-16T00:00:00Z"},
    {DIALECT_AUTO, "0 0 13 * ?", "2026-01-01T00:00:00Z",
     "2026-01-13T00:00:00Z 2026-02-13T00:00:00Z 2026-03-13T00:00:00Z"},
    {DIALECT_AUTO, "0 0 */2 * MON", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-05T00:00:00Z 2026-01-07T00:00:00Z"},
    {DIALECT_VIXIE, "0 0 */2 * MON", "2026-01-01T00:00:00Z",
     "2026-01-05T00:00:00Z 2026-01-19T00:00:00Z 2026-02-09T00:00:00Z"},
    {DIALECT_VIXIE, "0 0 3,*/2 * MON", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-05T00:00:00Z 2026-01-07T00:00:00Z"},
    {DIALECT_VIXIE, "0 0 13 * FRI", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z"},
    {DIALECT_VIXIE, "0 0 13,* * FRI", "2026-01-02T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-04T00:00:00Z 2026-01-05T00:00:00Z"},
    {DIALECT_VIXIE, "0 0 1 * */3", "2026-01-01T00:00:00Z",
     "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z 2026-04-01T00:00:00Z"},
    {DIALECT_AUTO, "0 0 L * *", "2026-01-01T00:00:00Z",
     "2026-01-31T00:00:00Z 2026-02-28T00:00:00Z 2026-03-31T00:00:00Z"},
    {DIALECT_AUTO, "0 0 L-0 2 *", "2026-01-01T00:00:00Z",
     "2026-02-28T00:00:00Z 2027-02-28T00:00:00Z 2028-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 L-3,1 * *", "2026-01-01T00:00:00Z",
     "2026-01-28T00:00:00Z 2026-02-01T00:00:00Z 2026-02-25T00:00:00Z"},
    {DIALECT_AUTO, "0 0 L-30 * *", "2026-01-01T00:00:00Z",
     "2026-03-01T00:00:00Z 2026-05-01T00:00:00Z 2026-07-01T00:00:00Z"},
    {DIALECT_AUTO, "0 0 LW * *", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-31T00:00:00Z"},
    {DIALECT_AUTO, "0 0 lw * *", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-31T00:00:00Z"},
    {DIALECT_AUTO, "0 0 L-2W * *", "2026-01-01T00:00:00Z",
     "2026-01-29T00:00:00Z 2026-02-26T00:00:00Z 2026-03-30T00:00:00Z"},
    {DIALECT_AUTO, "0 0 15W * *", "2026-01-01T00:00:00Z",
     "2026-01-15T00:00:00Z 2026-02-16T00:00:00Z 2026-03-16T00:00:00Z"},
    {DIALECT_AUTO, "0 0 1W * *", "2026-01-01T00:00:00Z",
     "2026-02-02T00:00:00Z 2026-03-02T00:00:00Z 2026-04-01T00:00:00Z"},
    {DIALECT_AUTO, "0 0 31W * *", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-03-31T00:00:00Z 2026-05-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 30W 8 *", "2026-01-01T00:00:00Z",
     "2026-08-31T00:00:00Z 2027-08-30T00:00:00Z 2028-08-30T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 5L", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-27T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * FRIL", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-27T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 7L", "2026-01-01T00:00:00Z",
     "2026-01-25T00:00:00Z 2026-02-22T00:00:00Z 2026-03-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 2#1", "2026-01-01T00:00:00Z",
     "2026-01-06T00:00:00Z 2026-02-03T00:00:00Z 2026-03-03T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * THU#5", "2026-01-01T00:00:00Z",
     "2026-01-29T00:00:00Z 2026-04-30T00:00:00Z 2026-07-30T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * FRI#L", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-27T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * MON-WED#2", "2026-01-01T00:00:00Z",
     "2026-01-12T00:00:00Z 2026-01-13T00:00:00Z 2026-01-14T00:00:00Z"},
    {DIALECT_AUTO, "0 0 * * 1#1,5L", "2026-01-01T00:00:00Z",
     "2026-01-05T00:00:00Z 2026-01-30T00:00:00Z 2026-02-02T00:00:00Z"},
    {DIALECT_AUTO, "0 0 1-7 * +TUE", "2026-01-01T00:00:00Z",
     "2026-01-06T00:00:00Z 2026-02-03T00:00:00Z 2026-03-03T00:00:00Z"},
    {DIALECT_AUTO, "*/20 * * * * *", "2026-01-01T00:00:30Z",
     "2026-01-01T00:00:40Z 2026-01-01T00:01:00Z 2026-01-01T00:01:20Z"},
    {DIALECT_AUTO, "30 0 12 * * *", "2026-01-01T00:00:00Z",
     "2026-01-01T12:00:30Z 2026-01-02T12:00:30Z 2026-01-03T12:00:30Z"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2028", "2026-01-01T00:00:00Z",
     "2028-01-01T00:00:00Z"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2027-2199/100", "2026-01-01T00:00:00Z",
     "2027-01-01T00:00:00Z 2127-01-01T00:00:00Z"},
    {DIALECT_AUTO, "59 59 23 31 12 * 2199", "2026-01-01T00:00:00Z",
     "2199-12-31T23:59:59Z"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2025", "2026-01-01T00:00:00Z",
     ""},
    {DIALECT_AUTO, "0 0 30 2 *", "2026-01-01T00:00:00Z",
     ""},
    {DIALECT_AUTO, "0 0 31 4,6,9,11 *", "2026-01-01T00:00:00Z",
     ""},
    {DIALECT_AUTO, "@yearly", "2026-01-01T00:00:00Z",
     "2027-01-01T00:00:00Z 2028-01-01T00:00:00Z 2029-01-01T00:00:00Z"},
    {DIALECT_AUTO, "@annually", "2026-01-01T00:00:00Z",
     "2027-01-01T00:00:00Z 2028-01-01T00:00:00Z 2029-01-01T00:00:00Z"},
    {DIALECT_AUTO, "@monthly", "2026-01-01T00:00:00Z",
     "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z 2026-04-01T00:00:00Z"},
    {DIALECT_AUTO, "@weekly", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z 2026-01-18T00:00:00Z"},
    {DIALECT_AUTO, "@daily", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z"},
    {DIALECT_AUTO, "@midnight", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z"},
    {DIALECT_AUTO, "@hourly", "2026-01-01T00:00:00Z",
     "2026-01-01T01:00:00Z 2026-01-01T02:00:00Z 2026-01-01T03:00:00Z"},
    {DIALECT_AUTO, "@every 90s", "2026-01-01T00:00:01Z",
     "2026-01-01T00:01:30Z 2026-01-01T00:03:00Z 2026-01-01T00:04:30Z"},
    {DIALECT_AUTO, "@every 1h30m/10m", "2026-01-01T00:00:00Z",
     "2026-01-01T00:10:00Z 2026-01-01T01:40:00Z 2026-01-01T03:10:00Z"},
    {DIALECT_AUTO, "@every 2w", "2026-01-01T00:00:00Z",
     "2026-01-15T00:00:00Z 2026-01-29T00:00:00Z 2026-02-12T00:00:00Z"},
    {DIALECT_AUTO, "@every 1w2d3h4m5s", "1970-01-01T00:00:00Z",
     "1970-01-10T03:04:05Z 1970-01-19T06:08:10Z 1970-01-28T09:12:15Z"},
    {DIALECT_AUTO, "@every 7h/8h", "2026-01-01T00:00:00Z",
     "2026-01-01T01:00:00Z 2026-01-01T08:00:00Z 2026-01-01T15:00:00Z"},
    {DIALECT_AUTO, "@every 45m from 08:00 to 09:30", "2026-01-01T08:00:00Z",
     "2026-01-01T08:45:00Z 2026-01-01T09:30:00Z 2026-01-02T08:00:00Z"},
    {DIALECT_AUTO, "@every 1h from 22:30 to 00:30 on FRI", "2026-01-01T00:00:00Z",
     "2026-01-02T22:30:00Z 2026-01-02T23:30:00Z 2026-01-03T00:30:00Z"},
    {DIALECT_AUTO, "@every 1h from 22:30 to 00:30 on FRI", "2026-01-02T23:00:00Z",
     "2026-01-02T23:30:00Z 2026-01-03T00:30:00Z 2026-01-09T22:30:00Z"},
    {DIALECT_AUTO, "@every 2h from 08:00 to 08:00 on MON-FRI", "2026-01-02T08:00:00Z",
     "2026-01-05T08:00:00Z 2026-01-06T08:00:00Z 2026-01-07T08:00:00Z"},
    {DIALECT_AUTO, "@every 2d from 12:00 to 11:59", "2026-01-01T00:00:00Z",
     "2026-01-01T12:00:00Z 2026-01-02T12:00:00Z 2026-01-03T12:00:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00Z", "2026-01-01T00:00:00Z",
     "2026-03-29T02:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29t02:30:00+02:00", "2026-01-01T00:00:00Z",
     "2026-03-29T00:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29 02:30:00-02:00", "2026-01-01T00:00:00Z",
     "2026-03-29T04:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30", "2026-01-01T00:00:00Z",
     "2026-03-29T02:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-28 02:30:59 Europe/Berlin", "2026-01-01T00:00:00Z",
     "2026-03-28T01:30:59Z"},
    {DIALECT_AUTO, "@at 2026-10-25T02:30 Europe/Berlin", "2026-01-01T00:00:00Z",
     "2026-10-25T00:30:00Z"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30 Europe/Berlin", "2026-01-01T00:00:00Z",
     "2026-03-29T01:00:00Z"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @at 2026-03-28 02:30", "2026-01-01T00:00:00Z",
     "2026-03-28T01:30:00Z"},
    {DIALECT_AUTO, "@at 2025-03-29T02:30:00Z", "2026-01-01T00:00:00Z",
     ""},
    {DIALECT_AUTO, "CRON_TZ=America/New_York 0 9 * * *", "2026-01-01T00:00:00Z",
     "2026-01-01T14:00:00Z 2026-01-02T14:00:00Z 2026-01-03T14:00:00Z"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @daily", "2026-01-01T00:00:00Z",
     "2026-01-01T23:00:00Z 2026-01-02T23:00:00Z 2026-01-03T23:00:00Z"},
    {DIALECT_AUTO, "cron(0 10 * * ? *)", "2026-01-01T00:00:00Z",
     "2026-01-01T10:00:00Z 2026-01-02T10:00:00Z 2026-01-03T10:00:00Z"},
    {DIALECT_AUTO, "cron(15 12 ? * 2 *)", "2026-01-01T00:00:00Z",
     "2026-01-05T12:15:00Z 2026-01-12T12:15:00Z 2026-01-19T12:15:00Z"},
    {DIALECT_AUTO, "cron(0/30 8 ? * MON-FRI *)", "2026-01-01T00:00:00Z",
     "2026-01-01T08:00:00Z 2026-01-01T08:30:00Z 2026-01-02T08:00:00Z"},
    {DIALECT_AUTO, "cron(0 8 ? * 3#2 *)", "2026-01-01T00:00:00Z",
     "2026-01-13T08:00:00Z 2026-02-10T08:00:00Z 2026-03-10T08:00:00Z"},
    {DIALECT_AUTO, "cron(0 8 ? * L *)", "2026-01-01T00:00:00Z",
     "2026-01-03T08:00:00Z 2026-01-10T08:00:00Z 2026-01-17T08:00:00Z"},
    {DIALECT_AUTO, "cron(0 8 L * ? 2027)", "2026-01-01T00:00:00Z",
     "2027-01-31T08:00:00Z 2027-02-28T08:00:00Z 2027-03-31T08:00:00Z"},
    {DIALECT_AUTO, "cron( 0 8 3W * ? * )", "2026-01-01T00:00:00Z",
     "2026-01-02T08:00:00Z 2026-02-03T08:00:00Z 2026-03-03T08:00:00Z"},
    {DIALECT_AUTO, "rate(5 minutes)", "2026-01-01T00:00:00Z",
     "2026-01-01T00:05:00Z 2026-01-01T00:10:00Z 2026-01-01T00:15:00Z"},
    {DIALECT_AUTO, "rate(1 hour)", "2026-01-01T00:30:00Z",
     "2026-01-01T01:00:00Z 2026-01-01T02:00:00Z 2026-01-01T03:00:00Z"},
    {DIALECT_AUTO, "rate(2 days)", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-05T00:00:00Z 2026-01-07T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 12 * * ?", "2026-01-01T00:00:00Z",
     "2026-01-01T12:00:00Z 2026-01-02T12:00:00Z 2026-01-03T12:00:00Z"},
    {DIALECT_QUARTZ, "0 15 10 ? * MON-FRI", "2026-01-01T00:00:00Z",
     "2026-01-01T10:15:00Z 2026-01-02T10:15:00Z 2026-01-05T10:15:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * 1", "2026-01-01T00:00:00Z",
     "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z 2026-01-18T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * 7", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-10T00:00:00Z 2026-01-17T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * L", "2026-01-01T00:00:00Z",
     "2026-01-03T00:00:00Z 2026-01-10T00:00:00Z 2026-01-17T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * 6L", "2026-01-01T00:00:00Z",
     "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-27T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * 6#3", "2026-01-01T00:00:00Z",
     "2026-01-16T00:00:00Z 2026-02-20T00:00:00Z 2026-03-20T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 ? * FRI-MON", "2026-01-01T00:00:00Z",
     "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0/5 14 * * ?", "2026-01-01T00:00:00Z",
     "2026-01-01T14:00:00Z 2026-01-01T14:05:00Z 2026-01-01T14:10:00Z"},
    {DIALECT_QUARTZ, "0 0 0 L-3 * ?", "2026-01-01T00:00:00Z",
     "2026-01-28T00:00:00Z 2026-02-25T00:00:00Z 2026-03-28T00:00:00Z"},
    {DIALECT_QUARTZ, "0 0 0 LW * ? 2027", "2026-01-01T00:00:00Z",
     "2027-01-29T00:00:00Z 2027-02-26T00:00:00Z 2027-03-31T00:00:00Z"},
    {DIALECT_OCPS, "0 0 L * MON#1", "2026-01-01T00:00:00Z",
     "2026-01-05T00:00:00Z 2026-01-31T00:00:00Z 2026-02-02T00:00:00Z"},
};
/* clang-format on */

static void finds_the_next_instants(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(next_cases); i++) {
        const struct next_case *c = &next_cases[i];
        SCOPED(schedule) struct schedule *s = parse_for(c->expression, c->dialect, NULL);
        SCOPED_BUF got = {0};

        add_nexts(s, instant(c->after), 3, &got);
        if (!text_equal(buf_text(&got), c->expected))
            print_error("%s\n", c->expression);
        assert_string_equal(buf_text(&got), c->expected);
    }
}

static void finds_the_previous_instants(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(next_cases); i++) {
        const struct next_case *c = &next_cases[i];
        SCOPED(schedule) struct schedule *s = parse_for(c->expression, c->dialect, NULL);
        struct occurrence there[3], back;
        int count = 0;

        for (usec_t at = instant(c->after); count < 3; at = there[count++].at)
            if (schedule_next(s, at, &there[count]) != RC_OK)
                break;
        for (int n = count; n-- > 1;) {
            assert_int_equal(schedule_prev(s, there[n].at, &back), RC_OK);
            assert_true(back.at == there[n - 1].at && back.nominal == there[n - 1].nominal);
        }
    }
}

static void is_strictly_later_and_strictly_earlier(void **state UNUSED)
{
    SCOPED(schedule) struct schedule *s = parse_for("* * * * *", DIALECT_AUTO, NULL);
    struct occurrence o;

    assert_int_equal(schedule_next(s, 0, &o), RC_OK);
    assert_true(o.at == USEC_PER_MIN);
    assert_int_equal(schedule_next(s, -1, &o), RC_OK);
    assert_true(o.at == 0);
    assert_int_equal(schedule_next(s, USEC_PER_MIN - 1, &o), RC_OK);
    assert_true(o.at == USEC_PER_MIN);
    assert_int_equal(schedule_prev(s, USEC_PER_MIN, &o), RC_OK);
    assert_true(o.at == 0);
    assert_int_equal(schedule_prev(s, USEC_PER_MIN + 1, &o), RC_OK);
    assert_true(o.at == USEC_PER_MIN);
    assert_int_equal(schedule_prev(s, 0, &o), RC_NOT_FOUND);
}

static void keeps_to_the_years_1970_to_2199(void **state UNUSED)
{
    static const char *const texts[] = {"59 23 31 12 *", "@every 1s", "* * * * * *",
                                        "@every 1m from 00:00 to 23:59"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        SCOPED(schedule) struct schedule *s = parse_for(texts[i], DIALECT_AUTO, NULL);
        struct occurrence first, last, o;

        assert_int_equal(schedule_next(s, USEC_MIN, &first), RC_OK);
        assert_true(first.at >= 0 && first.at < 366 * USEC_PER_DAY);
        assert_int_equal(schedule_prev(s, USEC_MAX, &last), RC_OK);
        assert_true(last.at >= instant("2199-12-31T23:59:00Z"));
        assert_true(last.at < instant("2200-01-01T00:00:00Z"));
        assert_int_equal(schedule_next(s, last.at, &o), RC_NOT_FOUND);
        assert_int_equal(schedule_next(s, USEC_MAX, &o), RC_NOT_FOUND);
        assert_int_equal(schedule_prev(s, first.at, &o), RC_NOT_FOUND);
        assert_int_equal(schedule_prev(s, USEC_MIN, &o), RC_NOT_FOUND);
    }
}

static void keeps_fractions_of_a_second_of_a_single_instant(void **state UNUSED)
{
    SCOPED(schedule)
    struct schedule *s = parse_for("@at 2026-03-29T02:30:00.25Z", DIALECT_AUTO, NULL);
    struct occurrence o;

    assert_int_equal(schedule_next(s, instant("2026-03-29T02:30:00.249999Z"), &o), RC_OK);
    assert_true(o.at == instant("2026-03-29T02:30:00.25Z"));
    assert_int_equal(schedule_next(s, o.at, &o), RC_NOT_FOUND);
    assert_int_equal(schedule_prev(s, instant("2026-03-29T02:30:00.25Z"), &o), RC_NOT_FOUND);
}

/* --- what is wrong with an expression --- */

struct error_case {
    enum dialect dialect;
    const char *expression;
    int column;
    const char *text;
};

/* clang-format off */
static const struct error_case error_cases[] = {
    {DIALECT_AUTO, "", 1, "an expression is missing"},
    {DIALECT_AUTO, "   ", 1, "an expression is missing"},
    {DIALECT_AUTO, "* * * *", 8, "5, 6 or 7 fields are needed, not 4"},
    {DIALECT_AUTO, "* * * * * * * *", 15, "5, 6 or 7 fields are needed, not 8"},
    {DIALECT_AUTO, "TZ=Europe/Berlin", 17, "an expression is missing"},
    {DIALECT_QUARTZ, "* * * * *", 10, "the dialect quartz needs 6 or 7 fields, not 5"},
    {DIALECT_VIXIE, "* * * * * *", 11, "the dialect vixie needs 5 fields, not 6"},
    {DIALECT_AUTO, "60 * * * *", 1, "minute: 60 is outside 0-59"},
    {DIALECT_AUTO, "* 24 * * *", 3, "hour: 24 is outside 0-23"},
    {DIALECT_AUTO, "* * 0 * *", 5, "day of month: 0 is outside 1-31"},
    {DIALECT_AUTO, "* * 32 * *", 5, "day of month: 32 is outside 1-31"},
    {DIALECT_AUTO, "* * * 13 *", 7, "month: 13 is outside 1-12"},
    {DIALECT_AUTO, "* * * 0 *", 7, "month: 0 is outside 1-12"},
    {DIALECT_AUTO, "* * * * 8", 9, "day of week: 8 is outside 0-7"},
    {DIALECT_AUTO, "0 0 0 1 1 * 1969", 13, "year: 1969 is outside 1970-2199"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2200", 13, "year: 2200 is outside 1970-2199"},
    {DIALECT_AUTO, "0 12 * * * 2026", 12, "day of week: 2026 is outside 0-7: a year needs 7 fields or cron(...)"},
    {DIALECT_AUTO, "0 0 0 1 1 * 2030-2026", 13, "year: 2030-2026 runs backwards"},
    {DIALECT_AUTO, "61-70 * * * *", 1, "minute: 61 is outside 0-59"},
    {DIALECT_AUTO, "1-60 * * * *", 3, "minute: 60 is outside 0-59"},
    {DIALECT_AUTO, "1,,2 * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "1, * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, ",1 * * * *", 1, "minute: a value is missing"},
    {DIALECT_AUTO, "- * * * *", 1, "minute: unexpected '-'"},
    {DIALECT_AUTO, "1- * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "-5 * * * *", 1, "minute: unexpected '-5'"},
    {DIALECT_AUTO, "5-10-15 * * * *", 5, "minute: unexpected '-15'"},
    {DIALECT_AUTO, "*/0 * * * *", 3, "minute: a step of 0 is outside 1-60"},
    {DIALECT_AUTO, "*/ * * * *", 3, "minute: a value is missing"},
    {DIALECT_AUTO, "*/x * * * *", 3, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "*5 * * * *", 2, "minute: unexpected '5'"},
    {DIALECT_AUTO, "** * * * *", 2, "minute: unexpected '*'"},
    {DIALECT_AUTO, "1/2/3 * * * *", 4, "minute: unexpected '/3'"},
    {DIALECT_AUTO, "1.5 * * * *", 2, "minute: unexpected '.5'"},
    {DIALECT_AUTO, "99999999999 * * * *", 1, "minute: '999999999...' is too long a number"},
    {DIALECT_AUTO, "? * * * *", 1, "minute: unexpected '?'"},
    {DIALECT_AUTO, "* * * ? *", 7, "month: unexpected '?'"},
    {DIALECT_AUTO, "* * ?/2 * *", 6, "day of month: unexpected '/2'"},
    {DIALECT_AUTO, "x * * * *", 1, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "MON * * * *", 1, "minute: unexpected 'MON'"},
    {DIALECT_AUTO, "* * MON * *", 5, "day of month: unexpected 'MON'"},
    {DIALECT_AUTO, "* * * MON *", 7, "month: 'MON' is not a name"},
    {DIALECT_AUTO, "* * * JANUARY *", 10, "month: unexpected 'UARY'"},
    {DIALECT_AUTO, "* * * * MONDAY", 12, "day of week: unexpected 'DAY'"},
    {DIALECT_AUTO, "* * * * JAN", 9, "day of week: 'JAN' is not a name"},
    {DIALECT_AUTO, "* * * * +", 10, "day of week: a value is missing"},
    {DIALECT_AUTO, "* * + * *", 5, "day of month: unexpected '+'"},
    {DIALECT_AUTO, "* * * * L", 9, "day of week: 'L' is not a name"},
    {DIALECT_AUTO, "* * * * 5#6", 11, "day of week: #6 is outside #1-#5"},
    {DIALECT_AUTO, "* * * * 5#0", 11, "day of week: #0 is outside #1-#5"},
    {DIALECT_AUTO, "* * * * 5#", 11, "day of week: a value is missing"},
    {DIALECT_AUTO, "* * * * 5LL", 11, "day of week: unexpected 'L'"},
    {DIALECT_AUTO, "* * * * 1-5L", 12, "day of week: unexpected 'L'"},
    {DIALECT_AUTO, "* * W * *", 5, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * 0W * *", 5, "day of month: 0 is outside 1-31"},
    {DIALECT_AUTO, "* * 1-5W * *", 8, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * L-31 * *", 7, "day of month: L-31 is outside L-0 to L-30"},
    {DIALECT_AUTO, "* * L-W * *", 7, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "* * LWW * *", 7, "day of month: unexpected 'W'"},
    {DIALECT_AUTO, "L * * * *", 1, "minute: unexpected 'L'"},
    {DIALECT_AUTO, "H(5 * * * *", 4, "minute: a value is missing"},
    {DIALECT_AUTO, "H(5-70) * * * *", 5, "minute: 70 is outside 0-59"},
    {DIALECT_AUTO, "H(9-5) * * * *", 1, "minute: 9-5 runs backwards"},
    {DIALECT_AUTO, "Hx * * * *", 2, "minute: unexpected 'x'"},
    {DIALECT_AUTO, "* * H(29-31) * *", 5, "day of month: a hashed day stays in 1-28, 29 is outside"},
    {DIALECT_AUTO, "9~5 * * * *", 1, "minute: 9-5 runs backwards"},
    {DIALECT_AUTO, "* * 30~ * *", 5, "day of month: a hashed day stays in 1-28, 30 is outside"},
    {DIALECT_AUTO, "0 0 0 1 1 * H", 13, "year: a year is not hashed"},
    {DIALECT_AUTO, "@reboot", 1, "@reboot is no time: a scheduler that never reboots cannot keep it"},
    {DIALECT_AUTO, "@dayly", 1, "unknown macro '@dayly'"},
    {DIALECT_AUTO, "@DAILY", 1, "unknown macro '@DAILY'"},
    {DIALECT_AUTO, "@daily x", 8, "unexpected 'x'"},
    {DIALECT_AUTO, "@every", 7, "@every needs a duration"},
    {DIALECT_AUTO, "@every x", 8, "'x' is not a duration"},
    {DIALECT_AUTO, "@every 0s", 8, "a period of 0 s is outside 1 s to 36525d"},
    {DIALECT_AUTO, "@every 5", 8, "'5' is not a duration"},
    {DIALECT_AUTO, "@every 1.5h", 8, "'1.5h' is not a duration"},
    {DIALECT_AUTO, "@every 500ms", 12, "'500ms' is not a duration"},
    {DIALECT_AUTO, "@every -5m", 8, "'-5m' is not a duration"},
    {DIALECT_AUTO, "@every 36526d", 8, "a period of 3155846400 s is outside 1 s to 36525d"},
    {DIALECT_AUTO, "@every 5m/", 11, "'' is not a duration"},
    {DIALECT_AUTO, "@every 5m 6m", 11, "'from HH:MM' is missing"},
    {DIALECT_AUTO, "@every 5m/1m from 08:00 to 09:00", 14, "unexpected 'from'"},
    {DIALECT_AUTO, "@every 5m from 08:00", 21, "'to HH:MM' is missing"},
    {DIALECT_AUTO, "@every 5m from 8:00 to 09:00", 16, "'8:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 24:00", 25, "'24:00' is not a time 00:00-23:59"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 MON", 31, "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on", 31, "'on DAYS' is expected here"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on MON TUE", 38, "unexpected 'TUE'"},
    {DIALECT_AUTO, "@every 5m from 08:00 to 09:00 on 1#2", 34, "day of week: L and # have no meaning here"},
    {DIALECT_AUTO, "@at", 4, "@at needs a time"},
    {DIALECT_AUTO, "@at tomorrow", 5, "@at: 'tomorrow' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29", 5, "@at: '2026-03-29' is not a time"},
    {DIALECT_AUTO, "@at 2026-02-29T00:00", 5, "@at: '2026-02-29T00:00' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00.5", 5, "@at: '2026-03-29T02:30:00.5' is not a time"},
    {DIALECT_AUTO, "@at 2026-03-29T02:30:00Z Europe/Berlin", 26, "unexpected 'Europe/Berlin'"},
    {DIALECT_AUTO, "@at 1969-12-31T23:59:59Z", 5, "@at: '1969-12-31T23:59:59Z' is outside the years 1970-2199"},
    {DIALECT_AUTO, "@at 2200-01-01T00:00:00", 5, "@at: '2200-01-01T00:00:00' is outside the years 1970-2199"},
    {DIALECT_AUTO, "TZ=Europe/Berlin @at 2026-03-29T02:30 Europe/Dublin", 39, "time zone 'Europe/Dublin' conflicts with 'Europe/Berlin'"},
    {DIALECT_AUTO, "TZ=Nowhere/Land 0 0 * * *", 4, "unknown time zone 'Nowhere/Land'"},
    {DIALECT_AUTO, "TZ=../etc/passwd 0 0 * * *", 4, "unknown time zone '../etc/passwd'"},
    {DIALECT_AUTO, "TZ= 0 0 * * *", 4, "unknown time zone ''"},
    {DIALECT_AUTO, "cron(0 10 * * *)", 16, "cron(...) needs 6 fields, not 5"},
    {DIALECT_AUTO, "cron(0 10 * * ? * *)", 19, "cron(...) needs 6 fields, not 7"},
    {DIALECT_AUTO, "cron(0 10 * * * *)", 15, "cron(...) needs exactly one ? in day of month and day of week"},
    {DIALECT_AUTO, "cron(0 10 ? * ? *)", 15, "cron(...) needs exactly one ? in day of month and day of week"},
    {DIALECT_AUTO, "cron(0 10 * * ? *", 18, "the closing parenthesis is missing"},
    {DIALECT_AUTO, "cron(0 10 * * ? *) x", 21, "the closing parenthesis is missing"},
    {DIALECT_AUTO, "cron(0 10 ? * 0 *)", 15, "day of week: 0 is outside 1-7"},
    {DIALECT_AUTO, "cron(0 10 ? * 8 *)", 15, "day of week: 8 is outside 1-7"},
    {DIALECT_AUTO, "rate(5)", 6, "rate(...) needs a number and a unit"},
    {DIALECT_AUTO, "rate(5 minute)", 8, "rate: 'minute' is not a unit for 5"},
    {DIALECT_AUTO, "rate(1 minutes)", 8, "rate: 'minutes' is not a unit for 1"},
    {DIALECT_AUTO, "rate(0 minutes)", 6, "rate: '0' is not a number above 0"},
    {DIALECT_AUTO, "rate(5 weeks)", 8, "rate: 'weeks' is not a unit for 5"},
    {DIALECT_AUTO, "rate(x minutes)", 6, "rate: 'x' is not a number above 0"},
    {DIALECT_AUTO, "rate(99999999 days)", 6, "a period of 8639999913600 s is outside 1 s to 36525d"},
    {DIALECT_VIXIE, "cron(0 10 * * ? *)", 1, "cron(...) and rate(...) are not of this dialect"},
    {DIALECT_QUARTZ, "rate(5 minutes)", 1, "cron(...) and rate(...) are not of this dialect"},
    {DIALECT_QUARTZ, "0 0 12 * * *", 12, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ? * ?", 12, "the dialect quartz needs exactly one ? in day of month and day of week"},
    {DIALECT_QUARTZ, "0 0 12 ? * 0", 12, "day of week: 0 is outside 1-7"},
    {DIALECT_QUARTZ, "0 0 12 ? * 8", 12, "day of week: 8 is outside 1-7"},
    {DIALECT_VIXIE, "5/15 * * * *", 2, "minute: the dialect vixie has no step from a single value: write a range, a-b/n"},
    {DIALECT_VIXIE, "22-2 * * * *", 1, "minute: the dialect vixie has no ranges that wrap"},
    {DIALECT_VIXIE, "0 22-2 * * *", 3, "hour: the dialect vixie has no ranges that wrap"},
    {DIALECT_VIXIE, "0 0 L * *", 5, "day of month: the dialect vixie has no L"},
    {DIALECT_VIXIE, "0 0 15W * *", 7, "day of month: the dialect vixie has no W"},
    {DIALECT_VIXIE, "0 0 * * 5L", 10, "day of week: the dialect vixie has no L"},
    {DIALECT_VIXIE, "0 0 * * 1#2", 10, "day of week: the dialect vixie has no #"},
    {DIALECT_VIXIE, "H * * * *", 1, "minute: the dialect vixie has no H"},
    {DIALECT_VIXIE, "0 0 ? * *", 5, "day of month: unexpected '?'"},
    {DIALECT_VIXIE, "0 0 * * +1", 9, "day of week: unexpected '+1'"},
    {DIALECT_OCPS, "5/15 * * * *", 2, "minute: the dialect ocps has no step from a single value: write a range, a-b/n"},
    {DIALECT_OCPS, "0 22-2 * * *", 3, "hour: the dialect ocps has no ranges that wrap"},
    {DIALECT_OCPS, "0 ? * * *", 3, "hour: unexpected '?'"},
    {DIALECT_AUTO, "0 0 * * *\\", 10, "day of week: unexpected '\\'"},
};
/* clang-format on */

static void says_what_is_wrong_and_where(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
        const struct error_case *c = &error_cases[i];
        struct schedule_options options = {.dialect = c->dialect, .task = task};
        struct schedule *s = NULL;
        struct error err = {0};

        if (schedule_parse(c->expression, &options, zones, NULL, &s, &err) != RC_INVALID)
            fail_msg("accepted: %s", c->expression);
        assert_string_equal(err.text, c->text);
        assert_int_equal(err.column, c->column);
        assert_null(s);
    }
}

static void gives_the_way_out_as_a_hint(void **state UNUSED)
{
    static const char *const hints[][2] = {
        {"0 10 * * ? *", "looks like AWS: write cron(...)"},
        {"0 0 * * MONDAY", "names have three letters, such as JAN or MON"},
        {"@reboot", "let an init system start it, or trigger the task"},
        {"@every 1.5h", "write 90s, 15m, 1h30m, 1d or 2w"},
        {"* * * *", "minute hour day-of-month month day-of-week"},
    };

    for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
        struct schedule_options options = {0};
        struct schedule *s = NULL;
        struct error err = {0};

        assert_int_equal(schedule_parse(hints[i][0], &options, zones, NULL, &s, &err), RC_INVALID);
        assert_string_equal(err.hint, hints[i][1]);
    }
}

static void refuses_a_zone_that_conflicts_with_the_option(void **state UNUSED)
{
    struct schedule_options options = {.zone = "Europe/Berlin"};
    struct schedule *s = NULL;
    struct error err = {0};

    assert_int_equal(schedule_parse("TZ=Europe/Dublin 0 0 * * *", &options, zones, NULL, &s, &err),
                     RC_INVALID);
    assert_string_equal(err.text, "time zone 'Europe/Dublin' conflicts with 'Europe/Berlin'");
    assert_int_equal(err.column, 4);
    assert_int_equal(schedule_parse("TZ=Europe/Berlin 0 0 * * *", &options, zones, NULL, &s, &err),
                     RC_OK);
    assert_string_equal(schedule_zone(s), "Europe/Berlin");
    schedule_free(s);
}

static void fails_without_anyone_to_tell(void **state UNUSED)
{
    struct schedule_options options = {.zone = "Nowhere"};
    struct schedule *s = NULL;

    assert_int_equal(schedule_parse("60 * * * *", &options, zones, NULL, &s, NULL), RC_INVALID);
    assert_int_equal(schedule_parse("0 * * * *", &options, zones, NULL, &s, NULL), RC_INVALID);
    assert_int_equal(schedule_parse("TZ=Nowhere 0 * * * *", &(struct schedule_options){0}, zones,
                                    NULL, &s, NULL),
                     RC_INVALID);
    assert_null(s);
}

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
        {"H H(2-4) H * *", 1, 28, 2, 4, 0},     {"0~9 ~5 ~ * *", 1, 28, 0, 5, 0},
        {"H 20~ 25~31 * *", 25, 28, 20, 23, 0}, {"H/15 H(9-17)/3 H(1-31) * *", 1, 28, 9, 17, 15},
        {"H 3~3 ~2 * *", 1, 2, 3, 3, 0},
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
        cmocka_unit_test(finds_the_next_instants),
        cmocka_unit_test(finds_the_previous_instants),
        cmocka_unit_test(is_strictly_later_and_strictly_earlier),
        cmocka_unit_test(keeps_to_the_years_1970_to_2199),
        cmocka_unit_test(keeps_fractions_of_a_second_of_a_single_instant),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(gives_the_way_out_as_a_hint),
        cmocka_unit_test(refuses_a_zone_that_conflicts_with_the_option),
        cmocka_unit_test(fails_without_anyone_to_tell),
        cmocka_unit_test(warns_of_what_a_person_should_look_at),
        cmocka_unit_test(has_no_lints_where_the_dialect_knows_the_form),
        cmocka_unit_test(hashes_the_task_not_the_dice),
        cmocka_unit_test(keeps_hashed_values_inside_their_bounds),
        cmocka_unit_test(spreads_hashed_minutes_evenly),
        cmocka_unit_test(formats_canonically_and_describes),
        cmocka_unit_test(reads_back_its_canonical_text),
        cmocka_unit_test(knows_interval_like_from_fixed_time),
        cmocka_unit_test(equals_another_spelling_only),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
