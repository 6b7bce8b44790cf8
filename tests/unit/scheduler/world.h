/*
 * world.h - one core and the log around it, for scenarios: commands in, plans committed, records kept.
 *
 * The log is what committed plans wrote. It feeds statuses back, and it can give birth to a new core from
 * the compacted state, as after a crash. Times are seconds after `EPOCH`; the broker's clock is w->now + w->broker_ahead.
 */
#ifndef TESTS_SCHEDULER_WORLD_H
#define TESTS_SCHEDULER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/tables.h"
#include "scheduler/core.h"

#define EPOCH          (INT64_C(1767225600) * USEC_PER_SEC) /* 2026-01-01T00:00:00Z, a Thursday */
#define SECONDS(after) (EPOCH + (usec_t)(after)*USEC_PER_SEC)
#define SINCE(instant) ((long)(((instant)-EPOCH) / USEC_PER_SEC))

struct kept { /* one record of the log */
    const char *topic, *key;
    int partition;
    struct bytes value;
    enum record_kind kind;
    const void *record;    /* decoded; NULL for a tombstone */
    usec_t at;             /* w->now of its plan */
    struct uuid state_key; /* of records of the state topic, else nil */
};

struct world {
    struct core_env env;
    struct core *core;
    struct zoneset *zones;
    struct arena *memory; /* all that is kept */
    usec_t now;
    usec_t broker_ahead;  /* of w->now, for what is sent */
    size_t limit, inputs; /* the room of a plan */
    bool hurries;         /* what is due does not wait for inputs that have no room */
    /* hears, obeys: what comes to the log reaches the core: statuses, commands */
    bool may_fire, hears, obeys;
    bool queue_is_gone;
    struct kept *log;
    size_t count, capacity;
    struct map newest;                /* state key -> 1 + index of its newest record */
    struct kept *commands, *statuses; /* inputs, by offset */
    usec_t *command_times, *status_times;
    size_t command_count, command_capacity, command_time_capacity;
    size_t status_count, status_capacity, status_time_capacity;
    long turns, cut;
    struct core_counts counts; /* sum of all plans */
};

struct world *world_new(void); /* partition 0 of 1, limit 10,000 */
void world_free(struct world *w);

struct uuid task_of(const char *key);
struct uuid command_numbered(int n);
/* A spec of project default, queue default, one schedule; key and expression are borrowed. */
struct task_spec spec_of(const char *key, const char *expression);

/* Sends a command; a nil command_id is filled in. Answers the id. */
struct uuid world_send(struct world *w, struct command command);
struct uuid world_put(struct world *w, struct task_spec spec);
struct uuid world_order(struct world *w, const char *key, enum command_kind kind);
/* A worker's report (worker != NULL) or a raw one. */
void world_report(struct world *w, struct uuid execution, const char *key, enum status status);
void world_report_on(struct world *w, struct uuid execution, const char *key, int attempt,
                     enum status status);
void world_say(struct world *w, const struct execution_status *status);
/* A sign of life of that worker, or any record in heartbeats. It reaches the core at once. */
void world_sign(struct world *w, struct uuid execution, const char *key, int attempt);
void world_sign_as(struct world *w, const struct heartbeat *sign);
/* The core has heard everything up to w->now; a turn. */
void world_hear(struct world *w, usec_t now);

/* Turns at w->now until nothing is left to do; and at a later time. */
void world_turn(struct world *w);
void world_go(struct world *w, usec_t now);
/* One plan, left uncommitted; NULL when there is nothing to do. */
struct core_plan *world_plan(struct world *w);
void world_commit(struct world *w, struct core_plan *plan);
/* A new core from the compacted state; what was not decided is read again. */
void world_crash(struct world *w);

/* tzdata was swapped: these zones, taken over, in the place of the ones before; the named one has other clocks (NULL: none). */
void world_rezone(struct world *w, struct zoneset *zones, const char *name);

/* What the log holds of a kind, in order; NULL past the last. */
const void *world_record(const struct world *w, enum record_kind kind, size_t index);
size_t world_count(const struct world *w, enum record_kind kind);
const struct command_outcome *world_outcome(const struct world *w, struct uuid command);
const struct watermark *world_watermark(const struct world *w);                     /* the newest */
const struct task_revision *world_revision(const struct world *w, const char *key); /* the newest */
/* Seconds after EPOCH of the executions of that task and trigger, as "10 20 30". Lives until the next call. */
const char *world_fired(const struct world *w, const char *key, enum trigger trigger);
const char *world_gaps(const struct world *w, const char *key); /* "PAUSED(10,40]=3" */
const char *world_born(const struct world *w, const char *key); /* "SKIPPED/OVERLAP@20" */

#endif
