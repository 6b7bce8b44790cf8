/*
 * log_fold.h - which lines of a writer are new. Pure.
 *
 * Lines are numbered 1, 2, ... by their writer. Below next_seq everything has been seen, but for the gaps: ranges that
 * the writer jumped over and may still deliver. So a line is stored once, whatever is sent again and in whatever cuts.
 */
#ifndef CONSUMER_LOG_FOLD_H
#define CONSUMER_LOG_FOLD_H

#include "base/arena.h"
#include "store/rows.h"

enum { WRITER_GAPS_MAX = 1000 };

/* Takes the lines [from, to) in: the new ones among them come back as ranges (in memory), next_seq and gaps move on.
   RC_INVALID, and nothing changes, when the writer would have more gaps than WRITER_GAPS_MAX. */
MUST_CHECK enum rc log_fold_take(struct log_writer_row *writer, struct seq_range lines,
                                 struct arena *memory, struct seq_ranges *ret, struct error *err);

/* Lines of a writer are stored: they count for their levels. */
void log_fold_count(struct log_writer_row *writer, const struct line_list *lines);

#endif
