/*
 * seldom.h - a line for the log that others could make due millions of times: for each topic and partition one a minute, with
 * the number of those that were left out before it.
 *
 * Pure: `now` is monotonic. What is left out after the last line is told with the next one; `all` counts every one.
 */
#ifndef BASE_SELDOM_H
#define BASE_SELDOM_H

#include "base/util.h"

struct seldom { /* zeros: nothing was told yet */
    struct seldom_place *places;
    size_t count, capacity;
    uint64_t all;
};

void seldom_clear(struct seldom *s);

/* Counts one. True: tell it, and that *ret_left_out before it were not told. */
bool seldom_is_due(struct seldom *s, const char *topic, int partition, usec_t now,
                   uint64_t *ret_left_out);

#endif
