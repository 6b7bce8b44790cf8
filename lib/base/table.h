/*
 * table.h - columns of text for people: as wide as what is in them, cut where the terminal ends.
 *
 * Pure. Widths are counted in columns of the terminal (wide and combining characters of Unicode are known);
 * control characters are shown escaped, so that nothing from outside moves the cursor.
 *
 *     SCOPED(table) struct table *t = table_new("KEY", "STATE", "NEXT");
 *     table_add(t, "backup", "ACTIVE", "2026-11-24 02:30");
 *     table_write(t, 0, &out);
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

struct table;

#define table_new(...)    table_make((const char *const[]){__VA_ARGS__, NULL})
#define table_add(t, ...) table_add_row((t), (const char *const[]){__VA_ARGS__, NULL})

/* NULL ends; a header that begins with '>' aligns right */
struct table *table_make(const char *const *headers);
void table_free(struct table *t); /* NULL is fine */

/* One text per column; NULL ends, what is missing stays empty. Copied. Use "" for an absent value, not NULL. */
void table_add_row(struct table *t, const char *const *cells);
size_t table_rows(const struct table *t);

/* Appends headers and rows. width > 0: the last column is cut so that lines have at most that many columns. */
void table_write(const struct table *t, size_t width, struct buf *out);

/* A text as tables show it: control characters and bytes that are no UTF-8 escaped. Owned by the caller. */
char *table_shown(const char *text);

/* The same of several lines: their ends stay. */
char *table_shown_lines(const char *text);

/* Columns of the terminal that a text takes, as it would be shown. */
size_t table_width(const char *text);

DEFINE_SCOPED(table, struct table, table_free)

#endif
