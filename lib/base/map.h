/*
 * map.h - things by their uuid: a hash map that borrows what it holds.
 *
 * Zero-initialise (`struct map m = {0}`), release with map_clear. Open addressing with linear probing,
 * at most 3/4 full; finding, adding and removing take constant time. Ids are hashes already (uuid.h), so
 * their own bits choose the place, mixed once. Pointers to slots are never handed out: the map may grow.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/uuid.h"

struct map_slot {
    struct uuid key;
    void *value; /* NULL: free */
};

struct map {
    struct map_slot *slots;
    size_t count, capacity; /* capacity: a power of two, or 0 */
};

void map_clear(struct map *m); /* frees the slots, not the values; back to zero */
void *map_find(const struct map *m, struct uuid key);      /* NULL when there is none */
void map_put(struct map *m, struct uuid key, void *value); /* adds or replaces; value != NULL */
void *map_remove(struct map *m, struct uuid key);          /* what was there, or NULL */

/* Walks in no particular order; start with *at = 0. NULL at the end. The map must not change meanwhile. */
void *map_each(const struct map *m, size_t *at);

#endif
