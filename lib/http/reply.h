/*
 * reply.h - an HTTP/1.1 answer: bytes as they arrive, to a struct.
 *
 * Pure. Answers of the kind 1xx are skipped; a body ends by its length, by its last chunk, or with the
 * connection. Lines may end in LF alone, and fields be unknown: we are lenient with servers, but nothing here
 * grows past a limit.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "http/head.h"

enum {
    REPLY_HEAD_MAX = 64 << 10,
    REPLY_BODY_MAX = 64 << 20,
    REPLY_INTERIM_MAX = 10, /* 1xx before the answer */
};

struct reply {
    int status;
    struct http_pair headers[HTTP_HEADERS_MAX]; /* further ones are dropped */
    size_t header_count;
    struct bytes body; /* a NUL follows it */
};

struct reply_reader;

/* to_head: the request was HEAD, so there is no body whatever its length is said to be. */
struct reply_reader *reply_reader_new(bool to_head);
void reply_reader_free(struct reply_reader *r); /* NULL is fine */

/* RC_OK: the answer is complete, what follows it in data is ignored; RC_RETRY: more is needed; RC_INVALID: no HTTP. */
MUST_CHECK enum rc reply_take(struct reply_reader *r, const char *data, size_t len,
                              struct error *err);

/* The connection has ended: RC_OK if the answer ends there, RC_RETRY if something is missing. */
MUST_CHECK enum rc reply_end(struct reply_reader *r, struct error *err);

bool reply_has_begun(const struct reply_reader *r); /* a byte has come */
/* of a complete answer: may the connection be used again? */
bool reply_keeps_alive(const struct reply_reader *r);
/* a complete answer; lives as long as r */
const struct reply *reply_of(const struct reply_reader *r);

/* any case; NULL when absent */
const char *reply_header(const struct reply *reply, const char *name);

/*
 * RC_OK for 2xx. Else what the problem document says, as an error: RC_NOT_FOUND for 404, RC_CONFLICT for 409 and 412,
 * RC_RETRY for 408, 429, 502, 503, 504, RC_INVALID for the others.
 */
MUST_CHECK enum rc reply_check(const struct reply *reply, struct error *err);

DEFINE_SCOPED(reply_reader, struct reply_reader, reply_reader_free)

#endif
