#include "differential/walk.h"

enum { REPAIRED_BELOW = 3 * 3600 };

/* Every second of local 1970-2199 lies between these, in any zone. */
#define WALK_FIRST (INT64_C(-3) * DAY_SECONDS)
#define WALK_LAST  (INT64_C(84009) * DAY_SECONDS)

static int64_t day_of(int64_t wall)
{
    return floor_div(wall, DAY_SECONDS);
}

/* The next day, or the first of the next month where the month is not named. */
static int64_t later_day(const struct meaning *m, int64_t day)
{
    const struct day *d = day_at(day);

    return d == NULL || meaning_names_month(m, day) ? day + 1 : day - d->day + d->length + 1;
}

/* The day before, or the last of the month before where the month is not named. */
static int64_t earlier_day(const struct meaning *m, int64_t day)
{
    const struct day *d = day_at(day);

    return d == NULL || meaning_names_month(m, day) ? day - 1 : day - d->day;
}

/* from is HH:MM, so with whole minutes between them all times of a run are whole minutes. */
static bool whole_minutes(const struct meaning *m)
{
    return m->form == FORM_FROM_TO && m->period % 60 == 0;
}

/* The first wall time after `wall` that may be named: months, days, hours and minutes that are not are passed over whole. */
static int64_t later(const struct meaning *m, int64_t wall)
{
    if (!meaning_names_day(m, day_of(wall)))
        return later_day(m, day_of(wall)) * DAY_SECONDS;
    if (m->form != FORM_FIELDS)
        return whole_minutes(m) ? (floor_div(wall, 60) + 1) * 60 : wall + 1;
    if (!m->holds[HOUR][floor_mod(wall, DAY_SECONDS) / 3600])
        return (floor_div(wall, 3600) + 1) * 3600;
    if (!m->has_seconds || !m->holds[MINUTE][floor_mod(wall, 3600) / 60])
        return (floor_div(wall, 60) + 1) * 60;
    return wall + 1;
}

/* The last wall time before `wall` that may be named. */
static int64_t earlier(const struct meaning *m, int64_t wall)
{
    if (!meaning_names_day(m, day_of(wall)))
        return earlier_day(m, day_of(wall)) * DAY_SECONDS + DAY_SECONDS - 1;
    if (m->form != FORM_FIELDS)
        return whole_minutes(m) ? floor_div(wall - 1, 60) * 60 : wall - 1;
    if (!m->holds[HOUR][floor_mod(wall, DAY_SECONDS) / 3600])
        return floor_div(wall, 3600) * 3600 - 1;
    if (!m->holds[MINUTE][floor_mod(wall, 3600) / 60])
        return floor_div(wall, 60) * 60 - 1;
    if (!m->has_seconds && floor_mod(wall, 60) != 0)
        return floor_div(wall, 60) * 60;
    return wall - 1;
}

/* The first wall time of [from, to) that is named. */
static bool first_named(const struct meaning *m, int64_t from, int64_t to, int64_t *ret)
{
    for (int64_t wall = from; wall < to; wall = later(m, wall))
        if (meaning_names(m, wall)) {
            *ret = wall;
            return true;
        }
    return false;
}

static struct occurrence told(int64_t second, int64_t nominal, int64_t offset, enum dst dst)
{
    return (struct occurrence){.at = second * USEC_PER_SEC,
                               .due = second * USEC_PER_SEC,
                               .nominal = nominal * USEC_PER_SEC,
                               .offset = (int32_t)offset,
                               .dst = dst};
}

/* @every D, and @at with an offset: they never look at the wall clock, not even for the year. */
static bool elapsed_due(const struct walker *w, int64_t second, int64_t offset,
                        struct occurrence *ret)
{
    const struct meaning *m = &w->meaning;
    bool due =
        m->form == FORM_INSTANT ? second == m->at : floor_mod(second - m->phase, m->period) == 0;

    *ret = told(second, second + offset, offset, DST_NONE);
    return due && day_counts(day_of(second));
}

bool walk_due(const struct walker *w, int64_t second, size_t span, struct occurrence *ret)
{
    const struct meaning *m = &w->meaning;
    const struct span *now = &w->place->spans[span];
    int64_t wall = second + now->offset, nominal;
    int64_t before = span == 0 ? now->offset : now[-1].offset;
    int64_t jump = now->offset - before;
    bool repaired = !m->interval_like && jump > -REPAIRED_BELOW && jump < REPAIRED_BELOW;
    bool again = jump < 0 && second < now->start - jump; /* shown a second time */
    bool once;

    if (m->form == FORM_EVERY || m->form == FORM_INSTANT)
        return elapsed_due(w, second, now->offset, ret);
    once = m->form == FORM_WALL || (repaired && m->overlap == DST_OVERLAP_FIRST);
    if (meaning_names(m, wall)) {
        *ret = told(second, wall, now->offset, again ? DST_REPEATED : DST_NONE);
        return !(again && once);
    }
    if (second != now->start || jump <= 0 || !repaired || m->gap == DST_GAP_SKIP ||
        !first_named(m, second + before, wall, &nominal))
        return false;
    *ret = told(second, nominal, now->offset, DST_MOVED);
    return true;
}

/* @every D is reached by counting, not by walking. */
static int64_t elapsed_later(const struct meaning *m, int64_t second)
{
    if (m->form == FORM_INSTANT)
        return second < m->at ? m->at : WALK_LAST;
    return second + 1 + floor_mod(m->phase - second - 1, m->period);
}

static int64_t elapsed_earlier(const struct meaning *m, int64_t second)
{
    if (m->form == FORM_INSTANT)
        return second > m->at ? m->at : WALK_FIRST;
    return second - 1 - floor_mod(second - 1 - m->phase, m->period);
}

static int64_t step_forward(const struct walker *w, int64_t second, size_t span)
{
    const struct meaning *m = &w->meaning;
    int64_t offset = w->place->spans[span].offset;

    if (m->form == FORM_EVERY || m->form == FORM_INSTANT)
        return elapsed_later(m, second);
    return MIN(later(m, second + offset) - offset, place_span_end(w->place, span));
}

static int64_t step_back(const struct walker *w, int64_t second, size_t span)
{
    const struct meaning *m = &w->meaning;
    int64_t offset = w->place->spans[span].offset, start = w->place->spans[span].start;

    if (m->form == FORM_EVERY || m->form == FORM_INSTANT)
        return elapsed_earlier(m, second);
    return second == start ? second - 1 : MAX(earlier(m, second + offset) - offset, start);
}

/* The span of a second, where `span` was that of the one looked at before. */
static size_t span_of(const struct walker *w, int64_t second, size_t span)
{
    bool same = second >= w->place->spans[span].start && second < place_span_end(w->place, span);

    return same ? span : place_span(w->place, second);
}

bool walk_next(const struct walker *w, usec_t after, struct occurrence *ret)
{
    int64_t second = MAX(WALK_FIRST, floor_div(after, USEC_PER_SEC) + 1);
    size_t span = 0;

    for (; second < WALK_LAST; second = step_forward(w, second, span)) {
        span = span_of(w, second, span);
        if (walk_due(w, second, span, ret))
            return true;
    }
    return false;
}

bool walk_prev(const struct walker *w, usec_t before, struct occurrence *ret)
{
    int64_t second = MIN(WALK_LAST, floor_div(before - 1, USEC_PER_SEC));
    size_t span = 0;

    for (; second > WALK_FIRST; second = step_back(w, second, span)) {
        span = span_of(w, second, span);
        if (walk_due(w, second, span, ret))
            return true;
    }
    return false;
}
