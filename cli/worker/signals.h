/*
 * signals.h - the signals of a process that runs commands: they only come through a descriptor, whatever threads there will be.
 */
#ifndef CLI_WORKER_SIGNALS_H
#define CLI_WORKER_SIGNALS_H

#include "base/error.h"

/* SIGTERM, SIGINT, and those that are passed on to commands: SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH. Also makes sure that children
   can be waited for, and that a pipe that nobody reads is no end. */
MUST_CHECK enum rc signals_watch(int *ret_fd, struct error *err);
/* The number of the next one; 0: none. */
int signals_next(int fd);

#endif
