/*
 * server.h - HTTP/1.1 on an event loop: one exchange at a time per connection, answers at any
 * later time; in pieces: stream.h.
 *
 * A handler gets an exchange and answers it exactly once, now or later, on the loop's thread. The
 * exchange and all that it lends (texts, body, memory) live until then, even when the client has
 * gone meanwhile. Limits: head.h; a body; 10 s for a whole request; 60 s of idling; connections.
 * What exceeds them, and every malformed request, gets a problem document and is closed. HEAD is
 * GET without the body.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/head.h"
#include "loop/loop.h"

enum {
    HTTP_BODY_MAX = 1 << 20,
    HTTP_CONNECTIONS_MAX = 10000,
    HTTP_MEMORY_MAX = 256 << 20,
};

#define HTTP_HALF_CLOSED (2 * USEC_PER_SEC)

struct http_server;
struct http_exchange;

typedef void (*http_handler_fn)(struct http_exchange *x, void *ctx);
typedef void (*http_gone_fn)(struct http_exchange *x, void *ctx);

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::1]:8080"; port 0: a free one */
    const char *const
        *hosts;      /* names the Host field may hold beside loopback's; NULL ends; NULL: none */
    size_t body_max; /* 0: HTTP_BODY_MAX */
    int connections_max;    /* 0: HTTP_CONNECTIONS_MAX; at the limit nobody is accepted */
    usec_t request_timeout; /* 0: 10 s, from a request's first byte to its last */
    usec_t idle_timeout;    /* 0: 60 s */
    /* 0: 30 s; a client that takes less than 32 KiB of an answer in it is cut off */
    usec_t write_timeout;
    usec_t stream_timeout; /* 0: 60 s; a client that takes nothing of a stream in it is cut off */
    /* 0: HTTP_MEMORY_MAX; of requests and answers together, see http_server_is_full */
    size_t memory_max;
    http_handler_fn handler;
    void *ctx;
};

struct http_stats {
    /* refused: malformed or over a limit */
    int64_t connections, connections_total, requests, refused;
    int64_t answers[6];             /* by status / 100 */
    int64_t busy_us;                /* sum from request read to answer given */
    int64_t accept_failures;        /* out of file descriptors, most likely */
    int64_t gone;                   /* clients that left before their answer, or within a stream */
    int64_t streams, streams_total; /* stream.h: open now, and begun */
    int64_t streams_cut;            /* whose client took nothing any more */
};

/* RC_INVALID: the address; RC_RETRY: the port is taken. Not loopback and no hosts: RC_INVALID. */
MUST_CHECK enum rc http_server_new(struct loop *loop, const struct http_config *config,
                                   struct http_server **ret, struct error *err);
/* Nobody is accepted any more; a connection ends with its next answer. */
void http_server_end(struct http_server *s);
/* Ends all connections; answer open exchanges before, and end streams: whose streams are left is told that they are gone.
   What the kernel takes of answers at once is still sent. */
void http_server_free(struct http_server *s);
int http_server_port(const struct http_server *s);
const struct http_stats *http_server_stats(const struct http_server *s);

/*
 * One account of what connections and exchanges hold: bytes that were read, bodies, http_memory, answers that are not sent
 * yet. From half of memory_max on further bodies are refused (503); a handler refuses what costs much once it is full.
 */
bool http_server_is_full(const struct http_server *s);
size_t http_server_memory(const struct http_server *s); /* bytes */

/* --- the request --- */

enum http_method http_method(const struct http_exchange *x);
const char *http_path(const struct http_exchange *x); /* as sent, without the query */
const struct http_target *http_target(const struct http_exchange *x);
const char *http_host(const struct http_exchange *x); /* that it was asked under; NULL: none */
/* the first of that name; NULL when absent */
const char *http_header(const struct http_exchange *x, const char *name);
/* Of a field that may come once: RC_INVALID when it is there twice. */
MUST_CHECK enum rc http_header_single(const struct http_exchange *x, const char *name,
                                      const char **ret, struct error *err);
/* All fields of that name, with commas between them: what RFC 9110 calls its combined value; NULL when absent. */
const char *http_header_list(const struct http_exchange *x, const char *name);
/* the first of that name; NULL when absent */
const char *http_query(const struct http_exchange *x, const char *name);
/* of the route's pattern; NULL when it has none of that name */
const char *http_param(const struct http_exchange *x, const char *name);
/* the router's; borrowed */
void http_set_param(struct http_exchange *x, const char *name, const char *value);
struct bytes http_body(const struct http_exchange *x); /* a NUL follows it */
/* it is not needed any more: its memory is for others */
void http_drop_body(struct http_exchange *x);
bool http_is_full(const struct http_exchange *x); /* http_server_is_full of its server */
/* Another arena in the same account, for what is needed for a part of the time: the caller's to free. */
struct arena *http_arena_new(const struct http_exchange *x);
struct arena *http_memory(const struct http_exchange *x); /* released with the exchange */

/*
 * For a handler that waits for long, and does nothing any more but wait: `fn` is called once, when the client has left before its
 * answer, and ends the exchange with http_drop. Left has who closed the connection; who closed only its sending half looks the
 * same, so it has HTTP_HALF_CLOSED to be answered in. NULL: not any more.
 */
void http_on_gone(struct http_exchange *x, http_gone_fn fn, void *ctx);
/* Instead of an answer, when its client is gone. */
void http_drop(struct http_exchange *x);

/* --- the answer --- */

/* An extra field of the answer, before it is given. Copied. */
void http_answer_header(struct http_exchange *x, const char *name, const char *value);
/* Takes over `body`'s memory (NULL: none). The exchange is gone afterwards. */
void http_answer(struct http_exchange *x, int status, const char *content_type, struct buf *body);
/* the connection ends after this answer; before it is given */
void http_answer_close(struct http_exchange *x);

const char *http_status_text(int status);

DEFINE_SCOPED(http_server, struct http_server, http_server_free)

#endif
