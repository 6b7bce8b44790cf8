/*
 * plan.h - one plan in the making: drafts of what it changes, and the records that say so.
 *
 * Everything lives in the plan's arena until core_commit or core_discard. Emitting fails only on a record
 * that breaks its own type, which is a bug: RC_FATAL.
 */
#ifndef SCHEDULER_PLAN_H
#define SCHEDULER_PLAN_H

#include "model/tables.h"
#include "scheduler/registry.h"

struct plan_task { /* the first member of its draft */
    struct task_view view;
    usec_t decided;  /* due of its last instant that this plan decided; 0 = none */
    bool is_new;     /* was not in the registry before this plan */
    bool is_gone;    /* a ghost to forget */
    bool is_stored;  /* its state record goes into the plan */
    bool is_counted; /* and its counters */
};

struct plan {
    struct core_plan out; /* first: what the shell sees */
    struct core *core;
    struct arena *memory;
    usec_t now;
    bool may_fire;
    struct core_room room;
    struct mark mark; /* W as the plan leaves it */
    struct bus_record *records;
    size_t count, capacity;
    size_t pending; /* state records that plan_finish adds */
    size_t looked;  /* instants passed over: they cost time, but are no records */
    size_t bytes;   /* of all values */
    struct task **tasks;
    size_t task_count, task_capacity;
    struct open **opens, **made; /* with a draft; made by this plan */
    size_t open_count, open_capacity, made_count, made_capacity;
    struct body **retired; /* replaced within the plan: its records still name their topics */
    size_t retired_count, retired_capacity;
    struct body **kept; /* it writes what they say: they are not the newest any more */
    size_t kept_count, kept_capacity;
    size_t commands_used, statuses_used;
    size_t rezoned;           /* so many of core.stale are done */
    struct core_moved *moved; /* out.moved, in the making */
};

struct plan *plan_new(struct core *c, usec_t now, bool may_fire, struct core_room room);
void plan_free(struct plan *p); /* drafts must be gone */

bool plan_is_full(const struct plan *p); /* stop before the next decision */
/* The same for the next command or status of a plan that has taken `used` of its kind since it weighed `before`. */
bool plan_has_room_for_input(const struct plan *p, size_t before, size_t used);
size_t plan_weight(const struct plan *p); /* so far, with what plan_finish adds */
bool plan_is_idle(const struct plan *p);  /* nothing to write */

/* The draft of a task; made on first use. */
struct plan_task *plan_task(struct plan *p, struct task *t);
/* a ghost, gone again if the plan is discarded */
struct task *plan_add_task(struct plan *p, struct uuid id);
void plan_forget_task(struct plan *p, struct task *t);
void plan_store(struct plan *p, struct task *t); /* write its state record */
void plan_count_failures(struct plan *p, struct task *t, int32_t failures);
/* the old one lives as long as the plan */
void plan_set_body(struct plan *p, struct task *t, struct body *body);
void plan_remember(struct plan *p, struct task *t, struct uuid command, usec_t at);
void plan_wake(struct plan *p, struct task *t, usec_t wake); /* and its place in the heap */
void plan_seek(struct plan *p, struct task *t);              /* registry_seek, and the heap */
/* all of its instants up to that due time */
void plan_decided(struct plan *p, struct task *t, usec_t due);

struct open_execution *plan_open(struct plan *p, struct open *o); /* then plan_open_changed */
/* its deadline, or its end: the slot is free */
void plan_open_changed(struct plan *p, struct open *o);
void plan_add_open(struct plan *p, struct task *t, const struct open_execution *e);

MUST_CHECK enum rc plan_emit(struct plan *p, const char *topic, struct uuid key,
                             enum record_kind kind, const void *record, struct error *err);
MUST_CHECK enum rc plan_emit_gap(struct plan *p, struct task *t, usec_t from, usec_t to,
                                 enum reason reason, struct error *err);
/* What the scheduler says of that attempt now; where it is a birth, it lacks what describes the execution. */
struct execution_status plan_report_of(const struct plan *p, const struct open_execution *e,
                                       int32_t attempt, enum status says, enum reason reason);
MUST_CHECK enum rc plan_emit_status(struct plan *p, const struct execution_status *status,
                                    struct error *err);
MUST_CHECK enum rc plan_emit_signal(struct plan *p, const struct execution_signal *signal,
                                    struct error *err);
/* to the partition of its task, whoever owns it */
MUST_CHECK enum rc plan_emit_command(struct plan *p, const struct command *command,
                                     struct error *err);
/* to its own partition */
void plan_copy_status(struct plan *p, struct uuid task, struct bytes value);

/* State records of what was touched, the watermark, the offsets: the plan is complete. */
MUST_CHECK enum rc plan_finish(struct plan *p, struct error *err);

void plan_commit(struct plan *p);  /* drafts become the state */
void plan_discard(struct plan *p); /* drafts are forgotten */

#endif
