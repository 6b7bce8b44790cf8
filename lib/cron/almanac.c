#include "cron/almanac.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cron/reach.h"

enum { DAY_SECONDS = 86400, DAY_MINUTES = 1440 };

/* A stretch of the day over which no calendar's hours change. Bit i: they are of calendar i, on its date or on the day after. */
struct segment {
    int16_t from; /* minute of the day; to where the next one starts */
    uint16_t on_date, after_date;
};

struct almanac {
    size_t count, segment_count;
    uint16_t only;      /* bit i: calendar i is of that mode */
    uint16_t overnight; /* bit i: it has hours after midnight */
    struct segment *segments;
    struct calendar *calendars[];
};

/* --- making --- */

static struct segment segment_at(const struct almanac *a, int minute)
{
    struct segment s = {.from = (int16_t)minute};

    for (size_t i = 0; i < a->count; i++) {
        s.on_date |= (uint16_t)(calendar_has_minute(a->calendars[i], minute) << i);
        s.after_date |= (uint16_t)(calendar_has_minute(a->calendars[i], DAY_MINUTES + minute) << i);
    }
    return s;
}

/* Where the segment of this minute ends. */
static int segment_end(const struct almanac *a, int minute)
{
    int end = DAY_MINUTES;

    for (size_t i = 0; i < a->count; i++) {
        end = MIN(end, calendar_next_minute(a->calendars[i], minute));
        end = MIN(end, calendar_next_minute(a->calendars[i], DAY_MINUTES + minute) - DAY_MINUTES);
    }
    return end;
}

static void add_segments(struct almanac *a)
{
    size_t capacity = 0;

    for (int minute = 0; minute < DAY_MINUTES; minute = segment_end(a, minute)) {
        a->segments = array_grow(a->segments, a->segment_count, &capacity, sizeof *a->segments);
        a->segments[a->segment_count] = segment_at(a, minute);
        a->overnight |= a->segments[a->segment_count++].after_date;
    }
    a->segments = xrealloc(a->segments, a->segment_count, sizeof *a->segments);
}

struct almanac *almanac_new(struct calendar *const *calendars, size_t count)
{
    struct almanac *a = xcalloc(1, sizeof *a + count * sizeof(struct calendar *));

    assert(count <= ALMANAC_CALENDARS_MAX);
    a->count = count;
    for (size_t i = 0; i < count; i++) {
        a->calendars[i] = calendars[i];
        a->only |= (uint16_t)((calendar_mode_of(calendars[i]) == CALENDAR_ONLY) << i);
    }
    add_segments(a);
    return a;
}

void almanac_free(struct almanac *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->count; i++)
        calendar_free(a->calendars[i]);
    free(a->segments);
    free(a);
}

/* --- a month --- */

void almanac_look(struct almanac_view *v, const struct almanac *a)
{
    v->almanac = a;
    v->aim.expression = NULL;
    v->closed_from = 1; /* none */
    v->closed_to = 0;
    v->month = (struct calendar_month){0};
}

static void turn_to(struct almanac_view *v, int64_t day)
{
    const struct almanac *a = v->almanac;
    struct calendar_month before;

    if (day >= v->month.first && day < v->month.first + v->month.days)
        return;
    v->month = calendar_month_of(day);
    for (size_t i = 0; i < a->count; i++)
        v->dates[i] = calendar_dates(a->calendars[i], &v->month);
    if (a->overnight == 0)
        return;
    before = calendar_month_of(v->month.first - 1);
    for (size_t i = 0; i < a->count; i++)
        v->before[i] = v->dates[i] << 1 | calendar_dates(a->calendars[i], &before) >> before.days
                                                                                          << 1;
}

/* The dates that one of these calendars has. */
static uint32_t join(uint16_t calendars, const uint32_t *dates)
{
    uint32_t all = 0;

    for (unsigned left = calendars; left != 0; left &= left - 1)
        all |= dates[__builtin_ctz(left)];
    return all;
}

/* Of these dates, those that none of the calendars has. */
static uint32_t without(uint32_t some, uint16_t calendars, const uint32_t *dates)
{
    for (unsigned left = calendars; left != 0 && some != 0; left &= left - 1)
        some &= ~dates[__builtin_ctz(left)];
    return some;
}

/* The dates, of these ones of the month, on which the segment is open. */
static uint32_t open_dates(const struct almanac_view *v, const struct segment *s, uint32_t some)
{
    uint16_t only = v->almanac->only;

    some &= (UINT32_C(2) << v->month.days) - 2; /* 2 << 31 is 0: all of 1-31 */
    if (only != 0)
        some &= join(s->on_date & only, v->dates) | join(s->after_date & only, v->before);
    some = without(some, s->on_date & ~only, v->dates);
    return without(some, s->after_date & ~only, v->before);
}

/* --- searching --- */

static int64_t day_of(int64_t wall)
{
    return wall / DAY_SECONDS - (wall % DAY_SECONDS < 0);
}

static size_t segment_of(const struct almanac *a, int64_t wall)
{
    int64_t minute = (wall - day_of(wall) * DAY_SECONDS) / 60;
    size_t i = a->segment_count - 1;

    while (a->segments[i].from > minute)
        i--;
    return i;
}

bool almanac_is_open(struct almanac_view *v, int64_t wall)
{
    int64_t day = day_of(wall);

    turn_to(v, day);
    return open_dates(v, &v->almanac->segments[segment_of(v->almanac, wall)],
                      UINT32_C(1) << (day - v->month.first + 1)) != 0;
}

int almanac_closed_by(const struct almanac *a, int64_t wall)
{
    bool is_named = a->only == 0;

    for (size_t i = 0; i < a->count; i++) {
        bool holds = calendar_holds(a->calendars[i], wall);

        if (holds && (a->only >> i & 1) == 0)
            return (int)i;
        is_named = is_named || holds; /* by one of mode ONLY */
    }
    return is_named ? -1 : __builtin_ctz(a->only);
}

static int32_t segment_start(const struct almanac *a, size_t i)
{
    return i < a->segment_count ? a->segments[i].from * 60 : DAY_SECONDS;
}

static bool reaches(const struct almanac_aim *aim, int32_t from, int32_t to)
{
    int32_t end = aim->from + aim->length;
    int32_t a = MAX(from, aim->from), b = MIN(to, end), c = MIN(to, end - DAY_SECONDS);

    return (a < b && reach_time(aim->expression, aim->offset, a, b)) ||
           (from < c && reach_time(aim->expression, aim->offset, from, c));
}

void almanac_aim(struct almanac_view *v, const struct almanac_aim *aim)
{
    const struct almanac *a = v->almanac;

    if (aim->expression == v->aim.expression && aim->offset == v->aim.offset &&
        aim->from == v->aim.from && aim->length == v->aim.length)
        return;
    memset(v->segments, 0, (a->segment_count / 64 + 1) * sizeof *v->segments);
    for (size_t i = 0; i < a->segment_count; i++)
        if (reaches(aim, segment_start(a, i), segment_start(a, i + 1)))
            v->segments[i / 64] |= UINT64_C(1) << i % 64;
    v->all_dates = reach_all_dates(aim->expression);
    v->aim = *aim;
}

/* What a search looks at; dates: of the month, those of the aim. */
struct glance {
    struct almanac_view *view;
    bool aimed; /* else the calendars alone count */
    uint32_t dates;
};

static void glance_at(struct glance *g, int64_t day)
{
    struct almanac_view *v = g->view;

    turn_to(v, day);
    g->dates = UINT32_MAX;
    if (g->aimed && !v->all_dates)
        g->dates = reach_dates(v->aim.expression, v->month.year, v->month.month);
}

static uint64_t dates_of(const struct glance *g, size_t segment)
{
    const struct almanac_view *v = g->view;

    if (g->aimed && (v->segments[segment / 64] >> segment % 64 & 1) == 0)
        return 0;
    return open_dates(v, &v->almanac->segments[segment], g->dates);
}

/* The first date of the month, not before this one, and then the first segment; 0 when there is none. */
static int first_place(const struct glance *g, int date, size_t *segment)
{
    size_t start = *segment;
    int first = 0;

    for (size_t i = 0; i < g->view->almanac->segment_count; i++) {
        uint64_t dates = dates_of(g, i) & UINT64_MAX << (date + (i < start));

        if (dates == 0 || (first != 0 && __builtin_ctzll(dates) >= first))
            continue;
        first = __builtin_ctzll(dates);
        *segment = i;
    }
    return first;
}

static int last_place(const struct glance *g, int date, size_t *segment)
{
    size_t start = *segment;
    int last = 0;

    for (size_t i = 0; i < g->view->almanac->segment_count; i++) {
        uint64_t dates = dates_of(g, i) & ((UINT64_C(2) << (date - (i > start))) - 1);

        if (dates == 0 || 63 - __builtin_clzll(dates) < last)
            continue;
        last = 63 - __builtin_clzll(dates);
        *segment = i;
    }
    return last;
}

static int64_t search_first(struct glance *g, int64_t wall, int64_t end)
{
    const struct almanac *a = g->view->almanac;
    const struct calendar_month *m = &g->view->month;
    size_t segment = segment_of(a, wall);

    for (int64_t day = day_of(wall); day * DAY_SECONDS < end; day = m->first + m->days) {
        int date;

        glance_at(g, day);
        date = first_place(g, (int)(day - m->first) + 1, &segment);
        if (date != 0)
            return MAX(wall, (m->first + date - 1) * DAY_SECONDS + segment_start(a, segment));
        segment = 0;
    }
    return end;
}

static int64_t search_last(struct glance *g, int64_t wall, int64_t start)
{
    const struct almanac *a = g->view->almanac;
    const struct calendar_month *m = &g->view->month;
    size_t segment = segment_of(a, wall);

    for (int64_t day = day_of(wall); (day + 1) * DAY_SECONDS > start; day = m->first - 1) {
        int date;

        glance_at(g, day);
        date = last_place(g, (int)(day - m->first) + 1, &segment);
        if (date != 0)
            return MIN(wall,
                       (m->first + date - 1) * DAY_SECONDS + segment_start(a, segment + 1) - 1);
        segment = a->segment_count - 1;
    }
    return start - 1;
}

/*
 * Where the aimed search fails, all may be closed for long: that is found out once and then known, whatever
 * is looked for next (the other schedules of a task, the time behind a change of the clock).
 */
int64_t almanac_first(struct almanac_view *v, int64_t wall, int64_t end, int64_t horizon)
{
    struct glance g = {.view = v, .aimed = true};
    int64_t found;

    if (wall >= v->closed_from && wall <= v->closed_to)
        return MIN(v->closed_to, end - 1) + 1;
    found = search_first(&g, wall, end);
    if (found < end || end > horizon || (end >= v->closed_from && end <= v->closed_to))
        return found;
    g.aimed = false;
    v->closed_from = end;
    v->closed_to = search_first(&g, end, horizon + 1) - 1;
    return found;
}

int64_t almanac_last(struct almanac_view *v, int64_t wall, int64_t start, int64_t horizon)
{
    struct glance g = {.view = v, .aimed = true};
    int64_t found;

    if (wall >= v->closed_from && wall <= v->closed_to)
        return MAX(v->closed_from, start) - 1;
    found = search_last(&g, wall, start);
    if (found >= start || start <= horizon || (start > v->closed_from && start - 1 <= v->closed_to))
        return found;
    g.aimed = false;
    v->closed_to = start - 1;
    v->closed_from = search_last(&g, start - 1, horizon) + 1;
    return found;
}
