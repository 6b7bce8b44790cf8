#include "base/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

static struct uuid id_of(const void *thing)
{
    struct uuid id;

    memcpy(id.b, thing, sizeof id.b);
    return id;
}

/* Ids are hashes already; mixed, since some are hashes of the same time. */
static size_t home_of(const struct index *x, struct uuid id)
{
    uint64_t halves[2];

    memcpy(halves, id.b, sizeof halves);
    return (size_t)(((halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15)) >> 20) &
           (x->capacity - 1);
}

/* Where the id is, or where it would be. Needs capacity. */
static size_t place_of(const struct index *x, struct uuid id)
{
    size_t at = home_of(x, id);

    while (x->slots[at] != NULL && !uuid_equal(id_of(x->slots[at]), id))
        at = (at + 1) & (x->capacity - 1);
    return at;
}

static void grow(struct index *x)
{
    struct index old = *x;

    x->capacity = MAX(old.capacity * 2, (size_t)FIRST_CAPACITY);
    x->slots = xcalloc(x->capacity, sizeof *x->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i] != NULL)
            x->slots[place_of(x, id_of(old.slots[i]))] = old.slots[i];
    free(old.slots);
}

void index_clear(struct index *x)
{
    free(x->slots);
    *x = (struct index){0};
}

void *index_find(const struct index *x, struct uuid id)
{
    return x->count == 0 ? NULL : x->slots[place_of(x, id)];
}

void index_add(struct index *x, void *thing)
{
    size_t at;

    if ((x->count + 1) * 4 > x->capacity * 3)
        grow(x);
    at = place_of(x, id_of(thing));
    assert(x->slots[at] == NULL);
    x->slots[at] = thing;
    x->count++;
}

/* What was pushed past the hole comes back, so that nothing is hidden behind it. */
void index_remove(struct index *x, const void *thing)
{
    size_t mask = x->capacity - 1, hole = place_of(x, id_of(thing));

    assert(x->slots[hole] == thing);
    for (size_t at = (hole + 1) & mask; x->slots[at] != NULL; at = (at + 1) & mask) {
        size_t way = at - home_of(x, id_of(x->slots[at]));

        if ((way & mask) < ((at - hole) & mask))
            continue;
        x->slots[hole] = x->slots[at];
        hole = at;
    }
    x->slots[hole] = NULL;
    x->count--;
}

void *index_each(const struct index *x, size_t *at)
{
    void *thing = NULL;

    while (thing == NULL && *at < x->capacity)
        thing = x->slots[(*at)++];
    return thing;
}
