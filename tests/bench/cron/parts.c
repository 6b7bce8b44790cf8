/*
 * What goes around schedules: a walk as a scheduler makes it, timelines, zones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <err.h>

#include "bench/cron/figures.h"
#include "bench/cron/measure.h"
#include "cron/timeline.h"

static void must(enum rc rc, const struct error *error)
{
    if (rc != RC_OK)
        errx(1, "%s", error->text);
}

static struct schedule *schedule_of(const char *text, struct zoneset *zoneset)
{
    struct schedule_options options = {.zone = zones[0]};
    struct schedule *s = NULL;
    struct error error;

    must(schedule_parse(text, &options, zoneset, NULL, &s, &error), &error);
    return s;
}

/* --- timelines --- */

static void call_timeline(const void *context, size_t count)
{
    struct occurrence o = {0};

    for (size_t i = 0; i < count; i++) {
        (void)!timeline_next(context, instants[i], &o);
        measure_keep(o.due);
    }
}

/* Each instant from the one before it, as a scheduler asks. */
static void call_walk(const void *context, size_t count)
{
    struct occurrence o = {.at = instants[0]};

    for (size_t i = 0; i < count; i++)
        (void)!timeline_next(context, o.at, &o);
    measure_keep(o.due);
}

static struct calendar *calendar_of(void)
{
    static const char *const rules[][2] = {
        {"weekday", "SAT"},
        {"weekday", "SUN"},
        {"yearly", "12-25"},
        {"range", "2026-12-28/2027-01-06"},
    };
    struct calendar *c = calendar_new(CALENDAR_EXCLUDE);
    struct error error;

    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        must(calendar_add(c, rules[i][0], rules[i][1], &error), &error);
    return c;
}

static struct window *window_of(struct zoneset *zoneset)
{
    const struct window_options options = {
        .daily_from = "08:00", .daily_to = "18:00", .zone = zones[0]};
    struct window *w = NULL;
    struct error error;

    must(window_new(&options, zoneset, &w, &error), &error);
    return w;
}

enum { WALK = 1, CALENDAR = 2, WINDOW = 4, JITTER = 8 };

/* clang-format off */
static const struct timeline_line {
    const char *what, *expressions[2];
    unsigned with;
} timeline_lines[] = {
    {"next from the answer before, `*/5 * * * *`", {"*/5 * * * *"}, WALK},
    {"next from the answer before, `30 2 * * MON-FRI`", {"30 2 * * MON-FRI"}, WALK},
    {"timeline, one schedule", {"*/20 9-17 * * *"}, 0},
    {"timeline, two schedules", {"*/20 9-17 * * *", "30 2 * * MON-FRI"}, 0},
    {"timeline, two schedules, a calendar", {"*/20 9-17 * * *", "30 2 * * MON-FRI"}, CALENDAR},
    {"timeline, two schedules, daily hours", {"*/20 9-17 * * *", "30 2 * * MON-FRI"}, WINDOW},
    {"timeline, two schedules, jitter", {"*/20 9-17 * * *", "30 2 * * MON-FRI"}, JITTER},
    {"timeline, two schedules, calendar, hours and jitter", {"*/20 9-17 * * *", "30 2 * * MON-FRI"}, CALENDAR | WINDOW | JITTER},
    {"timeline that its daily hours never let through", {"30 2 * * MON-FRI"}, WINDOW},
};
/* clang-format on */

static struct timeline *timeline_of(const struct timeline_line *l, struct zoneset *zoneset)
{
    struct schedule *schedules[2];
    size_t count = l->expressions[1] == NULL ? 1 : 2;
    struct calendar *calendar = l->with & CALENDAR ? calendar_of() : NULL;
    const struct timeline_options options = {
        .calendars = &calendar,
        .calendar_count = calendar != NULL,
        .window = l->with & WINDOW ? window_of(zoneset) : NULL,
        .jitter = l->with & JITTER ? USEC_PER_MIN : 0,
        .task = {{7}},
    };

    for (size_t i = 0; i < count; i++)
        schedules[i] = schedule_of(l->expressions[i], zoneset);
    return timeline_new(schedules, count, &options);
}

static void measure_timelines(struct zoneset *zoneset)
{
    double plain = 0; /* the first that is no walk */

    for (size_t i = 0; i < ARRAY_LEN(timeline_lines); i++) {
        const struct timeline_line *l = &timeline_lines[i];
        SCOPED(timeline) struct timeline *t = timeline_of(l, zoneset);
        double ns = measure(l->with & WALK ? call_walk : call_timeline, t, INSTANTS);

        printf("B1 %s: %.1f ns", l->what, ns);
        if (plain > 0)
            printf(" | one schedule alone: %.1f ns", plain);
        else if (!(l->with & WALK))
            plain = ns;
        printf("\n");
    }
}

/* --- zones --- */

static void call_offset(const void *context, size_t count)
{
    for (size_t i = 0; i < count; i++)
        measure_keep(zone_offset_at(context, instants[i]));
}

static void call_wall(const void *context, size_t count)
{
    for (size_t i = 0; i < count; i++)
        measure_keep(zone_from_wall(context, instants[i]).first);
}

static void call_localtime(const void *context, size_t count)
{
    struct tm tm;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        time_t at = (time_t)(instants[i] / USEC_PER_SEC);

        measure_keep(localtime_r(&at, &tm) == NULL ? 0 : tm.tm_gmtoff);
    }
}

static void call_mktime(const void *context, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++) {
        time_t at = (time_t)(instants[i] / USEC_PER_SEC);
        struct tm tm;

        (void)gmtime_r(&at, &tm);
        tm.tm_isdst = -1;
        measure_keep(mktime(&tm));
    }
}

static void measure_zones(struct zoneset *zoneset)
{
    struct zone *zone = NULL;
    struct error error;

    must(zoneset_get(zoneset, zones[0], &zone, &error), &error);
    (void)setenv("TZ", zones[0], 1);
    tzset();
    printf("B1 zone, offset of an instant, %s: %.1f ns | localtime_r: %.1f ns\n", zones[0],
           measure(call_offset, zone, INSTANTS), measure(call_localtime, NULL, INSTANTS));
    printf("B1 zone, instant of a wall time, %s: %.1f ns | gmtime_r and mktime: %.1f ns\n",
           zones[0], measure(call_wall, zone, INSTANTS), measure(call_mktime, NULL, INSTANTS));
}

void parts_measure(struct zoneset *zoneset)
{
    measure_timelines(zoneset);
    measure_zones(zoneset);
}
