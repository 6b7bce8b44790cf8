/*
 * example_cells.h - the tables of a page of examples: cells that are read, made, or kept. See examples.h.
 */
#ifndef CLI_PROGRAM_EXAMPLE_CELLS_H
#define CLI_PROGRAM_EXAMPLE_CELLS_H

#include "base/arena.h"
#include "cli/schedule/ask.h"

enum { EXAMPLE_COLUMNS_MAX = 8 };

struct example_column;

struct example_table {
    struct ask_options options;                                /* of every row */
    const struct example_column *columns[EXAMPLE_COLUMNS_MAX]; /* NULL: kept */
    size_t count;
};

/* Reads the options of the mark. What is read lives in `memory`. */
MUST_CHECK enum rc example_table_start(struct example_table *t, const char *options,
                                       struct arena *memory, struct error *err);
MUST_CHECK enum rc example_table_heading(struct example_table *t, const char *line,
                                         struct arena *memory, struct error *err);
/* Appends the row with its cells made. */
MUST_CHECK enum rc example_table_row(const struct example_table *t, const char *line,
                                     struct zoneset *zones, struct buf *out, struct error *err);

/* Words as a shell splits them: blanks, '...' and "..."; in `memory`, NULL ends. */
MUST_CHECK enum rc example_words(const char *text, struct arena *memory, const char *const **ret,
                                 struct error *err);

#endif
