/*
 * open.h - what is to be done next about an open execution, and when. Pure.
 *
 * An execution is open until the fold of its statuses says that it is over (model/lifecycle.h). Meanwhile the scheduler says
 * what only time says (MISSED, TIMED_OUT, that another attempt begins), sends the attempts that wait for their
 * time or their turn, and cancels what is to be cancelled: at once what no worker has begun, else by CANCELLING, a signal to its worker, and CANCELLED
 * when the grace is over. Of one that was not remembered the status is UNKNOWN: it is there to be cancelled. A paused task's are not sent; a deleted task's are cancelled.
 */
#ifndef SCHEDULER_OPEN_H
#define SCHEDULER_OPEN_H

#include "model/lifecycle.h"
#include "scheduler/registry.h"

struct due {
    usec_t at; /* USEC_MAX: never */
    enum { DUE_SAY, DUE_SEND } what;
    enum status says; /* DUE_SAY: a proposal, and why */
    enum reason reason;
};

/* As readers see it and its task. Nothing while a proposal is on its way. */
struct due open_next(const struct open *o);

/* The same of one whose time has come: what should have been sent and is too late by now is over instead. */
struct due open_due(const struct open *o, usec_t now);

bool open_is_over(const struct open_execution *e);

/* Somebody has the claim. */
bool open_has_started(const struct open_execution *e);

/* Its report WAITING was not read back yet: nothing that is said is about it. */
bool open_is_unborn(const struct open_execution *e);

/* It waits for others: it holds no slot, and is in no queue. */
bool open_is_waiting(const struct open_execution *e);

/* It waits, and nothing else is under way. */
bool open_may_be_sent(const struct open *o);

/* Somebody else has started it (observed.h): it is in nobody's way. */
bool open_is_observed(const struct open_execution *e);

enum slot open_slot(const struct open_execution *e);

/* In which those that wait are sent, by their times, and those of a backfill last: <0, 0, >0 */
int open_order(const struct open *a, const struct open *b);

/* What its ExecutionCreated says to the fold. */
struct life_rules open_rules(const struct open *o);

#endif
