/*
 * Random tasks against a walk written apart: each instant of each schedule, one by one, and a predicate that knows rules as numbers.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rfc3339.h"
#include "cron/timeline.h"
#include "unit/cron/zones.h"

enum { TASKS = 400, INSTANTS_MAX = 60, STEPS_MAX = 4000, RULES_MAX = 4, DAY = 86400 };

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
    int64_t from,
        to; /* days; minutes; of YEARLY month and day; of NTH the weekday and which one (6: the last) */
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

/* --- the predicate --- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool has_date(const struct rule *r, int64_t day)
{
    int year, month, in_month, weekday = (int)(((day + 4) % 7 + 7) % 7);

    civil_from_days(day, &year, &month, &in_month);
    switch (r->kind) {
    case DATE:
    case RANGE:
        return day >= r->from && day <= r->to;
    case YEARLY:
        return month == r->from && in_month == r->to;
    case WEEKDAY:
        return weekday == r->from;
    case NTH:
        return weekday == r->from && (r->to == 6 ? in_month + 7 > civil_month_days(year, month)
                                                 : (in_month + 6) / 7 == r->to);
    default:
        return false;
    }
}

static bool has_dates(const struct rules *c, int64_t day)
{
    bool any = false;

    for (int i = 0; i < c->count; i++) {
        if (has_date(&c->list[i], day))
            return true;
        any |= c->list[i].kind != HOURS;
    }
    return !any;
}

static bool holds(const struct rules *c, int64_t wall)
{
    int64_t day = floor_div(wall, DAY), minute = (wall - day * DAY) / 60;
    bool any = false;

    for (int i = 0; i < c->count; i++) {
        const struct rule *r = &c->list[i];

        if (r->kind != HOURS)
            continue;
        any = true;
        if (minute >= r->from && (minute < r->to || r->to < r->from) && has_dates(c, day))
            return true;
        if (r->to < r->from && minute < r->to && has_dates(c, day - 1))
            return true;
    }
    return !any && has_dates(c, day);
}

static bool in_window(const struct trial *t, usec_t at)
{
    struct zone *z;
    int64_t minute;

    if ((t->open_from != 0 && at < t->open_from) || (t->open_until != 0 && at >= t->open_until))
        return false;
    if (!t->hours.any)
        return true;
    assert_int_equal(zoneset_get(zones, t->hours.zone, &z, NULL), RC_OK);
    minute = floor_div(at + zone_offset_at(z, at) * USEC_PER_SEC, USEC_PER_MIN);
    minute -= floor_div(minute, 1440) * 1440;
    if (t->hours.from < t->hours.to)
        return minute >= t->hours.from && minute < t->hours.to;
    return minute >= t->hours.from || minute < t->hours.to;
}

static bool is_due(const struct trial *t, const struct occurrence *o)
{
    int64_t wall = floor_div(o->at, USEC_PER_SEC) + o->offset;
    bool any = false, kept = false;

    for (int i = 0; i < t->calendar_count; i++) {
        bool held = holds(&t->calendars[i], wall);

        if (held && !t->calendars[i].only)
            return false;
        any |= t->calendars[i].only;
        kept |= held && t->calendars[i].only;
    }
    return (!any || kept) && in_window(t, o->at);
}

/* --- the walk --- */

struct walk {
    size_t count;
    struct occurrence list[INSTANTS_MAX];
    usec_t seen; /* up to here it is complete */
};

static void insert(struct walk *w, struct occurrence o)
{
    size_t i = w->count;

    while (i > 0 && w->list[i - 1].at > o.at)
        i--;
    if (i > 0 && w->list[i - 1].at == o.at)
        return; /* the schedule before it tells it */
    if (i == INSTANTS_MAX)
        return;
    w->count = MIN(w->count + 1, INSTANTS_MAX);
    memmove(&w->list[i + 1], &w->list[i], (w->count - 1 - i) * sizeof o);
    w->list[i] = o;
}

static void walk_schedule(const struct trial *t, const struct timeline *made, int i, struct walk *w)
{
    const struct schedule *s = timeline_schedule(made, (size_t)i);
    struct occurrence o = {.at = t->from};

    for (int steps = 0; schedule_next(s, o.at, &o) == RC_OK; steps++) {
        if (steps == STEPS_MAX) {
            w->seen = MIN(w->seen, o.at - 1);
            return;
        }
        o.schedule = (uint32_t)i;
        if (is_due(t, &o))
            insert(w, o);
    }
}

static uint64_t plain_hash(const struct trial *t, usec_t at)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (int i = 0; i < 24; i++) {
        h ^= i < 16 ? t->task.b[i] : (uint64_t)at >> 8 * (23 - i) & 255;
        h *= UINT64_C(1099511628211);
    }
    return h;
}

static void walk(const struct trial *t, const struct timeline *made, struct walk *w)
{
    *w = (struct walk){.seen = USEC_MAX};
    for (int i = 0; i < t->schedule_count; i++)
        walk_schedule(t, made, i, w);
    if (w->count == INSTANTS_MAX)
        w->seen = MIN(w->seen, w->list[--w->count].at - 1);
    while (w->count > 0 && w->list[w->count - 1].at > w->seen)
        w->count--;
    for (size_t i = 0; i < w->count; i++) {
        struct occurrence *o = &w->list[i];
        usec_t gap = i + 1 < w->count ? o[1].at - o->at : USEC_MAX;

        /* What follows the last one is not known, unless all is. */
        o->due = t->jitter == 0
                     ? o->at
                     : o->at + (usec_t)(plain_hash(t, o->at) % (uint64_t)MIN(t->jitter, gap));
    }
}

/* --- comparing --- */

static void describe(const struct trial *t)
{
    char from[RFC3339_TEXT], text[32];

    print_message("from %s (%" PRId64 ") jitter %" PRId64 "\n", rfc3339_format(t->from, from),
                  t->from, t->jitter);
    for (int i = 0; i < t->schedule_count; i++)
        print_message("  '%s' %s gap %d overlap %d\n", t->texts[i], t->options[i].zone,
                      t->options[i].dst_gap, t->options[i].dst_overlap);
    for (int i = 0; i < t->calendar_count; i++) {
        print_message("  %s:", t->calendars[i].only ? "only" : "exclude");
        for (int n = 0; n < t->calendars[i].count; n++) {
            write_rule(&t->calendars[i].list[n], text);
            print_message(" %d=%s", t->calendars[i].list[n].kind, text);
        }
        print_message("\n");
    }
    print_message("  window %" PRId64 " %" PRId64 " %d %d-%d %s\n", t->open_from, t->open_until,
                  t->hours.any, t->hours.from, t->hours.to, t->hours.any ? t->hours.zone : "");
}

static void expect(const struct trial *t, bool right, const char *what)
{
    if (right)
        return;
    print_message("%s:\n", what);
    describe(t);
    fail();
}

static bool same(const struct occurrence *a, const struct occurrence *b, bool with_due)
{
    return a->at == b->at && a->nominal == b->nominal && a->offset == b->offset &&
           a->schedule == b->schedule && a->dst == b->dst && (!with_due || a->due == b->due);
}

static void compare_forward(const struct trial *t, const struct timeline *made,
                            const struct walk *w)
{
    struct occurrence o = {.at = t->from};
    size_t i;

    for (i = 0; timeline_next(made, o.at, &o) == RC_OK && o.at <= w->seen; i++) {
        expect(t, i < w->count, "one too many");
        expect(t, same(&o, &w->list[i], i + 1 < w->count || w->seen == USEC_MAX), "next differs");
        expect(t, o.due >= o.at && (t->jitter == 0 ? o.due == o.at : o.due < o.at + t->jitter),
               "due");
    }
    expect(t, i == w->count, "one too few");
}

static void compare_back(const struct trial *t, const struct timeline *made, const struct walk *w)
{
    struct occurrence o = {.at = w->seen == USEC_MAX ? USEC_MAX : w->seen + 1};
    size_t i = w->count;

    while (timeline_prev(made, o.at, &o) == RC_OK && o.at > t->from) {
        expect(t, i > 0, "one too many, going back");
        i--;
        expect(t, same(&o, &w->list[i], i + 1 < w->count || w->seen == USEC_MAX), "prev differs");
    }
    expect(t, i == 0, "one too few, going back");
}

static void compare_ranges(const struct trial *t, const struct timeline *made, const struct walk *w)
{
    struct occurrence out[INSTANTS_MAX];
    size_t limit = (size_t)pick(0, INSTANTS_MAX), got;
    bool more = true;

    got = timeline_count(made, t->from, w->seen, limit, &more);
    expect(t, got == MIN(limit, w->count) && more == (w->count > limit), "count");
    got = timeline_newest(made, t->from, w->seen, limit, out);
    expect(t, got == MIN(limit, w->count), "newest");
    for (size_t i = 0; i < got; i++)
        expect(t, same(&out[i], &w->list[w->count - got + i], i + 1 < got || w->seen == USEC_MAX),
               "newest differs");
}

static void is_due_when_a_walk_says(void **state UNUSED)
{
    struct walk w;
    size_t found = 0, none = 0;

    seed = 20261124;
    for (int i = 0; i < TASKS; i++) {
        struct trial t = pick_trial();
        SCOPED(timeline) struct timeline *made = timeline_of(&t);

        walk(&t, made, &w);
        found += w.count;
        none += w.count == 0;
        compare_forward(&t, made, &w);
        compare_back(&t, made, &w);
        compare_ranges(&t, made, &w);
    }
    print_message("%zu instants, %zu tasks without one\n", found, none);
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
        cmocka_unit_test(is_due_when_a_walk_says),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
