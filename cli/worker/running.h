/*
 * running.h - a job whose command runs: its pipes, its lines, its deadlines, from the start to the report.
 *
 * It lives on the worker's one loop: the loop waits for what running_watch names and for running_wake, then calls
 * running_step, which never waits. While the SDK takes no more lines, the command's pipes are not read: a
 * command that prints faster than the brokers take it is slowed down, nothing is dropped.
 */
#ifndef CLI_WORKER_RUNNING_H
#define CLI_WORKER_RUNNING_H

#include <poll.h>

#include "cli/worker/ending.h"

enum { RUNNING_FDS = 7 };

struct running;

struct running_setup {
    char *const *command;           /* NULL: payloads are shell commands */
    const char *const *environment; /* the worker's */
    usec_t kill_after;              /* from SIGTERM to SIGKILL */
    bool reads_levels;              /* a line that states its level has that one (level.h) */
    bool takes_progress;            /* from CHILD_PROGRESS_FD (progress.h) */
    bool passes_through; /* it reads our standard input, and what it prints goes to ours as well */
};

/* Starts what the job asks for. NULL: it could not be started, and that has been reported; *ret_why is child_start's answer
   (may be NULL). */
struct running *running_start(const struct running_setup *setup, struct cronobs_job *job,
                              usec_t tick, enum rc *ret_why);
pid_t running_group(const struct running *r); /* of the command's processes */
/* How it ended: after running_step has said so. */
struct child_end running_end(const struct running *r);
void running_free(struct running *r); /* NULL is fine; leaves the command to itself */

void running_watch(const struct running *r, struct pollfd fds[RUNNING_FDS]);
usec_t running_wake(const struct running *r); /* USEC_MAX: nothing is due */

/* Does what can be done; `fds` as poll left them, has_room: lines that were refused may be offered again. True: the
   command has ended, everything it printed was accepted, and the end was reported. */
bool running_step(struct running *r, const struct pollfd fds[RUNNING_FDS], bool has_room,
                  usec_t tick);

/* SIGTERM to the command's group; SIGKILL after the set time, but not for a shutdown: that is left to whoever shuts
   down. Only the first cause counts. When the command has ended, what is left of its group is killed. */
void running_stop(struct running *r, enum stop_cause cause, usec_t tick);
void running_kill(struct running *r);               /* SIGKILL now */
void running_signal(struct running *r, int number); /* any other, passed on */

/* Reports a job that is not even started as failed. */
void running_refuse(struct cronobs_job *job, enum stop_cause cause);

#endif
