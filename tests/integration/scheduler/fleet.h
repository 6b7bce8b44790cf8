/*
 * fleet.h - a small installation on the real broker: topics, scheduler processes, tasks, and what fired.
 *
 * A scheduler process is this test program itself, started again with the arguments of fleet_child.
 */
#ifndef FLEET_H
#define FLEET_H

#include <sys/types.h>

#include "bus/bus.h"
#include "model/tables.h"

enum { FLEET_GRACE_MS = 2000 }; /* from CANCELLING to CANCELLED */

struct firing {
    struct uuid task_id;
    usec_t scheduled_at, due_at;
    usec_t appended_at; /* the broker's time of the record */
};

struct fleet {
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
};

void fleet_begin(struct fleet *i, int partitions);
void fleet_end(struct fleet *i);

/* Sends a record as any other program may, and waits until the log has it. */
void fleet_send(struct fleet *i, const char *topic, int partition, struct uuid key,
                enum record_kind kind, const void *what);
/* A command; fills in its id and actor. Answers the id. */
struct uuid fleet_order(struct fleet *i, struct command command);

/* PutTask: queue "default", every missed instant is made up for. */
void fleet_put(struct fleet *i, const char *key, const char *expression);

/* A scheduler process; session time-out 6 s, transactions 60 s, so that only the reaper ends them in time. */
struct child fleet_start(const struct fleet *i, const char *name);
void child_signal(const struct child *c, int signal);
void child_kill(struct child *c); /* -9, and waits for its end */
int child_wait(struct child *c);  /* its exit code; -1: by a signal */
/* main of such a process, when the arguments say that this is one; -1: they do not. */
int fleet_child(int argc, char **argv);

size_t fleet_members(const struct fleet *i); /* of the group */

void fleet_read(struct fleet *i); /* what has been committed until now */
/* How many tasks have fired an instant that was due at `from` or later. */
int fleet_fired_since(const struct fleet *i, usec_t from);

/* Every second from each task's first to its last has been fired once. Prints and counts what is not so. */
int fleet_faults(const struct fleet *i, const char *key);
usec_t fleet_latest(const struct fleet *i, usec_t from); /* worst lateness since */

#endif
