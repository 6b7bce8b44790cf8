/*
 * spans.h - what a rebuild has to read: each partition's records, and what is no longer there. Pure.
 */
#ifndef CONSUMER_SPANS_H
#define CONSUMER_SPANS_H

#include "base/arena.h"
#include "store/rows.h"

struct span {          /* of one partition */
    const char *topic; /* without the prefix */
    int part;
    /* what the topic holds: [low, high); of a topic that is gone both are `tables` */
    int64_t low, high;
    int64_t tables; /* where the live tables stand; 0: nowhere */
    int64_t end;    /* read up to here */
};

struct spans { /* in the arena */
    struct span *items;
    size_t count, capacity;
    struct arena *memory;
};

void spans_add(struct spans *s, const char *topic, int part, int64_t low, int64_t high);

/* Up to where the tables stand, as far as the topics go. A beginning that is gone is passed over: the end is never below it. */
void spans_to_tables(struct spans *s, const struct offset_row *tables, size_t count);
/* Up to the end of what is there. */
void spans_to_ends(struct spans *s);

/* Has [0, low) gone, or what the tables read behind `high`? */
bool span_has_lost(const struct span *s);

#endif
