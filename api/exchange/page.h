/*
 * page.h - lists: their positions in and out, their rows as JSON.
 */
#ifndef API_EXCHANGE_PAGE_H
#define API_EXCHANGE_PAGE_H

#include "api/exchange/answer.h"
#include "api/exchange/cursor.h"

/* The position of a list that is one number; *ret untouched when there is no `cursor`. */
MUST_CHECK enum rc read_number_cursor(struct http_exchange *x, enum cursor_kind kind, int64_t *ret,
                                      struct error *err);
void write_number_cursor(enum cursor_kind kind, int64_t value, struct buf *out);

/* {"items":[rows of type],"next":next}; next may be NULL. */
void answer_rows(struct http_exchange *x, const struct row_type *type, const struct read_page *page,
                 const char *next);

/* Of a list's parameters: a bad cursor is a problem of its own kind. */
void answer_list_error(struct http_exchange *x, const struct error *err);

#endif
