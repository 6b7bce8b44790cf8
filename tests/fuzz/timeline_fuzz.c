/*
 * A task's timeline from lines of text. The first character picks an instant; then each line, by its first character:
 *
 *   s..EXPR       a schedule; two characters of options (harness.h)
 *   x, o          a calendar of mode exclude, only; the rules that follow are its own
 *   rKIND VALUE   a rule
 *   w..FROM|TO|Z  the window: two characters pick its limits, then its daily hours and their zone
 *   jN            jitter, microseconds
 *
 * What the timeline says must be open, nothing that is open may be left out, counting must agree with walking, and
 * jitter must keep the order.
 */
#include <stdlib.h>
#include <string.h>

#include "cron/timeline.h"
#include "fuzz/harness.h"

enum { STEPS = 3, WALKED = 40, LINES = 24, NEWEST = 5, COUNTED = 12 };

struct parts {
    struct schedule *schedules[TIMELINE_SCHEDULES_MAX];
    struct calendar *calendars[TIMELINE_CALENDARS_MAX];
    size_t schedule_count, calendar_count;
    struct window *window;
    usec_t jitter;
};

static struct zoneset *zones;

void fuzz_start(void)
{
    zones = fuzz_zones();
}

/* --- lines to parts --- */

static void take_schedule(struct parts *p, struct input *in)
{
    struct schedule_options options = input_options(in);
    SCOPED(text) char *text = input_text(in, '\0');

    if (p->schedule_count < TIMELINE_SCHEDULES_MAX &&
        schedule_parse(text, &options, zones, NULL, &p->schedules[p->schedule_count], NULL) ==
            RC_OK)
        p->schedule_count++;
}

static void take_calendar(struct parts *p, enum calendar_mode mode)
{
    if (p->calendar_count < TIMELINE_CALENDARS_MAX)
        p->calendars[p->calendar_count++] = calendar_new(mode);
}

static void take_rule(struct parts *p, struct input *in)
{
    SCOPED(text) char *kind = input_text(in, ' ');
    SCOPED(text) char *value = input_text(in, '\0');
    struct error err = {0};

    if (p->calendar_count == 0 ||
        calendar_add(p->calendars[p->calendar_count - 1], kind, value, &err) == RC_OK)
        return;
    CLAIM(err.rc == RC_INVALID && err.text[0] != '\0', "rc %d", (int)err.rc);
    CLAIM(err.column >= 0 && (size_t)err.column <= strlen(value) + 1, "column %d of '%s'",
          err.column, value);
}

static void take_window(struct parts *p, struct input *in)
{
    uint8_t from = input_byte(in), until = input_byte(in);
    SCOPED(text) char *daily_from = input_text(in, '|');
    SCOPED(text) char *daily_to = input_text(in, '|');
    SCOPED(text) char *zone = input_text(in, '\0');
    struct window_options options = {
        .from = from == ' ' ? 0 : fuzz_instant(from),
        .until = until == ' ' ? 0 : fuzz_instant(until),
        .daily_from = daily_from,
        .daily_to = daily_to,
        .zone = zone,
    };
    struct error err = {0};

    if (p->window != NULL || window_new(&options, zones, &p->window, &err) == RC_OK)
        return;
    CLAIM(err.rc == RC_INVALID && err.text[0] != '\0' && err.pointer[0] == '/', "pointer '%s'",
          err.pointer);
}

static void take_jitter(struct parts *p, struct input *in)
{
    SCOPED(text) char *number = input_text(in, '\0');

    p->jitter = MAX(strtoll(number, NULL, 10), 0);
}

static void take_line(struct parts *p, char *line)
{
    struct input in = {(const uint8_t *)line, (const uint8_t *)line + strlen(line)};

    switch (input_byte(&in)) {
    case 's':
        take_schedule(p, &in);
        break;
    case 'x':
        take_calendar(p, CALENDAR_EXCLUDE);
        break;
    case 'o':
        take_calendar(p, CALENDAR_ONLY);
        break;
    case 'r':
        take_rule(p, &in);
        break;
    case 'w':
        take_window(p, &in);
        break;
    case 'j':
        take_jitter(p, &in);
        break;
    default:
        break;
    }
}

static struct timeline *timeline_of(const struct parts *p)
{
    const struct timeline_options options = {
        .calendars = p->calendars,
        .calendar_count = p->calendar_count,
        .window = p->window,
        .jitter = p->jitter,
        .task = CRONOBS_NAMESPACE,
    };

    return timeline_new(p->schedules, p->schedule_count, &options);
}

/* --- what must hold; `p` is what the timeline is made of --- */

static bool is_open(const struct parts *p, const struct occurrence *o)
{
    int64_t second = o->at / USEC_PER_SEC - (o->at % USEC_PER_SEC < 0);
    bool only = false, chosen = false;

    if (p->window != NULL && !window_holds(p->window, o->at))
        return false;
    for (size_t i = 0; i < p->calendar_count; i++) {
        bool holds = calendar_holds(p->calendars[i], second + o->offset);
        bool excludes = calendar_mode_of(p->calendars[i]) == CALENDAR_EXCLUDE;

        if (excludes && holds)
            return false;
        only = only || !excludes;
        chosen = chosen || (!excludes && holds);
    }
    return chosen || !only;
}

/* Between the two, both left out, no schedule has an instant that is open. */
static void check_nothing_between(const struct parts *p, usec_t after, usec_t before)
{
    for (size_t i = 0; i < p->schedule_count; i++) {
        struct occurrence o = {.at = after};

        for (int n = 0; n < WALKED && schedule_next(p->schedules[i], o.at, &o) == RC_OK; n++) {
            if (o.at >= before)
                break;
            CLAIM(!is_open(p, &o), "%lld of schedule %zu is left out", (long long)o.at, i);
        }
    }
}

static void check_same(const struct occurrence *a, const struct occurrence *b)
{
    CLAIM(a->at == b->at && a->due == b->due && a->nominal == b->nominal &&
              a->offset == b->offset && a->schedule == b->schedule && a->dst == b->dst,
          "at %lld, %lld; due %lld, %lld; schedule %u, %u", (long long)a->at, (long long)b->at,
          (long long)a->due, (long long)b->due, a->schedule, b->schedule);
}

static void check_instant(const struct parts *p, const struct timeline *t,
                          const struct occurrence *o)
{
    struct occurrence other;

    CLAIM(o->schedule < p->schedule_count && is_open(p, o), "%lld of schedule %u is not open",
          (long long)o->at, o->schedule);
    CLAIM(o->due >= o->at && o->due - o->at <= MAX(p->jitter - 1, 0), "at %lld, due %lld",
          (long long)o->at, (long long)o->due);
    CLAIM(timeline_next(t, o->at - 1, &other) == RC_OK, "next before %lld", (long long)o->at);
    check_same(&other, o);
    CLAIM(timeline_prev(t, o->at + 1, &other) == RC_OK, "prev after %lld", (long long)o->at);
    check_same(&other, o);
    if (timeline_next(t, o->at, &other) == RC_OK)
        CLAIM(o->due < other.at, "due %lld, the next is at %lld", (long long)o->due,
              (long long)other.at);
}

static void check_walk(const struct parts *p, const struct timeline *t, usec_t after)
{
    struct occurrence o;
    usec_t at = after;

    for (int i = 0; i < STEPS && timeline_next(t, at, &o) == RC_OK; i++) {
        CLAIM(o.at > at, "%lld is not after %lld", (long long)o.at, (long long)at);
        check_instant(p, t, &o);
        check_nothing_between(p, at, o.at);
        at = o.at;
    }
    if (timeline_next(t, at, &o) != RC_OK)
        check_nothing_between(p, at, USEC_MAX);
    at = after;
    for (int i = 0; i < STEPS && timeline_prev(t, at, &o) == RC_OK; i++) {
        CLAIM(o.at < at, "%lld is not before %lld", (long long)o.at, (long long)at);
        check_instant(p, t, &o);
        check_nothing_between(p, o.at, at);
        at = o.at;
    }
}

static void check_counts(const struct timeline *t, usec_t from)
{
    struct occurrence list[NEWEST], o = {.at = from}, last = o;
    size_t walked = 0, count;
    bool more;

    while (walked < COUNTED && timeline_next(t, o.at, &o) == RC_OK) {
        last = o;
        walked++;
    }
    count = timeline_count(t, from, last.at, COUNTED, &more);
    CLAIM(count == walked && !more, "%zu counted, %zu walked, more %d", count, walked, more);
    if (walked > 1) {
        count = timeline_count(t, from, last.at, walked - 1, &more);
        CLAIM(count == walked - 1 && more, "%zu counted of %zu, more %d", count, walked, more);
    }
    count = timeline_newest(t, from, last.at, NEWEST, list);
    CLAIM(count == MIN(walked, NEWEST), "%zu newest of %zu", count, walked);
    for (size_t i = count; i-- > 0;) {
        check_same(&list[i], &last);
        if (i > 0)
            CLAIM(timeline_prev(t, last.at, &last) == RC_OK, "prev before %lld",
                  (long long)last.at);
    }
}

void fuzz_input(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    usec_t after = fuzz_instant(input_byte(&in));
    SCOPED(timeline) struct timeline *t = NULL;
    struct parts p = {0};

    for (int i = 0; i < LINES && in.at < in.end; i++) {
        SCOPED(text) char *line = input_text(&in, '\n');

        take_line(&p, line);
    }
    t = timeline_of(&p);
    check_walk(&p, t, after);
    check_counts(t, after);
}
