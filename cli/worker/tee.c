#include "cli/worker/tee.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

void tee_clear(struct tee *t)
{
    buf_clear(&t->waiting);
    *t = (struct tee){.fd = -1};
}

void tee_take(struct tee *t, const char *bytes, size_t len)
{
    if (t->fd >= 0)
        buf_add(&t->waiting, bytes, len);
}

bool tee_is_busy(const struct tee *t)
{
    return t->waiting.len > 0;
}

struct pollfd tee_watch(const struct tee *t)
{
    return (struct pollfd){.fd = tee_is_busy(t) ? t->fd : -1, .events = POLLOUT};
}

bool tee_write(struct tee *t)
{
    size_t left = t->waiting.len - t->written;
    ssize_t n;

    if (left == 0)
        return true;
    n = write(t->fd, t->waiting.data + t->written, MIN(left, (size_t)PIPE_BUF));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n < 0) {
        tee_clear(t);
        return false;
    }
    t->written += (size_t)n;
    if (t->written == t->waiting.len) {
        buf_reset(&t->waiting);
        t->written = 0;
    }
    return true;
}
