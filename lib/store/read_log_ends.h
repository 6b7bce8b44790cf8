/*
 * read_log_ends.h - which logs there are, and how far they have come; for those who read them to their end, and then on.
 */
#ifndef STORE_READ_LOG_ENDS_H
#define STORE_READ_LOG_ENDS_H

#include "store/read_log_lines.h"

/* The log of the execution that comes behind (attempt, writer) in that order: 0 or 1 struct log_writer_row, as below. */
void read_next_log(struct read_pool *p, const struct log_name *after, struct read_reply reply);

/* How far these logs have come, in no order, those that have begun: struct log_writer_row with its key and next_seq alone. */
void read_log_ends(struct read_pool *p, const struct log_name *logs, size_t count,
                   struct read_reply reply);

#endif
