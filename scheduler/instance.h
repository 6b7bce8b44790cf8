/*
 * instance.h - guards of one process: the lock on its instance name, and the watchdog.
 */
#ifndef SCHEDULER_INSTANCE_H
#define SCHEDULER_INSTANCE_H

#include "base/error.h"

/* Takes the lock file <state_dir>/scheduler-<instance>.lock, making the folder where it is missing. The
   lock ends with the process, however it ends. RC_INVALID: a process on this host has the name already. */
MUST_CHECK enum rc instance_lock(const char *state_dir, const char *instance, int *ret_fd,
                                 struct error *err);

/* Ends the process with exit code 75 when watchdog_reset is not called again within `seconds`: a call into a
   library that never comes back. 0 switches it off. */
void watchdog_reset(unsigned seconds);

#endif
