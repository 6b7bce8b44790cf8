#include "cli/shared/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static enum rc read_all(int fd, const char *path, size_t max, struct buf *out, struct error *err)
{
    size_t before = out->len;

    for (;;) {
        ssize_t got = read(fd, buf_reserve(out, CHUNK), CHUNK);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, RC_INVALID, "could not read %s: %s", path, strerror(errno));
        if (got == 0)
            break;
        out->len += (size_t)got;
        if (out->len - before > max)
            return error_set(err, RC_INVALID, "%s has more than %zu bytes", path, max);
    }
    if (out->data != NULL)
        out->data[out->len] = '\0';
    return RC_OK;
}

enum rc file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
    enum rc rc;
    int fd;

    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, "standard input", max, out, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, RC_INVALID, "could not open %s: %s", path, strerror(errno));
    rc = read_all(fd, path, max, out, err);
    (void)close(fd);
    return rc;
}

bool file_is_public(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH) != 0;
}
