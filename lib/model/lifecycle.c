#include "model/lifecycle.h"

#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "model/spec.h"

#define BIT(status) (1U << STATUS_##status)

/* What a worker may report on; and what cannot be true any more once an execution is final. */
enum { WORKERS_OWN = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) };

/* clang-format off */
static const unsigned may_become[STATUS_COUNT] = {
    [STATUS_PENDING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(MISSED) | BIT(CANCELLED) | BIT(SKIPPED),
    [STATUS_WAITING]    = BIT(PENDING) | BIT(MISSED) | BIT(CANCELLED),
    [STATUS_RUNNING]    = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST) | BIT(CANCELLING),
    [STATUS_CANCELLING] = BIT(CANCELLED) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(TIMED_OUT) | BIT(LOST),
    [STATUS_RETRYING]   = BIT(RUNNING) | BIT(SUCCEEDED) | BIT(FAILED) | BIT(MISSED) | BIT(CANCELLED),
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

bool lifecycle_is_birth(const struct execution_status *r)
{
    switch (lifecycle_speaker(r)) {
    case SPEAKER_SCHEDULER:
        return r->trigger != TRIGGER_UNKNOWN && r->trigger != TRIGGER_EXTERNAL &&
               r->scheduled_at != 0;
    case SPEAKER_WORKER:
        return r->trigger == TRIGGER_EXTERNAL;
    default:
        return false;
    }
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

static bool may_follow(const struct life *life, const struct lifecycle_event *event)
{
    enum status says = event->report->status;

    if (event->begins_waiting && life->status == STATUS_PENDING && says == STATUS_WAITING)
        return true;
    return is_in(may_become[life->status], says);
}

/* Who has the claim already says nothing new: the report came twice. */
static bool is_claimed(const struct life *life, const struct execution_status *report)
{
    struct uuid by = report->worker == NULL ? UUID_NIL : report->worker->incarnation;

    return life->status == STATUS_RUNNING && report->status == STATUS_RUNNING &&
           (report->if_unclaimed || uuid_equal(life->claimant, by));
}

/* --- further attempts --- */

bool life_is_over(const struct life *life)
{
    return status_is_final(life->status) && life->next_attempt_at == 0;
}

/* 1 for what is no number. */
static int32_t thousandths(double multiplier)
{
    return multiplier > 1 ? (int32_t)(MIN(multiplier, SPEC_MULTIPLIER_MAX) * 1000 + 0.5) : 1000;
}

struct life_rules lifecycle_rules(const struct retry_spec *retry, int32_t max_attempts,
                                  usec_t finish_by)
{
    if (retry == NULL)
        return (struct life_rules){.max_attempts = max_attempts, .finish_by = finish_by};
    return (struct life_rules){
        .max_attempts = MIN(max_attempts, ATTEMPT_MAX),
        .retry_on = spec_retry_on(retry->on),
        .first_delay_ms = spec_duration(retry->first_delay_ms) / USEC_PER_MS,
        .max_delay_ms = spec_duration(retry->max_delay_ms) / USEC_PER_MS,
        .jitter_ms = spec_duration(retry->jitter_ms) / USEC_PER_MS,
        .multiplier = thousandths(retry->multiplier),
        .finish_by = finish_by,
    };
}

static usec_t jitter_of(const struct life_rules *rules, struct uuid execution, int32_t next)
{
    uint8_t key[sizeof execution.b + 4];

    if (rules->jitter_ms == 0)
        return 0;
    memcpy(key, execution.b, sizeof execution.b);
    for (size_t i = 0; i < 4; i++)
        key[sizeof execution.b + i] = (uint8_t)((uint32_t)next >> (24 - 8 * i));
    return (usec_t)(fnv1a(key, sizeof key, 0) % (uint64_t)(rules->jitter_ms * USEC_PER_MS));
}

usec_t lifecycle_retry_delay(const struct life_rules *rules, struct uuid execution, int32_t attempt)
{
    int64_t most = rules->max_delay_ms > 0 ? rules->max_delay_ms : SPEC_DURATION_MAX_MS;
    int64_t ms = rules->first_delay_ms;

    for (int32_t i = 1; i < attempt && rules->multiplier > 1000 && ms < most; i++)
        ms = ms * rules->multiplier / 1000;
    return MIN(ms, most) * USEC_PER_MS + jitter_of(rules, execution, attempt + 1);
}

/* 0: no further attempt follows the report that has just moved an execution out of `was`. */
static usec_t next_attempt_at(const struct life *life, enum status was,
                              const struct lifecycle_event *event)
{
    const struct life_rules *rules = event->rules;
    usec_t delay, at;

    if (rules == NULL || !is_in((unsigned)rules->retry_on, life->status) ||
        life->attempt >= rules->max_attempts || was == STATUS_CANCELLING ||
        event->report->reason == REASON_FINISH_BY)
        return 0;
    delay = lifecycle_retry_delay(rules, event->report->execution_id, life->attempt);
    at = MIN(event->at, USEC_MAX - delay) + delay;
    if (rules->finish_by == 0 || fault_planted("retry-late"))
        return at;
    return at <= rules->finish_by ? at : 0;
}

/* RETRYING of the attempt that is to follow. */
static bool opens_attempt(const struct life *life, const struct execution_status *report)
{
    return status_is_final(life->status) && life->next_attempt_at != 0 &&
           report->status == STATUS_RETRYING && report->attempt == life->attempt + 1;
}

static void open_attempt(struct life *life)
{
    life->status = STATUS_RETRYING;
    life->attempt++;
    life->claimant = UUID_NIL;
    life->started_at = 0;
}

/* --- the fold --- */

static void move(struct life *life, const struct lifecycle_event *event)
{
    const struct execution_status *report = event->report;
    enum status was = life->status;

    life->status = report->status;
    if (report->worker != NULL)
        life->claimant = report->worker->incarnation;
    if (report->status == STATUS_RUNNING)
        life->started_at = event->at;
    life->next_attempt_at = next_attempt_at(life, was, event);
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
    if (speaker == SPEAKER_SCHEDULER && opens_attempt(life, report)) {
        open_attempt(life);
        return LIFECYCLE_MOVED;
    }
    if ((report->attempt == life->attempt || fault_planted("any-attempt")) &&
        may_be_said(life, report, speaker) && may_follow(life, event) &&
        !is_claimed(life, report)) {
        move(life, event);
        return LIFECYCLE_MOVED;
    }
    if (speaker != SPEAKER_NOBODY && status_is_final(life->status) &&
        is_in(WORKERS_OWN, report->status) && !says_the_same(life, report))
        return LIFECYCLE_CONTRADICTED;
    return LIFECYCLE_KEPT;
}
