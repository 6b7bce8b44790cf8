/*
 * registry.h - what a core remembers: tasks, open executions, what comes next, the watermark.
 *
 * Everything here is the committed state, but for the drafts: while a plan is made, each task and open
 * execution that it touches carries a draft of its next state, and readers see the draft. core_commit moves
 * the drafts in, core_discard drops them (plan.h). The heaps are ordered by what readers see.
 *
 * A task's state of revision 0 is a ghost: nothing but the ids of commands that were rejected, kept so
 * that a repeated command has no second outcome. It is forgotten when they are a day old.
 */
#ifndef SCHEDULER_REGISTRY_H
#define SCHEDULER_REGISTRY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/heap.h"
#include "base/map.h"
#include "cron/timeline.h"
#include "scheduler/core.h"
#include "scheduler/state.h"

enum { RECENT_COMMANDS_MAX = 256 };

#define RECENT_COMMANDS_KEPT USEC_PER_DAY

struct plan;

/* What a revision says, parsed. Immutable. */
struct body {
    struct arena *memory;
    const struct task_spec *spec;
    const char *queue_topic;
    struct timeline *timeline; /* NULL: its zone is gone (only of deleted tasks, after a restore) */
};

struct task_view {
    int32_t revision; /* 0: a ghost */
    enum task_state state;
    usec_t effective_at;
    usec_t floor; /* every instant scheduled up to here is decided */
    usec_t paused_until;
    struct body *body;             /* owned; NULL only in a ghost */
    struct recent_command *recent; /* owned, oldest first */
    size_t recent_count;
    struct occurrence next; /* the first undecided instant; only while active and wake < USEC_MAX */
    /* due of `next`; paused: the end of the pause; a ghost: when it is forgotten; USEC_MAX: never */
    usec_t wake;
    int32_t unfinished; /* open executions */
};

struct task {
    struct heap_node node; /* the id; in core.due while wake < USEC_MAX */
    struct task_view now;
    struct task_view *draft; /* NULL: untouched by the plan in the making */
    struct open *opens;      /* the newest of its open executions */
    /* only while restoring: the newest record of its state, and why nobody can read that; NULL: it can be read */
    int64_t state_at;
    struct error *trouble;
};

struct open {
    struct heap_node node; /* the execution's id; in core.deadlines while it has one */
    struct open_execution now;
    char *queue; /* now.queue, owned */
    struct open_execution *draft;
    struct task *task; /* NULL: unknown, only while restoring */
    /* only while restoring: the newest record, if a later release has written it, and why nobody can read that */
    int64_t state_at;
    struct error *trouble;
    struct open *older, *newer;
};

struct mark { /* a place in the order (due, id) */
    usec_t due;
    struct uuid id;
};

struct input { /* a message that waits for its plan */
    int64_t offset;
    usec_t at;
    struct bytes value; /* owned copy */
};

struct inputs {
    struct input *items;
    size_t count, capacity;
    int64_t decided; /* next offset after the last committed plan */
    int64_t seen;    /* next offset after the last one taken */
};

struct core {
    const struct core_env *env;
    int partition;
    char *tasks_topic, *status_topic, *state_topic;
    struct map tasks, opens;
    struct heap due, deadlines;
    struct mark mark; /* W */
    struct inputs commands, statuses;
    struct plan *plan;  /* in the making, or waiting for its commit; NULL: none */
    struct uuid *stale; /* tasks that wait for their new timelines (rezone.h) */
    size_t stale_count, stale_capacity;
    struct arena *foreign; /* one message at a time */
    struct arena *packing; /* to measure a spec */
    struct buf frame;      /* one record at a time */
    size_t live_tasks;     /* not deleted, not ghosts */
    bool has_records, has_watermark;
    struct restoring { /* what the state held that is of no use */
        long strays;
        struct error first_stray;
        bool lost_watermark; /* the newest one cannot be read: it lies here, since */
        int64_t lost_at;
        struct error lost_why;
        int64_t trouble_at; /* the record that registry_restored has failed for */
    } restoring;
};

const struct task_view *task_seen(const struct task *t);
const struct open_execution *open_seen(const struct open *o);

/* RC_INVALID: a schedule that cannot be parsed, or none of several ever fires. */
MUST_CHECK enum rc body_new(struct core *c, struct uuid task, const struct task_spec *spec,
                            struct body **ret, struct error *err);
void body_free(struct body *b); /* NULL is fine */

void registry_clear(struct core *c); /* frees all tasks and open executions */

struct task *registry_find(const struct core *c, struct uuid id);
struct task *registry_add(struct core *c, struct uuid id); /* a ghost without commands */
void registry_forget(struct core *c, struct task *t);      /* out of map and heap, freed */

struct open *registry_add_open(struct core *c, struct task *t, const struct open_execution *e);
void registry_forget_open(struct core *c, struct open *o);
usec_t open_deadline(const struct open_execution *e); /* USEC_MAX: none, or already proposed */

int mark_order(struct mark a, struct mark b); /* <0, 0, >0 */

/* With jitter an instant is due later than it is scheduled, though before the next one is scheduled. */

/* The last instant that is due by then; RC_NOT_FOUND when there is none. */
MUST_CHECK enum rc registry_last_due(const struct timeline *timeline, usec_t then,
                                     struct occurrence *ret);
/* Is an instant scheduled at or before `at` and due after it? There is one at most. */
bool registry_is_pending(const struct timeline *timeline, usec_t at, struct occurrence *ret);

/* Rules (b) and (c) for an instant of an active task to be undecided; (a), scheduled_at > floor, is how it was found. */
bool registry_is_undecided(const struct task_view *v, struct uuid id, struct mark mark,
                           const struct occurrence *o);

/* Finds the first undecided instant of an active task after a change or a restore: moves `next`, `wake`, `floor`. */
void registry_seek(struct uuid id, struct task_view *v, struct mark mark);

/* One record of state[p]. What nobody can use is counted and passed over; whether a Watermark or a task that cannot be
   read matters is known at the end: a newer record may follow. */
void registry_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value);
MUST_CHECK enum rc registry_restored(struct core *c, struct error *err);

DEFINE_SCOPED(body, struct body, body_free)

#endif
