#include "cron/window.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cron/parse.h"

enum { DAY_SECONDS = 86400 };

/* Nothing is due outside: the local years 1970-2199 of all zones. */
static const usec_t first_instant = WALL_FIRST * USEC_PER_SEC - 2 * USEC_PER_DAY;
static const usec_t last_instant = WALL_LAST * USEC_PER_SEC + 2 * USEC_PER_DAY;

struct window {
    usec_t from, until;
    struct zone *zone;            /* of the hours; NULL: there are none */
    int32_t daily_from, daily_to; /* seconds of a day; to may be the smaller: overnight */
};

/* --- making --- */

/* Says of which member the error is, and the way out unless that has been said. */
static enum rc refuse(struct error *err, const char *member, const char *hint)
{
    if (err == NULL)
        return RC_INVALID;
    (void)snprintf(err->pointer, sizeof err->pointer, "/%s", member);
    if (hint != NULL)
        (void)error_hint(err, "%s", hint);
    return error_prefix(err, "%s", member);
}

/* HH:MM */
static bool clock_parse(const char *text, int32_t *ret)
{
    int hour, minute;

    if (strlen(text) != 5 || !isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) ||
        text[2] != ':' || !isdigit((unsigned char)text[3]) || !isdigit((unsigned char)text[4]))
        return false;
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    *ret = (hour * 60 + minute) * 60;
    return minute < 60;
}

static enum rc take_time(const char *member, const char *text, int32_t last, int32_t *ret,
                         struct error *err)
{
    if (clock_parse(text, ret) && *ret <= last)
        return RC_OK;
    (void)parse_refuse(err, "'%.60s' is not a time from 00:00 to %s", text,
                       last == DAY_SECONDS ? "24:00" : "23:59");
    return refuse(err, member, "HH:MM, as in 09:00");
}

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

static enum rc take_hours(struct window *w, const struct window_options *o, struct zoneset *zones,
                          struct error *err)
{
    struct zone *zone;
    enum rc rc;

    rc = zoneset_get(zones, is_empty(o->zone) ? "UTC" : o->zone, &zone, err);
    if (rc != RC_OK)
        return refuse(err, "zone", NULL);
    if (is_empty(o->daily_from) && is_empty(o->daily_to))
        return RC_OK;
    if (is_empty(o->daily_from) || is_empty(o->daily_to)) {
        (void)error_set(err, RC_INVALID, "is missing");
        return refuse(err, is_empty(o->daily_from) ? "daily_from" : "daily_to",
                      "the hours need both a beginning and an end");
    }
    TRY(take_time("daily_from", o->daily_from, DAY_SECONDS - 60, &w->daily_from, err));
    TRY(take_time("daily_to", o->daily_to, DAY_SECONDS, &w->daily_to, err));
    if (w->daily_from == w->daily_to) {
        (void)error_set(err, RC_INVALID, "is the same time as daily_from");
        return refuse(err, "daily_to", "00:00 to 24:00 is the whole day");
    }
    w->zone = zone_ref(zone);
    return RC_OK;
}

enum rc window_new(const struct window_options *o, struct zoneset *zones, struct window **ret,
                   struct error *err)
{
    SCOPED(window) struct window *w = xcalloc(1, sizeof *w);

    w->from = o->from == 0 ? first_instant : MAX(o->from, first_instant);
    w->until = o->until == 0 ? last_instant : MAX(MIN(o->until, last_instant), first_instant);
    if (o->from != 0 && o->until != 0 && o->from >= o->until) {
        (void)error_set(err, RC_INVALID, "is not later than from");
        return refuse(err, "until", "open if from <= t < until");
    }
    TRY(take_hours(w, o, zones, err));
    *ret = TAKE(w);
    return RC_OK;
}

void window_free(struct window *w)
{
    if (w == NULL)
        return;
    zone_unref(w->zone);
    free(w);
}

/* --- asking --- */

static int64_t whole_second(usec_t t)
{
    return t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
}

/* Seconds of the day, in [0, 86400). */
static int32_t time_of(int64_t wall)
{
    return (int32_t)((wall % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS);
}

static bool holds_time(const struct window *w, int32_t time)
{
    if (w->daily_from < w->daily_to)
        return time >= w->daily_from && time < w->daily_to;
    return time >= w->daily_from || time < w->daily_to;
}

bool window_holds(const struct window *w, usec_t at)
{
    if (at < w->from || at >= w->until)
        return false;
    return w->zone == NULL ||
           holds_time(w, time_of(whole_second(at) + zone_offset_at(w->zone, at)));
}

static usec_t hours_first(const struct window *w, usec_t at)
{
    const struct zone_span *v = zone_spans(w->zone, NULL);
    int64_t second = whole_second(at);

    for (v += zone_span_of(w->zone, second);; v++) {
        int32_t time = time_of(second + v->offset);

        if (holds_time(w, time))
            return MAX(at, second * USEC_PER_SEC);
        second += time_of(w->daily_from - time); /* until they start */
        if (second < v->end)
            return second * USEC_PER_SEC;
        second = v->end;
    }
}

static usec_t hours_last(const struct window *w, usec_t at)
{
    const struct zone_span *v = zone_spans(w->zone, NULL);
    int64_t second = whole_second(at);

    for (v += zone_span_of(w->zone, second);; v--) {
        int32_t time = time_of(second + v->offset);

        if (holds_time(w, time))
            break;
        second -= time_of(time - w->daily_to) + 1; /* back to before they ended */
        if (second >= v->start)
            break;
        second = v->start - 1;
    }
    return MIN(at, second * USEC_PER_SEC + USEC_PER_SEC - 1);
}

usec_t window_first(const struct window *w, usec_t at)
{
    at = MAX(at, w->from);
    if (w->zone != NULL && at < w->until)
        at = hours_first(w, at);
    return at < w->until ? at : USEC_MAX;
}

usec_t window_last(const struct window *w, usec_t at)
{
    at = MIN(at, w->until - 1);
    if (w->zone != NULL && at >= w->from)
        at = hours_last(w, at);
    return at >= w->from ? at : USEC_MIN;
}

struct window_hours window_hours_at(const struct window *w, usec_t at)
{
    const struct zone_span *v;

    if (w->zone == NULL)
        return (struct window_hours){.length = DAY_SECONDS, .start = INT64_MIN, .end = INT64_MAX};
    v = &zone_spans(w->zone, NULL)[zone_span_of(w->zone, whole_second(at))];
    return (struct window_hours){
        .from = time_of(w->daily_from - v->offset),
        .length = time_of(w->daily_to - w->daily_from - 1) + 1,
        .start = v->start,
        .end = v->end,
    };
}
