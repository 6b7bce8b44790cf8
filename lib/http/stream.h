/*
 * stream.h - answers in pieces: what is not there yet when its answer begins, or would be too much at once.
 *
 * A handler begins a stream instead of answering, writes to it now and later, and ends it; the exchange and all that it lends
 * live until then. Who writes is held to the pace of who reads: what waits for the client is bounded, and http_stream_on_room
 * tells when there is room for more. A client that takes nothing for 60 s (http_config) is cut off; so http_on_gone says how its
 * owner ends the exchange (http_drop). A client that has only closed its sending half may still read: it is no gone one.
 *
 * HTTP/1.1 clients get chunks, those of HTTP/1.0 all until the connection's end. HEAD gets the head: what is written is dropped.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/server.h"

enum {
    HTTP_STREAM_MAX = 256 << 10, /* bytes that may wait for a client */
    HTTP_STREAM_ROOM = 64 << 10, /* fewer than that: there is room */
};

/* May write, end or break. */
typedef void (*http_room_fn)(struct http_exchange *x, void *ctx);

/* Sends the head; http_answer_header before. The client may have gone already: then nothing is sent here or later. */
void http_stream_begin(struct http_exchange *x, int status, const char *content_type);
/* RC_RETRY: more than HTTP_STREAM_MAX would wait then; nothing was taken. With room, pieces up to 180 KiB always are. */
MUST_CHECK enum rc http_stream_write(struct http_exchange *x, const void *data, size_t len);
size_t http_stream_waiting(const struct http_exchange *x); /* bytes */
/* `fn` is called each time the client has taken something and fewer than HTTP_STREAM_ROOM bytes wait. NULL: not any more. */
void http_stream_on_room(struct http_exchange *x, http_room_fn fn, void *ctx);
bool http_stream_is_half_closed(const struct http_exchange *x);
/* The whole answer is written. The exchange is gone afterwards. */
void http_stream_end(struct http_exchange *x);
/* It cannot be made whole: the connection breaks, so that the client knows. The exchange is gone afterwards. */
void http_stream_break(struct http_exchange *x);

#endif
