/*
 * log_batches.h - inside lib/store: what the reads of log lines share.
 */
#ifndef STORE_LOG_BATCHES_H
#define STORE_LOG_BATCHES_H

#include "store/read_leaves.h"
#include "store/read_logs.h"

enum { LOG_LEAVES_AT_ONCE = 16 };

/* Rows of struct log_line_view: these columns of a batch b and of what is unnested of it. */
extern const struct row_type log_line_type;
extern const char log_line_columns[], log_line_unnest[];

/* The next parameter: letters as the columns hold them, of codes as a bit set; 0: all. */
void log_add_levels(struct read_query *q, uint32_t levels);
void log_add_streams(struct read_query *q, uint32_t streams);
/* " AND ..." of a batch: it holds a line of those levels and streams, whose letters are in these parameters. Without it, pages of
   a log in which such lines are rare would end at batches that have none. */
void log_add_holds(struct buf *sql, int levels_param, int streams_param);
/* The next four: execution, task, attempt, writer. */
void log_add_key(struct read_query *q, const struct log_writer_row *writer);

/* The weekly leaves from the execution's on. */
void log_leaves_find(struct read_pool *p, struct uuid execution, struct arena *memory, leaves_fn fn,
                     void *ctx);
/* Drops the first LOG_LEAVES_AT_ONCE. */
void log_leaves_pass(struct leaf_list *list);

#endif
