/*
 * connection.h - inside lib/http: a connection and its server, for server.c and stream.c.
 */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "http/exchange.h"

enum connection_state {
    STATE_IDLE,
    STATE_HEAD,
    STATE_BODY,
    STATE_BUSY,
    STATE_STREAM,
    STATE_WRITING,
    STATE_LINGER
};

struct http_connection {
    struct http_server *server;
    struct http_connection *next, **link; /* of the server's list */
    struct bufferevent *bev;
    struct loop_timer *deadline;
    struct http_exchange *x; /* in HEAD to STREAM */
    enum connection_state state;
    size_t held;         /* bytes in the server's account */
    size_t unsent;       /* of the answer, when last looked at */
    size_t scanned;      /* of the head */
    uint64_t streamed;   /* bytes of a stream that were handed over; 0: the answer is none */
    uint64_t moved;      /* of those, taken by the kernel, when last looked at */
    bool in_step;        /* http_answer may come from inside a step */
    bool is_closing;     /* after WRITING */
    bool has_rest;       /* the client may still be sending what nobody wants */
    bool is_half_closed; /* in STREAM */
};

struct http_server {
    struct loop *loop;
    struct http_config config;
    struct evconnlistener *listener;
    struct loop_timer *accept_again;
    struct http_connection *connections;
    struct http_stats stats;
    struct spent_exchanges spent;
    size_t memory; /* held by connections and exchanges */
    int port;
    bool is_ending;
};

/* --- server.c --- */

/* What a connection holds: what came and is not taken, a body as far as it has come, an answer as far as it has not gone. */
void connection_account(struct http_connection *c);
void connection_go(struct http_connection *c, enum connection_state state, usec_t timeout);
void connection_close(struct http_connection *c);

/* --- stream.c --- */

/* The client has taken something. */
void stream_written(struct http_connection *c);
/* Has it since the last look? */
bool stream_moves(struct http_connection *c);

#endif
