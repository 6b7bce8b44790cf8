/*
 * read_pool.h - inside lib/store: how the reads (read_*.c) run one statement on the pool of read.h.
 */
#ifndef STORE_READ_POOL_H
#define STORE_READ_POOL_H

#include "store/pg.h"
#include "store/read.h"

enum { READ_PARAMS_MAX = 16 };

struct read_query { /* zero-initialise; handed over by read_submit */
    struct buf sql;
    struct {
        uint32_t oid;
        struct buf value;
    } params[READ_PARAMS_MAX];
    int param_count;
};

/* Each adds the next parameter, $1 first. */
void query_add(struct read_query *q, enum column_type type, const void *member);
void query_add_uuid(struct read_query *q, struct uuid id);
void query_add_time(struct read_query *q, usec_t t);
void query_add_long(struct read_query *q, int64_t n);
void query_add_int(struct read_query *q, int32_t n);
void query_add_text(struct read_query *q, const char *text);
void query_add_uuids(struct read_query *q, const struct uuid *ids, size_t count); /* uuid[] */
void query_add_times(struct read_query *q, const usec_t *times, size_t count); /* timestamptz[] */
/* An array of a member of `count` structs: `member` is that of the first, `stride` the size of one. */
void query_add_array(struct read_query *q, enum column_type type, const void *member, size_t count,
                     size_t stride);
/* "a, b, c" */
void query_columns(struct read_query *q, const struct row_type *type, const char *except);

/* "(SELECT task_id ...)" of the one that is made of those with the execution id in $1, which is `id`; defined in read_execution.c */
void query_made_task(struct buf *sql, struct uuid id);

/* "WITH RECURSIVE ... SELECT one.* FROM open_queue o, LATERAL (": what follows is done for o.queue, each queue that has something
   open in the leaf: they are found by skipping through the index (queue, execution_id) WHERE open. Ends with ") one". */
void query_open_queues(struct buf *sql, const char *leaf);

/*
 * Makes a finished statement end early: with the row that reaches READ_PAGE_BYTES of texts and bytes, in the columns of
 * type that it asks for. read_bytes of the result tells whether it did. A page is at most that and one row.
 */
void query_cut(struct read_query *q, const struct row_type *type, const char *except);
/* The same for another number of bytes. */
void query_cut_at(struct read_query *q, const struct row_type *type, const char *except,
                  size_t bytes);
size_t read_bytes(const PGresult *r, const struct row_type *type);

void query_clear(struct read_query *q);

/* r: NULL on failure; borrowed. `missing`: a table that is named does not exist (a leaf that
   retention has taken). */
typedef void (*read_rows_fn)(void *ctx, const PGresult *r, bool missing, const struct error *err);

/* Runs it on the next free connection. */
void read_submit(struct read_pool *p, struct read_query *q, read_rows_fn rows, void *ctx);

/* Appends the result's rows to rows[*count] of `type`: columns by name. */
MUST_CHECK enum rc read_rows(const PGresult *r, const struct row_type *type, struct arena *memory,
                             void **rows, size_t *count, struct error *err);

/* Most reads are one statement: runs it and answers `done` with rows of `type`; `limit` + 1 of
   them were asked for. */
void read_simple(struct read_pool *p, struct read_query *q, const struct row_type *type,
                 size_t limit, struct read_reply reply);

/* The same of a list, cut: `more` may come before the limit. */
void read_list(struct read_pool *p, struct read_query *q, const struct row_type *type,
               const char *except, size_t limit, struct read_reply reply);

/* The leaves of partitioned tables (read_leaves.c keeps them here). */
struct read_leaves;
struct read_leaves **read_pool_leaves(struct read_pool *p);
void leaves_free(struct read_leaves *l);
usec_t read_pool_now(const struct read_pool *p); /* of the last ready or step */

#endif
