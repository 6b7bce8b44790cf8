/*
 * values.h - members of rows as PostgreSQL's binary values, and back. Pure: no connection.
 */
#ifndef STORE_VALUES_H
#define STORE_VALUES_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/rows.h"

struct pg_type {
    const char *name; /* in SQL */
    uint32_t oid, array_oid;
};

const struct pg_type *column_pg_type(enum column_type type);
bool column_is_null(const struct column *c, const void *row);

/* Instants that PostgreSQL and RFC 3339 can both show (years 1-9999); others, from a broken clock, become 0. */
usec_t instant_shown(usec_t t);

/* Appends length and value of one member (length -1 and nothing for NULL). */
void value_put(struct buf *out, const struct column *c, const void *row);

/* Appends the value alone: a parameter. The member must not be NULL. */
void value_put_bare(struct buf *out, const struct column *c, const void *row);

/* Appends one array value (without a length before it) of that member of all rows: a parameter for unnest. */
void value_put_array(struct buf *out, const struct column *c, const void *rows, size_t count,
                     size_t stride);

/* COPY ... FROM STDIN BINARY: head, rows, tail. */
void copy_put_head(struct buf *out);
void copy_put_row(struct buf *out, const struct row_type *type, const void *row);
void copy_put_tail(struct buf *out);

/* Sets the member from a binary value that the server sent; data == NULL is NULL. Texts, bytes and ranges go to memory. */
MUST_CHECK enum rc value_get(const struct column *c, struct bytes data, struct arena *memory,
                             void *row, struct error *err);

#endif
