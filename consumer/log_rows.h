/*
 * log_rows.h - lines of a log batch as rows. Pure.
 */
#ifndef CONSUMER_LOG_ROWS_H
#define CONSUMER_LOG_ROWS_H

#include "consumer/intake.h"
#include "store/rows.h"

/* The row of the lines [range.from, range.to) of the batch; those with NUL escaped; marked are these, and
   what its writer has marked. */
struct log_batch_row log_row_of(const struct intake *in, struct seq_range range,
                                struct arena *memory);

#endif
