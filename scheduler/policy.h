/*
 * policy.h - the policies of a task as they are in force: what its spec says, or else the default.
 *
 * Spans of time are microseconds here; 0 = off. The defaults are those of docs/scheduling.md: a task that may
 * wait for its own executions (overlap other than `allow`) always has a start deadline and a run timeout,
 * since a worker that never answers would otherwise hold its slot for ever.
 */
#ifndef SCHEDULER_POLICY_H
#define SCHEDULER_POLICY_H

#include "model/records.h"

usec_t policy_misfire_after(const struct task_spec *spec);  /* 60 s */
usec_t policy_misfire_window(const struct task_spec *spec); /* 1 day */
size_t policy_misfire_limit(const struct task_spec *spec);  /* 100 */
usec_t
policy_start_deadline(const struct task_spec *spec);     /* off; 24 h where overlap is not allow */
usec_t policy_run_timeout(const struct task_spec *spec); /* the same */
int32_t policy_max_concurrency(const struct task_spec *spec);

/* Executions of the task are remembered while they are unfinished: it has deadlines or an overlap rule. */
bool policy_keeps_open(const struct task_spec *spec);

/* RC_INVALID names the first field that asks for what this version does not do yet. */
MUST_CHECK enum rc policy_check_supported(const struct task_spec *spec, struct error *err);

#endif
