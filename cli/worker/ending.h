/*
 * ending.h - how a command ended, as the history shows it. Pure.
 */
#ifndef CLI_WORKER_ENDING_H
#define CLI_WORKER_ENDING_H

#include "base/arena.h"
#include "cli/worker/child.h"
#include "sdk/c/cronobs.h"

enum stop_cause { /* why we told a command to stop */
                  STOP_NONE,
                  STOP_TIMEOUT,  /* its run timeout is over */
                  STOP_CANCEL,   /* somebody asked to cancel it */
                  STOP_SHUTDOWN, /* the worker was told to stop, for the second time */
};

const char *stop_words(enum stop_cause cause);

/* What a command that has ended comes to; the message is in `memory`. One that was stopped for its limit has FAILED by
   that, one that was cancelled is CANCELLED, whatever it answers: neither can tell whether its work was done. */
struct cronobs_outcome ending_outcome(const struct child_end *end, enum stop_cause cause,
                                      struct arena *memory);

/* What a shell would end with where a command was not started, by the same answer. */
int ending_exit_code(enum rc rc);

/* What a command that was not started comes to, by child_start's or shell_command_parse's answer. */
struct cronobs_outcome ending_not_started(enum rc rc, const struct error *why);

#endif
