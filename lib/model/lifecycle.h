/*
 * lifecycle.h - what an execution is, after all reports on it in the order of the log.
 *
 * Pure. Scheduler and consumer fold the same messages of status[p] with the same function, so they agree
 * whatever was proposed, repeated, late, misrouted or made up. The table (docs/design.md, section 5):
 *
 *   now                             may become
 *   PENDING                         RUNNING SUCCEEDED FAILED MISSED CANCELLED SKIPPED; WAITING where its life begins
 *   WAITING                         PENDING (it is in the queue now) MISSED CANCELLED
 *   RUNNING                         RUNNING (another worker's claim) SUCCEEDED FAILED TIMED_OUT LOST CANCELLING
 *   CANCELLING                      CANCELLED SUCCEEDED FAILED TIMED_OUT LOST
 *   FAILED TIMED_OUT LOST           RETRYING, if another attempt is to follow; nothing else
 *   RETRYING                        RUNNING SUCCEEDED FAILED MISSED CANCELLED
 *   any other final status          nothing
 *
 * Whether another attempt follows is decided by the failure itself, out of what ExecutionCreated says (`struct life_rules`) and
 * the broker's time of the report: the fold has next_attempt_at then. So both sides know by the same two records that an execution is not over,
 * and RETRYING, whoever wrote it, opens only what is to be opened anyway, at the time that is computed: it says nothing
 * new (docs/decisions/0150). A cancelled run, one past finish_by and one whose attempts are used up has none to follow.
 *
 * What a report may do depends on nothing but the report and what both sides remember of an open execution
 * (`struct life`): no event ids. So a report that comes twice is folded twice, by both sides alike. That moves nothing
 * but for one case: no status can be reached again within an attempt but RUNNING, and that not by who has the claim already;
 * when another worker has claimed it in between, RUNNING that comes again (without if_unclaimed) takes the claim back, and the
 * run timeout counts from it. Final is final: the scheduler forgets
 * the execution then, so nothing may open it again (docs/decisions/0075).
 *
 * A status names the attempt that it is about, RETRYING the one that it opens; every other attempt moves nothing.
 * WAITING is a birth: the first report on an execution that waits for others. Anywhere else it moves nothing, since only the scheduler leads out of
 * it, and only where it led in (docs/decisions/0151).
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

/* Does the report make an execution that has no ExecutionCreated? The scheduler's, of an instant that does not run or not yet; a
   worker's, of a run of somebody else's. Its life begins there: what was said before is not about it. */
bool lifecycle_is_birth(const struct execution_status *report);

/* What decides: all that scheduler and consumer both remember. Zeroed: nothing was reported yet. */
struct life {
    enum status status;
    int32_t attempt;      /* 1; 0 reads as 1 */
    struct uuid claimant; /* incarnation of the last worker that moved it */
    /* broker time of the RUNNING that moved it last; run timeouts count from it */
    usec_t started_at;
    /* of a failed attempt that another one follows, and of that one until it moves; 0: none follows */
    usec_t next_attempt_at;
};

/* Final, and no further attempt follows. */
bool life_is_over(const struct life *life);

/* What an execution was made with that decides about further attempts. Zeroed: there are none. */
struct life_rules {
    int32_t max_attempts;
    int32_t retry_on; /* bits: 1 << enum status */
    int64_t first_delay_ms, max_delay_ms, jitter_ms;
    int32_t multiplier; /* in thousandths: whole numbers are the same in every language */
    usec_t finish_by;   /* no attempt begins later; 0: none */
};

/* Of whatever somebody wrote: the numbers are within their limits then. `retry` NULL: no retry. */
struct life_rules lifecycle_rules(const struct retry_spec *retry, int32_t max_attempts,
                                  usec_t finish_by);

/*
 * From the failure of that attempt to the next one: first_delay_ms, times multiplier / 1000 (rounded down each time) for each attempt
 * before it, at most max_delay_ms; and the jitter: FNV-1a, 64 bits, of the execution's 16 bytes and the next attempt's number in 4, the
 * largest first, modulo jitter in microseconds. The same on every node and in every replay.
 */
usec_t lifecycle_retry_delay(const struct life_rules *rules, struct uuid execution,
                             int32_t attempt);

struct lifecycle_event {
    const struct execution_status *report;
    usec_t at;                      /* broker time of its record */
    const struct life_rules *rules; /* NULL: no retry */
    /* it lies where a life begins that ExecutionCreated or the report itself calls one of waiting */
    bool begins_waiting;
};

enum lifecycle_effect {
    LIFECYCLE_KEPT,         /* nothing changed */
    LIFECYCLE_CONTRADICTED, /* nor here; but it says what cannot be true after a final status */
    LIFECYCLE_MOVED,
};

/* The one fold. */
enum lifecycle_effect lifecycle_apply(struct life *life, const struct lifecycle_event *event);

#endif
