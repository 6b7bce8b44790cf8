/*
 * skip.h - `cronobs topics skip` for the tables: the position of a partition moves, and the range is recorded, so that a rebuild
 * leaves out what the tables have never held.
 */
#ifndef CONSUMER_SKIP_H
#define CONSUMER_SKIP_H

#include <stdio.h>

#include "store/skip.h"

/* Is the topic projected? `topic` without the prefix. */
bool skip_concerns_tables(const char *topic);

/* Says on `out` what it has done. *ret_is_repeated: the same was decided before, and reading has gone on from there. */
MUST_CHECK enum rc skip_in_tables(const char *database, const struct skip *skip,
                                  bool *ret_is_repeated, FILE *out, struct error *err);

/* Is that offset in a range that was left out? */
bool skip_leaves_out(const struct skipped_range *ranges, size_t count, const char *topic, int part,
                     int64_t offset);

#endif
