/*
 * rezone.h - tasks whose time zone has got other rules, while they run.
 *
 * Each is planned by its new timeline from one plan on. An instant is the same one before and after if its schedule and the
 * wall time that it names are: one that was still to come and now lies behind what is decided is recorded as a ScheduleGap
 * of reason TZDATA; a fixed-time one that was decided and now lies ahead again is not fired a second time. What was at the
 * same instant before is decided with it, whatever its wall time is called now. docs/decisions/0015.
 */
#ifndef SCHEDULER_REZONE_H
#define SCHEDULER_REZONE_H

#include "scheduler/plan.h"

/* Some of the tasks that wait for it (core_rezone). */
MUST_CHECK enum rc rezone_run(struct plan *p, struct error *err);

#endif
