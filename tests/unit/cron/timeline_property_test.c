/*
 * Random tasks against a walk written apart: each instant of each schedule, one by one, and a predicate that knows rules as numbers.
 */
#include <inttypes.h>

#include "unit/cron/trials.h"

enum { TASKS = 400, INSTANTS_MAX = 60, STEPS_MAX = 4000 };

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
        w->seen = MIN(w->seen, w->list[INSTANTS_MAX - 1].at - 1);
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
