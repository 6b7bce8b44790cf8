#include "api/resources/day_marks.h"

#include "api/resources/timeline_of.h"

size_t day_marks_find(const struct day_marks *m, usec_t t)
{
    size_t low = 0, high = m->count;

    if (m->count == 0 || t < m->bounds[0] || t >= m->bounds[m->count])
        return m->count;
    while (low + 1 < high) { /* in [low, high) */
        size_t middle = low + (high - low) / 2;

        if (t < m->bounds[middle])
            high = middle;
        else
            low = middle;
    }
    return low;
}

static void add(struct day_marks *m, size_t span, const struct gap_row *gap, int32_t count)
{
    if (span < m->count && gap->reason >= 0 && gap->reason < REASON_COUNT)
        m->gaps[span][gap->reason] += count;
}

/* (from, to] of the gap within the span */
static int32_t count_in(const struct day_marks *m, size_t span, const struct gap_row *gap,
                        const struct timeline *t)
{
    usec_t from = MAX(gap->from_at, m->bounds[span] - 1);
    usec_t to = MIN(gap->to_at, m->bounds[span + 1] - 1);
    bool more = false;

    return from < to ? (int32_t)timeline_count(t, from, to, TIMELINE_COUNT_MAX, &more) : 0;
}

size_t day_marks_add_gap(struct day_marks *m, const struct gap_row *gap, const struct timeline *t)
{
    size_t last = day_marks_find(m, gap->to_at), looked_at = 0;
    size_t first = day_marks_find(m, gap->from_at + 1);
    bool is_within = m->count > 0 && gap->from_at + 1 >= m->bounds[0] && last < m->count;
    int64_t found = 0;

    if (is_within && (first == last || t == NULL)) {
        add(m, last, gap, gap->count);
        return 1;
    }
    for (size_t i = gap->from_at + 1 < m->bounds[0] ? 0 : first;
         t != NULL && i < m->count && m->bounds[i] <= gap->to_at; i++, looked_at++) {
        int32_t count = count_in(m, i, gap, t);

        add(m, i, gap, count);
        found += count;
    }
    if (found == 0 && is_within)
        add(m, last, gap, gap->count);
    return looked_at + 1;
}

/* --- step by step --- */

struct job {
    struct day_marks *marks;
    struct marks_ask ask;
    struct timeline *now;  /* of what is to come; NULL: nothing is */
    struct timeline *then; /* of the revision of the gap in hand */
    int32_t revision;
    usec_t start; /* what comes is due after it */
    size_t gap, span, split;
};

static struct timeline *timeline_at(const struct job *j, const char *spec)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct timeline *t = NULL;

    if (spec != NULL &&
        timeline_of_spec(spec, j->ask.task->task_id, j->ask.api->zones, memory, &t, NULL) != RC_OK)
        return NULL;
    return t;
}

static const char *spec_of(const struct job *j, int32_t revision)
{
    for (size_t i = 0; i < j->ask.revision_count; i++)
        if (j->ask.revisions[i].revision == revision)
            return j->ask.revisions[i].spec;
    return NULL;
}

static void take_gap(struct job *j)
{
    const struct gap_row *gap = &j->ask.gaps[j->gap++];

    if (gap->revision != j->revision) {
        timeline_free(j->then);
        j->then = timeline_at(j, spec_of(j, gap->revision));
        j->revision = gap->revision;
    }
    j->split += day_marks_add_gap(j->marks, gap, j->split < GAPS_SPLIT_MAX ? j->then : NULL);
}

static void plan_span(struct job *j)
{
    const usec_t *bounds = &j->marks->bounds[j->span];
    usec_t from = MAX(bounds[0] - 1, j->start), to = bounds[1] - 1;
    bool more = false;

    j->marks->planned[j->span] = -1;
    if (j->now != NULL && to > j->ask.now)
        j->marks->planned[j->span] =
            from < to ? (int32_t)timeline_count(j->now, from, to, TIMELINE_COUNT_MAX, &more) : 0;
    j->span++;
}

static bool step(void *ctx)
{
    struct job *j = ctx;

    if (j->gap < j->ask.gap_count)
        take_gap(j);
    else if (j->span < j->marks->count)
        plan_span(j);
    if (j->gap < j->ask.gap_count || j->span < j->marks->count)
        return true;
    timeline_free(j->now);
    timeline_free(j->then);
    j->ask.done(j->ask.ctx);
    return false;
}

void day_marks_work_out(struct day_marks *marks, const struct marks_ask *ask)
{
    struct job *j = arena_alloc(ask->memory, sizeof *j);

    *j = (struct job){.marks = marks, .ask = *ask};
    marks->planned =
        arena_alloc(ask->memory, MAX(marks->count, (size_t)1) * sizeof *marks->planned);
    if (ask->gap_count > 0)
        marks->gaps = arena_alloc(ask->memory, marks->count * sizeof *marks->gaps);
    if (ask->task->state == TASK_ACTIVE && marks->bounds[marks->count] > ask->now)
        j->now = timeline_at(j, ask->task->spec);
    if (j->now != NULL)
        j->start = MAX(timeline_start(j->now, ask->task, ask->now), ask->skip_until);
    slices_run(ask->api->slices, step, j);
}
