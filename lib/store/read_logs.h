/*
 * read_logs.h - the log lines of one execution, in the order in which the broker received their
 * batches.
 *
 * A position is the place after a line: whoever asks again from there gets what has come since
 * (`tail`).
 */
#ifndef STORE_READ_LOGS_H
#define STORE_READ_LOGS_H

#include "store/read.h"

struct log_position { /* zero: the beginning */
    usec_t received_at;
    int32_t attempt;
    struct uuid writer;
    int64_t next_seq;
};

struct log_line_view {
    struct uuid writer;
    usec_t received_at, at;
    int64_t seq;
    int32_t attempt;
    const char *level, *stream; /* one letter each, as stored: I D W E; L O E */
    const char *message;
    bool escaped;    /* held NUL or invalid UTF-8, shown as \xHH */
    bool unfinished; /* the writer's next line of the stream goes on with it */
};

struct log_filter {
    struct uuid execution;
    struct log_position after;
    uint32_t levels;  /* bit set of 1 << enum log_line_level; 0: all */
    uint32_t streams; /* the same of enum log_stream */
};

enum log_line_level log_level_of(char letter);
const char *log_stream_name(char letter); /* "STDOUT" */

/* rows: struct log_line_view. page.more: ask again at once; else what comes later is after the
   last row. */
void read_logs(struct read_pool *p, const struct log_filter *filter, size_t limit,
               struct read_reply reply);

#endif
