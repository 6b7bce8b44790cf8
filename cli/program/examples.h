/*
 * examples.h - a page whose examples the program itself works out: docs/scheduling.md.
 *
 * Pure. The page is Markdown; all of it stays as it is but for what is marked:
 *
 *   <!-- examples: --zone Europe/Berlin --from 2027-01-01 --count 3 -->
 *   | expression | note | meaning | next three |       a table after such a line: options as `cronobs next` has them
 *   |---|---|---|---|
 *   | `30 2 * * *` | kept | made | made |
 *
 * Columns that are read: expression, and options by their names (zone, dialect, dst_gap, dst_overlap, from). Columns that are made: meaning, canonical,
 * class, next (whatever follows in the heading), how often, clock changes, lints, error. All others are kept.
 *
 *   ```console
 *   $ cronobs next --from 2027-01-01 '0 9 * * *'        the output below is made, up to the next `$` or the fence
 *   $ cronobs next --batch <<'END'                      with lines up to END as standard input
 */
#ifndef CLI_PROGRAM_EXAMPLES_H
#define CLI_PROGRAM_EXAMPLES_H

#include "base/buf.h"
#include "cron/zoneset.h"

/* Appends the page with its examples made anew. RC_INVALID names the line that cannot be understood. */
MUST_CHECK enum rc examples_make(struct bytes page, struct zoneset *zones, struct buf *out,
                                 struct error *err);

#endif
