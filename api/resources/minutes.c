#include "api/resources/minutes.h"

struct minutes minutes_new(usec_t from, usec_t to, struct arena *memory)
{
    struct minutes m = {.from = from,
                        .count = (size_t)((to - from + USEC_PER_MIN - 1) / USEC_PER_MIN)};

    m.items = arena_alloc(memory, MAX(m.count, (size_t)1) * sizeof *m.items);
    return m;
}

void minutes_add(struct minutes *m, size_t at, const struct minute_part *part)
{
    struct minute *one = &m->items[at];
    size_t i = MINUTES_TOP;

    one->firings += part->firings;
    one->tasks += part->tasks;
    one->timings++;
    while (i > 0 && (one->top[i - 1].timing == NULL || one->top[i - 1].firings < part->firings)) {
        if (i < MINUTES_TOP)
            one->top[i] = one->top[i - 1];
        i--;
    }
    if (i < MINUTES_TOP)
        one->top[i] = *part;
}

size_t minutes_peaks(const struct minutes *m, size_t first, size_t *out)
{
    size_t count = 0, i;

    for (size_t at = first; at < m->count; at++) {
        int64_t firings = m->items[at].firings;

        if (firings == 0 ||
            (count == MINUTES_PEAKS_MAX && m->items[out[count - 1]].firings >= firings))
            continue;
        i = count < MINUTES_PEAKS_MAX ? count++ : count - 1;
        for (; i > 0 && m->items[out[i - 1]].firings < firings; i--)
            out[i] = out[i - 1];
        out[i] = at;
    }
    return count;
}

/* --- quiet slots --- */

static bool is_quieter(const struct quiet *a, const struct quiet *b)
{
    size_t a_len = a->end - a->first, b_len = b->end - b->first;
    int64_t a_rate = a->firings * (int64_t)b_len, b_rate = b->firings * (int64_t)a_len;

    return a_rate != b_rate ? a_rate < b_rate : a_len > b_len;
}

static void offer(struct quiet *out, size_t *count, const struct quiet *one)
{
    size_t i = *count < MINUTES_QUIET_MAX ? (*count)++ : *count;

    if (i == MINUTES_QUIET_MAX) {
        if (!is_quieter(one, &out[i - 1]))
            return;
        i--;
    }
    for (; i > 0 && is_quieter(one, &out[i - 1]); i--)
        out[i] = out[i - 1];
    out[i] = *one;
}

static int64_t firings_in(const struct minutes *m, size_t first, size_t end)
{
    int64_t firings = 0;

    for (size_t i = first; i < end; i++)
        firings += m->items[i].firings;
    return firings;
}

size_t minutes_quiet(const struct minutes *m, size_t first, struct quiet *out)
{
    struct quiet one = {0};
    size_t count = 0, begin = (first + MINUTES_QUIET_SPAN - 1) / MINUTES_QUIET_SPAN;
    int64_t last = -1;

    for (size_t at = begin * MINUTES_QUIET_SPAN; at + MINUTES_QUIET_SPAN <= m->count;
         at += MINUTES_QUIET_SPAN) {
        int64_t firings = firings_in(m, at, at + MINUTES_QUIET_SPAN);

        if (firings != last && last >= 0)
            offer(out, &count, &one);
        if (firings != last)
            one = (struct quiet){.first = at};
        one.end = at + MINUTES_QUIET_SPAN;
        one.firings += firings;
        last = firings;
    }
    if (last >= 0)
        offer(out, &count, &one);
    return count;
}

int64_t minutes_busiest(const struct minutes *m, const size_t *minutes, size_t count, size_t shift,
                        size_t *ret_at)
{
    int64_t most = -1;

    for (size_t i = 0; i < count; i++) {
        size_t at = minutes[i] + shift;
        int64_t firings = at < m->count ? m->items[at].firings : 0;

        if (firings <= most)
            continue;
        most = firings;
        *ret_at = at;
    }
    return most;
}
