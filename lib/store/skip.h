/*
 * skip.h - ranges of the log that a person has decided to leave out, and how a rebuild knows of them.
 */
#ifndef STORE_SKIP_H
#define STORE_SKIP_H

#include "base/arena.h"
#include "store/rows.h"
#include "store/store.h"

struct skip {
    const char *topic; /* without the prefix */
    int32_t part;
    int64_t to; /* where reading goes on */
    const char *reason, *by;
};

struct skip_effect {
    int64_t from; /* where the position was */
    /* the same was decided before, and reading has gone on from there: nothing was changed */
    bool is_repeated;
};

/* Moves the position of the tables and records the range, in one transaction; whoever reads there finds its position taken, and
   claims it again. RC_NOT_FOUND: nothing was ever read of that partition. */
MUST_CHECK enum rc store_skip(struct store *s, const struct skip *skip, struct skip_effect *ret,
                              struct error *err);

struct skipped_range { /* [from, to) was not stored */
    const char *topic;
    int32_t part;
    int64_t from, to;
};

/* All of them. The tables of a rebuild get those of the live ones first. */
MUST_CHECK enum rc store_read_skipped(struct store *s, struct arena *memory,
                                      struct skipped_range **ret, size_t *ret_count,
                                      struct error *err);

#endif
