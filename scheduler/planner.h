/*
 * planner.h - what becomes of due instants.
 *
 * Each instant gets exactly one answer, by the first check of the table in planner.c that holds: born
 * MISSED, SKIPPED or WAITING with its reason, or else an ExecutionCreated. Misfired instants (decided more than
 * misfire_after past due) of one task are decided together: the newest few are made up for as the
 * misfire policy says, all before them are one ScheduleGap.
 */
#ifndef SCHEDULER_PLANNER_H
#define SCHEDULER_PLANNER_H

#include "scheduler/order.h"

/* Everything due up to now, in the order (due, id), until the plan is full. */
MUST_CHECK enum rc planner_run(struct plan *p, struct error *err);

/* One active task alone, up to `until` (at most now): what was due before a command belongs to the old revision. */
MUST_CHECK enum rc planner_run_task(struct plan *p, struct task *t, usec_t until,
                                    struct error *err);

struct make_up {        /* what is made up for, out of instants that were not decided in time */
    usec_t from, to;    /* (from, to] */
    size_t limit;       /* the newest so many, at most ... */
    enum reason reason; /* ... and all before them are a gap */
};

/* Splits the range: emits the gap (under the revision that the task has now), answers the chosen instants, oldest first. */
MUST_CHECK enum rc planner_choose(struct plan *p, struct task *t, const struct make_up *range,
                                  struct occurrence **ret, size_t *ret_count, struct error *err);

/* Decides one instant of a schedule: fires it unless a check holds. */
MUST_CHECK enum rc planner_decide(struct plan *p, struct task *t, const struct occurrence *o,
                                  enum trigger trigger, struct error *err);

/* An execution that a command asks for: now, or when its turn comes; else the order is rejected. */
struct manual {
    enum trigger trigger;
    usec_t at, due;       /* its scheduled instant, and since when it may run */
    struct bytes payload; /* {NULL, 0}: the task's own */
    struct uuid parent;
    int32_t chain_depth, chain_spent;
    bool ignores_others;
};
MUST_CHECK enum rc planner_request(struct plan *p, struct order *o, const struct manual *manual,
                                   struct error *err);

/* The same of what nobody asks for: it is judged as an instant of a schedule is, and what does not run is an execution too. */
MUST_CHECK enum rc planner_follow(struct plan *p, struct order *o, const struct manual *manual,
                                  struct error *err);

/* One instant of a range that a command asks for. There is room for it to wait: the caller has seen to that. */
MUST_CHECK enum rc planner_backfill(struct plan *p, struct order *o, const struct occurrence *at,
                                    struct error *err);

/* Whether anything is left to do about the task's executions once they are sent: who may overlap, never times out, is tried once,
   counts for nothing and sets nothing off is not remembered. */
bool planner_remembers(const struct task_spec *spec);

/* A further attempt, whose time has come, or what waited, whose turn it is. */
MUST_CHECK enum rc planner_send(struct plan *p, struct open *o, struct error *err);

/* What is open has the limits of what holds a slot, a day, where it has none and runs may not overlap (any more). */
void planner_limit_all(struct plan *p, struct task *t);

#endif
