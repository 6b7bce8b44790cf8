/*
 * server.c - connections: each is a small state machine round a bufferevent.
 *
 *   IDLE --first byte--> HEAD --> BODY --> BUSY --answer--> WRITING --> IDLE
 *                                            `--> STREAM --end--^   (stream.c)
 *
 * While BUSY the handler has the request, and what comes is only kept: an end of it says that the client has left, or that it has
 * closed its half. What is refused goes from HEAD or BODY to
 * WRITING and LINGER: the rest of what the client sends is read and dropped for a moment, else the
 * kernel would reset the connection before the client has seen why.
 */
#include "http/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/host.h"
#include "http/problem.h"

#define LINGER_TIMEOUT (2 * USEC_PER_SEC)
#define ACCEPT_PAUSE   (100 * USEC_PER_MS)

enum {
    INPUT_MAX = 16 << 10,   /* read ahead of what is taken */
    WRITTEN_MIN = 32 << 10, /* bytes of an answer that a client takes in write_timeout */
};

static void step(struct http_connection *c);

/* --- memory --- */

void connection_account(struct http_connection *c)
{
    size_t held = evbuffer_get_length(bufferevent_get_input(c->bev)) +
                  evbuffer_get_length(bufferevent_get_output(c->bev)) +
                  (c->x != NULL ? c->x->body.capacity : 0);

    c->server->memory += held - c->held;
    c->held = held;
}

size_t *server_memory(struct http_server *s)
{
    return &s->memory;
}

bool http_server_is_full(const struct http_server *s)
{
    return s->memory > s->config.memory_max;
}

size_t http_server_memory(const struct http_server *s)
{
    return s->memory;
}

/* --- connections --- */

/* The handler still has it, and frees it by answering, unless it has asked to be told. */
static void leave(struct http_exchange *x)
{
    http_gone_fn told = x->on_gone;

    x->connection = NULL;
    x->orphaned = x->body.capacity;
    x->server->memory += x->orphaned;
    x->server->stats.gone++;
    x->on_gone = NULL;
    if (told != NULL && (!x->server->is_ending || x->is_stream))
        told(x, x->gone_ctx);
}

void connection_close(struct http_connection *c)
{
    struct http_server *s = c->server;
    bool is_open = c->state == STATE_BUSY || c->state == STATE_STREAM;
    struct http_exchange *left = is_open ? TAKE(c->x) : NULL;

    exchange_free(c->x);
    s->memory -= c->held;
    s->stats.streams -= c->state == STATE_STREAM;
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    bufferevent_free(c->bev);
    loop_timer_free(c->deadline);
    free(c);
    if (s->stats.connections-- == s->config.connections_max && s->listener != NULL)
        (void)evconnlistener_enable(s->listener);
    if (left != NULL)
        leave(left);
}

void connection_go(struct http_connection *c, enum connection_state state, usec_t timeout)
{
    c->state = state;
    if (timeout > 0)
        loop_timer_start(c->deadline, timeout);
    else
        loop_timer_stop(c->deadline);
}

/* Answers that a request cannot be served, and ends the connection. */
static void refuse(struct http_connection *c, int status, const struct error *err)
{
    if (c->x == NULL)
        c->x = exchange_new(c->server, c);
    c->server->stats.refused++;
    c->has_rest = true;
    http_answer_close(c->x);
    problem_answer(c->x, problem_of_status(status), err);
}

/* A client may be slow, but not to no end: an answer is memory. */
static bool takes_its_answer(struct http_connection *c)
{
    size_t before = c->unsent;

    c->unsent = evbuffer_get_length(bufferevent_get_output(c->bev));
    return before >= c->unsent + WRITTEN_MIN;
}

static void on_deadline(void *ctx)
{
    struct http_connection *c = ctx;
    struct error err;

    if (c->streamed > 0 && stream_moves(c)) {
        loop_timer_start(c->deadline, c->server->config.stream_timeout);
        return;
    }
    if (c->state == STATE_WRITING && c->streamed == 0 && takes_its_answer(c)) {
        loop_timer_start(c->deadline, c->server->config.write_timeout);
        return;
    }
    if (c->state != STATE_HEAD && c->state != STATE_BODY) {
        connection_close(c);
        return;
    }
    error_set(&err, RC_INVALID, "the request was not complete within %g s of its first byte",
              (double)c->server->config.request_timeout / USEC_PER_SEC);
    refuse(c, 408, &err);
}

/* --- reading --- */

/* RC_OK: complete, RC_RETRY: more is needed, RC_INVALID: refused already. */
static enum rc read_head(struct http_connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t have = MIN(evbuffer_get_length(in), (size_t)HTTP_HEAD_MAX), len = 0;
    const char *data = (const char *)evbuffer_pullup(in, (ev_ssize_t)have);
    struct error err = {0};
    int status = 400;
    char *copy;

    if (http_head_length(data, have, &c->scanned, &len, &status, &err) != RC_OK) {
        refuse(c, status, &err);
        return RC_INVALID;
    }
    if (len == 0)
        return RC_RETRY;
    c->scanned = 0;
    c->x = exchange_new(c->server, c);
    copy = arena_alloc(c->x->memory, len);
    (void)evbuffer_remove(in, copy, len);
    if (http_head_parse(copy, len, &c->x->head, &status, &err) != RC_OK ||
        http_target_parse(c->x->head.target, c->x->memory, &c->x->target, &err) != RC_OK) {
        refuse(c, status, &err);
        return RC_INVALID;
    }
    return RC_OK;
}

/* Bodies get half of the memory: those who only ask are served still when it is spent. */
static enum rc check_memory(struct http_connection *c)
{
    struct error err;

    if (c->server->memory <= c->server->config.memory_max / 2)
        return RC_OK;
    error_set(&err, RC_RETRY, "there is no memory for another request's body just now");
    refuse(c, 503, &err);
    return RC_INVALID;
}

static enum rc check_body(struct http_connection *c, const struct http_head *head)
{
    struct error err;
    size_t limit = c->server->config.body_max;

    if (head->host != NULL && !host_is_ours(head->host, c->server->config.hosts)) {
        error_set(&err, RC_INVALID, "Host: \"%.80s\" is none of this server's names", head->host);
        (void)error_hint(&err, "call it localhost, or name it in the setting api.hosts");
        refuse(c, 421, &err);
        return RC_INVALID;
    }
    if (head->content_length > (int64_t)limit) {
        error_set(&err, RC_INVALID, "the body of %lld bytes is longer than %zu bytes",
                  (long long)head->content_length, limit);
        refuse(c, 413, &err);
        return RC_INVALID;
    }
    if ((head->is_chunked || head->content_length > 0) && check_memory(c) != RC_OK)
        return RC_INVALID;
    if (head->expects_continue && (head->is_chunked || head->content_length > 0))
        (void)bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return RC_OK;
}

static enum rc read_chunks(struct http_connection *c, struct evbuffer *in)
{
    struct http_exchange *x = c->x;
    struct error err = {0};
    enum rc rc = RC_RETRY;

    while (rc == RC_RETRY && evbuffer_get_length(in) > 0) {
        size_t have = evbuffer_get_contiguous_space(in), used = 0;
        const char *data = (const char *)evbuffer_pullup(in, (ev_ssize_t)have);

        rc = chunked_decode(&x->chunked, (struct bytes){data, have}, c->server->config.body_max,
                            &x->body, &used, &err);
        (void)evbuffer_drain(in, used);
    }
    if (rc == RC_OK || rc == RC_RETRY)
        return rc;
    refuse(c, rc == RC_INVALID ? 400 : 413, &err);
    return RC_INVALID;
}

static enum rc read_body(struct http_connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    struct http_exchange *x = c->x;
    size_t want = (size_t)x->head.content_length - x->body.len;
    size_t take = MIN(want, evbuffer_get_length(in));

    if ((x->head.is_chunked || take > 0) && check_memory(c) != RC_OK)
        return RC_INVALID;
    if (x->head.is_chunked)
        return read_chunks(c, in);
    if (take > 0) {
        (void)evbuffer_remove(in, buf_reserve(&x->body, take), take);
        x->body.len += take;
        x->body.data[x->body.len] = '\0';
    }
    return take == want ? RC_OK : RC_RETRY;
}

static void dispatch(struct http_connection *c)
{
    struct http_server *s = c->server;

    s->stats.requests++;
    c->x->began = clock_monotonic();
    connection_go(c, STATE_BUSY, 0);
    s->config.handler(c->x, s->config.ctx);
}

/* One move of the machine; false when nothing more can be done now. */
static bool step_once(struct http_connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);

    if (c->state == STATE_LINGER)
        (void)evbuffer_drain(in, evbuffer_get_length(in));
    if (c->state == STATE_IDLE && evbuffer_get_length(in) > 0)
        connection_go(c, STATE_HEAD, c->server->config.request_timeout);
    if (c->state == STATE_HEAD && evbuffer_get_length(in) > 0) {
        if (read_head(c) != RC_OK || check_body(c, &c->x->head) != RC_OK)
            return false;
        c->state = STATE_BODY; /* under the same deadline */
    }
    if (c->state != STATE_BODY || read_body(c) != RC_OK)
        return false;
    dispatch(c);
    return true;
}

static void step(struct http_connection *c)
{
    if (c->in_step)
        return;
    c->in_step = true;
    while (step_once(c))
        continue;
    c->in_step = false;
}

/* --- writing --- */

static void free_body(const void *data UNUSED, size_t len UNUSED, void *memory)
{
    free(memory);
}

void server_finish(struct http_exchange *x, int status, struct buf *head, struct buf *body)
{
    struct http_connection *c = x->connection;
    struct http_stats *stats = &x->server->stats;

    stats->answers[status / 100]++;
    if (x->began != 0)
        stats->busy_us += clock_monotonic() - x->began;
    if (c == NULL || x->head.method == HTTP_HEAD || body->len == 0)
        buf_clear(body);
    if (c != NULL) {
        size_t len = body->len;
        char *memory = buf_take(body);

        (void)bufferevent_write(c->bev, head->data, head->len);
        if (len == 0 || evbuffer_add_reference(bufferevent_get_output(c->bev), memory, len,
                                               free_body, memory) != 0)
            free(memory);
        c->is_closing = x->close_after || !x->head.keep_alive || x->server->is_ending;
        c->x = NULL;
        (void)bufferevent_disable(c->bev, EV_READ);
        c->unsent = evbuffer_get_length(bufferevent_get_output(c->bev));
        connection_account(c);
        connection_go(c, STATE_WRITING, c->server->config.write_timeout);
    }
    exchange_free(x);
}

/* The answer is with the kernel. */
static void written(struct http_connection *c)
{
    c->streamed = 0;
    if (c->is_closing && !c->has_rest) {
        connection_close(c);
        return;
    }
    if (c->is_closing) {
        (void)shutdown(bufferevent_getfd(c->bev), SHUT_WR);
        connection_go(c, STATE_LINGER, LINGER_TIMEOUT);
    } else {
        connection_go(c, STATE_IDLE, c->server->config.idle_timeout);
    }
    (void)bufferevent_enable(c->bev, EV_READ);
    step(c); /* a next request may have come already */
}

/* --- libevent's side --- */

static void on_read(struct bufferevent *bev UNUSED, void *ctx)
{
    struct http_connection *c = ctx;
    struct loop *loop = c->server->loop;
    usec_t entered = loop_enter();

    step(c);
    connection_account(c);
    loop_leave(loop, entered);
}

static void on_write(struct bufferevent *bev UNUSED, void *ctx)
{
    struct http_connection *c = ctx;
    struct loop *loop = c->server->loop;
    usec_t entered = loop_enter();

    connection_account(c);
    if (c->state == STATE_STREAM)
        stream_written(c);
    else if (c->state == STATE_WRITING)
        written(c);
    loop_leave(loop, entered);
}

static void on_event(struct bufferevent *bev UNUSED, short what, void *ctx)
{
    struct http_connection *c = ctx;

    if ((what & BEV_EVENT_ERROR) == 0 && c->state == STATE_BUSY)
        loop_timer_start(c->deadline, HTTP_HALF_CLOSED);
    else if ((what & BEV_EVENT_ERROR) == 0 && c->state == STATE_STREAM)
        c->is_half_closed = true;
    else if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
        connection_close(c);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
                      struct sockaddr *from UNUSED, int len UNUSED, void *ctx)
{
    struct http_server *s = ctx;
    struct http_connection *c = xcalloc(1, sizeof *c);
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->server = s;
    c->bev = bufferevent_socket_new(loop_base(s->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    if (c->bev == NULL)
        abort(); /* out of memory */
    c->deadline = loop_timer_new(s->loop, on_deadline, c);
    c->link = &s->connections;
    c->next = s->connections;
    if (c->next != NULL)
        c->next->link = &c->next;
    s->connections = c;
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, INPUT_MAX);
    connection_go(c, STATE_IDLE, s->config.idle_timeout);
    (void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    s->stats.connections_total++;
    if (++s->stats.connections == s->config.connections_max)
        (void)evconnlistener_disable(listener);
}

/* Out of file descriptors, most likely: asking again at once would burn a core. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    struct http_server *s = ctx;

    s->stats.accept_failures++;
    (void)evconnlistener_disable(listener);
    loop_timer_start(s->accept_again, ACCEPT_PAUSE);
}

static void accept_again(void *ctx)
{
    struct http_server *s = ctx;

    if (s->stats.connections < s->config.connections_max)
        (void)evconnlistener_enable(s->listener);
}

/* --- the server --- */

static int bound_port(evutil_socket_t fd)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;

    if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return 0;
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                         : ((struct sockaddr_in *)&a)->sin_port);
}

static void set_defaults(struct http_config *c)
{
    if (c->body_max == 0)
        c->body_max = HTTP_BODY_MAX;
    if (c->connections_max == 0)
        c->connections_max = HTTP_CONNECTIONS_MAX;
    if (c->request_timeout == 0)
        c->request_timeout = 10 * USEC_PER_SEC;
    if (c->idle_timeout == 0)
        c->idle_timeout = 60 * USEC_PER_SEC;
    if (c->write_timeout == 0)
        c->write_timeout = 30 * USEC_PER_SEC;
    if (c->stream_timeout == 0)
        c->stream_timeout = 60 * USEC_PER_SEC;
    if (c->memory_max == 0)
        c->memory_max = HTTP_MEMORY_MAX;
}

enum rc http_server_new(struct loop *loop, const struct http_config *config,
                        struct http_server **ret, struct error *err)
{
    SCOPED(http_server) struct http_server *s = xcalloc(1, sizeof *s);
    struct listen_address at;

    s->loop = loop;
    s->config = *config;
    set_defaults(&s->config);
    TRY(listen_parse(config->listen, &at, err));
    if (!at.is_loopback && (config->hosts == NULL || config->hosts[0] == NULL)) {
        error_set(err, RC_INVALID,
                  "api.listen: %s can be reached from other machines, and there are no keys yet",
                  config->listen);
        return error_hint(err,
                          "listen on 127.0.0.1, or say by which names it may be called: api.hosts");
    }
    s->listener =
        evconnlistener_new_bind(loop_base(loop), on_accept, s,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                1024, (struct sockaddr *)&at.address, at.len);
    if (s->listener == NULL)
        return error_set(err, RC_RETRY, "could not listen on %s: %s", config->listen,
                         strerror(errno));
    s->port = bound_port(evconnlistener_get_fd(s->listener));
    s->accept_again = loop_timer_new(loop, accept_again, s);
    evconnlistener_set_error_cb(s->listener, on_accept_error);
    *ret = TAKE(s);
    return RC_OK;
}

static void listener_end(struct http_server *s)
{
    if (s->listener != NULL)
        evconnlistener_free(s->listener);
    s->listener = NULL;
}

void http_server_end(struct http_server *s)
{
    s->is_ending = true;
    loop_timer_stop(s->accept_again);
    listener_end(s);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    s->is_ending = true;
    while (s->connections != NULL) {
        struct evbuffer *out = bufferevent_get_output(s->connections->bev);

        (void)evbuffer_unfreeze(out, 1); /* bufferevent alone may take from its front, else */
        (void)evbuffer_write(out, bufferevent_getfd(s->connections->bev));
        connection_close(s->connections);
    }
    listener_end(s);
    loop_timer_free(s->accept_again);
    spent_exchanges_clear(&s->spent);
    free(s);
}

bool server_is_ending(const struct http_server *s)
{
    return s->is_ending;
}

struct spent_exchanges *server_spent(struct http_server *s)
{
    return &s->spent;
}

int http_server_port(const struct http_server *s)
{
    return s->port;
}

const struct http_stats *http_server_stats(const struct http_server *s)
{
    return &s->stats;
}
