/*
 * heap.h - what comes next: things in the order (due, id), the earliest first.
 *
 * A thing takes part by a `struct heap_node` inside it; the heap borrows the nodes. Zero-initialise both,
 * set node.id once. Adding, moving and removing take O(log n); equal times are told apart by the id, so the
 * order is total and the same on every host.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/uuid.h"

struct heap_node {
    struct uuid id;
    size_t place; /* 1-based position in the heap; 0 = not in it */
};

struct heap_entry { /* the time beside the pointer: comparing rarely touches the node */
    usec_t due;
    struct heap_node *node;
};

struct heap {
    struct heap_entry *entries;
    size_t count, capacity;
};

void heap_clear(struct heap *h); /* frees the entries, not the nodes; back to zero */

/* Puts the node in, or moves it, to `due`; USEC_MAX takes it out: it never comes. */
void heap_set(struct heap *h, struct heap_node *node, usec_t due);
void heap_remove(struct heap *h, struct heap_node *node); /* one that is not in the heap is fine */

struct heap_node *heap_first(const struct heap *h); /* NULL when it is empty */
usec_t heap_first_due(const struct heap *h);        /* USEC_MAX when it is empty */

#endif
