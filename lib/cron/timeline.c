/*
 * Each schedule is searched on its own, the results are merged. A search asks the schedule for its next instant;
 * if that is left out, it leaps: to where the window opens, and from there to the next wall time that the
 * calendars leave open and that the schedule can name at all (almanac.h, reach.h). A leap promises nothing about
 * where it ends, only that nothing is due before: then the schedule is asked again. So schedules, calendars and
 * windows know nothing of each other, and what is closed costs the same whether one instant is in it or a million.
 *
 * Wall times are compared within a stretch of constant offsets only, and no leap goes past the end of one. This
 * makes leaps right where the clock changes: a second pass is looked at anew, and an instant that a gap moved
 * is met at the start of the stretch behind the gap.
 *
 * Rejected: walking from instant to instant (a task closed for a year has 31 million of them); making one mask
 * of a schedule and its calendars when a task is saved (it changes with the offset, and there may be a million tasks).
 */
#include "cron/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cron/almanac.h"
#include "cron/expression.h"

/* What keeps instants from being due, and delays them. */
struct filter {
    struct almanac *almanac; /* NULL: neither calendars nor a window */
    struct window *window;   /* NULL: always open */
    usec_t jitter;
    struct uuid task;
};

_Static_assert((int)TIMELINE_CALENDARS_MAX == (int)ALMANAC_CALENDARS_MAX, "one limit");

struct timeline {
    struct filter *filter; /* NULL: nothing does */
    size_t count;
    struct schedule *schedules[];
};

static struct filter *filter_new(const struct timeline_options *o)
{
    struct filter *f;

    if (o == NULL || (o->calendar_count == 0 && o->window == NULL && o->jitter == 0))
        return NULL;
    assert(o->jitter >= 0);
    f = xcalloc(1, sizeof *f);
    if (o->calendar_count > 0 || o->window != NULL)
        f->almanac = almanac_new(o->calendars, o->calendar_count);
    f->window = o->window;
    f->jitter = o->jitter;
    f->task = o->task;
    return f;
}

static void filter_free(struct filter *f)
{
    if (f == NULL)
        return;
    almanac_free(f->almanac);
    window_free(f->window);
    free(f);
}

struct timeline *timeline_new(struct schedule *const *schedules, size_t count,
                              const struct timeline_options *options)
{
    struct timeline *t = xcalloc(1, sizeof *t + count * sizeof(struct schedule *));

    assert(count <= TIMELINE_SCHEDULES_MAX);
    t->filter = filter_new(options);
    t->count = count;
    for (size_t i = 0; i < count; i++)
        t->schedules[i] = schedules[i];
    return t;
}

void timeline_free(struct timeline *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        schedule_free(t->schedules[i]);
    filter_free(t->filter);
    free(t);
}

size_t timeline_schedules(const struct timeline *t)
{
    return t->count;
}

const struct schedule *timeline_schedule(const struct timeline *t, size_t index)
{
    assert(index < t->count);
    return t->schedules[index];
}

const char *timeline_zone(const struct timeline *t, const struct occurrence *o)
{
    return schedule_zone(timeline_schedule(t, o->schedule));
}

/* --- searching --- */

enum { DAY_SECONDS = 86400, LEAP_MAX = 400 * DAY_SECONDS };

/* Nothing is due outside. */
static const int64_t first_second = WALL_FIRST - INT64_C(2) * DAY_SECONDS;
static const int64_t last_second = WALL_LAST + INT64_C(2) * DAY_SECONDS;

/* The next instants (or, going back, the previous ones) of all schedules; `live` are those that have one. */
struct merge {
    const struct timeline *t;
    bool back;
    uint32_t live;
    usec_t end; /* what lies past it is of no interest */
    struct almanac_view view;
    struct occurrence heads[TIMELINE_SCHEDULES_MAX];
};

static int64_t whole_second(usec_t t)
{
    return t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
}

/* Seconds of UTC, [start, end), over which the clocks of the schedule and of the window stand at constant offsets from it. */
struct stretch {
    int64_t start, end;
    int32_t offset; /* of the schedule's */
};

/* The one around an instant (of one that is very long, a part), and the view is aimed at what is looked for in it. */
static struct stretch take_aim(struct merge *m, const struct schedule *s, usec_t at)
{
    const struct window *w = m->t->filter->window;
    const struct zone *z = schedule_zone_of(s);
    int64_t second = whole_second(at);
    const struct zone_span *v = &zone_spans(z, NULL)[zone_span_of(z, second)];
    struct window_hours hours = {.length = DAY_SECONDS, .start = v->start, .end = v->end};

    if (w != NULL)
        hours = window_hours_at(w, at);
    almanac_aim(&m->view,
                &(struct almanac_aim){
                    .expression = schedule_expression(s),
                    .offset = v->offset,
                    .from = ((hours.from + v->offset) % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS,
                    .length = hours.length,
                });
    return (struct stretch){
        .start = MAX(MAX(v->start, hours.start), second - LEAP_MAX),
        .end = MIN(MIN(v->end, hours.end), second + LEAP_MAX),
        .offset = v->offset,
    };
}

/*
 * From an instant that is left out: the first later one that may be due; USEC_MAX: there is none. What the clock shows in
 * a stretch tells nothing about the time behind its end: there it may show anew what it has shown.
 */
static usec_t leap_on(struct merge *m, const struct schedule *s, const struct occurrence *o)
{
    const struct window *w = m->t->filter->window;
    usec_t at = w == NULL ? o->at : window_first(w, o->at);
    struct stretch v;
    int64_t wall, second;

    if (at > m->end)
        return USEC_MAX;
    v = take_aim(m, s, at);
    wall = almanac_first(&m->view, whole_second(at) + v.offset, v.end + v.offset,
                         MIN(whole_second(m->end), last_second) + v.offset);
    second = MIN(wall - v.offset, v.end);
    return second > last_second ? USEC_MAX : MAX(at, second * USEC_PER_SEC);
}

/*
 * The same going back: the last earlier one; USEC_MIN. The start of a stretch is never passed unseen: a gap may have moved an
 * instant there, and then the clock shows what the schedule does not name.
 */
static usec_t leap_back(struct merge *m, const struct schedule *s, const struct occurrence *o)
{
    const struct window *w = m->t->filter->window;
    usec_t at = w == NULL ? o->at : window_last(w, o->at);
    struct stretch v;
    int64_t wall, second;

    if (at < m->end)
        return USEC_MIN;
    v = take_aim(m, s, at);
    wall = almanac_last(&m->view, whole_second(at) + v.offset, v.start + v.offset,
                        MAX(whole_second(m->end), first_second) + v.offset);
    second = MAX(wall - v.offset, v.start - (whole_second(o->at) == v.start));
    return second < first_second ? USEC_MIN : MIN(at, second * USEC_PER_SEC + USEC_PER_SEC - 1);
}

/* By calendars and window. */
static bool is_open(struct merge *m, const struct occurrence *o)
{
    const struct filter *f = m->t->filter;

    return f == NULL || f->almanac == NULL ||
           (almanac_is_open(&m->view, whole_second(o->at) + o->offset) &&
            (f->window == NULL || window_holds(f->window, o->at)));
}

int timeline_left_out_by(const struct timeline *t, const struct occurrence *o)
{
    const struct filter *f = t->filter;
    int by;

    if (f == NULL || f->almanac == NULL)
        return TIMELINE_OPEN;
    by = almanac_closed_by(f->almanac, whole_second(o->at) + o->offset);
    if (by == TIMELINE_OPEN && f->window != NULL && !window_holds(f->window, o->at))
        return TIMELINE_WINDOW;
    return by;
}

int timeline_shut_by(const struct timeline *t, usec_t at)
{
    const struct zone *z = t->count == 0 ? NULL : schedule_zone_of(t->schedules[0]);
    struct occurrence o = {.at = at};

    if (z != NULL)
        o.offset = zone_spans(z, NULL)[zone_span_of(z, whole_second(at))].offset;
    return timeline_left_out_by(t, &o);
}

static enum rc search_next(struct merge *m, const struct schedule *s, usec_t past,
                           struct occurrence *ret)
{
    for (;;) {
        TRY(schedule_next(s, past, ret));
        if (ret->at > m->end)
            return RC_NOT_FOUND;
        if (is_open(m, ret))
            return RC_OK;
        past = leap_on(m, s, ret) - 1;
    }
}

static enum rc search_prev(struct merge *m, const struct schedule *s, usec_t past,
                           struct occurrence *ret)
{
    for (;;) {
        TRY(schedule_prev(s, past, ret));
        if (ret->at < m->end)
            return RC_NOT_FOUND;
        if (is_open(m, ret))
            return RC_OK;
        past = leap_back(m, s, ret) + 1;
    }
}

static void advance(struct merge *m, size_t i, usec_t past)
{
    const struct schedule *s = m->t->schedules[i];
    struct occurrence *head = &m->heads[i];
    enum rc rc = m->back ? search_prev(m, s, past, head) : search_next(m, s, past, head);

    head->schedule = (uint32_t)i;
    if (rc != RC_OK)
        m->live &= ~(UINT32_C(1) << i);
}

static void merge_init(struct merge *m, const struct timeline *t, bool back, usec_t end)
{
    m->t = t;
    m->back = back;
    m->end = end;
    m->live = (UINT32_C(1) << t->count) - 1;
    if (t->filter != NULL)
        almanac_look(&m->view, t->filter->almanac);
}

/* All instants past `past`, up to and with `end`. */
static void merge_start(struct merge *m, const struct timeline *t, bool back, usec_t past,
                        usec_t end)
{
    merge_init(m, t, back, end);
    for (size_t i = 0; i < t->count; i++)
        advance(m, i, past);
}

/* The head that comes first; the first schedule's of several at one instant. NULL: none is left. */
static const struct occurrence *merge_peek(const struct merge *m)
{
    const struct occurrence *best = NULL;

    for (uint32_t left = m->live; left != 0; left &= left - 1) {
        const struct occurrence *head = &m->heads[__builtin_ctz(left)];

        if (best == NULL || (m->back ? head->at > best->at : head->at < best->at))
            best = head;
    }
    return best;
}

static void merge_pass(struct merge *m, usec_t at)
{
    for (uint32_t left = m->live; left != 0; left &= left - 1) {
        size_t i = (size_t)__builtin_ctz(left);

        if (m->heads[i].at == at)
            advance(m, i, at);
    }
}

/* Only the first one: each schedule is searched no further than to the best of those before it, which tells a tie. */
static enum rc find(const struct timeline *t, bool back, usec_t past, usec_t end,
                    struct occurrence *ret)
{
    const struct occurrence *best = NULL;
    struct merge m;

    merge_init(&m, t, back, end);
    for (size_t i = 0; i < t->count; i++) {
        advance(&m, i, past);
        if ((m.live >> i & 1) == 0 || (best != NULL && m.heads[i].at == best->at))
            continue;
        best = &m.heads[i];
        m.end = best->at;
    }
    if (best == NULL)
        return RC_NOT_FOUND;
    *ret = *best;
    return RC_OK;
}

/* --- jitter --- */

static uint64_t hash(const struct filter *f, usec_t at)
{
    uint8_t key[24];

    memcpy(key, f->task.b, 16);
    for (int i = 0; i < 8; i++)
        key[16 + i] = (uint8_t)((uint64_t)at >> (56 - 8 * i));
    return fnv1a(key, sizeof key, 0);
}

static void delay(const struct timeline *t, struct occurrence *o)
{
    const struct filter *f = t->filter;
    struct occurrence next;
    usec_t room;

    if (f == NULL || f->jitter == 0)
        return;
    room = MIN(f->jitter, USEC_MAX - MAX(o->at, 0));
    if (find(t, false, o->at, o->at + room, &next) == RC_OK)
        room = next.at - o->at;
    o->due = o->at + (usec_t)(hash(f, o->at) % (uint64_t)room);
}

/* --- asking --- */

enum rc timeline_next(const struct timeline *t, usec_t after, struct occurrence *ret)
{
    TRY(find(t, false, after, USEC_MAX, ret));
    delay(t, ret);
    return RC_OK;
}

enum rc timeline_prev(const struct timeline *t, usec_t before, struct occurrence *ret)
{
    TRY(find(t, true, before, USEC_MIN, ret));
    delay(t, ret);
    return RC_OK;
}

size_t timeline_count(const struct timeline *t, usec_t from, usec_t to, size_t cap, bool *ret_more)
{
    struct merge m;
    const struct occurrence *head;
    size_t count = 0;

    cap = MIN(cap, TIMELINE_COUNT_MAX);
    merge_start(&m, t, false, from, to);
    while ((head = merge_peek(&m)) != NULL && count < cap) {
        merge_pass(&m, head->at);
        count++;
    }
    *ret_more = head != NULL;
    return count;
}

size_t timeline_newest(const struct timeline *t, usec_t from, usec_t to, size_t limit,
                       struct occurrence *out)
{
    struct merge m;
    const struct occurrence *head;
    size_t count = 0;

    if (to <= from)
        return 0;
    merge_start(&m, t, true, to == USEC_MAX ? to : to + 1, from + 1);
    while (count < limit && (head = merge_peek(&m)) != NULL) {
        out[count++] = *head;
        merge_pass(&m, head->at);
    }
    for (size_t i = 0; i < count / 2; i++) {
        struct occurrence o = out[i];

        out[i] = out[count - 1 - i];
        out[count - 1 - i] = o;
    }
    for (size_t i = 0; i < count; i++)
        delay(t, &out[i]);
    return count;
}
