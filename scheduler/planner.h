/*
 * planner.h - what becomes of due instants.
 *
 * Each instant gets exactly one answer, by the first check of the table in planner.c that holds: born
 * MISSED or SKIPPED with its reason, or else an ExecutionCreated. Misfired instants (decided more than
 * misfire_after past due) of one task are decided together: the newest few are made up for as the
 * misfire policy says, all before them are one ScheduleGap.
 */
#ifndef SCHEDULER_PLANNER_H
#define SCHEDULER_PLANNER_H

#include "scheduler/plan.h"

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

/* An execution that a command asks for; the checks are the caller's. */
struct manual {
    struct uuid execution_id;
    usec_t at;
    const struct bytes *payload; /* NULL: the task's own */
};
MUST_CHECK enum rc planner_fire_manual(struct plan *p, struct task *t, const struct manual *manual,
                                       struct error *err);

/* The oldest unfinished execution while as many run as may; nil: there is room. */
struct uuid planner_blocker(const struct task *t);

#endif
