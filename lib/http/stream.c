#include "http/stream.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/connection.h"

static size_t waiting(const struct http_connection *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev));
}

static void send_bytes(struct http_connection *c, const void *data, size_t len)
{
    if (waiting(c) == 0) { /* the time to take it begins now */
        c->moved = c->streamed;
        loop_timer_start(c->deadline, c->server->config.stream_timeout);
    }
    (void)bufferevent_write(c->bev, data, len);
    c->streamed += len;
    connection_account(c);
}

/* What is with the kernel and not sent yet waits as well: a little, so that what we count is nearly all of it. */
static void keep_little_unsent(struct http_connection *c)
{
    int most = HTTP_STREAM_ROOM;

    (void)setsockopt(bufferevent_getfd(c->bev), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

void http_stream_begin(struct http_exchange *x, int status, const char *content_type)
{
    struct http_connection *c = x->connection;
    struct http_stats *stats = &x->server->stats;
    SCOPED_BUF head = {0};

    assert(!x->is_stream);
    x->is_stream = true;
    stats->answers[status / 100]++;
    stats->streams_total++;
    stats->busy_us += clock_monotonic() - x->began;
    if (c == NULL)
        return;
    stats->streams++;
    exchange_head(x, status, content_type, BODY_STREAMED, clock_realtime(), &head);
    connection_go(c, STATE_STREAM, 0);
    keep_little_unsent(c);
    bufferevent_setwatermark(c->bev, EV_WRITE, HTTP_STREAM_ROOM - 1, 0);
    send_bytes(c, head.data, head.len);
}

size_t http_stream_waiting(const struct http_exchange *x)
{
    return x->connection == NULL ? 0 : waiting(x->connection);
}

enum rc http_stream_write(struct http_exchange *x, const void *data, size_t len)
{
    struct http_connection *c = x->connection;
    char size[16];

    assert(x->is_stream);
    if (c == NULL || x->head.method == HTTP_HEAD || len == 0)
        return RC_OK;
    if (waiting(c) + len > HTTP_STREAM_MAX)
        return RC_RETRY;
    if (x->head.is_old) {
        send_bytes(c, data, len);
        return RC_OK;
    }
    send_bytes(c, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", len));
    send_bytes(c, data, len);
    send_bytes(c, "\r\n", 2);
    return RC_OK;
}

void http_stream_on_room(struct http_exchange *x, http_room_fn fn, void *ctx)
{
    x->on_room = fn;
    x->room_ctx = ctx;
}

bool http_stream_is_half_closed(const struct http_exchange *x)
{
    return x->connection != NULL && x->connection->is_half_closed;
}

/* x belongs to its connection no more. */
static void let_go(struct http_exchange *x)
{
    struct http_connection *c = x->connection;

    c->server->stats.streams--;
    c->is_closing = x->close_after || !x->head.keep_alive || x->server->is_ending;
    c->x = NULL;
    exchange_free(x);
}

void http_stream_end(struct http_exchange *x)
{
    struct http_connection *c = x->connection;

    assert(x->is_stream);
    if (c == NULL) {
        exchange_free(x);
        return;
    }
    if (x->head.method != HTTP_HEAD && !x->head.is_old)
        send_bytes(c, "0\r\n\r\n", 5);
    let_go(x);
    c->is_half_closed = false;
    (void)bufferevent_disable(c->bev, EV_READ);
    bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
    connection_account(c);
    connection_go(c, STATE_WRITING, c->server->config.stream_timeout);
    if (waiting(c) == 0) /* nobody would tell that it is written */
        bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

void http_stream_break(struct http_exchange *x)
{
    static const struct linger at_once = {.l_onoff = 1};
    struct http_connection *c = x->connection;

    assert(x->is_stream);
    if (c == NULL) {
        exchange_free(x);
        return;
    }
    if (x->head.is_old) /* whose end is the connection's: only a reset says that it came too soon */
        (void)setsockopt(bufferevent_getfd(c->bev), SOL_SOCKET, SO_LINGER, &at_once,
                         sizeof at_once);
    let_go(x);
    c->streamed = 0; /* whether its client takes it matters no more */
    (void)bufferevent_disable(c->bev, EV_READ | EV_WRITE);
    connection_go(c, STATE_LINGER, 1); /* not now: we may be called by it */
}

void stream_written(struct http_connection *c)
{
    struct http_exchange *x = c->x;

    if (waiting(c) == 0)
        loop_timer_stop(c->deadline);
    if (x->on_room != NULL && waiting(c) < HTTP_STREAM_ROOM)
        x->on_room(x, x->room_ctx);
}

bool stream_moves(struct http_connection *c)
{
    uint64_t taken = c->streamed - waiting(c);
    bool moves = taken != c->moved;

    c->moved = taken;
    if (!moves)
        c->server->stats.streams_cut++;
    return moves;
}
