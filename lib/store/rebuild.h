/*
 * rebuild.h - tables that are built beside the live ones and take their place (docs/decisions/0090).
 *
 * A session as whoever migrates, in the live schema:
 *
 *     store_rebuild_lock     one at a time; drops what an earlier one left behind
 *     store_rebuild_check    would a swap lose something that is not ours?
 *     store_rebuild_prepare  after REBUILD_SCHEMA was migrated: grants and leaves as in the live tables
 *     ...                    the topics are read into REBUILD_SCHEMA; the live tables are written and read meanwhile
 *     store_rebuild_freeze   BEGIN; whoever writes the live tables waits
 *     ...                    what was written meanwhile is read too
 *     store_rebuild_compare  what would be lost
 *     store_rebuild_swap     ... COMMIT; the writers find newer epochs, and claim their positions again
 *
 * A failure, or the end of the process, at any point before the COMMIT leaves the live tables as they were and nothing locked.
 */
#ifndef STORE_REBUILD_H
#define STORE_REBUILD_H

#include "base/arena.h"
#include "store/digest.h"

#define REBUILD_SCHEMA  "cronobs_rebuild"  /* being built */
#define REPLACED_SCHEMA "cronobs_replaced" /* was live a moment ago */

/* For as long as the connection lives. RC_CONFLICT: another rebuild is under way. */
MUST_CHECK enum rc store_rebuild_lock(struct store *s, struct error *err);
/* RC_CONFLICT, naming some: views, indexes, triggers, publications of others that hang on the live tables. */
MUST_CHECK enum rc store_rebuild_check(struct store *s, struct error *err);
MUST_CHECK enum rc store_rebuild_prepare(struct store *s, struct error *err);
/* Copies the log lines and their positions of the live tables, as of one instant. */
MUST_CHECK enum rc store_rebuild_carry_logs(struct store *s, struct error *err);
MUST_CHECK enum rc store_rebuild_freeze(struct store *s, struct error *err);

struct table_loss { /* of what the live table holds */
    const char *name;
    int64_t missing; /* rows that the rebuilt one has not */
    int64_t changed; /* rows that are different there */
};

/* Tables that differ, sums left out; in the arena. Frozen, so that both stand at the same positions. */
MUST_CHECK enum rc store_rebuild_compare(struct store *s, bool with_logs, struct arena *memory,
                                         struct table_loss **ret, size_t *ret_count,
                                         struct error *err);
MUST_CHECK enum rc store_rebuild_swap(struct store *s, struct error *err);
/* Gives what was built a name of its own instead. */
MUST_CHECK enum rc store_rebuild_keep_as(struct store *s, const char *name, struct error *err);
/* Is this one of the tables that store_rebuild_carry_logs copies? */
bool store_is_log_table(const char *name);

#endif
