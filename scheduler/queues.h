/*
 * queues.h - which queues there are: the topics under the prefix, asked for every 10 s, and once more
 * in a turn that meets a name which is not among them (the API makes a topic before it sends the command).
 *
 * A topic with another number of partitions is no queue. A stock client that subscribes to a queue too early
 * can make one; a record for a partition that it has not would be refused in every turn, for ever.
 */
#ifndef SCHEDULER_QUEUES_H
#define SCHEDULER_QUEUES_H

#include "base/arena.h"
#include "bus/bus.h"

struct queues {
    struct bus_admin *admin;
    const char *prefix; /* of their topics, "cronobs.executions." */
    int partitions;     /* of each */
    struct arena *memory;
    const char **topics; /* sorted */
    size_t count;
    size_t refused;    /* topics of another shape */
    bool is_doubted;   /* a turn was aborted since they were asked for */
    usec_t refresh_at; /* monotonic */
    bool is_fresh;     /* asked for in this turn */
    enum rc failed;    /* asking in this turn went wrong: its plan must not be used */
};

void queues_init(struct queues *q, struct bus_admin *admin, const char *prefix, int partitions);
void queues_clear(struct queues *q);
MUST_CHECK enum rc queues_refresh(struct queues *q, usec_t mono, struct error *err);
/* Refreshes when it is time; keeps what it has when that fails. */
void queues_step(struct queues *q, usec_t mono);
/* After an abort: a queue that has vanished, or was made anew, may be the reason. */
void queues_doubt(struct queues *q);
void queues_begin_turn(struct queues *q);
bool queues_exist(void *queues, const char *queue); /* for core_env */

#endif
