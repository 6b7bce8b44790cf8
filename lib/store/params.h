/*
 * params.h - parameters of a prepared statement: filled, run, released. For the files of lib/store.
 */
#ifndef STORE_PARAMS_H
#define STORE_PARAMS_H

#include "store/pg.h"
#include "store/rows.h"

struct params { /* zeros: none yet */
    struct buf items[MOST_PARAMS];
    int count;
};

void params_clear(struct params *p);

#define SCOPED_PARAMS __attribute__((cleanup(params_clear))) struct params

/* Is the column in one of `groups` (enum column_group)? 0: any is. */
bool column_takes_part(const struct column *c, int groups);

/* An array for each column that takes part. */
void params_add_rows(struct params *p, const struct row_type *type, int groups, const void *rows,
                     size_t count);
void params_add(struct params *p, enum column_type type, const void *value);

/* Runs the statement of that name; what it answers is dropped. */
MUST_CHECK enum rc params_run(struct store *s, const char *name, const struct params *p,
                              struct error *err);

#endif
