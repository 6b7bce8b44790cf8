/*
 * rebuild.h - emptying the projection and remembering what it has to become again.
 *
 * In a database session as owner. The targets are written before anything is emptied, and removed last.
 */
#ifndef STORE_REBUILD_H
#define STORE_REBUILD_H

#include "store/digest.h"

struct rebuild_targets {        /* all in the arena */
    struct offset_row *offsets; /* next_offset: where the replay ends */
    size_t offset_count;
    struct table_digest *tables; /* what must come out; none when nothing was there */
    size_t table_count;
};

/* RC_NOT_FOUND: no rebuild is under way. */
MUST_CHECK enum rc store_rebuild_read(struct store *s, struct arena *memory,
                                      struct rebuild_targets *ret, struct error *err);
/* In one transaction: notes the targets, sends all positions back to 0 with a new epoch (a consumer that still lives is fenced). */
MUST_CHECK enum rc store_rebuild_begin(struct store *s, const struct rebuild_targets *targets,
                                       struct error *err);
/* Truncates leaf by leaf, each in a transaction of its own (all at once would need a lock for each), and sends the positions back. */
MUST_CHECK enum rc store_rebuild_empty(struct store *s, struct error *err);
MUST_CHECK enum rc store_rebuild_end(struct store *s, struct error *err);

#endif
