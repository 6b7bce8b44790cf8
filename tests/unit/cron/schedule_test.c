#include "cron/schedule.h"

#include "unit/cron/schedules.h"

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
    {DIALECT_AUTO, "0 0 1W 1 +MON", "2000-01-03T00:00:00Z",
     "2001-01-01T00:00:00Z 2005-01-03T00:00:00Z 2006-01-02T00:00:00Z"},
    {DIALECT_AUTO, "0 0 31 * +1#1", "2026-01-01T00:00:00Z",
     ""},
    {DIALECT_AUTO, "0 0 29 2 +7#5", "2100-01-01T00:00:00Z",
     "2128-02-29T00:00:00Z 2156-02-29T00:00:00Z 2184-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 0 29 2 +MON 2040-2110", "2026-01-01T00:00:00Z",
     "2044-02-29T00:00:00Z 2072-02-29T00:00:00Z"},
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
    {DIALECT_AUTO, "0 0 29-L * *", "2026-01-30T00:00:00Z",
     "2026-01-31T00:00:00Z 2026-03-29T00:00:00Z 2026-03-30T00:00:00Z"},
    {DIALECT_AUTO, "0 0 27-l/2,3 2 *", "2028-01-01T00:00:00Z",
     "2028-02-03T00:00:00Z 2028-02-27T00:00:00Z 2028-02-29T00:00:00Z"},
    {DIALECT_AUTO, "0 0 1-L/15,L * *", "2026-02-01T00:00:00Z",
     "2026-02-16T00:00:00Z 2026-02-28T00:00:00Z 2026-03-01T00:00:00Z"},
    {DIALECT_AUTO, "0 0 31-L * *", "2026-01-31T00:00:00Z",
     "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z 2026-07-31T00:00:00Z"},
    {DIALECT_AUTO, "0 0 0 30-L 2 * 2027", "2026-01-01T00:00:00Z", ""},
    {DIALECT_AUTO, "0 0 25-L * +FRI", "2026-02-01T00:00:00Z",
     "2026-02-27T00:00:00Z 2026-03-27T00:00:00Z 2026-05-29T00:00:00Z"},
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
    {DIALECT_AUTO, "@every 30m from 09:00 to 10:00 on FRI#3", "2026-01-01T00:00:00Z",
     "2026-01-16T09:00:00Z 2026-01-16T09:30:00Z 2026-01-16T10:00:00Z"},
    {DIALECT_AUTO, "@every 6h from 18:00 to 05:00 on 0L", "2026-01-25T23:00:00Z",
     "2026-01-26T00:00:00Z 2026-02-22T18:00:00Z 2026-02-23T00:00:00Z"},
    {DIALECT_AUTO, "@every 1h from 09:00 to 09:00 on 5#5", "2026-01-01T00:00:00Z",
     "2026-01-30T09:00:00Z 2026-05-29T09:00:00Z 2026-07-31T09:00:00Z"},
    {DIALECT_AUTO, "@every 1h from 09:00 to 09:00 on MON-TUE#1,FRI#L", "2026-01-07T00:00:00Z",
     "2026-01-30T09:00:00Z 2026-02-02T09:00:00Z 2026-02-03T09:00:00Z"},
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
    {DIALECT_AUTO, "@at 2018-03-11T02:00 Antarctica/Casey", "2018-03-01T00:00:00Z",
     "2018-03-10T15:00:00Z"},
    {DIALECT_AUTO, "@at 2011-12-30T12:00 Pacific/Apia", "2011-12-01T00:00:00Z",
     ""},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_next_instants),
        cmocka_unit_test(finds_the_previous_instants),
        cmocka_unit_test(is_strictly_later_and_strictly_earlier),
        cmocka_unit_test(keeps_to_the_years_1970_to_2199),
        cmocka_unit_test(keeps_fractions_of_a_second_of_a_single_instant),
    };

    return cmocka_run_group_tests(tests, set_up_zones, tear_down_zones);
}
