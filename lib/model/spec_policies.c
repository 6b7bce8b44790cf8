#include "model/spec_policies.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/spec.h"
#include "model/spec_refuse.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };
static const double DEFAULT_MULTIPLIER = 2;

/* --- the outcomes that are tried again --- */

static const enum status retried[] = {STATUS_FAILED, STATUS_TIMED_OUT, STATUS_LOST};

enum {
    ON_FAILED = 1 << STATUS_FAILED,
    ON_TIMED_OUT = 1 << STATUS_TIMED_OUT,
    ON_LOST = 1 << STATUS_LOST,
    ON_ALL = ON_FAILED | ON_TIMED_OUT | ON_LOST,
};

/* The one way to write each choice; all of them: absent. */
static const struct choice {
    int32_t on;
    const char *text;
} choices[] = {
    {ON_FAILED, "FAILED"},
    {ON_TIMED_OUT, "TIMED_OUT"},
    {ON_LOST, "LOST"},
    {ON_FAILED | ON_TIMED_OUT, "FAILED,TIMED_OUT"},
    {ON_FAILED | ON_LOST, "FAILED,LOST"},
    {ON_TIMED_OUT | ON_LOST, "TIMED_OUT,LOST"},
    {ON_ALL, NULL},
};

static int32_t outcome_named(const char *word, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(retried); i++) {
        const char *name = enum_name(&status_enum, (int)retried[i]);

        if (strlen(name) == len && strncasecmp(name, word, len) == 0)
            return 1 << retried[i];
    }
    return 0;
}

/* Answers the bits; *ret_bad is the first word that is none, or one that comes twice. NULL: all words are. */
static int32_t read_outcomes(const char *list, const char **ret_bad)
{
    int32_t on = 0;

    *ret_bad = NULL;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        int32_t one;

        at += *at == ',';
        at += strspn(at, " ");
        one = outcome_named(at, strcspn(at, ", "));
        if (*ret_bad == NULL && (one == 0 || (on & one) != 0))
            *ret_bad = at;
        on |= one;
    }
    return on;
}

int32_t spec_retry_on(const char *list)
{
    const char *bad;

    return list == NULL ? ON_ALL : read_outcomes(list, &bad);
}

/* --- defaults --- */

static void normalise_outcomes(struct retry_spec *r)
{
    const char *bad;
    int32_t on;

    on = read_outcomes(r->on, &bad);
    for (size_t i = 0; r->on != NULL && bad == NULL && i < ARRAY_LEN(choices); i++)
        if (choices[i].on == on) {
            r->on = choices[i].text;
            return;
        }
}

static void normalise_retry(struct retry_spec *r)
{
    if (r->max_attempts == 0)
        r->max_attempts = 1;
    normalise_outcomes(r);
    if (r->max_attempts == 1)
        return;
    if (r->first_delay_ms == 0)
        r->first_delay_ms = MINUTE_MS;
    if (r->max_delay_ms == 0)
        r->max_delay_ms = MAX(r->first_delay_ms, HOUR_MS);
    if (!(r->multiplier < 0 || r->multiplier > 0 || isnan(r->multiplier)))
        r->multiplier = DEFAULT_MULTIPLIER;
}

static void normalise_then(struct task_spec *spec)
{
    for (size_t i = 0; i < spec->then_count; i++) {
        struct then_spec *then = &spec->then[i];

        if (then->project == NULL || *then->project == '\0')
            then->project = spec->project;
    }
}

void spec_normalise_policies(struct task_spec *spec)
{
    normalise_retry(&spec->retry);
    normalise_then(spec);
    if (spec->overlap == OVERLAP_ALLOW)
        return;
    /* Else an execution that nobody starts or finishes would hold its slot for ever. */
    if (spec->start_deadline_ms == 0)
        spec->start_deadline_ms =
            spec->finish_by_ms > 0 ? MIN(spec->finish_by_ms, SPEC_SLOT_HELD_MS) : SPEC_SLOT_HELD_MS;
    if (spec->run_timeout_ms == 0)
        spec->run_timeout_ms = SPEC_SLOT_HELD_MS;
}

/* --- retries --- */

static bool says_more_than_attempts(const struct retry_spec *r)
{
    return r->first_delay_ms != 0 || r->max_delay_ms != 0 || r->jitter_ms != 0 ||
           r->multiplier < 0 || r->multiplier > 0 || isnan(r->multiplier) || r->on != NULL;
}

static enum rc check_outcomes(const struct task_spec *spec, struct error *err)
{
    const struct retry_spec *r = &spec->retry;
    const char *bad;
    int32_t on = read_outcomes(r->on, &bad);

    if (bad != NULL)
        return spec_refuse(
            err, "/retry/on", "FAILED, TIMED_OUT, LOST, each once; absent: all three",
            "retry/on: '%.*s' is no outcome that can be tried again, or is there twice",
            (int)MIN(strcspn(bad, ", "), 40), bad);
    if (on == (ON_TIMED_OUT | ON_LOST) && spec->heartbeat_ms == 0 && spec->run_timeout_ms == 0)
        return spec_refuse(
            err, "/retry/on", "give one of them too",
            "retry/on: without run_timeout_ms or heartbeat_ms no attempt is ever TIMED_OUT or LOST");
    if (on == ON_LOST && spec->heartbeat_ms == 0)
        return spec_refuse(err, "/retry/on", "give heartbeat_ms too",
                           "retry/on: without heartbeat_ms nothing is ever LOST");
    if (on == ON_TIMED_OUT && spec->run_timeout_ms == 0)
        return spec_refuse(err, "/retry/on", "give run_timeout_ms too",
                           "retry/on: without run_timeout_ms no attempt is ever TIMED_OUT");
    return RC_OK;
}

static enum rc check_delays(const struct retry_spec *r, struct error *err)
{
    if (r->max_delay_ms < r->first_delay_ms)
        return spec_refuse(err, "/retry/max_delay_ms", "milliseconds; 0 or absent: an hour",
                           "retry/max_delay_ms: %" PRId64 " is less than first_delay_ms, %" PRId64,
                           r->max_delay_ms, r->first_delay_ms);
    /* what is no number is not within them either */
    if (!(r->multiplier >= 1 && r->multiplier <= SPEC_MULTIPLIER_MAX))
        return spec_refuse(err, "/retry/multiplier", "1: all waits are equal; 0 or absent: 2",
                           "retry/multiplier: %g is outside 1-%d", r->multiplier,
                           SPEC_MULTIPLIER_MAX);
    return RC_OK;
}

static enum rc check_retry(const struct task_spec *spec, struct error *err)
{
    const struct retry_spec *r = &spec->retry;

    if (r->max_attempts == 1) {
        if (!says_more_than_attempts(r))
            return RC_OK;
        return spec_refuse(err, "/retry", "give max_attempts too, or leave all of it out",
                           "retry: with one attempt there is nothing to wait for");
    }
    TRY(check_delays(r, err));
    TRY(check_outcomes(spec, err));
    if (spec->finish_by_ms == 0 || r->first_delay_ms < spec->finish_by_ms)
        return RC_OK;
    return spec_refuse(err, "/retry/first_delay_ms", "a shorter wait, or a later finish_by_ms",
                       "retry/first_delay_ms: %" PRId64 " is not less than finish_by_ms, %" PRId64
                       ": no second attempt could begin",
                       r->first_delay_ms, spec->finish_by_ms);
}

/* --- deadlines --- */

static enum rc check_deadlines(const struct task_spec *spec, struct error *err)
{
    if (spec->finish_by_ms == 0 || spec->start_deadline_ms <= spec->finish_by_ms)
        return RC_OK;
    return spec_refuse(err, "/finish_by_ms", "a later one, or an earlier start_deadline_ms",
                       "finish_by_ms: %" PRId64 " is less than start_deadline_ms, %" PRId64
                       ": what starts in time would be over already",
                       spec->finish_by_ms, spec->start_deadline_ms);
}

static enum rc check_heartbeat(const struct task_spec *spec, struct error *err)
{
    if (spec->heartbeat_ms == 0)
        return RC_OK;
    if (spec->heartbeat_ms < SPEC_HEARTBEAT_MIN_MS)
        return spec_refuse(err, "/heartbeat_ms", "milliseconds; 0 or absent: none",
                           "heartbeat_ms: %" PRId64 " is less than %" PRId64, spec->heartbeat_ms,
                           SPEC_HEARTBEAT_MIN_MS);
    if (spec->finish_by_ms != 0 && SPEC_SILENT_AFTER * spec->heartbeat_ms >= spec->finish_by_ms)
        return spec_refuse(err, "/heartbeat_ms", "a shorter heartbeat, or a later finish_by_ms",
                           "heartbeat_ms: %d times %" PRId64
                           " is not less than finish_by_ms, %" PRId64
                           ": all is over before an attempt could be LOST",
                           SPEC_SILENT_AFTER, spec->heartbeat_ms, spec->finish_by_ms);
    if (spec->run_timeout_ms == 0 || SPEC_SILENT_AFTER * spec->heartbeat_ms < spec->run_timeout_ms)
        return RC_OK;
    return spec_refuse(err, "/heartbeat_ms", "a shorter heartbeat, or a longer run_timeout_ms",
                       "heartbeat_ms: %d times %" PRId64
                       " is not less than run_timeout_ms, %" PRId64
                       ": an attempt is TIMED_OUT before it could be LOST",
                       SPEC_SILENT_AFTER, spec->heartbeat_ms, spec->run_timeout_ms);
}

/* --- what follows --- */

static enum rc refuse_then(struct error *err, size_t index, const char *member, const char *hint,
                           const char *what)
{
    char pointer[32];

    (void)snprintf(pointer, sizeof pointer, "/then/%zu/%s", index, member);
    return spec_refuse(err, pointer, hint, "%s: %s", pointer + 1, what);
}

static bool is_task(const struct then_spec *then, const char *project, const char *key)
{
    return text_equal(then->project, project) && text_equal(then->task, key);
}

static enum rc check_follower(const struct task_spec *spec, size_t index, struct error *err)
{
    static const char letters[] = "a-z, 0-9, '.', '_' and '-'; the first a letter or digit";
    const struct then_spec *then = &spec->then[index];

    if (!spec_name_is_valid(then->task, SPEC_KEY_MAX))
        return refuse_then(err, index, "task", letters, "is not the key of a task");
    if (!spec_name_is_valid(then->project, SPEC_KEY_MAX))
        return refuse_then(err, index, "project", letters, "is not the key of a project");
    if (is_task(then, spec->project, spec->key))
        return refuse_then(err, index, "task", "give it a schedule, or retries",
                           "the task would set itself off, again and again");
    for (size_t i = 0; i < index; i++)
        if (is_task(then, spec->then[i].project, spec->then[i].task))
            return refuse_then(err, index, "task", "ENDED stands for each of its ends",
                               "the task is there twice");
    return RC_OK;
}

static enum rc check_then(const struct task_spec *spec, struct error *err)
{
    if (spec->then_count > SPEC_THEN_MAX)
        return spec_refuse(err, "/then", "one of them may set off others",
                           "then: %zu are more than %d", spec->then_count, SPEC_THEN_MAX);
    for (size_t i = 0; i < spec->then_count; i++)
        TRY(check_follower(spec, i, err));
    return RC_OK;
}

bool spec_then_holds(enum then_on on, enum status end)
{
    bool is_failure = end == STATUS_FAILED || end == STATUS_TIMED_OUT || end == STATUS_LOST ||
                      end == STATUS_MISSED;

    if (on == THEN_FAILED)
        return is_failure;
    return end == STATUS_SUCCEEDED || (on == THEN_ENDED && (is_failure || end == STATUS_CANCELLED));
}

enum rc spec_check_policies(const struct task_spec *spec, struct error *err)
{
    TRY(check_heartbeat(spec, err));
    TRY(check_retry(spec, err));
    TRY(check_deadlines(spec, err));
    return check_then(spec, err);
}
