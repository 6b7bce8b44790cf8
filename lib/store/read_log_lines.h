/*
 * read_log_lines.h - the log of one execution by the names of its lines: attempt, writer, number.
 *
 * A writer numbers its lines 1, 2, ...; nearly always there is one of them. Any place is found by the key of the batch that holds
 * it, so line 700,000 of a million is as near as the first. Lines that never arrived are gaps: they are passed over.
 */
#ifndef STORE_READ_LOG_LINES_H
#define STORE_READ_LOG_LINES_H

#include "store/read_logs.h"

enum {
    LOG_WRITERS_MAX = 100,      /* of an execution, those of the newest attempts */
    LOG_SEARCH_LINES = 20000,   /* numbers that one statement of a search looks at */
    LOG_SEARCH_STATEMENTS = 10, /* of one search */
};

/* Whose log: attempt 0: of the newest attempt; writer nil: who wrote most lines in it. */
struct log_name {
    struct uuid execution;
    int32_t attempt;
    struct uuid writer;
};

/* Of each writer that fits: struct log_writer_row, the newest attempt first, in it who wrote most lines; at most LOG_WRITERS_MAX. */
void read_log_writers(struct read_pool *p, const struct log_name *name, struct read_reply reply);

struct log_worker { /* who reported on it, by incarnation: that is the name of its log */
    struct uuid writer;
    const char *worker;
};

/* struct log_worker, one for each incarnation. */
void read_log_workers(struct read_pool *p, struct uuid execution, struct read_reply reply);

struct log_lines {
    const struct log_writer_row *writer; /* of read_log_writers */
    int64_t at;                          /* from this line on; backward: those before it */
    bool backward;
    uint32_t levels, streams; /* bit sets of 1 << code; 0: all */
    size_t bytes; /* of texts: a page ends with the row that reaches it; 0: READ_PAGE_BYTES */
};

/* rows: struct log_line_view, ascending either way, those nearest to `at`. page.more: there may be further ones. */
void read_log_lines(struct read_pool *p, const struct log_lines *lines, size_t limit,
                    struct read_reply reply);

struct log_search {
    const struct log_writer_row *writer;
    int64_t from; /* line */
    const char *text;
    bool with_case; /* else `A` is `a` */
    uint32_t levels;
};

struct log_found {
    struct read_page page; /* rows: struct log_line_view: the first ones that match */
    int64_t matches;       /* all of those that were looked at */
    int64_t next;          /* line to go on with; 0: that was all */
};

typedef void (*log_found_fn)(void *ctx, const struct log_found *found);

/* Looks at LOG_SEARCH_STATEMENTS times LOG_SEARCH_LINES numbers. */
void read_log_search(struct read_pool *p, const struct log_search *search, size_t limit,
                     struct arena *memory, log_found_fn done, void *ctx);

#endif
