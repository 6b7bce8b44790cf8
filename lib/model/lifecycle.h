/*
 * lifecycle.h - what an execution is, after all reports on it in the order of the log.
 *
 * Pure. Scheduler and consumer fold the same messages of status[p] with the same function, so they agree
 * whatever was proposed, repeated, late or misrouted. Repeated events (same event_id) are left out by the
 * caller. The table (docs/design.md, section 5):
 *
 *   now                             may become
 *   nothing yet                     RUNNING SUCCEEDED FAILED MISSED CANCELLED WAITING SKIPPED
 *   WAITING                         PENDING (released) MISSED CANCELLED
 *   PENDING (released)              RUNNING SUCCEEDED FAILED MISSED CANCELLED
 *   RUNNING                         RUNNING (another claim) SUCCEEDED FAILED TIMED_OUT LOST CANCELLING
 *   CANCELLING                      CANCELLED SUCCEEDED FAILED TIMED_OUT LOST; never RETRYING after it
 *   FAILED TIMED_OUT LOST           RETRYING: opens the next attempt
 *   RETRYING                        RUNNING SUCCEEDED FAILED MISSED CANCELLED
 *   SUCCEEDED CANCELLED MISSED SKIPPED  nothing
 *
 * A status names the attempt that it is about, RETRYING the one that it opens (one more than the current
 * one); every other attempt moves nothing. A worker may say RUNNING, SUCCEEDED, FAILED, and CANCELLED
 * after CANCELLING; all else is the scheduler's (no worker in the report). RUNNING with if_unclaimed moves
 * nothing while somebody else's RUNNING stands. RUNNING, SUCCEEDED or FAILED after a final status move
 * nothing and mark the execution as contradicted, whatever their attempt.
 */
#ifndef MODEL_LIFECYCLE_H
#define MODEL_LIFECYCLE_H

#include "model/records.h"

enum { REPORT_ATTEMPT_MAX = 32767, REPORT_RESULT_MAX = 64 << 10, REPORT_QUEUE_MAX = 200 };

/* RC_INVALID: over these limits. Such a report moves nothing, and must not be folded: scheduler and consumer both ask. */
MUST_CHECK enum rc lifecycle_check(const struct execution_status *report, struct error *err);

/* Zeroed: nothing was reported yet. Texts are borrowed from the report that they came with. */
struct execution_state {
    enum status status;
    int32_t attempt;       /* 1, 2, ...; 0 reads as 1 */
    bool cancel_requested; /* CANCELLING was reached */
    bool contradicted;
    usec_t status_at;   /* broker time of the report that moved it last; 0: nothing yet */
    usec_t started_at;  /* broker time of the attempt's last RUNNING; run timeouts count from it */
    usec_t finished_at; /* broker time of the final status; 0 while open */
    usec_t next_attempt_at;   /* while RETRYING */
    struct uuid claimant;     /* incarnation of the attempt's last worker that moved it */
    const char *worker;       /* its name */
    enum reason reason;       /* reason, exit code and message are those of the report that */
    struct opt_int exit_code; /* moved it last */
    const char *message;
};

struct lifecycle_event {
    const struct execution_status *report;
    usec_t at; /* broker time of its record */
};

/* Whether the report moved the execution; if not, *ret differs from *state in `contradicted` at most. */
enum lifecycle_effect { LIFECYCLE_KEPT, LIFECYCLE_MOVED };

/* `ret` may be `state`. */
enum lifecycle_effect lifecycle_apply(const struct execution_state *state,
                                      const struct lifecycle_event *event,
                                      struct execution_state *ret);

#endif
