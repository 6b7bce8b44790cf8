/*
 * ownership.h - which partitions are ours, and how far each is on its way to being scheduled.
 *
 * The group shares out commands[p]; with it comes everything of p. Each partition goes through the phases
 * by itself (restore.h does the first three), and nothing fires for it before it is READY. When the
 * assignment changes, everything in memory is dropped: what is lost has to be read again anyway, since
 * others may have written it meanwhile.
 */
#ifndef SCHEDULER_OWNERSHIP_H
#define SCHEDULER_OWNERSHIP_H

#include "base/seldom.h"
#include "scheduler/core.h"
#include "scheduler/names.h"

enum phase {
    PHASE_NONE,   /* not ours */
    PHASE_STANDS, /* ours, but nobody could go on without guessing: tried again every 10 s, until a person has mended it */
    PHASE_STABLE, /* waits until no transaction is pending on the group's offset of commands[p] */
    PHASE_STATE,  /* reads state[p] */
    PHASE_ADD,    /* knows its positions, not yet read by the consumer */
    PHASE_CATCH_UP, /* reads commands[p] and status[p] up to the ends noted after the first fetch, or to the last stable ones */
    PHASE_READY,
};

/* Heartbeats are read from their end on: nobody waits for them, and what is lost of them is lost. */
enum input { INPUT_COMMANDS, INPUT_STATUS, INPUT_HEARTBEATS, INPUT_COUNT };

struct owned {
    enum phase phase;
    struct core *core;
    /* what the core has been given; never librdkafka's idea of it; BUS_END = not known yet */
    int64_t next[INPUT_COUNT];
    int64_t end[INPUT_HEARTBEATS]; /* where catching up ends; -1 = not noted yet */
    usec_t since[PHASE_READY + 1]; /* monotonic: when each phase began */
    char why[512];                 /* it stands; "" before it ever did. Told once, */
    int64_t why_at;                /* for the record that it stands at */
    usec_t deaf_since;             /* monotonic: heartbeats[p] cannot be read; 0 = it can */
    /* monotonic: its plans leave commands or statuses undecided; 0: they do not */
    usec_t behind_since;
    /* monotonic; 0 = the current step has not met a pending transaction */
    usec_t unstable_since;
};

struct ownership {
    struct bus_consumer *consumer; /* of the group; set after ownership_init */
    const struct core_env *env;
    const struct names *names;
    struct owned *of;         /* [env->partitions] */
    bool must_assign;         /* one that stands is still read */
    struct seldom unreadable; /* batches that could not be unpacked, as the log tells of them */
    uintptr_t epoch;          /* + 1 with every assignment: answers to older questions are void */
};

void ownership_init(struct ownership *o, const struct core_env *env, const struct names *names);
void ownership_clear(struct ownership *o);

/* One event of the consumer. RC_FENCED, RC_FATAL: this process is done. */
MUST_CHECK enum rc ownership_take(struct ownership *o, const struct bus_event *e, usec_t mono,
                                  struct error *err);

/* Says that a batch which nobody can unpack is passed over; of many, one a minute. */
void ownership_tell_unreadable(struct ownership *o, const struct bus_event *e, usec_t mono);

/* The partition cannot go on: says so, reads nothing more of it. `at`: the place that a person has to decide about. The
   others go on. */
void ownership_stand(struct ownership *o, int p, const struct bus_position *at, const char *why,
                     usec_t mono);
/* Those that stand, and have for 10 s, begin anew; those whose heartbeats could not be read read on at the end. */
void ownership_try_again(struct ownership *o, usec_t mono);

/* Lets the consumer read all partitions that wait in PHASE_ADD, in one assignment of all that is read. */
MUST_CHECK enum rc ownership_add(struct ownership *o, usec_t mono, struct error *err);

void ownership_enter(struct owned *p, enum phase phase, usec_t mono);
int ownership_count(const struct ownership *o, enum phase from, enum phase to); /* inclusive */

#endif
