/*
 * usual.h - how long tasks usually take, remembered for a minute.
 */
#ifndef API_RESOURCES_USUAL_H
#define API_RESOURCES_USUAL_H

#include "api/exchange/context.h"
#include "base/json.h"

enum { USUAL_CACHE_MAX = 5000 }; /* the oldest is overwritten */

struct usual_cache;

struct usual_cache *usual_cache_new(void);
void usual_cache_free(struct usual_cache *c); /* NULL is fine */
/* Whatever its age; -1: it has had no success lately, or nothing is known. */
int64_t usual_cache_find(const struct usual_cache *c, struct uuid task);
/* now: of the monotonic clock, as for _put. */
bool usual_cache_is_fresh(const struct usual_cache *c, struct uuid task, usec_t now);
void usual_cache_put(struct usual_cache *c, struct uuid task, int64_t usual_ms, usec_t now);

/* "usual_ms", where it is known. */
void usual_member(struct json *j, const struct usual_cache *c, struct uuid task);

struct usual_ask {
    /* any number of times each; further ones than USUAL_TASKS_MAX stay as they are known */
    const struct uuid *tasks;
    size_t count;
    read_done_fn done; /* page: without rows; usual_cache_find has the answer */
    void *ctx;
};

/* Sees to it that what usual_cache_find answers is no older than a minute. */
void usual_need(struct api *api, struct http_exchange *x, const struct usual_ask *ask);

#endif
