/*
 * digest.h - what the projection's tables hold, as SHA-256 sums that anyone can compute again.
 *
 * The sum of a table is that of the text of COPY (SELECT columns FROM table ORDER BY primary key) TO STDOUT, with TimeZone UTC,
 * DateStyle ISO, bytea_output hex and extra_float_digits 1; all tables and the positions come from one REPEATABLE READ snapshot.
 * The total is the sum of the lines "<table> <digest>\n" in the order of the list. Left out: whatever does not follow from the
 * topics (epochs, owners, heartbeats, lost ranges, dead letters of heartbeats).
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/arena.h"
#include "base/hash.h"
#include "store/rows.h"
#include "store/store.h"

struct table_digest {
    const char *name;
    char digest[SHA256_TEXT];
    int64_t bytes; /* of text */
};

struct store_digest { /* all in the arena */
    struct table_digest *tables;
    size_t table_count;
    char total[SHA256_TEXT];
    struct offset_row *offsets; /* sorted by topic and partition; next_offset only */
    size_t offset_count;
    struct offset_row
        *lost; /* [first_offset, next_offset) was gone from the topic before it was read */
    size_t lost_count;
};

MUST_CHECK enum rc store_digest_read(struct store *s, struct arena *memory,
                                     struct store_digest *ret, struct error *err);

/* The positions alone, as in a digest. */
MUST_CHECK enum rc store_offsets_read(struct store *s, struct arena *memory,
                                      struct offset_row **ret, size_t *ret_count,
                                      struct error *err);

struct digest_table {
    const char *name, *only /* a condition, or "" */, *order;
    bool is_sum; /* adds up what other tables hold */
};

/* NULL: there are no more. */
const struct digest_table *store_digest_table(size_t index);

#endif
