/*
 * index.h - things by the uuid that they begin with: a map (map.h) for millions, of one pointer each.
 *
 * The things are borrowed: `struct uuid` is their first member, and does not change while they are in. Zero-initialise,
 * release with index_clear. Open addressing with linear probing, at most 3/4 full.
 */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include "base/uuid.h"

struct index {
    void **slots;           /* NULL: free */
    size_t count, capacity; /* capacity: a power of two, or 0 */
};

void index_clear(struct index *x);
void *index_find(const struct index *x, struct uuid id); /* NULL when there is none */
void index_add(struct index *x, void *thing);            /* there is none with its id yet */
void index_remove(struct index *x, const void *thing);   /* one that is in */

/* Walks in no particular order; start with *at = 0. NULL at the end. The index must not change meanwhile. */
void *index_each(const struct index *x, size_t *at);

#endif
