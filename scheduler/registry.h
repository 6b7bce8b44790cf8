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
#include "base/index.h"
#include "base/map.h"
#include "model/tables.h"
#include "scheduler/body.h"
#include "scheduler/core.h"
#include "scheduler/state.h"

enum { RECENT_COMMANDS_MAX = 256 };

#define RECENT_COMMANDS_KEPT USEC_PER_DAY

struct plan;

/* There may be a million, so nothing is in it that can be worked out, and nothing between its members. */
struct task_view {
    usec_t effective_at;
    usec_t floor; /* every instant scheduled up to here is decided */
    usec_t paused_until;
    usec_t skip_until;             /* instants scheduled up to here are skipped */
    struct body *body;             /* a reference; NULL only in a ghost */
    struct recent_command *recent; /* owned, oldest first */
    usec_t next_at;                /* with the next ones: task_next() */
    /* due of that; paused: the end of the pause; a ghost: when it is forgotten; USEC_MAX: never */
    usec_t wake;
    int32_t next_ahead; /* its wall time minus its instant, in seconds */
    unsigned recent_count : 9, next_schedule : 5;
    unsigned observed : 10; /* open executions that somebody else has started */
    enum task_state state : 4;
    enum dst next_dst : 4;
    int32_t revision;            /* 0: a ghost */
    int32_t unfinished, waiting; /* open executions by their slot */
    /* of these, what a backfill asked for: 1,000 at most */
    unsigned backfilling : 11, backfills_waiting : 11;
    unsigned failures : 10; /* in a row, as far as a task can ask to be paused for them */
};

struct task {
    struct heap_node node; /* the id; in core.due while wake < USEC_MAX */
    struct task_view now;
    struct task_view *draft; /* NULL: untouched by the plan in the making */
    struct open
        *opens; /* its open executions: what waits, then all others, of both the newest first */
    /* of those that wait: the one that is to be sent now; NULL: none, or there is no room */
    union {
        struct open *head;
        int64_t state_at; /* only while restoring: the newest record of its state */
    };
};

struct open {
    struct heap_node node; /* registry_open_key; in core.deadlines while it has one */
    struct open_execution now;
    char *queue, *zone; /* now.queue, now.zone and now.payload, owned */
    void *payload;
    struct open_execution *draft;
    struct task *task; /* NULL: unknown, only while restoring, as the next one */
    struct body *made; /* a reference: what its revision says */
    /* as its task counts it, for readers */
    enum slot { SLOT_NONE, SLOT_TAKEN, SLOT_WAITING, SLOT_OBSERVED } slot;
    /* only while restoring: the newest record, if a later release has written it, and why nobody can read that */
    int64_t state_at;
    struct error *trouble;
    struct listening
        *listening; /* for its signs of life; NULL: it is to give none, or does not run */
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
    char *commands_topic, *tasks_topic, *status_topic, *state_topic, *control_topic;
    struct index tasks;
    struct map opens;
    struct bodies bodies;
    struct heap due, deadlines, listening;
    struct mark mark; /* W */
    struct inputs commands, statuses;
    bool hurries;  /* a status is among them for which others wait: they are not left for a while */
    bool observes; /* one is among them that begins a run of somebody else's */
    size_t observed;    /* of opens: those runs */
    struct plan *plan;  /* in the making, or waiting for its commit; NULL: none */
    struct uuid *stale; /* tasks that wait for their new timelines (rezone.h) */
    size_t stale_count, stale_capacity;
    struct arena *foreign; /* one message at a time */
    struct buf frame;      /* one record at a time */
    size_t live_tasks;     /* not deleted, not ghosts */
    bool has_records, has_watermark;
    struct restoring { /* what the state held that is of no use */
        long strays;
        struct error first_stray;
        bool lost_watermark; /* the newest one cannot be read: it lies here, since */
        int64_t lost_at;
        struct error lost_why;
        int64_t trouble_at;  /* the record that registry_restored has failed for */
        struct map specs;    /* bodies that are not the newest, by spec_key */
        struct map troubles; /* why nobody can read the newest record of that task's state; owned */
    } restoring;
};

const struct task_view *task_seen(const struct task *t);

/* The first undecided instant (its offset is left out); only while active and wake < USEC_MAX. To set it sets `wake`. */
struct occurrence task_next(const struct task_view *v);
void task_set_next(struct task_view *v, const struct occurrence *o);

const struct open_execution *open_seen(const struct open *o);

/* A message of somebody's, if it is of that kind; NULL: it is not. Lives until the next one. */
const void *registry_read(struct core *c, enum record_kind kind, struct bytes value);

void registry_clear(struct core *c); /* frees all tasks and open executions */

struct task *registry_find(const struct core *c, struct uuid id);
struct task *registry_add(struct core *c, struct uuid id); /* a ghost without commands */
void registry_forget(struct core *c, struct task *t);      /* out of map and heap, freed */

/* Under which it is remembered, here and in the state: its id; of one that somebody else has started, whose id may be anything, a hash of
   that and its task's, so that it is in the way of nothing that the scheduler makes. */
struct uuid registry_open_key(const struct open_execution *e);
/* The open execution of that task; NULL: none. Under another task's id it is another one. */
struct open *registry_find_open(const struct core *c, struct uuid execution, struct uuid task);
/* Copies what e points to. t NULL: only while restoring. */
struct open *registry_add_open(struct core *c, struct task *t, const struct open_execution *e);
void registry_link_open(struct task *t, struct open *o, struct body *made);
void registry_forget_open(struct core *c, struct open *o);
/* It has another slot than before. */
void registry_count_open(struct task_view *v, struct open *o, enum slot slot);
/* The same where nobody counts: what was counted is forgotten. */
void registry_place_open(struct open *o, enum slot slot);
/* The task has another state, or another room for what waits. */
void registry_set_deadlines(struct core *c, struct task *t);
/* What of it waits may be the next one to be sent, or not any more. */
void registry_find_head(struct core *c, struct task *t);
/* Where the newest may run whatever else does, by overlap or by cancelling it, a backfill has slots of its own. */
bool registry_is_backfill_apart(const struct task *t);
/* Is there a slot for another execution with that trigger? Where runs may overlap there always is, but for a backfill's. */
bool registry_has_room(const struct task *t, enum trigger trigger);

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

/* What is only there while restoring. */
void registry_drop_specs(struct core *c);
void registry_drop_trouble(struct core *c, struct uuid task);

/* One record of state[p]. What nobody can use is counted and passed over; whether a Watermark or a task that cannot be
   read matters is known at the end: a newer record may follow. */
void registry_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value);
MUST_CHECK enum rc registry_restored(struct core *c, struct error *err);

#endif
