/*
 * next_cache.h - when tasks are due next, remembered from one request to the next: to work it out means to read the whole
 * specification.
 *
 * What is remembered holds for one revision of the task and one release of tzdata, and for instants from the one it was
 * worked out for up to the one that was found. Pure.
 */
#ifndef API_RESOURCES_NEXT_CACHE_H
#define API_RESOURCES_NEXT_CACHE_H

#include "base/uuid.h"

enum { NEXT_CACHE_MAX = 20000 }; /* the oldest is overwritten */

struct next_cache;

struct next_cache *next_cache_new(void);
void next_cache_free(struct next_cache *c);  /* NULL is fine */
void next_cache_clear(struct next_cache *c); /* the zones have changed */

/* The first instant after `after`, USEC_MAX for none; false when it has to be worked out. */
bool next_cache_find(const struct next_cache *c, struct uuid task, int32_t revision, usec_t after,
                     usec_t *ret);
void next_cache_put(struct next_cache *c, struct uuid task, int32_t revision, usec_t after,
                    usec_t next);

DEFINE_SCOPED(next_cache, struct next_cache, next_cache_free)

#endif
