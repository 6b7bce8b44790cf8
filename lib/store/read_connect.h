/*
 * read_connect.h - connecting on a thread of its own: resolvers, service files, password files and handshakes may take as long as
 * they like, and whatever libpq understands is understood.
 */
#ifndef STORE_READ_CONNECT_H
#define STORE_READ_CONNECT_H

#include "store/pg.h"

struct read_attempt;

/* NULL: there is no thread to be had. */
struct read_attempt *attempt_begin(const char *database);
int attempt_fd(const struct read_attempt *a); /* can be read as soon as the attempt is over */
/* When it is over: what came of it, the caller's, whether it is connected or not; frees `a`. Else NULL. */
PGconn *attempt_end(struct read_attempt *a);
/* Nobody waits for it any more: what comes of it is closed, whenever that may be. NULL is fine. */
void attempt_abandon(struct read_attempt *a);

#endif
