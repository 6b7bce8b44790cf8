/*
 * read.h - reading PostgreSQL without ever waiting for it: a few kept connections, driven by
 * someone's event loop.
 *
 * The pool owns the connections; the loop's owner watches their descriptors as `watch` asks, and
 * calls read_pool_ready when one is ready and read_pool_step once in a while (every 100 ms:
 * time-outs and reconnecting, with a back-off up to 5 s). Reads (read_tasks.h, read_executions.h,
 * read_logs.h, ...) are answered by exactly one call of their `done`, from within one of those
 * two functions or, when no connection can be had, from the read itself. Rows are in `memory`,
 * the caller's, and stay there.
 *
 * RC_RETRY: the database is away, slow or too busy; nothing else is expected of an answer but
 * RC_OK. Sessions are read-only, under the role cronobs_reader, with a statement time-out of 5 s.
 * Connecting is done by threads, at most one a connection: a resolver that says nothing holds up nobody.
 */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "base/arena.h"
#include "base/error.h"
#include "store/rows.h"

enum {
    READ_CONNECTIONS_MAX = 16,
    READ_QUEUE_MAX = 10000,
    READ_PAGE_BYTES = 512 << 10, /* a list ends with the row that reaches it, whatever its limit */
};

struct read_pool;

enum read_wants { READ_WANTS_INPUT = 1, READ_WANTS_OUTPUT = 2 }; /* as enum loop_events */

struct read_config {
    const char *database;
    const char *schema; /* of the tables, a name that needs no quotes; NULL: the live ones */
    int connections;    /* at most READ_CONNECTIONS_MAX */
    /* The descriptor of a connection is `fd` from now on, to be watched for `wants`; -1: none. */
    void (*watch)(void *ctx, int slot, int fd, int wants);
    void *ctx;
};

struct read_stats {
    /* busy: sum of the queries' times, waiting for a connection included */
    int64_t queries, failures, busy_us;
    int connected, waiting; /* now */
};

/* What a read answers. `rows` are `count` structs of the type that the read names; on failure
   err is set. */
struct read_page {
    enum rc rc;
    struct error err;
    void *rows;
    size_t count;
    bool more; /* there may be more behind the last row */
};

typedef void (*read_done_fn)(void *ctx, const struct read_page *page);

struct read_reply {       /* where the answer goes */
    struct arena *memory; /* rows live there */
    read_done_fn done;
    void *ctx;
};

struct read_pool *read_pool_new(const struct read_config *config, usec_t now);
/* Closes the connections. Reads that wait are answered with RC_RETRY, within this call; later ones at once. */
void read_pool_end(struct read_pool *p);
void read_pool_free(struct read_pool *p); /* ends it first; NULL is fine */
void read_pool_ready(struct read_pool *p, int slot, usec_t now);
void read_pool_step(struct read_pool *p, usec_t now);
struct read_stats read_pool_stats(const struct read_pool *p);
/* why the last connection failed; "" when all is well */
const char *read_pool_trouble(const struct read_pool *p);

DEFINE_SCOPED(read_pool, struct read_pool, read_pool_free)

#endif
