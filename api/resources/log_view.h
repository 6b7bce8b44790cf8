/*
 * log_view.h - log lines: what is asked for, where one stands, and how they are shown.
 */
#ifndef API_RESOURCES_LOG_VIEW_H
#define API_RESOURCES_LOG_VIEW_H

#include "api/exchange/answer.h"
#include "store/read_log_lines.h"

/* `level`: bits of it and of those above it; `stream`: a comma list. 0 when absent. */
MUST_CHECK enum rc param_level(const struct http_exchange *x, uint32_t *ret, struct error *err);
MUST_CHECK enum rc param_streams(const struct http_exchange *x, uint32_t *ret, struct error *err);
/* `attempt` and `writer`, into a name whose execution is set. */
MUST_CHECK enum rc param_log_name(const struct http_exchange *x, struct log_name *ret,
                                  struct error *err);

/* A place in the log of one writer: a cursor of its own kind. RC_NOT_FOUND: it is of another one. */
MUST_CHECK enum rc log_cursor_read(const char *text, struct log_name *ret_name, int64_t *ret_line,
                                   struct error *err);
void log_cursor_add(struct json *j, const char *member, const struct log_name *name, int64_t line);

void log_line_object(struct json *j, const struct log_line_view *line);

/* "attempt" and "writer" of a log, and "last": the highest number that is known of it. Nothing of none. */
void log_writer_members(struct json *j, const struct log_writer_row *writer);

/* How many of the lines [from, to) have arrived. Pure. */
int64_t log_lines_between(const struct log_writer_row *writer, int64_t from, int64_t to);

#endif
