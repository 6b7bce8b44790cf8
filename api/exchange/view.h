/*
 * view.h - a row of the database as JSON, by its table of columns: names are the columns' names.
 *
 * Codes become their symbols, bytes text or "<name>_base64"; what is NULL is left out.
 */
#ifndef API_EXCHANGE_VIEW_H
#define API_EXCHANGE_VIEW_H

#include "base/json.h"
#include "store/rows.h"

/* The members, into an object that is open; `except`: blank-separated names to leave out, NULL
   for none. */
void view_members(struct json *j, const struct row_type *type, const void *row, const char *except);
void view_object(struct json *j, const struct row_type *type, const void *row, const char *except);

/* Which symbols stand for the column's numbers; NULL: none do. */
const struct enum_type *view_codes(const struct column *c);
/* A text that is JSON already: names and values. */
bool view_is_labels(const struct column *c);

/* One local time of a zone, with its offset: "2026-03-29T03:00:00+02:00". */
void view_local(struct json *j, const char *name, usec_t at, int offset_seconds);

#endif
