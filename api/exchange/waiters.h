/*
 * waiters.h - requests that wait until the outcome of a command is in the database.
 *
 * All of them together ask one question a tick (20 ms), and none when nobody waits. While the
 * database is away they go on waiting: the command is in the log, and its outcome may still come
 * in time.
 */
#ifndef API_EXCHANGE_WAITERS_H
#define API_EXCHANGE_WAITERS_H

#include "http/server.h"
#include "loop/loop.h"
#include "store/read_tasks.h"

struct waiters;

/* outcome: borrowed; NULL when the time is up. away: because the database cannot be asked just
   now. */
typedef void (*waiter_fn)(void *ctx, const struct command_view *outcome, bool away);

struct waiters *waiters_new(struct loop *loop, struct read_pool *reads);
void waiters_free(struct waiters *w); /* NULL is fine; nobody may wait any more */
struct wait {
    struct uuid command, task; /* task nil: any */
    usec_t timeout;
    struct http_exchange *x; /* dropped when its client leaves; NULL: it goes on without one */
    waiter_fn fn;
    void *ctx;
};

void waiters_add(struct waiters *w, const struct wait *wait);
/* the time of all is up, and of those who come later at once */
void waiters_end(struct waiters *w);
size_t waiters_count(const struct waiters *w);

#endif
