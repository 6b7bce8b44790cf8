#include "c/spool_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

#define SUFFIX ".run"

enum { NAME_BYTES = UUID_TEXT + sizeof SUFFIX, DRAFT_SECONDS = 86400 };

struct spool_folder {
    char *path;
    int fd;
    int own, other; /* files that we have locked; -1: none */
    char own_name[NAME_BYTES], other_name[NAME_BYTES];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* --- the folder --- */

/* Its parents as others make folders, itself for nobody else. */
static void make(const char *path)
{
    SCOPED(text) char *copy = xstrdup(path);

    for (char *at = copy + 1; *copy != '\0' && *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(copy, 0755);
        *at = '/';
    }
    (void)mkdir(copy, 0700); /* to open it tells */
}

/* Under a file descriptor of its own: each list begins at the beginning. */
static DIR *list(const struct spool_folder *f)
{
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d == NULL)
        close_fd(&fd);
    return d;
}

/* Drafts of processes that were killed while they wrote. */
static void sweep(const struct spool_folder *f)
{
    DIR *d = list(f);
    struct dirent *entry;
    struct stat s;

    while (d != NULL && (entry = readdir(d)) != NULL)
        if (*entry->d_name == '.' && strstr(entry->d_name, SUFFIX ".") != NULL &&
            fstatat(f->fd, entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
            s.st_mtime < time(NULL) - DRAFT_SECONDS)
            (void)unlinkat(f->fd, entry->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
}

enum rc spool_folder_open(const char *path, struct spool_folder **ret, struct error *err)
{
    struct spool_folder *f;
    int fd;

    make(path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        int code = errno;

        close_fd(&fd);
        return error_set(err, RC_INVALID, "could not use the folder %s: %s", path, strerror(code));
    }
    f = xcalloc(1, sizeof *f);
    *f = (struct spool_folder){.path = xstrdup(path), .fd = fd, .own = -1, .other = -1};
    sweep(f);
    *ret = f;
    return RC_OK;
}

void spool_folder_free(struct spool_folder *f)
{
    if (f == NULL)
        return;
    close_fd(&f->own);
    close_fd(&f->other);
    close_fd(&f->fd);
    free(f->path);
    free(f);
}

/* <id>.run */
static bool is_run(const char *name)
{
    char id[UUID_TEXT] = "";
    struct uuid parsed;

    if (strlen(name) != UUID_TEXT - 1 + strlen(SUFFIX) || strcmp(name + UUID_TEXT - 1, SUFFIX) != 0)
        return false;
    memcpy(id, name, UUID_TEXT - 1);
    return uuid_from_text(id, &parsed, NULL) == RC_OK;
}

void spool_folder_count(const struct spool_folder *f, size_t *ret_runs, size_t *ret_bytes)
{
    DIR *d = list(f);
    struct dirent *entry;
    struct stat s;

    *ret_runs = *ret_bytes = 0;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        if (*entry->d_name == '.' || fstatat(f->fd, entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        (*ret_runs)++; /* what was set aside takes its room too */
        *ret_bytes += (size_t)s.st_size;
    }
    if (d != NULL)
        (void)closedir(d);
}

/* --- our own --- */

static enum rc write_all(int fd, struct bytes file, struct error *err)
{
    const char *at = file.data;

    for (size_t left = file.len; left > 0;) {
        ssize_t n = write(fd, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, RC_RETRY, "%s", strerror(errno));
        at += n;
        left -= (size_t)n;
    }
    return fsync(fd) == 0 ? RC_OK : error_set(err, RC_RETRY, "%s", strerror(errno));
}

/* Written, locked, and in its place; or nothing is left of it. */
static enum rc put(struct spool_folder *f, const char *name, struct bytes file, int *ret,
                   struct error *err)
{
    SCOPED(text) char *draft = xasprintf(".%s.%d", name, (int)getpid());
    int fd = openat(f->fd, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum rc rc;

    if (fd < 0)
        return error_set(err, RC_RETRY, "%s", strerror(errno));
    (void)flock(fd, LOCK_EX | LOCK_NB); /* nobody else knows it */
    rc = write_all(fd, file, err);
    if (rc == RC_OK && renameat(f->fd, draft, f->fd, name) != 0)
        rc = error_set(err, RC_RETRY, "%s", strerror(errno));
    if (rc != RC_OK) {
        (void)unlinkat(f->fd, draft, 0);
        close_fd(&fd);
        return rc;
    }
    (void)fsync(f->fd);
    *ret = fd;
    return RC_OK;
}

enum rc spool_folder_keep(struct spool_folder *f, struct uuid run, struct bytes file,
                          struct error *err)
{
    char id[UUID_TEXT];
    int fd = -1;

    (void)snprintf(f->own_name, sizeof f->own_name, "%s%s", uuid_to_text(run, id), SUFFIX);
    if (put(f, f->own_name, file, &fd, err) != RC_OK)
        return error_prefix(err, "could not write %s/%s", f->path, f->own_name);
    close_fd(&f->own);
    f->own = fd;
    return RC_OK;
}

void spool_folder_drop(struct spool_folder *f)
{
    if (f->own < 0)
        return;
    (void)unlinkat(f->fd, f->own_name, 0);
    close_fd(&f->own);
}

/* --- those that were left behind --- */

/* Locked, and still what has that name: another may have sent it, or put a newer one in its place. */
static int take(const struct spool_folder *f, const char *name)
{
    int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat ours, there;

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
        S_ISREG(ours.st_mode) && fstatat(f->fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
        return fd;
    close_fd(&fd);
    return -1;
}

/* The lowest name above the last one; false: none. */
static bool find_next(const struct spool_folder *f, char name[NAME_BYTES])
{
    char found[NAME_BYTES] = "";
    DIR *d = list(f);
    struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL)
        if (is_run(entry->d_name) && strcmp(entry->d_name, name) > 0 &&
            (*found == '\0' || strcmp(entry->d_name, found) < 0))
            (void)snprintf(found, sizeof found, "%.*s", NAME_BYTES - 1, entry->d_name);
    if (d != NULL)
        (void)closedir(d);
    memcpy(name, found, sizeof found);
    return *found != '\0';
}

/* What is longer than any of ours is read as far as it takes to see that. */
static void read_all(int fd, struct buf *out)
{
    ssize_t n = 1;

    buf_reset(out);
    while (n > 0 && out->len <= SPOOL_FILE_BYTES_MAX) {
        n = read(fd, buf_reserve(out, 65536), 65536);
        out->len += n > 0 ? (size_t)n : 0;
        out->data[out->len] = '\0';
    }
}

bool spool_folder_next(struct spool_folder *f, struct buf *ret, const char **ret_name)
{
    spool_folder_leave(f);
    while (find_next(f, f->other_name)) {
        f->other = take(f, f->other_name);
        if (f->other < 0)
            continue;
        read_all(f->other, ret);
        *ret_name = f->other_name;
        return true;
    }
    return false;
}

void spool_folder_sent(struct spool_folder *f)
{
    (void)unlinkat(f->fd, f->other_name, 0);
    close_fd(&f->other);
}

void spool_folder_leave(struct spool_folder *f)
{
    close_fd(&f->other);
}

enum rc spool_folder_set_aside(struct spool_folder *f, struct error *err)
{
    SCOPED(text) char *aside = xasprintf("%s.broken", f->other_name);
    int code = renameat(f->fd, f->other_name, f->fd, aside) == 0 ? 0 : errno;

    close_fd(&f->other);
    return code == 0 ? RC_OK
                     : error_set(err, RC_RETRY, "could not rename %s/%s: %s", f->path,
                                 f->other_name, strerror(code));
}
