#include "scheduler/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc make_folder(const char *path, struct error *err)
{
    SCOPED(text) char *copy = xstrdup(path);

    for (char *at = copy + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(copy, 0755); /* the last one tells */
        *at = '/';
    }
    if (mkdir(copy, 0755) != 0 && errno != EEXIST)
        return error_set(err, RC_INVALID, "could not make the folder %s: %s", path,
                         strerror(errno));
    return RC_OK;
}

enum rc instance_lock(const char *state_dir, const char *instance, int *ret_fd, struct error *err)
{
    SCOPED(text) char *path = xasprintf("%s/scheduler-%s.lock", state_dir, instance);
    int fd;

    if (strchr(instance, '/') != NULL)
        return error_set(err, RC_INVALID, "scheduler.instance: '%s' has a '/'", instance);
    TRY(make_folder(state_dir, err));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(err, RC_INVALID, "could not open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        (void)error_set(err, RC_INVALID, "instance %s runs on this host already: %s is locked",
                        instance, path);
        if (err != NULL)
            (void)snprintf(err->hint, sizeof err->hint,
                           "give each process a name of its own: scheduler.instance");
        return RC_INVALID;
    }
    *ret_fd = fd;
    return RC_OK;
}

static void on_alarm(int signal UNUSED)
{
    static const char words[] = "scheduler: a call has blocked for too long, exit 75\n";

    (void)!write(STDERR_FILENO, words, sizeof words - 1);
    _exit(75); /* from a signal handler there is no other way out */
}

void watchdog_reset(unsigned seconds)
{
    const struct sigaction action = {.sa_handler = on_alarm};

    (void)sigaction(SIGALRM, &action, NULL);
    (void)alarm(seconds);
}
