/*
 * job_env.h - the environment of a job: the worker's own, without what configures Cron Observer, and what the job is.
 *
 * Pure. No variable that starts with CRONOBS_ comes through from the worker: addresses and passwords are none of
 * a job's business. The variables that say what the job is are listed in docs/workers.md.
 */
#ifndef CLI_WORKER_JOB_ENV_H
#define CLI_WORKER_JOB_ENV_H

#include "base/arena.h"
#include "model/records.h"
#include "sdk/c/cronobs.h"

extern const char *const job_env_names[]; /* of the job's own; NULL ends */

/* NAME=value, NULL ends. In this order, a later one replacing an earlier of its name: `inherited`, `added`, the job's own.
   Texts are borrowed or in `memory`. progress_fd: where it may say how far it is; -1: nowhere. */
char **job_env_make(const char *const *inherited, const struct pairs *added,
                    const struct cronobs_execution *e, int progress_fd, struct arena *memory);

#endif
