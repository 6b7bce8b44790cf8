/*
 * observed.h - runs that somebody else starts (trigger EXTERNAL): those that must not hang for ever are kept an eye on.
 *
 * Such an execution is made by a worker's report; nobody but its reporter knows the id before. RUNNING opens it here where its task has a
 * run timeout or a heartbeat: then it ends TIMED_OUT or LOST as any other does, by the same fold. It is in nobody's way (no slot, no
 * place in a queue), is not tried again, sets nothing off and counts for no pause: it only is not forgotten (docs/decisions/0205).
 *
 * Anybody who may write reports can make ids up. So of one task 1,000 are remembered, and once a partition has 20,000 of them, ten; what comes
 * beyond that is history's alone, and so is an id that the task's schedule makes, or that the history would not take. What is made up under another's id is
 * in nobody's way (registry_open_key).
 */
#ifndef SCHEDULER_OBSERVED_H
#define SCHEDULER_OBSERVED_H

#include "scheduler/plan.h"

enum { OBSERVED_MAX = 1000, OBSERVED_MANY = 20000, OBSERVED_FEW = 10 };

/* Is the report on an execution that is not open to be decided by the next plan: does it begin one, or may it be about one that waits to be begun? */
bool observed_matters(struct core *c, const struct execution_status *status);

/* The execution that the report begins, as one that nobody has claimed yet; NULL: it begins none. */
struct open *observed_begin(struct plan *p, const struct execution_status *status,
                            const struct input *input);

#endif
