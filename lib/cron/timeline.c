#include "cron/timeline.h"

#include <assert.h>
#include <stdlib.h>

struct timeline {
    size_t count;
    struct schedule *schedules[];
};

struct timeline *timeline_new(struct schedule *const *schedules, size_t count)
{
    struct timeline *t = xcalloc(1, sizeof *t + count * sizeof(struct schedule *));

    assert(count <= TIMELINE_SCHEDULES_MAX);
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
    enum rc rc =
        m->back ? schedule_prev(s, past, &m->heads[i]) : schedule_next(s, past, &m->heads[i]);

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

enum rc timeline_next(const struct timeline *t, usec_t after, struct occurrence *ret)
{
    return merge_first(t, false, after, ret);
}

enum rc timeline_prev(const struct timeline *t, usec_t before, struct occurrence *ret)
{
    return merge_first(t, true, before, ret);
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
    for (size_t i = 0; i < count / 2; i++) {
        struct occurrence o = out[i];

        out[i] = out[count - 1 - i];
        out[count - 1 - i] = o;
    }
    return count;
}
