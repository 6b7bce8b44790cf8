#include "api/resources/population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/exchange/bind.h"
#include "base/clock.h"
#include "cron/schedule.h"
#include "model/spec_timeline.h"
#include "store/read_tasks.h"

enum { TASKS_AT_ONCE = 500, ROWS_A_STEP = 50, LONG_ENOUGH = 10 };

#define WORTH_KEEPING USEC_PER_SEC

/* --- adding a task --- */

/* A text's name among all texts: SHA-1, since anybody may have written it. */
static struct uuid name_of(const char *text)
{
    return uuid_named(CRONOBS_NAMESPACE, text);
}

static const struct home *place_of(struct population *p, const struct timing_row *row)
{
    SCOPED_BUF text = {0};
    struct home *place;
    struct uuid name;

    buf_printf(&text, "%s\n%s", row->project, row->queue != NULL ? row->queue : "");
    name = name_of(buf_text(&text));
    place = map_find(&p->places, name);
    if (place != NULL)
        return place;
    place = arena_alloc(p->memory, sizeof *place);
    place->project = arena_strdup(p->memory, row->project);
    place->queue = arena_strdup(p->memory, row->queue != NULL ? row->queue : "");
    map_put(&p->places, name, place);
    return place;
}

static void spec_text(const struct timing_row *row, struct buf *out)
{
    buf_printf(out, "{\"key\":\"x\",\"queue\":\"x\",\"schedules\":%s,\"calendars\":%s,",
               row->schedules != NULL ? row->schedules : "[]",
               row->calendars != NULL ? row->calendars : "[]");
    if (row->window != NULL)
        buf_printf(out, "\"window\":%s,", row->window);
    buf_printf(out, "\"jitter_ms\":%lld}", (long long)row->jitter_ms);
}

static bool is_hashed(const struct schedule_spec *s, struct zoneset *zones)
{
    const struct schedule_options options = spec_schedule_options(s, UUID_NIL);
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct lints lints = {0};

    if (s->expression == NULL ||
        schedule_parse(s->expression, &options, zones, &lints, &schedule, NULL) != RC_OK)
        return false;
    for (size_t i = 0; i < lints.count; i++)
        if (lints.list[i].code == LINT_HASH_WITHOUT_TASK)
            return true;
    return false;
}

static bool is_own(const char *text, struct zoneset *zones)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct task_spec *spec;

    if (bind_spec(bytes_of(text), memory, &spec, NULL) != RC_OK)
        return false;
    for (size_t i = 0; i < spec->schedule_count; i++)
        if (is_hashed(&spec->schedules[i], zones))
            return true;
    return spec->jitter_ms > 0;
}

static struct timing *timing_of(struct population *p, const struct timing_row *row,
                                struct zoneset *zones)
{
    SCOPED_BUF text = {0};
    struct timing *timing;
    struct uuid name;

    spec_text(row, &text);
    name = name_of(buf_text(&text));
    timing = map_find(&p->by_spec, name);
    if (timing != NULL)
        return timing;
    timing = arena_alloc(p->memory, sizeof *timing);
    timing->spec = arena_strdup(p->memory, buf_text(&text));
    timing->is_own = is_own(timing->spec, zones);
    map_put(&p->by_spec, name, timing);
    p->timings = array_grow(p->timings, p->timing_count, &p->timing_capacity, sizeof *p->timings);
    p->timings[p->timing_count++] = timing;
    return timing;
}

/* Tasks of a timing are of few places, mostly of one. */
static struct group *group_of(struct group **groups, size_t *count, size_t *capacity,
                              const struct home *place)
{
    for (size_t i = *count; i-- > 0;)
        if ((*groups)[i].place == place)
            return &(*groups)[i];
    *groups = array_grow(*groups, *count, capacity, sizeof **groups);
    (*groups)[*count] = (struct group){.place = place};
    return &(*groups)[(*count)++];
}

static void add_own(struct timing *t, const struct timing_row *row, const struct home *place)
{
    t->own = array_grow(t->own, t->own_count, &t->own_capacity, sizeof *t->own);
    t->own[t->own_count++] =
        (struct own_task){.task = row->task_id,
                          .made_at = row->revision == 1 ? row->effective_at : 0,
                          .place = place};
}

void population_add(struct population *p, const struct timing_row *row, struct zoneset *zones)
{
    const struct home *place = place_of(p, row);
    struct timing *timing;
    struct group *group;

    p->tasks++;
    if (row->state == TASK_PAUSED) {
        group_of(&p->paused, &p->paused_count, &p->paused_capacity, place)->tasks++;
        return;
    }
    timing = timing_of(p, row, zones);
    if (timing->is_own) {
        add_own(timing, row, place);
        return;
    }
    group = group_of(&timing->groups, &timing->group_count, &timing->group_capacity, place);
    if (group->tasks < POPULATION_EXAMPLES)
        group->examples[group->tasks] = row->task_id;
    group->tasks++;
}

/* --- one --- */

struct population *population_new(void)
{
    struct population *p = xcalloc(1, sizeof *p);

    p->holders = 1;
    p->memory = arena_new(0);
    p->is_complete = true;
    return p;
}

void population_release(struct population *p)
{
    if (p == NULL || --p->holders > 0)
        return;
    for (size_t i = 0; i < p->timing_count; i++) {
        free(p->timings[i]->groups);
        free(p->timings[i]->own);
    }
    free(p->timings);
    free(p->paused);
    map_clear(&p->by_spec);
    map_clear(&p->places);
    arena_free(p->memory);
    free(p);
}

/* --- the one of the API --- */

struct waiter { /* for a population; in the memory of whoever waits */
    struct api *api;
    int64_t version; /* that it has to be of */
    population_fn done;
    void *ctx;
    struct waiter *next;
};

struct populations {
    struct population *newest; /* NULL: none yet */
    usec_t took, made_at;      /* to make it; monotonic */
    struct waiter *waiters;
    /* the one that is being made */
    struct api *api;
    struct population *next;
    usec_t begun_at;
    char after[32];      /* place in the table */
    struct arena *chunk; /* of the rows in hand */
    struct read_page page;
    size_t at;
};

struct populations *populations_new(void)
{
    return xcalloc(1, sizeof(struct populations));
}

void populations_free(struct populations *all)
{
    if (all == NULL)
        return;
    population_release(all->newest);
    population_release(all->next);
    arena_free(all->chunk);
    free(all);
}

static bool is_good(const struct populations *all, int64_t version, usec_t now)
{
    if (all->newest == NULL)
        return false;
    return all->newest->version == version ||
           (all->took > WORTH_KEEPING && now - all->made_at < LONG_ENOUGH * all->took);
}

static void begin(struct populations *all, struct api *api, int64_t version);

/* Whoever it is good for goes on; page: why there is none. */
static void serve(struct populations *all, const struct read_page *page)
{
    struct waiter *left = all->waiters, *w, *rest = NULL;
    struct population *p = page->rc == RC_OK ? all->newest : NULL;
    usec_t now = clock_monotonic();

    all->waiters = NULL;
    while ((w = left) != NULL) {
        left = w->next;
        if (p == NULL || is_good(all, w->version, now)) {
            w->done(w->ctx, p, page);
            continue;
        }
        w->next = rest;
        rest = w;
    }
    while ((w = rest) != NULL) {
        rest = w->next;
        w->next = all->waiters;
        all->waiters = w;
    }
    if (all->waiters != NULL && all->next == NULL)
        begin(all, all->waiters->api, all->waiters->version);
}

static void read_more(struct populations *all);

static void finish(struct populations *all)
{
    const struct read_page well = {.rc = RC_OK};

    population_release(all->newest);
    all->newest = TAKE(all->next);
    all->made_at = clock_monotonic();
    all->took = all->made_at - all->begun_at;
    serve(all, &well);
}

static bool add_rows(void *ctx)
{
    struct populations *all = ctx;
    const struct timing_row *rows = all->page.rows;

    for (size_t i = 0; i < ROWS_A_STEP && all->at < all->page.count; i++)
        population_add(all->next, &rows[all->at++], all->api->zones);
    if (all->at < all->page.count)
        return true;
    if (all->page.count > 0)
        (void)snprintf(all->after, sizeof all->after, "%s", rows[all->page.count - 1].place);
    arena_free(TAKE(all->chunk));
    all->next->is_complete = !all->page.more;
    if (all->page.more && all->next->tasks < POPULATION_TASKS_MAX)
        read_more(all);
    else
        finish(all);
    return false;
}

static void on_rows(void *ctx, const struct read_page *page)
{
    struct populations *all = ctx;

    if (page->rc != RC_OK) {
        arena_free(TAKE(all->chunk));
        population_release(TAKE(all->next));
        serve(all, page);
        return;
    }
    all->page = *page;
    all->at = 0;
    slices_run(all->api->slices, add_rows, all);
}

static void read_more(struct populations *all)
{
    all->chunk = arena_new(0);
    read_timings(all->api->reads, all->after, TASKS_AT_ONCE,
                 (struct read_reply){all->chunk, on_rows, all});
}

static void begin(struct populations *all, struct api *api, int64_t version)
{
    all->api = api;
    all->next = population_new();
    all->next->at = clock_realtime();
    all->next->version = version;
    all->begun_at = clock_monotonic();
    (void)snprintf(all->after, sizeof all->after, "(0,0)");
    read_more(all);
}

/* Positions of `tasks`: a task's row changes with a record there, and with none else. */
static int64_t version_of(const struct read_page *progress)
{
    const struct progress_row *rows = progress->rows;
    int64_t version = 0;

    for (size_t i = 0; i < progress->count; i++)
        if (strcmp(rows[i].topic, "tasks") == 0)
            version += rows[i].next_offset;
    return version;
}

static void on_progress(void *ctx, const struct read_page *page)
{
    struct waiter *w = ctx;
    struct populations *all = w->api->populations;

    if (page->rc != RC_OK) {
        w->done(w->ctx, NULL, page);
        return;
    }
    w->version = version_of(page);
    if (is_good(all, w->version, clock_monotonic())) {
        w->done(w->ctx, all->newest, page);
        return;
    }
    w->next = all->waiters;
    all->waiters = w;
    if (all->next == NULL)
        begin(all, w->api, w->version);
}

void population_need(struct api *api, struct arena *memory, population_fn done, void *ctx)
{
    struct waiter *w = arena_alloc(memory, sizeof *w);

    *w = (struct waiter){.api = api, .done = done, .ctx = ctx};
    read_progress(api->reads, (struct read_reply){memory, on_progress, w});
}
