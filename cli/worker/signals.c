#include "cli/worker/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum rc signals_watch(int *ret_fd, struct error *err)
{
    static const int watched[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};
    const struct sigaction plain = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    (void)sigaction(SIGCHLD, &plain, NULL); /* else children vanish before they are waited for */
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        (void)sigaddset(&set, watched[i]);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    *ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ret_fd >= 0 ? RC_OK
                        : error_set(err, RC_FATAL, "could not watch signals: %s", strerror(errno));
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}
