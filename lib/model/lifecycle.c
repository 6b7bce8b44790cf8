#include "model/lifecycle.h"

#include <string.h>

#include "base/fault.h"
#include "model/spec.h"

#define BIT(status) (1U << STATUS_##status)

/* What a worker may report on; and what cannot be true any more once an execution is final. */
enum { WORKERS_OWN = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) };

/* clang-format off */
static const unsigned may_become[STATUS_COUNT] = {
    [STATUS_PENDING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(MISSED) | BIT(CANCELLED) | BIT(SKIPPED),
    [STATUS_RUNNING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST) | BIT(CANCELLING),
    [STATUS_CANCELLING] = BIT(CANCELLED) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST),
};
/* clang-format on */

static enum rc check_range(const char *what, intmax_t value, intmax_t min, intmax_t max,
                           struct error *err)
{
    if (value >= min && value <= max)
        return RC_OK;
    return error_set(err, RC_INVALID, "%s: %jd is outside %jd-%jd", what, value, min, max);
}

static enum rc check_text(const char *what, const char *text, intmax_t min, intmax_t max,
                          struct error *err)
{
    return text == NULL ? RC_OK : check_range(what, (intmax_t)strlen(text), min, max, err);
}

enum rc lifecycle_check(const struct execution_status *report, struct error *err)
{
    const char *worker = report->worker == NULL ? NULL : report->worker->name;

    TRY(check_range("attempt", report->attempt, 1, ATTEMPT_MAX, err));
    TRY(check_range("result bytes", (intmax_t)report->result.len, 0, RESULT_MAX_BYTES, err));
    TRY(check_text("message bytes", report->message, 0, MESSAGE_MAX_BYTES, err));
    TRY(check_text("worker name bytes", worker, 0, NAME_MAX_BYTES, err));
    return check_text("queue bytes", report->queue, 1, NAME_MAX_BYTES, err);
}

enum rc lifecycle_check_created(const struct execution_created *e, struct error *err)
{
    TRY(check_range("attempt", e->attempt, 1, ATTEMPT_MAX, err));
    TRY(check_range("max_attempts", e->max_attempts, 0, ATTEMPT_MAX, err));
    TRY(check_range("payload bytes", (intmax_t)e->payload.len, 0, PAYLOAD_MAX_BYTES, err));
    TRY(spec_check_labels(&e->labels, err));
    TRY(check_text("task_key bytes", e->task_key, 0, SPEC_KEY_MAX, err));
    TRY(check_text("project bytes", e->project, 0, SPEC_KEY_MAX, err));
    TRY(check_text("zone bytes", e->zone, 0, NAME_MAX_BYTES, err));
    TRY(check_text("tzdata bytes", e->tzdata, 0, NAME_MAX_BYTES, err));
    return check_text("content_type bytes", e->content_type, 0, NAME_MAX_BYTES, err);
}

enum speaker lifecycle_speaker(const struct execution_status *report)
{
    struct uuid computed;

    if (report->worker != NULL)
        return SPEAKER_WORKER;
    if (fault_planted("nobody-speaks"))
        return SPEAKER_SCHEDULER;
    computed = event_id_of(report->execution_id, report->attempt,
                           enum_name(&status_enum, (int)report->status));
    return uuid_equal(report->event_id, computed) ? SPEAKER_SCHEDULER : SPEAKER_NOBODY;
}

static bool is_in(unsigned set, enum status s)
{
    return (set >> s & 1) != 0;
}

static bool may_be_said(const struct life *life, const struct execution_status *report,
                        enum speaker speaker)
{
    if (speaker == SPEAKER_SCHEDULER || fault_planted("workers-say-all"))
        return true;
    if (speaker == SPEAKER_NOBODY)
        return false;
    return is_in(WORKERS_OWN, report->status) ||
           (report->status == STATUS_CANCELLED && life->status == STATUS_CANCELLING);
}

/* Who has the claim already says nothing new: the report came twice. */
static bool is_claimed(const struct life *life, const struct execution_status *report)
{
    struct uuid by = report->worker == NULL ? UUID_NIL : report->worker->incarnation;

    return life->status == STATUS_RUNNING && report->status == STATUS_RUNNING &&
           (report->if_unclaimed || uuid_equal(life->claimant, by));
}

static void move(struct life *life, const struct lifecycle_event *event)
{
    const struct execution_status *report = event->report;

    life->status = report->status;
    if (report->worker != NULL)
        life->claimant = report->worker->incarnation;
    if (report->status == STATUS_RUNNING)
        life->started_at = event->at;
}

/* The worker of a run that the scheduler has timed out says, later, that it stopped it for its limit. */
static bool says_the_same(const struct life *life, const struct execution_status *report)
{
    return life->status == STATUS_TIMED_OUT && report->status == STATUS_FAILED &&
           report->reason == REASON_RUN_TIMEOUT;
}

enum lifecycle_effect lifecycle_apply(struct life *life, const struct lifecycle_event *event)
{
    const struct execution_status *report = event->report;
    enum speaker speaker = lifecycle_speaker(report);

    life->attempt = MAX(life->attempt, 1);
    if ((report->attempt == life->attempt || fault_planted("any-attempt")) &&
        may_be_said(life, report, speaker) && is_in(may_become[life->status], report->status) &&
        !is_claimed(life, report)) {
        move(life, event);
        return LIFECYCLE_MOVED;
    }
    if (speaker != SPEAKER_NOBODY && status_is_final(life->status) &&
        is_in(WORKERS_OWN, report->status) && !says_the_same(life, report))
        return LIFECYCLE_CONTRADICTED;
    return LIFECYCLE_KEPT;
}
