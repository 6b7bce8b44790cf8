#include "http/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netdb.h>

#include "base/clock.h"
#include "http/url.h"

#define DEFAULT_TIMEOUT (30 * USEC_PER_SEC)
#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)

enum { CHUNK = 65536 };

struct http_client {
    struct url url;
    char *address; /* as it was given, for messages */
    int fd;        /* -1: not connected */
    bool was_reached;
    struct reply_reader *reader;
};

enum rc http_client_new(const char *url, struct http_client **ret, struct error *err)
{
    SCOPED(http_client) struct http_client *c = xcalloc(1, sizeof *c);

    c->fd = -1;
    TRY(url_parse(url, &c->url, err));
    c->address = xstrdup(url);
    *ret = TAKE(c);
    return RC_OK;
}

bool http_client_was_reached(const struct http_client *c)
{
    return c->was_reached;
}

static void disconnect(struct http_client *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    disconnect(c);
    reply_reader_free(c->reader);
    free(c->address);
    free(c);
}

/* --- waiting --- */

/* false: the deadline has passed. */
static bool wait_for(int fd, short events, usec_t deadline)
{
    struct pollfd p = {.fd = fd, .events = events};

    for (;;) {
        usec_t left = deadline - clock_monotonic();
        int rc;

        if (left <= 0)
            return false;
        rc = poll(&p, 1, (int)MIN(left / 1000 + 1, (usec_t)3600000));
        if (rc > 0)
            return true;
        if (rc < 0 && errno != EINTR)
            return true; /* the call that follows tells what is wrong */
    }
}

/* --- connecting --- */

static bool finish_connect(int fd, usec_t deadline)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (errno != EINPROGRESS)
        return false;
    if (!wait_for(fd, POLLOUT, deadline)) {
        errno = ETIMEDOUT;
        return false;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
        return true;
    errno = error;
    return false;
}

static int connect_to(const struct addrinfo *a, usec_t deadline)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, why;

    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || finish_connect(fd, deadline)) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return fd;
    }
    why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

static enum rc unreachable(const struct http_client *c, const char *why, struct error *err)
{
    error_set(err, RC_RETRY, "could not reach %s: %s", c->address, why);
    (void)error_hint(
        err, "is `cronobs consumer` or `cronobs api` running there? The setting `url` says where");
    return RC_RETRY;
}

static enum rc open_connection(struct http_client *c, usec_t deadline, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int failed = getaddrinfo(c->url.host, c->url.port, &hints, &list);

    if (failed != 0)
        return unreachable(c, gai_strerror(failed), err);
    for (const struct addrinfo *a = list; a != NULL && c->fd < 0; a = a->ai_next)
        c->fd = connect_to(a, MIN(deadline, clock_monotonic() + CONNECT_TIMEOUT));
    freeaddrinfo(list);
    c->was_reached = c->was_reached || c->fd >= 0;
    return c->fd >= 0 ? RC_OK : unreachable(c, strerror(errno), err);
}

/* A kept connection on which something can be read before we asked is closed, or out of step. */
static void drop_stale(struct http_client *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    if (c->fd >= 0 && poll(&p, 1, 0) != 0)
        disconnect(c);
}

/* --- one exchange --- */

static void write_request(const struct http_client *c, const struct http_request *r,
                          struct buf *out)
{
    bool has_body = r->body.len > 0 || r->method == HTTP_PUT || r->method == HTTP_POST;

    buf_printf(
        out, "%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: cronobs\r\nAccept: application/json\r\n",
        http_method_name(r->method), c->url.prefix, r->target, c->url.authority);
    for (const struct http_pair *h = r->headers; h != NULL && h->name != NULL; h++)
        buf_printf(out, "%s: %s\r\n", h->name, h->value);
    if (has_body)
        buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                   r->content_type == NULL ? "application/json" : r->content_type, r->body.len);
    buf_add_text(out, "\r\n");
    buf_add(out, r->body.data, r->body.len);
}

static enum rc lost(const struct http_client *c, const char *what, const char *why,
                    struct error *err)
{
    return error_set(err, RC_RETRY, "%s %s: %s", what, c->address, why);
}

static enum rc send_all(const struct http_client *c, const struct buf *out, usec_t deadline,
                        struct error *err)
{
    for (size_t sent = 0; sent < out->len;) {
        ssize_t n;

        if (clock_monotonic() >= deadline)
            return lost(c, "could not send to", "it takes too long", err);
        n = send(c->fd, out->data + sent, out->len - sent, MSG_NOSIGNAL);

        if (n > 0)
            sent += (size_t)n;
        else if (errno != EAGAIN && errno != EINTR)
            return lost(c, "could not send to", strerror(errno), err);
        else if (!wait_for(c->fd, POLLOUT, deadline))
            return lost(c, "could not send to", "it takes nothing more", err);
    }
    return RC_OK;
}

static enum rc receive_some(const struct http_client *c, char *data, size_t size, usec_t deadline,
                            ssize_t *ret, struct error *err)
{
    for (;;) {
        *ret = recv(c->fd, data, size, 0);
        if (*ret >= 0)
            return RC_OK;
        if (errno != EAGAIN && errno != EINTR)
            return lost(c, "no answer from", strerror(errno), err);
        if (!wait_for(c->fd, POLLIN, deadline))
            return lost(c, "no answer from", "it took too long", err);
    }
}

static enum rc blame(const struct http_client *c, enum rc rc, struct error *err)
{
    if (err != NULL)
        (void)error_prefix(err, "no answer from %s", c->address);
    return rc;
}

static enum rc receive(struct http_client *c, usec_t deadline, struct error *err)
{
    SCOPED(text) char *data = xcalloc(1, CHUNK);
    enum rc rc = RC_RETRY;

    while (rc == RC_RETRY) {
        ssize_t got;

        if (clock_monotonic() >= deadline) /* it may always have a little more */
            return lost(c, "no answer from", "it took too long", err);
        TRY(receive_some(c, data, CHUNK, deadline, &got, err));
        if (got == 0) {
            rc = reply_end(c->reader, err);
            return rc == RC_OK ? rc : blame(c, rc, err);
        }
        rc = reply_take(c->reader, data, (size_t)got, err);
    }
    return rc;
}

static enum rc exchange(struct http_client *c, const struct http_request *r, usec_t deadline,
                        struct error *err)
{
    SCOPED_BUF out = {0};
    enum rc rc;

    reply_reader_free(c->reader);
    c->reader = reply_reader_new(r->method == HTTP_HEAD);
    write_request(c, r, &out);
    rc = send_all(c, &out, deadline, err);
    if (rc == RC_OK)
        rc = receive(c, deadline, err);
    else if (receive(c, deadline, NULL) == RC_OK)
        rc = RC_OK; /* refused before it was read, and closed: there is an answer all the same */
    if (rc != RC_OK || !reply_keeps_alive(c->reader))
        disconnect(c);
    return rc;
}

static bool is_repeatable(enum http_method method)
{
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_PUT || method == HTTP_DELETE;
}

enum rc http_client_call(struct http_client *c, const struct http_request *request,
                         const struct reply **ret, struct error *err)
{
    usec_t deadline =
        clock_monotonic() + (request->timeout > 0 ? request->timeout : DEFAULT_TIMEOUT);
    bool is_kept;
    enum rc rc;

    drop_stale(c);
    is_kept = c->fd >= 0;
    if (!is_kept)
        TRY(open_connection(c, deadline, err));
    rc = exchange(c, request, deadline, err);
    if (rc == RC_RETRY && is_kept && !reply_has_begun(c->reader) &&
        is_repeatable(request->method) && clock_monotonic() < deadline) {
        TRY(open_connection(c, deadline, err));
        rc = exchange(c, request, deadline, err);
    }
    if (rc == RC_OK)
        *ret = reply_of(c->reader);
    return rc;
}
