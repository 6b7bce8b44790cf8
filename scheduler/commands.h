/*
 * commands.h - what people and programs order, folded in the partition's order by its only writer.
 *
 * Each command has exactly one outcome, and a repeated command id none more. `expected_revision` is a true
 * compare-and-set. What cannot be decoded is passed over.
 */
#ifndef SCHEDULER_COMMANDS_H
#define SCHEDULER_COMMANDS_H

#include "scheduler/plan.h"

/* Applies waiting commands until the plan is full. Without a clock to trust (may_fire false) it stops at a command that would fire instants. */
MUST_CHECK enum rc commands_run(struct plan *p, struct error *err);

#endif
