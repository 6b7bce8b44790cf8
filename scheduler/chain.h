/*
 * chain.h - one task after another: what the end of an execution sets off.
 *
 * Which tasks follow stands in the spec under which an execution was made (`then`), so that the owner of its partition knows them without asking.
 * It sends each of them a TriggerTask into the partition where that task lives, in the transaction that has
 * read the end; the command's id is computed from the two, and the execution that comes of it from that and from
 * the broker's time of the end: nothing that is repeated sets anything off twice (docs/decisions/0172).
 */
#ifndef SCHEDULER_CHAIN_H
#define SCHEDULER_CHAIN_H

#include "scheduler/plan.h"

/* The execution is over, with all its attempts, by what was said at that time. */
MUST_CHECK enum rc chain_end(struct plan *p, const struct open *o, usec_t at, struct error *err);

/* It was over when it was decided. */
MUST_CHECK enum rc chain_born_over(struct plan *p, const struct task *t,
                                   const struct open_execution *e, enum status end,
                                   struct error *err);

#endif
