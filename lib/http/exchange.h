/*
 * exchange.h - inside lib/http: what an exchange holds, and how its answer becomes bytes.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/chunked.h"
#include "http/stream.h"

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
    bool is_stream;       /* begun */
    http_room_fn on_room; /* of a stream; NULL: nobody asks */
    void *room_ctx;
    size_t orphaned;      /* bytes of its body that no connection accounts for any more */
    usec_t began;         /* monotonic: when the handler got it */
    http_gone_fn on_gone; /* NULL: the handler goes on without its client */
    void *gone_ctx;
};

/*
 * An exchange is gone once it is answered, and to use it afterwards is an error that stock malloc hides for long. Builds
 * with assertions keep the last ones, overwritten, so that every such use crashes; sanitizers see it by themselves.
 */
#if defined(NDEBUG) || defined(__SANITIZE_ADDRESS__)
#define SPENT_EXCHANGES 0
#else
#define SPENT_EXCHANGES 64
#endif

struct spent_exchanges {
    struct spent_exchange {
        struct http_exchange *x;
        struct arena *memory;
        struct buf body, extra;
    } ring[SPENT_EXCHANGES + 1];
    size_t next;
};

void spent_exchanges_clear(struct spent_exchanges *spent);
struct spent_exchanges *server_spent(struct http_server *s); /* server.c */

struct http_exchange *exchange_new(struct http_server *s, struct http_connection *c);
void exchange_free(struct http_exchange *x);

/* body_len: of an answer whose length nobody knows yet. */
#define BODY_STREAMED SIZE_MAX

/* Status line and header fields. */
void exchange_head(const struct http_exchange *x, int status, const char *content_type,
                   size_t body_len, usec_t now, struct buf *out);

size_t *server_memory(struct http_server *s);       /* server.c: the account */
bool server_is_ending(const struct http_server *s); /* server.c */

/* server.c: sends a complete answer and goes on with the connection; frees x. */
void server_finish(struct http_exchange *x, int status, struct buf *head, struct buf *body);

#endif
