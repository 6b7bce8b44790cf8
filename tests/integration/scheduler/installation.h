/*
 * installation.h - a small installation on the real broker: topics, scheduler processes, tasks, and what fired.
 *
 * A scheduler process is this test program itself, started again with the arguments of installation_child.
 */
#ifndef INSTALLATION_H
#define INSTALLATION_H

#include <sys/types.h>

#include "bus/bus.h"
#include "model/records.h"

struct firing {
    struct uuid task_id;
    usec_t scheduled_at, due_at;
    usec_t appended_at; /* the broker's time of the record */
};

struct installation {
    char prefix[64];
    int partitions;
    struct bus *bus;
    struct bus_producer *producer;
    struct bus_admin *admin;
    struct bus_consumer *reader; /* executions.default, read_committed */
    struct firing *firings;      /* in the order of the log, per partition */
    size_t count, capacity;
};

struct child {
    pid_t pid;
    const char *name;
};

void installation_begin(struct installation *i, int partitions);
void installation_end(struct installation *i);

/* PutTask: queue "default", every missed instant is made up for. */
void installation_put(struct installation *i, const char *key, const char *expression);

/* A scheduler process; session time-out 6 s, transactions 60 s, so that only the reaper ends them in time. */
struct child installation_start(const struct installation *i, const char *name);
void child_signal(const struct child *c, int signal);
void child_kill(struct child *c); /* -9, and waits for its end */
int child_wait(struct child *c);  /* its exit code; -1: by a signal */
/* main of such a process, when the arguments say that this is one; -1: they do not. */
int installation_child(int argc, char **argv);

size_t installation_members(const struct installation *i); /* of the group */

void installation_read(struct installation *i); /* what has been committed until now */
/* How many tasks have fired an instant that was due at `from` or later. */
int installation_fired_since(const struct installation *i, usec_t from);

/* Every second from each task's first to its last has been fired once. Prints and counts what is not so. */
int installation_faults(const struct installation *i, const char *key);
usec_t installation_latest(const struct installation *i, usec_t from); /* worst lateness since */

#endif
