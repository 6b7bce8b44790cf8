/*
 * exchange.h - inside lib/http: what an exchange holds, and how its answer becomes bytes.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/chunked.h"
#include "http/server.h"

struct http_connection;

struct http_exchange {
    struct http_server *server;
    struct http_connection *connection; /* NULL once the client is gone */
    struct arena *memory;
    struct http_head head;
    struct http_target target;
    struct http_pair params[HTTP_SEGMENTS_MAX];
    size_t param_count;
    struct chunked chunked;
    struct buf body;
    struct buf extra; /* header fields of the answer */
    bool close_after;
    usec_t began; /* monotonic: when the handler got it */
};

struct http_exchange *exchange_new(struct http_server *s, struct http_connection *c);
void exchange_free(struct http_exchange *x);

/* Status line and header fields. */
void exchange_head(const struct http_exchange *x, int status, const char *content_type,
                   size_t body_len, usec_t now, struct buf *out);

/* server.c: sends a complete answer and goes on with the connection; frees x. */
void server_finish(struct http_exchange *x, int status, struct buf *head, struct buf *body);

#endif
