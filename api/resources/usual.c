#include "api/resources/usual.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "store/read_usual.h"

#define FRESH_FOR (60 * USEC_PER_SEC)

struct entry {
    struct uuid task;
    int64_t usual_ms;
    usec_t at;
};

struct usual_cache {
    struct entry *ring; /* USUAL_CACHE_MAX of them */
    size_t at;
    struct map by_task;
};

struct usual_cache *usual_cache_new(void)
{
    struct usual_cache *c = xcalloc(1, sizeof *c);

    c->ring = xcalloc(USUAL_CACHE_MAX, sizeof *c->ring);
    return c;
}

void usual_cache_free(struct usual_cache *c)
{
    if (c == NULL)
        return;
    map_clear(&c->by_task);
    free(c->ring);
    free(c);
}

int64_t usual_cache_find(const struct usual_cache *c, struct uuid task)
{
    const struct entry *e = map_find(&c->by_task, task);

    return e != NULL ? e->usual_ms : -1;
}

bool usual_cache_is_fresh(const struct usual_cache *c, struct uuid task, usec_t now)
{
    const struct entry *e = map_find(&c->by_task, task);

    return e != NULL && now - e->at < FRESH_FOR;
}

void usual_cache_put(struct usual_cache *c, struct uuid task, int64_t usual_ms, usec_t now)
{
    struct entry *e = map_find(&c->by_task, task);

    if (e == NULL) {
        e = &c->ring[c->at];
        c->at = (c->at + 1) % USUAL_CACHE_MAX;
        if (!uuid_is_nil(e->task))
            (void)map_remove(&c->by_task, e->task);
        map_put(&c->by_task, task, e);
    }
    *e = (struct entry){task, usual_ms, now};
}

void usual_member(struct json *j, const struct usual_cache *c, struct uuid task)
{
    int64_t usual = usual_cache_find(c, task);

    if (usual >= 0)
        json_add_int(j, "usual_ms", usual);
}

/* --- asking for what is not known --- */

struct need {
    struct api *api;
    struct usual_ask ask;
    struct uuid *tasks;
    size_t count;
};

static void on_usual(void *ctx, const struct read_page *page)
{
    struct need *n = ctx;
    const struct usual_row *rows = page->rows;
    struct read_page done = {.rc = page->rc, .err = page->err};
    usec_t now = clock_monotonic();

    /* those of which the database says nothing have not run lately */
    for (size_t i = 0; page->rc == RC_OK && i < n->count; i++)
        usual_cache_put(n->api->usual, n->tasks[i], -1, now);
    for (size_t i = 0; page->rc == RC_OK && i < page->count; i++)
        usual_cache_put(n->api->usual, rows[i].task_id, rows[i].usual_ms, now);
    n->ask.done(n->ask.ctx, &done);
}

static void add_stale(struct need *n)
{
    struct map asked = {0};
    usec_t now = clock_monotonic();

    for (size_t i = 0; i < n->ask.count && n->count < USUAL_TASKS_MAX; i++) {
        struct uuid task = n->ask.tasks[i];

        if (usual_cache_is_fresh(n->api->usual, task, now) || map_find(&asked, task) != NULL)
            continue;
        n->tasks[n->count] = task;
        map_put(&asked, task, &n->tasks[n->count++]);
    }
    map_clear(&asked);
}

void usual_need(struct api *api, struct http_exchange *x, const struct usual_ask *ask)
{
    struct need *n = arena_alloc(http_memory(x), sizeof *n);
    const struct read_page done = {.rc = RC_OK};

    *n = (struct need){.api = api, .ask = *ask};
    n->tasks = arena_alloc(http_memory(x), USUAL_TASKS_MAX * sizeof *n->tasks);
    add_stale(n);
    if (n->count == 0)
        ask->done(ask->ctx, &done);
    else
        read_usual(api->reads, n->tasks, n->count,
                   (struct read_reply){http_memory(x), on_usual, n});
}
