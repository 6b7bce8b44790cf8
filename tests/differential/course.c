#include "differential/course.h"

static bool is_open(const struct course *c, const struct occurrence *o)
{
    return filter_open(&c->filter, o->at, floor_div(o->at, USEC_PER_SEC) + o->offset);
}

/* Where to go on after a closed instant: behind its local day where the calendars close all of that. */
static usec_t pass_forward(const struct course *c, const struct walker *w,
                           const struct occurrence *o)
{
    int64_t second = floor_div(o->at, USEC_PER_SEC), day, end;

    if (c->filter.window.from != 0 && o->at < c->filter.window.from)
        return c->filter.window.from - 1;
    day = floor_div(second + o->offset, DAY_SECONDS);
    if (!filter_closes_day(&c->filter, day))
        return o->at;
    end = MIN((day + 1) * DAY_SECONDS - o->offset,
              place_span_end(w->place, place_span(w->place, second)));
    return end * USEC_PER_SEC - 1;
}

static usec_t pass_back(const struct course *c, const struct walker *w, const struct occurrence *o)
{
    int64_t second = floor_div(o->at, USEC_PER_SEC), day;

    if (c->filter.window.until != 0 && o->at >= c->filter.window.until)
        return c->filter.window.until;
    day = floor_div(second + o->offset, DAY_SECONDS);
    if (!filter_closes_day(&c->filter, day))
        return o->at;
    return MAX(day * DAY_SECONDS - o->offset, w->place->spans[place_span(w->place, second)].start) *
           USEC_PER_SEC;
}

static bool behind_window(const struct course *c, usec_t at, bool forward)
{
    return forward ? c->filter.window.until != 0 && at >= c->filter.window.until
                   : c->filter.window.from != 0 && at < c->filter.window.from;
}

static bool next_of(struct course *c, size_t i, usec_t start, struct occurrence *ret)
{
    struct answer *a = &c->next[i];

    if (!a->known || start < a->start || (a->any && start >= a->found.at)) {
        a->any = walk_next(&c->walkers[i], start, &a->found);
        a->start = start;
        a->known = true;
    }
    *ret = a->found;
    return a->any;
}

static bool prev_of(struct course *c, size_t i, usec_t start, struct occurrence *ret)
{
    struct answer *a = &c->prev[i];

    if (!a->known || start > a->start || (a->any && start <= a->found.at)) {
        a->any = walk_prev(&c->walkers[i], start, &a->found);
        a->start = start;
        a->known = true;
    }
    *ret = a->found;
    return a->any;
}

/* Is `a` beyond `b`, in the direction of the search? */
static bool is_beyond(usec_t a, usec_t b, bool forward)
{
    return forward ? a > b : a < b;
}

/* The next (or last) open instant of one of the schedules; none where it is beyond `limit`. */
static enum found search_one(struct course *c, size_t i, usec_t start, bool forward, usec_t limit,
                             struct occurrence *ret)
{
    usec_t from = start, horizon = forward ? start + c->horizon : start - c->horizon;

    for (int left = c->patience; left > 0; left--) {
        bool any = forward ? next_of(c, i, from, ret) : prev_of(c, i, from, ret);
        if (!any || behind_window(c, ret->at, forward) || is_beyond(ret->at, limit, forward))
            return FOUND_NONE;
        if (is_open(c, ret))
            return FOUND;
        if (is_beyond(ret->at, horizon, forward))
            return FOUND_NOT_YET;
        from = forward ? pass_forward(c, &c->walkers[i], ret) : pass_back(c, &c->walkers[i], ret);
    }
    return FOUND_NOT_YET;
}

/* The first of all of them; of several at one instant, the one that comes first in the list. */
static enum found search(struct course *c, usec_t start, bool forward, struct occurrence *ret)
{
    enum found best = FOUND_NONE;
    usec_t limit = forward ? USEC_MAX : USEC_MIN;

    for (size_t i = 0; i < c->count; i++) {
        struct occurrence o = {0};
        enum found found = search_one(c, i, start, forward, limit, &o);
        /* At the instant at which another gave up: found is found. */
        bool sure = o.at == limit && best == FOUND_NOT_YET && found == FOUND;
        if (found == FOUND_NONE || !(sure || is_beyond(limit, o.at, forward)))
            continue;
        o.schedule = (uint32_t)i;
        *ret = o;
        best = found;
        limit = o.at;
    }
    return best;
}

enum found course_next(struct course *c, usec_t after, struct occurrence *ret)
{
    return search(c, after, true, ret);
}

enum found course_prev(struct course *c, usec_t before, struct occurrence *ret)
{
    return search(c, before, false, ret);
}

bool course_has(const struct course *c, usec_t at, struct occurrence *ret)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct walker *w = &c->walkers[i];
        int64_t second = floor_div(at, USEC_PER_SEC);
        if (at % USEC_PER_SEC == 0 && walk_due(w, second, place_span(w->place, second), ret) &&
            is_open(c, ret)) {
            ret->schedule = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* FNV-1a of the task's id and the instant, big-endian: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(struct uuid task, usec_t at)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (int i = 0; i < 16; i++)
        h = (h ^ task.b[i]) * UINT64_C(1099511628211);
    for (int i = 7; i >= 0; i--)
        h = (h ^ (((uint64_t)at >> (8 * i)) & 0xff)) * UINT64_C(1099511628211);
    return h;
}

bool course_jitter(struct course *c, struct occurrence *o)
{
    struct occurrence next = {0};
    usec_t room = c->jitter;

    o->due = o->at;
    if (c->jitter == 0)
        return true;
    switch (course_next(c, o->at, &next)) {
    case FOUND:
        room = MIN(room, next.at - o->at);
        break;
    case FOUND_NOT_YET:
        if (next.at - o->at < room)
            return false;
        break;
    default:
        break;
    }
    o->due = o->at + (usec_t)(hash(c->task, o->at) % (uint64_t)room);
    return true;
}
