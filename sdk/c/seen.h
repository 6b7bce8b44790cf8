/*
 * seen.h - which attempts of which executions were taken on: the newest of a bounded number. Pure.
 */
#ifndef SDK_SEEN_H
#define SDK_SEEN_H

#include "base/map.h"

struct seen_entry {
    struct uuid id;
    int attempt;    /* the highest that was noted; 0: the place is free */
    int64_t offset; /* the highest at which it was noted */
    usec_t at;      /* when it was noted first */
};

struct seen { /* zeroed but for `max` */
    size_t max;
    struct map places;       /* id -> its place in `ring` */
    struct seen_entry *ring; /* the oldest is overwritten */
    size_t next;
    usec_t forgotten; /* `at` of the newest that was overwritten; 0: nothing was */
};

/* Both by execution and by task: what is said under another task's id is about nothing of ours. */
struct uuid seen_key(struct uuid execution_id, struct uuid task_id);

void seen_clear(struct seen *s); /* `max` stays */
void seen_note(struct seen *s, struct uuid id, int attempt, int64_t offset, usec_t at);
/* That attempt or a higher one, at that offset or a higher one. */
bool seen_has(const struct seen *s, struct uuid id, int attempt, int64_t offset);

#endif
