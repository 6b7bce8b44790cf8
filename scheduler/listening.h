/*
 * listening.h - signs of life: who of those that are to give them has fallen silent. Pure.
 *
 * An execution that runs under a task with heartbeat_ms (N) is listened to from when its claim is folded. A sign counts if it is
 * of the attempt and of the worker that has the claim; of each execution the last one is remembered, nothing is stored. Its time is the
 * broker's, and one that is ahead of this clock counts as of now.
 *
 * Only who has heard everything can tell silence: nothing is decided but in listening_heard, when heartbeats[p] and status[p]
 * have been read up to ends that were asked for after the time in question. Silent for 2 N: it is doubted. Silent for 4 N, and
 * for 2 N since it was doubted: it is LOST. So a worker whose signs could not be written or read for a while has two intervals to
 * give one in (docs/decisions/0170).
 */
#ifndef SCHEDULER_LISTENING_H
#define SCHEDULER_LISTENING_H

#include "scheduler/registry.h"

struct listening {
    struct heap_node node; /* the execution's id; in core.listening until it is silent */
    struct open *open;
    /* the claim that it is about */
    struct uuid claimant;
    int32_t attempt;
    usec_t claimed_at;
    /* 0: the claim is older than this core, and counts from when everything has been heard */
    usec_t heard_at;
    usec_t sign_at; /* of the last sign since it was looked at; 0: none */
    enum { LISTENING_TRUSTS, LISTENING_DOUBTS, LISTENING_SILENT } state;
};

/* The committed state of the execution has changed: begins, begins anew, or ends. `now` 0: it was restored. */
void listening_follow(struct core *c, struct open *o, usec_t now);
void listening_end(struct core *c, struct open *o);

/* A message of heartbeats[p]; `at` is the broker's time. What is no sign of a claim that is listened to is passed over. */
void listening_take(struct core *c, usec_t at, struct bytes value);

/* Everything that was in the log at `until` has been taken by now. */
void listening_heard(struct core *c, usec_t until, usec_t now);

/* Everybody counts from when everything has been heard again. */
void listening_anew(struct core *c);

/* Is it known that who has the claim, as readers see it, is silent? */
bool listening_is_silent(const struct open *o);

#endif
