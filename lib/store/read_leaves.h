/*
 * read_leaves.h - inside lib/store: which leaves the partitioned tables have.
 *
 * Every read of a partitioned table names the leaf: through the parent a prepared plan would lock
 * all of them, and cost grows with their number. The list is read again when it is older than a
 * second.
 */
#ifndef STORE_READ_LEAVES_H
#define STORE_READ_LEAVES_H

#include "store/read_pool.h"

struct leaf {
    char name[48];   /* "execution_202611" */
    usec_t from, to; /* [from, to) of what it holds */
};

struct leaf_list { /* of one parent, oldest first */
    struct leaf *items;
    size_t count;
};

/* list: owned by the caller's arena; NULL on failure. */
typedef void (*leaves_fn)(void *ctx, const struct leaf_list *list, const struct error *err);

struct leaf_range {
    const char *parent;
    usec_t from, to;
};

/* The leaves of a parent that hold something of [from, to). */
void leaves_find(struct read_pool *p, struct leaf_range range, struct arena *memory, leaves_fn fn,
                 void *ctx);

/* Those of `execution` that have something open. */
void leaves_find_open(struct read_pool *p, struct leaf_range range, struct arena *memory,
                      leaves_fn fn, void *ctx);

/* Forget the list: a leaf in it has gone. */
void leaves_forget(struct read_pool *p);

/* "execution_202611" or "log_batch_20261123" to what it holds; false for any other name. Pure. */
bool leaf_parse(const char *name, struct leaf *ret);

/* The same month's or week's leaf of a parent, by an instant of it ("execution", t ->
   "execution_202611"). Pure. */
void leaf_of(const char *parent, usec_t t, struct leaf *ret);

#endif
