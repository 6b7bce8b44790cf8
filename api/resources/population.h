/*
 * population.h - all tasks by what makes them due: a million of them, in as little memory as a forecast needs.
 *
 * Tasks with the same schedules, calendars and window are due at the same instants: they are one timing, whose instants are worked out
 * once. Only those whose instants are their own (jitter, `H`, `~`) are kept one by one. It is read page by page and worked in by
 * slices, once for all who ask; what was made of the same positions of `tasks` is the same, so it is made anew only when these have
 * moved. One that took longer than a second to make is shown for ten times as long.
 */
#ifndef API_RESOURCES_POPULATION_H
#define API_RESOURCES_POPULATION_H

#include "api/exchange/context.h"
#include "base/map.h"
#include "store/read_timings.h"

enum {
    POPULATION_TASKS_MAX = 2000000, /* further ones are not looked at */
    POPULATION_EXAMPLES = 3,
};

struct home { /* tasks of one project and queue; texts live as long as the population */
    const char *project, *queue;
};

struct group { /* of tasks that are due alike, and of one place */
    const struct home *place;
    int64_t tasks;
    struct uuid examples[POPULATION_EXAMPLES]; /* as many as there are tasks */
};

struct own_task { /* whose instants are its own */
    struct uuid task;
    usec_t made_at; /* what is scheduled up to then is none of its; 0: long ago */
    const struct home *place;
};

struct timing {
    const char *spec; /* JSON of a spec with what makes tasks due */
    bool is_own;      /* each task's instants are its own */
    struct group *groups;
    size_t group_count, group_capacity;
    struct own_task *own;
    size_t own_count, own_capacity;
};

struct population {
    int holders;
    struct arena *memory;
    struct map by_spec, places; /* struct timing, struct home: by the names of their texts */
    struct timing **timings;
    size_t timing_count, timing_capacity;
    struct group *paused; /* tasks that are paused, without examples */
    size_t paused_count, paused_capacity;
    int64_t tasks;    /* looked at */
    bool is_complete; /* else there are more than POPULATION_TASKS_MAX */
    usec_t at;        /* as of then */
    int64_t version;  /* of the positions that it was made of */
};

struct population *population_new(void);
void population_release(struct population *p); /* one holder fewer; NULL is fine */
void population_add(struct population *p, const struct timing_row *row, struct zoneset *zones);

/* --- the one of the API --- */

struct populations;

/* p: borrowed until `done` returns; NULL: a read has failed, see page. */
typedef void (*population_fn)(void *ctx, struct population *p, const struct read_page *page);

struct populations *populations_new(void);
void populations_free(struct populations *all); /* NULL is fine */

/* The newest, made anew where that is needed. Memory: of the read that finds that out. */
void population_need(struct api *api, struct arena *memory, population_fn done, void *ctx);

#endif
