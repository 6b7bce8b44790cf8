/*
 * queues.h - which topics there are, and which of their partitions can be written to: asked for every 10 s, and at once when
 * somebody doubts it. Nothing here waits.
 *
 * A turn that meets a queue which is not in the list asks for a newer one, and the partition that met it is planned again when
 * that has come (the API makes a topic before it sends the command).
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
    const char *prefix; /* of all topics, "cronobs."; queues follow with "executions." */
    char *queue_prefix;
    int partitions; /* of each queue */

    struct arena *memory;                 /* of what follows */
    const struct bus_topic_state *topics; /* sorted by name */
    size_t topic_count;
    const char **queues; /* topics that are queues, sorted */
    size_t count;
    size_t refused;      /* topics of another shape */
    bool has_unwritable; /* some partition of some topic */

    long asked, wanted, answered; /* lists, by number: on its way; needed by somebody; in force */
    usec_t ask_at;                /* monotonic */
    bool is_asking;
    bool is_trusted; /* what is not in the list does not exist: it is newer than the doubt */
    bool is_missed;  /* a plan has met a name that is not in a list which is not trusted */
};

void queues_init(struct queues *q, struct bus_admin *admin, const char *prefix, int partitions);
void queues_clear(struct queues *q);
/* The first list; blocks. */
MUST_CHECK enum rc queues_load(struct queues *q, usec_t mono, struct error *err);
/* Asks when it is time. Keeps what it has when that fails. */
void queues_step(struct queues *q, usec_t mono);
void queues_answer(struct queues *q, const struct bus_answer *answer, usec_t mono);
/* Wants a list that is asked for from now on; answers its number: there once q->answered has reached it. */
long queues_want(struct queues *q);
bool queues_is_wanted(const struct queues *q); /* somebody waits for a list */

void queues_begin_plan(struct queues *q, bool is_trusted);
/* As the list says: it has a leader, and replicas enough are in sync. */
bool queues_can_write(const struct queues *q, const char *topic, int partition);
bool queues_exist(void *queues, const char *queue); /* for core_env */

#endif
