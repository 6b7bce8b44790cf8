/*
 * trials.h - random tasks for tests: schedules as text, calendars and a window as numbers and as what is made of them.
 */
#ifndef TESTS_UNIT_CRON_TRIALS_H
#define TESTS_UNIT_CRON_TRIALS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/timeline.h"
#include "unit/cron/zones.h"

enum { RULES_MAX = 4, DAY = 86400 };

static struct zoneset *zones;
static uint64_t seed;

/* xorshift64*: the same numbers on each machine. */
static int pick(int from, int to)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return from + (int)((seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % (uint64_t)(to - from + 1));
}

/* --- a random task, as numbers and as text --- */

enum kind { DATE, RANGE, YEARLY, WEEKDAY, NTH, HOURS, KINDS };

struct rule {
    enum kind kind;
    /* Days; minutes; of YEARLY month and day; of NTH the weekday and which one (6: the last). */
    int64_t from, to;
};

struct rules {
    bool only;
    int count;
    struct rule list[RULES_MAX];
};

struct hours {
    bool any;
    int from, to; /* minutes */
    const char *zone;
};

struct trial {
    int schedule_count, calendar_count;
    char texts[3][64];
    struct schedule_options options[3];
    struct rules calendars[3];
    usec_t from, open_from, open_until, jitter;
    struct hours hours;
    struct uuid task;
};

static const char *pick_zone(void)
{
    return test_zones[pick(0, (int)ARRAY_LEN(test_zones) - 1)].name;
}

static void write_schedule(char text[64])
{
    int minute = pick(0, 59), hour = pick(0, 23), small = pick(1, 5);

    switch (pick(0, 13)) {
    case 0:
        (void)snprintf(text, 64, "%d %d * * *", minute, hour);
        break;
    case 1:
        (void)snprintf(text, 64, "%d %d * * *", minute, pick(0, 3));
        break;
    case 2:
        (void)snprintf(text, 64, "*/%d * * * *", pick(1, 59));
        break;
    case 3:
        (void)snprintf(text, 64, "%d %d * * %d", minute, hour, pick(0, 6));
        break;
    case 4:
        (void)snprintf(text, 64, "%d %d %d * *", minute, hour, pick(1, 31));
        break;
    case 5:
        (void)snprintf(text, 64, "%d %d,%d %d %d *", minute, hour, pick(0, 23), pick(1, 31),
                       pick(1, 12));
        break;
    case 6:
        (void)snprintf(text, 64, "*/%d %d %d-%d * * *", pick(1, 30), minute, MIN(hour, 12),
                       pick(12, 23));
        break;
    case 7:
        (void)snprintf(text, 64, "@every %dm/%ds", pick(1, 3000), pick(0, 59));
        break;
    case 8:
        (void)snprintf(text, 64, "@every %dh", pick(1, 50));
        break;
    case 9:
        (void)snprintf(text, 64, "@every %dm from %02d:%02d to %02d:30", pick(1, 90), hour, minute,
                       pick(0, 23));
        break;
    case 10:
        (void)snprintf(text, 64, "@every %dh from %02d:%02d to %02d:30 on %d,%d", small, hour,
                       minute, (hour + pick(1, 22)) % 24, pick(0, 6), pick(0, 6));
        break;
    case 11:
        (void)snprintf(text, 64, "0 %d */%d * %d#%d", hour, small, pick(0, 6), small);
        break;
    case 12:
        (void)snprintf(text, 64, "0 %d 0-3 * * * %d-%d", minute, pick(1970, 2030),
                       pick(2030, 2199));
        break;
    default:
        (void)snprintf(text, 64, "@at 20%02d-%02d-%02dT%02d:%02d", pick(10, 40), pick(1, 12),
                       pick(1, 28), hour, minute);
    }
}

static struct rule pick_rule(int64_t today)
{
    struct rule r = {.kind = (enum kind)pick(0, KINDS - 1)};
    int year, month, day;

    civil_from_days(today + pick(0, 40), &year, &month, &day);
    switch (r.kind) {
    case DATE:
        r.from = r.to = today + pick(-3, 12);
        break;
    case RANGE:
        r.from = today + pick(-20, 20);
        r.to = r.from + pick(0, 40);
        break;
    case YEARLY:
        r.from = month;
        r.to = day;
        break;
    case WEEKDAY:
        r.from = pick(0, 6);
        break;
    case NTH:
        r.from = pick(0, 6);
        r.to = pick(1, 6);
        break;
    default:
        r.from = pick(0, 4) == 0 ? pick(0, 3) * 60 : pick(0, 1439);
        r.to = pick(0, 4) == 0 ? 1440 : (r.from + pick(1, 1439)) % 1440;
    }
    return r;
}

/* Mostly where the clock changes. */
static usec_t pick_instant(const char *zone)
{
    usec_t t = (int64_t)pick(0, 7258118) * 1000 * USEC_PER_SEC + pick(0, 999) * USEC_PER_SEC;
    struct zone_span change;
    struct zone *z;

    assert_int_equal(zoneset_get(zones, zone, &z, NULL), RC_OK);
    switch (pick(0, 30)) {
    case 0:
        return pick(-2 * DAY, DAY) * USEC_PER_SEC; /* where time begins */
    case 1:
        return (INT64_C(7258118400) - pick(-DAY, 3 * DAY)) * USEC_PER_SEC; /* and ends */
    default:
        break;
    }
    if (pick(0, 3) == 0 && zone_next_change(z, 0, &change) == RC_OK)
        return (change.start - pick(0, 3 * DAY)) * USEC_PER_SEC;
    if (pick(0, 3) > 0 && zone_next_change(z, t, &change) == RC_OK)
        return (change.start - pick(0, 3 * DAY)) * USEC_PER_SEC;
    return t;
}

static void pick_calendars(struct trial *t)
{
    int64_t today = t->from / USEC_PER_DAY;

    t->calendar_count = pick(0, 3);
    for (int i = 0; i < t->calendar_count; i++) {
        struct rules *c = &t->calendars[i];

        *c = (struct rules){.only = pick(0, 1), .count = pick(0, RULES_MAX)};
        for (int n = 0; n < c->count; n++)
            c->list[n] = pick_rule(MAX(MIN(today, 83900), 60));
    }
}

static void pick_window(struct trial *t)
{
    if (pick(0, 3) == 0)
        t->open_from = MAX(t->from + (int64_t)pick(-2 * DAY, 2 * DAY) * USEC_PER_SEC, 1);
    if (pick(0, 3) == 0)
        t->open_until = MAX(t->from, t->open_from) + (int64_t)pick(1, 9 * DAY) * USEC_PER_SEC;
    if (pick(0, 1) == 0)
        return;
    t->hours.any = true;
    t->hours.from = pick(0, 1439);
    t->hours.to = pick(0, 4) == 0 ? 1440 : (t->hours.from + pick(1, 1439)) % 1440;
    t->hours.zone = pick(0, 2) == 0 ? "UTC" : pick_zone();
}

static struct trial pick_trial(void)
{
    struct trial t = {.schedule_count = pick(1, 3)};

    for (int i = 0; i < t.schedule_count; i++) {
        write_schedule(t.texts[i]);
        t.options[i] = (struct schedule_options){
            .zone = i > 0 && pick(0, 1) == 0 ? t.options[0].zone : pick_zone(),
            .dst_gap = (enum dst_gap)pick(0, 1),
            .dst_overlap = (enum dst_overlap)pick(0, 1),
        };
    }
    t.from = pick_instant(t.options[0].zone);
    pick_calendars(&t);
    if (pick(0, 1) == 0)
        pick_window(&t);
    if (pick(0, 1) == 0)
        t.jitter = pick(1, 1000000) * (pick(0, 1) == 0 ? INT64_C(1) : INT64_C(100000));
    for (int i = 0; i < 16; i++)
        t.task.b[i] = (uint8_t)pick(0, 255);
    return t;
}

static void write_date(int64_t day, char text[16])
{
    int year, month, in_month;

    civil_from_days(day, &year, &month, &in_month);
    (void)snprintf(text, 16, "%04d-%02d-%02d", year, month, in_month);
}

static void write_rule(const struct rule *r, char text[32])
{
    static const char *const names[] = {"Sun", "mon", "TUE", "3", "THU", "fri", "SAT"};
    char from[16], to[16];

    switch (r->kind) {
    case DATE:
        write_date(r->from, text);
        break;
    case RANGE:
        write_date(r->from, from);
        write_date(r->to, to);
        (void)snprintf(text, 32, "%s/%s", from, to);
        break;
    case YEARLY:
        (void)snprintf(text, 32, "%02d-%02d", (int)r->from, (int)r->to);
        break;
    case WEEKDAY:
        (void)snprintf(text, 32, "%s", names[r->from]);
        break;
    case NTH:
        (void)snprintf(text, 32, "%s#%c", names[r->from], "12345L"[r->to - 1]);
        break;
    default:
        (void)snprintf(text, 32, "%02d:%02d-%02d:%02d", (int)r->from / 60, (int)r->from % 60,
                       (int)r->to / 60, (int)r->to % 60);
    }
}

static struct calendar *calendar_of(const struct rules *c)
{
    static const char *const kinds[KINDS] = {"date",    "range",       "yearly",
                                             "weekday", "nth_weekday", "hours"};
    struct calendar *made = calendar_new(c->only ? CALENDAR_ONLY : CALENDAR_EXCLUDE);

    for (int i = 0; i < c->count; i++) {
        char text[32];

        write_rule(&c->list[i], text);
        assert_int_equal(calendar_add(made, kinds[c->list[i].kind], text, NULL), RC_OK);
    }
    return made;
}

static struct window *window_of(const struct trial *t)
{
    struct window_options o = {.from = t->open_from, .until = t->open_until, .zone = t->hours.zone};
    char from[8], to[8];
    struct window *w;

    (void)snprintf(from, sizeof from, "%02d:%02d", t->hours.from / 60 % 60, t->hours.from % 60);
    (void)snprintf(to, sizeof to, "%02d:%02d", t->hours.to / 60 % 60, t->hours.to % 60);
    if (t->hours.any) {
        o.daily_from = from;
        o.daily_to = to;
    }
    assert_int_equal(window_new(&o, zones, &w, NULL), RC_OK);
    return w;
}

static struct timeline *timeline_of(const struct trial *t)
{
    struct schedule *schedules[3];
    struct calendar *calendars[3];
    struct timeline_options o = {.calendars = calendars,
                                 .calendar_count = (size_t)t->calendar_count,
                                 .jitter = t->jitter,
                                 .task = t->task};

    for (int i = 0; i < t->schedule_count; i++)
        assert_int_equal(
            schedule_parse(t->texts[i], &t->options[i], zones, NULL, &schedules[i], NULL), RC_OK);
    for (int i = 0; i < t->calendar_count; i++)
        calendars[i] = calendar_of(&t->calendars[i]);
    if (t->open_from != 0 || t->open_until != 0 || t->hours.any)
        o.window = window_of(t);
    return timeline_new(schedules, (size_t)t->schedule_count, &o);
}

#endif
