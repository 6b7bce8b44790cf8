/*
 * child.h - a command as a child process: in a process group of its own, its streams on pipes, its end on a descriptor.
 *
 * Our ends never block and reach no child. The command starts with default signal actions, nothing blocked,
 * and no descriptor but its three streams and, if it is to have it, the one for its progress. Nobody else in this process may wait for children.
 */
#ifndef CLI_WORKER_CHILD_H
#define CLI_WORKER_CHILD_H

#include <sys/types.h>

#include "base/error.h"

enum { CHILD_PROGRESS_FD = 3 };

struct child {
    pid_t pid;     /* also its group: ours until child_clear, even if it ends before */
    int pidfd;     /* readable when it has ended; this and the others: -1 when closed */
    int input;     /* its standard input, for us to write */
    int output[2]; /* its standard output and error, for us to read */
    int progress;  /* its CHILD_PROGRESS_FD, for us to read */
};

struct child_end {
    bool by_signal;
    int code; /* exit code, or the number of the signal */
    bool dumped_core;
};

struct child_spec {
    char *const *argv; /* argv[0] is looked for along PATH unless it has a slash */
    char *const *env;
    int folder;        /* a descriptor: where it starts; -1: where we are */
    bool has_progress; /* it may write to CHILD_PROGRESS_FD */
    bool keeps_input;  /* its standard input is ours; child.input is -1 */
};

/* RC_NOT_FOUND: there is no such command; RC_INVALID: the
   system refuses to run it; RC_RETRY: this machine cannot start another process now. */
MUST_CHECK enum rc child_start(const struct child_spec *spec, struct child *ret, struct error *err);

void child_signal(const struct child *c, int number); /* to all that is left of its group */
/* How it ended; `pidfd` is closed then. False: it has not ended. */
bool child_take_end(struct child *c, struct child_end *ret);
void child_close(int *fd);         /* one end; may be closed already */
void child_clear(struct child *c); /* closes all and gives the process id up; ends nothing */

#endif
