#include "api/resources/next_cache.h"

#include <stdlib.h>

#include "base/map.h"

struct entry {
    struct uuid task;
    int32_t revision;
    usec_t after, next; /* [after, next) is known to be empty, and next to be due */
};

struct next_cache {
    struct entry *ring; /* NEXT_CACHE_MAX of them */
    size_t at;
    struct map by_task;
};

struct next_cache *next_cache_new(void)
{
    struct next_cache *c = xcalloc(1, sizeof *c);

    c->ring = xcalloc(NEXT_CACHE_MAX, sizeof *c->ring);
    return c;
}

void next_cache_free(struct next_cache *c)
{
    if (c == NULL)
        return;
    map_clear(&c->by_task);
    free(c->ring);
    free(c);
}

void next_cache_clear(struct next_cache *c)
{
    map_clear(&c->by_task);
    for (size_t i = 0; i < NEXT_CACHE_MAX; i++)
        c->ring[i] = (struct entry){0};
}

bool next_cache_find(const struct next_cache *c, struct uuid task, int32_t revision, usec_t after,
                     usec_t *ret)
{
    const struct entry *e = map_find(&c->by_task, task);

    if (e == NULL || e->revision != revision || after < e->after || after >= e->next)
        return false;
    *ret = e->next;
    return true;
}

void next_cache_put(struct next_cache *c, struct uuid task, int32_t revision, usec_t after,
                    usec_t next)
{
    struct entry *e = map_find(&c->by_task, task);

    if (e == NULL) {
        e = &c->ring[c->at];
        c->at = (c->at + 1) % NEXT_CACHE_MAX;
        if (!uuid_is_nil(e->task))
            (void)map_remove(&c->by_task, e->task);
        map_put(&c->by_task, task, e);
    }
    *e = (struct entry){task, revision, after, next};
}
