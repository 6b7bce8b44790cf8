/*
 * raw_http.h - a client of bare sockets for tests of the HTTP server: what it sends and when it reads is the test's.
 */
#ifndef SUPPORT_RAW_HTTP_H
#define SUPPORT_RAW_HTTP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

enum { RAW_DEADLINE_MS = 5000 };

/* room: bytes that the kernel takes for us while we do not read; 0: as many as it likes. */
static inline int raw_connect(int port, int room)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (room > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    (void)inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static inline void raw_send_bytes(int fd, const char *text, size_t len)
{
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static inline void raw_send(int fd, const char *text)
{
    raw_send_bytes(fd, text, strlen(text));
}

/* At most `most` bytes more; false at the end, orderly or not. */
static inline bool raw_receive_some(int fd, size_t most, struct buf *out)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t got;

    assert_int_equal(poll(&p, 1, RAW_DEADLINE_MS), 1);
    got = recv(fd, buf_reserve(out, most), most, 0);
    if (got <= 0)
        return false;
    out->len += (size_t)got;
    out->data[out->len] = '\0';
    return true;
}

/* Reads until `until` was seen (NULL: until the end); true when the connection was closed. */
static inline bool raw_receive(int fd, const char *until, struct buf *out)
{
    for (;;) {
        if (until != NULL && strstr(buf_text(out), until) != NULL)
            return false;
        if (!raw_receive_some(fd, 4096, out))
            return true;
    }
}

static inline void assert_starts(const struct buf *text, const char *start)
{
    if (!text_starts(buf_text(text), start))
        fail_msg("%s does not start with %s", buf_text(text), start);
}

static inline void assert_holds(const struct buf *text, const char *part)
{
    if (strstr(buf_text(text), part) == NULL)
        fail_msg("%s does not hold %s", buf_text(text), part);
}

#endif
