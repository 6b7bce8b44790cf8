#include "model/lifecycle.h"

#include <string.h>

#define BIT(status) (1U << STATUS_##status)

/* What a worker may report on; and what cannot be true any more once an execution is final. */
enum { WORKERS_OWN = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) };

/* clang-format off */
static const unsigned may_become[STATUS_COUNT] = {
    [STATUS_PENDING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(MISSED) | BIT(CANCELLED),
    [STATUS_WAITING]    = BIT(PENDING) | BIT(MISSED) | BIT(CANCELLED),
    [STATUS_RUNNING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST) | BIT(CANCELLING),
    [STATUS_CANCELLING] = BIT(CANCELLED) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST),
    [STATUS_RETRYING]   = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(MISSED) | BIT(CANCELLED),
    [STATUS_FAILED]     = BIT(RETRYING),
    [STATUS_TIMED_OUT]  = BIT(RETRYING),
    [STATUS_LOST]       = BIT(RETRYING),
};
/* clang-format on */

/* Only before anything was reported. */
enum { AT_BIRTH = BIT(WAITING) | BIT(SKIPPED) };

static enum rc check_range(const char *what, intmax_t value, intmax_t min, intmax_t max,
                           struct error *err)
{
    if (value >= min && value <= max)
        return RC_OK;
    return error_set(err, RC_INVALID, "%s: %jd is outside %jd-%jd", what, value, min, max);
}

enum rc lifecycle_check(const struct execution_status *report, struct error *err)
{
    TRY(check_range("attempt", report->attempt, 1, REPORT_ATTEMPT_MAX, err));
    TRY(check_range("result bytes", (intmax_t)report->result.len, 0, REPORT_RESULT_MAX, err));
    if (report->queue == NULL)
        return RC_OK;
    return check_range("queue bytes", (intmax_t)strlen(report->queue), 1, REPORT_QUEUE_MAX, err);
}

static bool is_in(unsigned set, enum status s)
{
    return (set >> s & 1) != 0;
}

static int32_t attempt_of(const struct execution_state *state)
{
    return state->attempt == 0 ? 1 : state->attempt;
}

static bool names_the_right_attempt(const struct execution_state *state,
                                    const struct execution_status *report)
{
    int64_t opened = report->status == STATUS_RETRYING ? 1 : 0;

    return report->attempt == attempt_of(state) + opened;
}

static bool may_be_said(const struct execution_state *state, const struct execution_status *report)
{
    if (report->worker == NULL || is_in(WORKERS_OWN, report->status))
        return true;
    return report->status == STATUS_CANCELLED && state->status == STATUS_CANCELLING;
}

static bool may_follow(const struct execution_state *state, const struct execution_status *report)
{
    unsigned next = may_become[state->status];

    if (state->status == STATUS_PENDING && state->status_at == 0)
        next |= AT_BIRTH;
    if (state->cancel_requested)
        next &= ~BIT(RETRYING);
    if (report->if_unclaimed && state->status == STATUS_RUNNING)
        next &= ~BIT(RUNNING);
    return is_in(next, report->status);
}

static void move(struct execution_state *s, const struct execution_status *report, usec_t at)
{
    if (report->status == STATUS_RETRYING) {
        s->started_at = 0;
        s->worker = NULL;
        s->claimant = UUID_NIL;
    }
    if (report->worker != NULL) {
        s->worker = report->worker->name;
        s->claimant = report->worker->incarnation;
    }
    if (report->status == STATUS_RUNNING)
        s->started_at = at;
    s->status = report->status;
    s->attempt = report->attempt;
    s->cancel_requested |= report->status == STATUS_CANCELLING;
    s->status_at = at;
    s->finished_at = status_is_final(report->status) ? at : 0;
    s->next_attempt_at = report->status == STATUS_RETRYING ? report->next_attempt_at : 0;
    s->reason = report->reason;
    s->exit_code = report->exit_code;
    s->message = report->message;
}

enum lifecycle_effect lifecycle_apply(const struct execution_state *state,
                                      const struct lifecycle_event *event,
                                      struct execution_state *ret)
{
    const struct execution_status *report = event->report;

    *ret = *state;
    ret->attempt = attempt_of(state);
    if (names_the_right_attempt(state, report) && may_be_said(state, report) &&
        may_follow(state, report)) {
        move(ret, report, event->at);
        return LIFECYCLE_MOVED;
    }
    if (status_is_final(state->status) && is_in(WORKERS_OWN, report->status))
        ret->contradicted = true;
    return LIFECYCLE_KEPT;
}
