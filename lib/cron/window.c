#include "cron/window.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 86400 };

struct window {
    usec_t from, until;           /* until: USEC_MAX: no end */
    struct zone *zone;            /* of the hours; NULL: there are none */
    int32_t daily_from, daily_to; /* seconds of a day; to may be the smaller: overnight */
};

/* --- making --- */

static enum rc refuse(struct error *err, const char *member, const char *hint)
{
    (void)error_prefix(err, "%s", member);
    (void)error_hint(err, "%s", hint);
    if (err != NULL) {
        err->pointer[0] = '/';
        (void)strncpy(err->pointer + 1, member, sizeof err->pointer - 2);
    }
    return RC_INVALID;
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
    (void)error_set(err, RC_INVALID, "'%.60s' is not a time from 00:00 to %s", text,
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
        return refuse(err, "zone", err == NULL ? "" : err->hint);
    if (is_empty(o->daily_from) && is_empty(o->daily_to))
        return RC_OK;
    if (is_empty(o->daily_from) || is_empty(o->daily_to)) {
        (void)error_set(err, RC_INVALID, "is missing");
        return refuse(err, is_empty(o->daily_from) ? "daily_from" : "daily_to",
                      "daily_from and daily_to go together");
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

    w->from = o->from == 0 ? USEC_MIN : o->from;
    w->until = o->until == 0 ? USEC_MAX : o->until;
    if (w->from >= w->until) {
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

bool window_holds(const struct window *w, usec_t at)
{
    int64_t wall;
    int32_t time;

    if (at < w->from || at >= w->until)
        return false;
    if (w->zone == NULL)
        return true;
    wall = at / USEC_PER_SEC - (at % USEC_PER_SEC < 0) + zone_offset_at(w->zone, at);
    time = (int32_t)((wall % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS);
    if (w->daily_from < w->daily_to)
        return time >= w->daily_from && time < w->daily_to;
    return time >= w->daily_from || time < w->daily_to;
}
