/*
 * leaf_set.h - the partitions that this process knows to exist, made on demand.
 */
#ifndef CONSUMER_LEAF_SET_H
#define CONSUMER_LEAF_SET_H

#include "consumer/intake.h"
#include "store/write.h"

struct leaf_set;

struct leaf_set *leaf_set_new(void);
void leaf_set_free(struct leaf_set *s);   /* NULL is fine */
void leaf_set_forget(struct leaf_set *s); /* somebody may have dropped some */

/* Makes what the items' rows need and is not known yet; outside of any transaction. The month and the week that begin
   within two days of a record are made ahead. */
MUST_CHECK enum rc leaf_set_ensure(struct leaf_set *s, struct store *store,
                                   const struct intake *items, size_t count, struct error *err);

DEFINE_SCOPED(leaf_set, struct leaf_set, leaf_set_free)

#endif
