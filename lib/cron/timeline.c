#include "cron/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* What keeps instants from being due, and delays them. */
struct filter {
    struct window *window; /* NULL: always open */
    usec_t jitter;
    struct uuid task;
    size_t count;
    struct calendar *calendars[];
};

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
    assert(o->calendar_count <= TIMELINE_CALENDARS_MAX && o->jitter >= 0);
    f = xcalloc(1, sizeof *f + o->calendar_count * sizeof(struct calendar *));
    f->window = o->window;
    f->jitter = o->jitter;
    f->task = o->task;
    f->count = o->calendar_count;
    for (size_t i = 0; i < f->count; i++)
        f->calendars[i] = o->calendars[i];
    return f;
}

static void filter_free(struct filter *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++)
        calendar_free(f->calendars[i]);
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

static bool is_open(const struct filter *f, const struct occurrence *o)
{
    int64_t wall = o->at / USEC_PER_SEC - (o->at % USEC_PER_SEC < 0) + o->offset;
    bool only = false, kept = false;

    for (size_t i = 0; i < f->count; i++) {
        bool holds = calendar_holds(f->calendars[i], wall);

        if (calendar_mode_of(f->calendars[i]) == CALENDAR_ONLY) {
            only = true;
            kept |= holds;
        } else if (holds) {
            return false;
        }
    }
    return (!only || kept) && (f->window == NULL || window_holds(f->window, o->at));
}

/* The next instants (or, going back, the previous ones) of all schedules; `live` are those that have one. */
struct merge {
    const struct timeline *t;
    bool back;
    uint32_t live;
    struct occurrence heads[TIMELINE_SCHEDULES_MAX];
};

static void advance(struct merge *m, size_t i, usec_t past)
{
    const struct schedule *s = m->t->schedules[i];
    const struct filter *f = m->t->filter;
    enum rc rc;

    do {
        rc = m->back ? schedule_prev(s, past, &m->heads[i]) : schedule_next(s, past, &m->heads[i]);
        past = m->heads[i].at;
    } while (rc == RC_OK && f != NULL && !is_open(f, &m->heads[i]));
    m->heads[i].schedule = (uint32_t)i;
    if (rc != RC_OK)
        m->live &= ~(UINT32_C(1) << i);
}

static void merge_start(struct merge *m, const struct timeline *t, bool back, usec_t past)
{
    m->t = t;
    m->back = back;
    m->live = (UINT32_C(1) << t->count) - 1;
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

static enum rc merge_first(const struct timeline *t, bool back, usec_t past, struct occurrence *ret)
{
    struct merge m;
    const struct occurrence *head;

    merge_start(&m, t, back, past);
    head = merge_peek(&m);
    if (head == NULL)
        return RC_NOT_FOUND;
    *ret = *head;
    return RC_OK;
}

static void delay(const struct timeline *t, struct occurrence *o)
{
    struct occurrence next;
    usec_t room = USEC_MAX - o->at;
    uint8_t key[24];

    if (t->filter == NULL || t->filter->jitter == 0)
        return;
    if (merge_first(t, false, o->at, &next) == RC_OK)
        room = next.at - o->at;
    memcpy(key, t->filter->task.b, 16);
    for (int i = 0; i < 8; i++)
        key[16 + i] = (uint8_t)((uint64_t)o->at >> (56 - 8 * i));
    o->due += (usec_t)(fnv1a(key, sizeof key, 0) % (uint64_t)MIN(t->filter->jitter, room));
}

enum rc timeline_next(const struct timeline *t, usec_t after, struct occurrence *ret)
{
    TRY(merge_first(t, false, after, ret));
    delay(t, ret);
    return RC_OK;
}

enum rc timeline_prev(const struct timeline *t, usec_t before, struct occurrence *ret)
{
    TRY(merge_first(t, true, before, ret));
    delay(t, ret);
    return RC_OK;
}

size_t timeline_count(const struct timeline *t, usec_t from, usec_t to, size_t cap, bool *ret_more)
{
    struct merge m;
    const struct occurrence *head;
    size_t count = 0;

    cap = MIN(cap, TIMELINE_COUNT_MAX);
    merge_start(&m, t, false, from);
    while ((head = merge_peek(&m)) != NULL && head->at <= to && count < cap) {
        merge_pass(&m, head->at);
        count++;
    }
    *ret_more = head != NULL && head->at <= to;
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
    merge_start(&m, t, true, to == USEC_MAX ? to : to + 1);
    while (count < limit && (head = merge_peek(&m)) != NULL && head->at > from) {
        out[count++] = *head;
        merge_pass(&m, head->at);
    }
    for (size_t i = 0; i < count; i++)
        delay(t, &out[i]);
    for (size_t i = 0; i < count / 2; i++) {
        struct occurrence o = out[i];

        out[i] = out[count - 1 - i];
        out[count - 1 - i] = o;
    }
    return count;
}
