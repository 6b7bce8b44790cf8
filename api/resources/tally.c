#include "api/resources/tally.h"

#include <stdlib.h>

#include "api/exchange/bind.h"
#include "api/resources/timeline_of.h"
#include "model/spec_timeline.h"

enum { INSTANTS_A_STEP = 2000 };

struct counted { /* of the timing in hand, in one minute */
    int64_t firings, tasks;
    const void *last; /* task that was counted there last: each counts once */
    struct uuid examples[POPULATION_EXAMPLES];
};

struct tally {
    struct tally_ask ask;
    struct minutes minutes;
    struct tally_sums sums;
    int64_t looked_at;
    size_t timing, own; /* in hand */
    struct counted *counted;
    size_t *touched, touched_count; /* minutes that the timing in hand has something in */
    /* of the timing in hand */
    bool is_open;
    struct arena *spec_memory;
    struct task_spec *spec;      /* NULL: it cannot be read */
    int64_t weight;              /* tasks that each instant counts for */
    const struct uuid *examples; /* of them; nil: no more */
    struct uuid shared[POPULATION_EXAMPLES];
    /* of the task in hand, or of all of the timing */
    struct timeline *timeline;
    usec_t at;
    bool has_fired;
};

struct tally *tally_new(const struct tally_ask *ask)
{
    struct tally *t = xcalloc(1, sizeof *t);

    t->ask = *ask;
    t->minutes = minutes_new(ask->from, ask->to, ask->memory);
    t->counted = xcalloc(MAX(t->minutes.count, (size_t)1), sizeof *t->counted);
    t->touched = xcalloc(MAX(t->minutes.count, (size_t)1), sizeof *t->touched);
    t->sums.is_complete = ask->population->is_complete;
    return t;
}

void tally_free(struct tally *t)
{
    if (t == NULL)
        return;
    timeline_free(t->timeline);
    arena_free(t->spec_memory);
    free(t->counted);
    free(t->touched);
    free(t);
}

static bool is_meant(const struct tally *t, const struct home *place)
{
    return (t->ask.project == NULL || text_equal(t->ask.project, place->project)) &&
           (t->ask.queue == NULL || text_equal(t->ask.queue, place->queue));
}

/* --- instants --- */

static void count_instant(struct tally *t, usec_t due)
{
    size_t minute = (size_t)((due - t->ask.from) / USEC_PER_MIN);
    struct counted *c = &t->counted[minute];
    int64_t shown = c->tasks;

    t->sums.firings += t->weight;
    if (c->firings == 0)
        t->touched[t->touched_count++] = minute;
    c->firings += t->weight;
    if (c->last == t->examples)
        return;
    c->last = t->examples;
    c->tasks += t->weight;
    for (int64_t i = 0; shown + i < POPULATION_EXAMPLES && i < t->weight; i++)
        c->examples[shown + i] = t->examples[i];
}

/* True: there may be more of them. */
static bool count_some(struct tally *t)
{
    struct occurrence o;

    for (int i = 0; i < INSTANTS_A_STEP; i++) {
        if (timeline_next(t->timeline, t->at, &o) != RC_OK || o.at >= t->ask.to)
            return false;
        t->at = o.at;
        t->looked_at++;
        if (o.due >= t->ask.to)
            return false;
        if (o.due < t->ask.since)
            continue;
        count_instant(t, o.due);
        t->has_fired = true;
    }
    return true;
}

static void begin_instants(struct tally *t, struct uuid task, usec_t made_at, struct zoneset *zones)
{
    const struct task_row row = {.revision = made_at != 0 ? 1 : 2, .effective_at = made_at};

    t->has_fired = false;
    if (t->spec == NULL || spec_timeline(t->spec, task, zones, &t->timeline, NULL) != RC_OK)
        return;
    t->at = timeline_start(t->timeline, &row, t->ask.since - 1);
}

/* False: the timeline in hand is done with. */
static bool go_on(struct tally *t)
{
    if (t->timeline != NULL && count_some(t))
        return true;
    timeline_free(TAKE(t->timeline));
    if (t->has_fired)
        t->sums.due += t->weight;
    return false;
}

/* --- timings --- */

static const struct timing *in_hand(const struct tally *t)
{
    return t->ask.population->timings[t->timing];
}

/* Answers how many examples there are then. */
static size_t add_examples(struct tally *t, const struct group *group, size_t count)
{
    for (int64_t i = 0; i < group->tasks && i < POPULATION_EXAMPLES; i++)
        if (count < POPULATION_EXAMPLES)
            t->shared[count++] = group->examples[i];
    return count;
}

static void open_shared(struct tally *t, struct zoneset *zones)
{
    const struct timing *timing = in_hand(t);
    size_t examples = 0;

    for (size_t i = 0; i < POPULATION_EXAMPLES; i++)
        t->shared[i] = UUID_NIL;
    for (size_t i = 0; i < timing->group_count; i++) {
        if (!is_meant(t, timing->groups[i].place))
            continue;
        t->weight += timing->groups[i].tasks;
        examples = add_examples(t, &timing->groups[i], examples);
    }
    t->examples = t->shared;
    t->sums.tasks += t->weight;
    if (t->weight > 0)
        begin_instants(t, t->shared[0], 0, zones);
}

static void open_timing(struct tally *t, struct zoneset *zones)
{
    t->is_open = true;
    t->own = 0;
    t->weight = 0;
    t->has_fired = false;
    t->spec = NULL;
    t->spec_memory = arena_new(0);
    if (bind_spec(bytes_of(in_hand(t)->spec), t->spec_memory, &t->spec, NULL) != RC_OK)
        t->spec = NULL;
    if (!in_hand(t)->is_own)
        open_shared(t, zones);
}

static void close_timing(struct tally *t)
{
    for (size_t i = 0; i < t->touched_count; i++) {
        struct counted *c = &t->counted[t->touched[i]];
        struct minute_part part = {.timing = in_hand(t), .firings = c->firings, .tasks = c->tasks};

        for (size_t n = 0; n < POPULATION_EXAMPLES; n++)
            part.examples[n] = c->examples[n];
        minutes_add(&t->minutes, t->touched[i], &part);
        *c = (struct counted){0};
    }
    t->touched_count = 0;
    arena_free(TAKE(t->spec_memory));
    t->is_open = false;
    t->timing++;
}

/* The next task whose instants are its own; false: there is none. */
static bool next_own(struct tally *t, struct zoneset *zones)
{
    const struct timing *timing = in_hand(t);

    while (t->own < timing->own_count) {
        const struct own_task *one = &timing->own[t->own++];

        if (!is_meant(t, one->place))
            continue;
        t->weight = 1;
        t->examples = &one->task;
        t->sums.tasks++;
        begin_instants(t, one->task, one->made_at, zones);
        return true;
    }
    return false;
}

static void count_paused(struct tally *t)
{
    const struct population *p = t->ask.population;

    for (size_t i = 0; i < p->paused_count; i++)
        if (is_meant(t, p->paused[i].place))
            t->sums.paused += p->paused[i].tasks;
}

bool tally_step(struct tally *t, struct zoneset *zones)
{
    if (t->looked_at >= TALLY_INSTANTS_MAX)
        t->sums.is_complete = false;
    if (t->timing == t->ask.population->timing_count || t->looked_at >= TALLY_INSTANTS_MAX) {
        if (t->is_open)
            close_timing(t);
        count_paused(t);
        return false;
    }
    if (!t->is_open) {
        open_timing(t, zones);
        return true;
    }
    if (t->timeline != NULL && go_on(t))
        return true;
    if (!next_own(t, zones))
        close_timing(t);
    return true;
}

const struct minutes *tally_minutes(const struct tally *t)
{
    return &t->minutes;
}

struct tally_sums tally_sums(const struct tally *t)
{
    return t->sums;
}
