#include "base/heap.h"

#include <stdlib.h>

/* Four lie side by side, and there are half as many levels as with two: each is a look at a node somewhere in memory. */
enum { FIRST_CAPACITY = 16, CHILDREN = 4 };

static bool comes_before(struct heap_entry a, struct heap_entry b)
{
    return a.due != b.due ? a.due < b.due : uuid_order(a.node->id, b.node->id) < 0;
}

static void place(struct heap *h, size_t at, struct heap_entry entry)
{
    h->entries[at] = entry;
    entry.node->place = at + 1;
}

static void sift_up(struct heap *h, size_t at)
{
    struct heap_entry entry = h->entries[at];

    while (at > 0 && comes_before(entry, h->entries[(at - 1) / CHILDREN])) {
        place(h, at, h->entries[(at - 1) / CHILDREN]);
        at = (at - 1) / CHILDREN;
    }
    place(h, at, entry);
}

static size_t earliest_child(const struct heap *h, size_t at)
{
    size_t first = at * CHILDREN + 1, best = first;

    for (size_t i = first + 1; i < MIN(first + CHILDREN, h->count); i++)
        if (comes_before(h->entries[i], h->entries[best]))
            best = i;
    return best;
}

static void sift_down(struct heap *h, size_t at)
{
    struct heap_entry entry = h->entries[at];

    for (size_t child; (child = earliest_child(h, at)) < h->count; at = child) {
        if (!comes_before(h->entries[child], entry))
            break;
        place(h, at, h->entries[child]);
    }
    place(h, at, entry);
}

void heap_clear(struct heap *h)
{
    free(h->entries);
    *h = (struct heap){0};
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    size_t at = node->place - 1;

    if (node->place == 0)
        return;
    node->place = 0;
    h->count--;
    if (at == h->count)
        return;
    place(h, at, h->entries[h->count]);
    sift_up(h, at);
    sift_down(h, at);
}

/* By a quarter, not twice as large: there may be a million. */
static void grow(struct heap *h)
{
    if (h->count < h->capacity)
        return;
    h->capacity += MAX(h->capacity / 4, (size_t)FIRST_CAPACITY);
    h->entries = xrealloc(h->entries, h->capacity, sizeof *h->entries);
}

void heap_set(struct heap *h, struct heap_node *node, usec_t due)
{
    if (due == USEC_MAX) {
        heap_remove(h, node);
        return;
    }
    if (node->place == 0) {
        grow(h);
        node->place = ++h->count;
    }
    place(h, node->place - 1, (struct heap_entry){.due = due, .node = node});
    sift_up(h, node->place - 1);
    sift_down(h, node->place - 1);
}

struct heap_node *heap_first(const struct heap *h)
{
    return h->count == 0 ? NULL : h->entries[0].node;
}

usec_t heap_first_due(const struct heap *h)
{
    return h->count == 0 ? USEC_MAX : h->entries[0].due;
}
