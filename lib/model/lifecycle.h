/*
 * lifecycle.h - what an execution is, after all reports on it in the order of the log.
 *
 * Pure. Scheduler and consumer fold the same messages of status[p] with the same function, so they agree
 * whatever was proposed, repeated, late, misrouted or made up. The table (docs/design.md, section 5):
 *
 *   now                             may become
 *   PENDING                         RUNNING SUCCEEDED FAILED MISSED CANCELLED SKIPPED
 *   RUNNING                         RUNNING (another worker's claim) SUCCEEDED FAILED TIMED_OUT LOST CANCELLING
 *   CANCELLING                      CANCELLED SUCCEEDED FAILED TIMED_OUT LOST
 *   any final status                nothing
 *
 * What a report may do depends on nothing but the report and what both sides remember of an open execution
 * (`struct life`): no event ids. So a report that comes twice is folded twice, by both sides alike. That moves nothing
 * but for one case: no status can be reached again within an attempt but RUNNING, and that not by who has the claim already;
 * when another worker has claimed it in between, RUNNING that comes again (without if_unclaimed) takes the claim back, and the
 * run timeout counts from it. Final is final: the scheduler forgets
 * the execution then, so nothing may open it again (docs/decisions/0075).
 *
 * A status names the attempt that it is about; every other attempt moves nothing. There is one attempt as long as no task may
 * ask for a retry, and nothing waits as long as none may ask for a queue: RETRYING and WAITING are reserved and move nothing.
 *
 * Who speaks: a worker, by `worker`; the scheduler, without one and by an event id that is computed. A report that has
 * neither is nobody's and moves nothing. A worker may say RUNNING, SUCCEEDED, FAILED, and CANCELLED after CANCELLING; all
 * else is the scheduler's. RUNNING with if_unclaimed moves nothing while a RUNNING stands. RUNNING, SUCCEEDED or FAILED
 * after a final status move nothing and mark the execution as contradicted, whatever their attempt; but for FAILED by
 * RUN_TIMEOUT after TIMED_OUT, which says the same.
 */
#ifndef MODEL_LIFECYCLE_H
#define MODEL_LIFECYCLE_H

#include "model/limits.h"
#include "model/records.h"

/* RC_INVALID: over the limits. Such a report moves nothing, and must not be folded: scheduler and consumer both ask. */
MUST_CHECK enum rc lifecycle_check(const struct execution_status *report, struct error *err);

/* The same of an execution that a queue holds: the history refuses it, and no worker runs it. The scheduler makes none. */
MUST_CHECK enum rc lifecycle_check_created(const struct execution_created *e, struct error *err);

enum speaker { SPEAKER_NOBODY, SPEAKER_WORKER, SPEAKER_SCHEDULER };

enum speaker lifecycle_speaker(const struct execution_status *report);

/* What decides: all that scheduler and consumer both remember. Zeroed: nothing was reported yet. */
struct life {
    enum status status;
    int32_t attempt;      /* 1; 0 reads as 1 */
    struct uuid claimant; /* incarnation of the last worker that moved it */
    /* broker time of the RUNNING that moved it last; run timeouts count from it */
    usec_t started_at;
};

struct lifecycle_event {
    const struct execution_status *report;
    usec_t at; /* broker time of its record */
};

enum lifecycle_effect {
    LIFECYCLE_KEPT,         /* nothing changed */
    LIFECYCLE_CONTRADICTED, /* nor here; but it says what cannot be true after a final status */
    LIFECYCLE_MOVED,
};

/* The one fold. */
enum lifecycle_effect lifecycle_apply(struct life *life, const struct lifecycle_event *event);

#endif
