/*
 * place.h - an installation for one measurement: topics of its own, tasks written into `state` as a scheduler would have
 * written them, and schedulers as processes of their own. No API, consumer or database: nothing but the broker is shared.
 */
#ifndef BENCH_FIRING_PLACE_H
#define BENCH_FIRING_PLACE_H

#include <sys/types.h>

#include "model/tables.h"
#include "support/broker.h"

enum { PLACE_PARTITIONS = 12 };

struct place {
    char prefix[64];
    char *queue_topic;
    struct bus *bus;
    struct bus_admin *admin;
    struct bus_producer *producer;
};

struct instance { /* one scheduler */
    const char *name;
    pid_t pid;
    int log; /* what it says */
};

void place_begin(struct place *p);
void place_end(struct place *p);

/* A record as it is, to any topic without the prefix; the producer's queue is waited for. */
void place_send(struct place *p, const char *topic, int partition, const char *key,
                struct bytes value);
/* The same, of a kind. */
void place_write(struct place *p, const char *topic, int partition, const char *key,
                 enum record_kind kind, const void *record);
void place_flush(struct place *p);

/* Its state: active since `since`, and all is decided up to then. place_settle writes the watermarks, last. */
void place_add_task(struct place *p, const struct task_spec *spec, usec_t since);
void place_settle(struct place *p, usec_t since);

struct instance place_start(const struct place *p, const char *name);
/* Seconds until it has said so; exits when it does not within `limit`. */
double instance_wait(const struct instance *i, const char *words, double limit);
double instance_resident(const struct instance *i); /* bytes */
double instance_cpu(const struct instance *i);      /* seconds */
void instance_kill(struct instance *i, int signal);

/* The process that place_start makes; -1: this is not one. */
int place_child(int argc, char **argv);

#endif
