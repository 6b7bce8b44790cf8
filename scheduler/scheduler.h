/*
 * scheduler.h - the scheduler as a program: one group member, one transactional producer, one loop.
 *
 * Crash-only: it returns when it cannot go on, the supervisor starts it again, and it takes up where the
 * log says that it was. Nothing is kept on this host but a lock file.
 */
#ifndef SCHEDULER_SCHEDULER_H
#define SCHEDULER_SCHEDULER_H

#include <signal.h>

#include "base/settings.h"
#include "bus/bus.h"

struct scheduler_config {
    /* from common_settings */
    const char *brokers;
    const char *topic_prefix;
    const char *state_dir; /* of the lock file */
    int partitions;
    int64_t session_timeout_ms, transaction_timeout_ms;
    /* scheduler_settings */
    int64_t cancel_grace_ms;
    const char *instance; /* NULL: host name + "-1" */
};

extern const struct setting scheduler_settings[]; /* over struct scheduler_config */

/* Runs until *stop (RC_OK) or until it must be restarted (RC_FATAL, RC_FENCED); RC_INVALID: wrong settings,
   wrong topics, or the instance's name is taken: the text says what, the hint what to do. */
MUST_CHECK enum rc scheduler_run(const struct scheduler_config *config,
                                 const volatile sig_atomic_t *stop, struct error *err);

/* --- the same without a process around it: for tests and the simulator --- */

struct scheduler;
struct moment;

struct scheduler_env {
    struct bus *bus; /* its instance is `instance` */
    const char *prefix, *instance;
    int partitions;
    int64_t transaction_timeout_ms, cancel_grace_ms;
    void (*read_clock)(struct moment *ret); /* NULL: the machine's */
    const char *zoneinfo;                   /* directory; NULL: the machine's */
};

MUST_CHECK enum rc scheduler_new(const struct scheduler_env *env, struct scheduler **ret,
                                 struct error *err);
void scheduler_free(struct scheduler *s);
/* One round: waits up to max_wait_ms for an input or for what is due, takes in what is there, does what is due. */
MUST_CHECK enum rc scheduler_step(struct scheduler *s, int max_wait_ms, struct error *err);

DEFINE_SCOPED(scheduler, struct scheduler, scheduler_free)

#endif
