/*
 * gallop.h - where a batch that nobody can read ends, found by reading from further and further on. Pure.
 *
 * A broker that is asked for an offset answers with the whole batch that holds it, and librdkafka tells of one that it
 * cannot unpack only where it begins. So: reading from an offset inside it fails with that same beginning; reading from
 * one behind it does not. Steps are doubled until one lands outside, then the middle is taken. No readable record is
 * ever jumped over: what is passed is what was seen to be inside.
 */
#ifndef BUS_GALLOP_H
#define BUS_GALLOP_H

#include "base/util.h"

struct gallop {
    int64_t inside, outside; /* the last offset known to be in it, the first known not to be */
    int64_t step;
    bool has_overshot;
};

/* `first`: where the batch begins; `end`: of the partition, no batch reaches it. */
void gallop_begin(struct gallop *g, int64_t first, int64_t end);
/* The offset to try next; -1: done, the batch ends before `outside`. */
int64_t gallop_next(const struct gallop *g);
/* What trying gallop_next() has shown. */
void gallop_take(struct gallop *g, bool is_inside);

#endif
