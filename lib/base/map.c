#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

static size_t home_of(const struct map *m, struct uuid key)
{
    uint64_t halves[2];

    memcpy(halves, key.b, sizeof halves);
    return (size_t)(((halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15)) >> 20) &
           (m->capacity - 1);
}

/* The slot that holds the key, or the free one where it would be. Needs capacity. */
static size_t slot_of(const struct map *m, struct uuid key)
{
    size_t at = home_of(m, key);

    while (m->slots[at].value != NULL && !uuid_equal(m->slots[at].key, key))
        at = (at + 1) & (m->capacity - 1);
    return at;
}

static void grow(struct map *m)
{
    struct map old = *m;

    m->capacity = MAX(old.capacity * 2, (size_t)FIRST_CAPACITY);
    m->slots = xcalloc(m->capacity, sizeof *m->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value != NULL)
            m->slots[slot_of(m, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void map_clear(struct map *m)
{
    free(m->slots);
    *m = (struct map){0};
}

void *map_find(const struct map *m, struct uuid key)
{
    return m->count == 0 ? NULL : m->slots[slot_of(m, key)].value;
}

void map_put(struct map *m, struct uuid key, void *value)
{
    size_t at;

    assert(value != NULL);
    if ((m->count + 1) * 4 > m->capacity * 3)
        grow(m);
    at = slot_of(m, key);
    m->count += m->slots[at].value == NULL;
    m->slots[at] = (struct map_slot){.key = key, .value = value};
}

/* Moves later members of the probe chain back into the hole, so that no marks of the dead are needed. */
static void close_hole(struct map *m, size_t hole)
{
    size_t mask = m->capacity - 1;

    for (size_t at = (hole + 1) & mask; m->slots[at].value != NULL; at = (at + 1) & mask) {
        size_t home = home_of(m, m->slots[at].key);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            m->slots[hole] = m->slots[at];
            hole = at;
        }
    }
    m->slots[hole] = (struct map_slot){.value = NULL};
}

void *map_remove(struct map *m, struct uuid key)
{
    void *value = map_find(m, key);

    if (value == NULL)
        return NULL;
    close_hole(m, slot_of(m, key));
    m->count--;
    return value;
}

void *map_each(const struct map *m, size_t *at)
{
    while (*at < m->capacity) {
        void *value = m->slots[(*at)++].value;

        if (value != NULL)
            return value;
    }
    return NULL;
}
