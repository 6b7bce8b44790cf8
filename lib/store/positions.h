/*
 * positions.h - where the tables stand in each topic partition, and the transaction that moves them together with the rows
 * (docs/decisions/0020). The whole sequence: write.h.
 *
 * Whoever stores there has claimed the position: an epoch that is not his any more is RC_FENCED.
 */
#ifndef STORE_POSITIONS_H
#define STORE_POSITIONS_H

#include "store/rows.h"
#include "store/store.h"

MUST_CHECK enum rc positions_prepare(struct store *s, struct error *err); /* store_prepare does */

/* Takes over positions: epoch + 1 for each, rows made when missing (next_offset 0). Fills next_offset, first_offset and epoch. */
MUST_CHECK enum rc store_claim(struct store *s, const char *owner, struct offset_row *rows,
                               size_t count, struct error *err);
/* Says that what comes of these positions is stored: once in a while, while that is so. */
MUST_CHECK enum rc store_note_well(struct store *s, const struct offset_row *rows, size_t count,
                                   struct error *err);
/* Says that nothing is read any more from row->next_offset on, and why; until it moves. */
MUST_CHECK enum rc store_note_standing(struct store *s, const struct offset_row *row,
                                       const char *why, struct error *err);
/* Records that [row->next_offset, to) of a log is lost for good, and goes on at `to`. RC_FENCED as in store_begin. */
MUST_CHECK enum rc store_skip_lost(struct store *s, struct offset_row *row, int64_t to,
                                   struct error *err);

/* BEGIN; locks the positions and moves them from first_offset to next_offset. count 0: BEGIN alone. */
MUST_CHECK enum rc store_begin(struct store *s, const struct offset_row *rows, size_t count,
                               struct error *err);
MUST_CHECK enum rc store_commit(struct store *s, struct error *err);
void store_rollback(struct store *s);

#endif
