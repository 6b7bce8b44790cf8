#include "scheduler/policy.h"

enum { DEFAULT_MISFIRE_LIMIT = 100 };

static const usec_t DEFAULT_MISFIRE_AFTER = 60 * USEC_PER_SEC;
static const usec_t DEFAULT_MISFIRE_WINDOW = USEC_PER_DAY;
static const usec_t DEFAULT_OVERLAP_DEADLINE = USEC_PER_DAY;

static usec_t span_or(int64_t ms, usec_t fallback)
{
    if (ms <= 0)
        return fallback;
    return ms > USEC_MAX / USEC_PER_MS / 4 ? USEC_MAX / 4 : ms * USEC_PER_MS;
}

usec_t policy_misfire_after(const struct task_spec *spec)
{
    return span_or(spec->misfire.after_ms, DEFAULT_MISFIRE_AFTER);
}

usec_t policy_misfire_window(const struct task_spec *spec)
{
    return span_or(spec->misfire.window_ms, DEFAULT_MISFIRE_WINDOW);
}

size_t policy_misfire_limit(const struct task_spec *spec)
{
    return spec->misfire.limit > 0 ? (size_t)spec->misfire.limit : DEFAULT_MISFIRE_LIMIT;
}

static usec_t overlap_deadline(const struct task_spec *spec)
{
    return spec->overlap == OVERLAP_ALLOW ? 0 : DEFAULT_OVERLAP_DEADLINE;
}

usec_t policy_start_deadline(const struct task_spec *spec)
{
    return span_or(spec->start_deadline_ms, overlap_deadline(spec));
}

usec_t policy_run_timeout(const struct task_spec *spec)
{
    return span_or(spec->run_timeout_ms, overlap_deadline(spec));
}

int32_t policy_max_concurrency(const struct task_spec *spec)
{
    return MAX(spec->max_concurrency, 1);
}

bool policy_keeps_open(const struct task_spec *spec)
{
    return policy_start_deadline(spec) > 0 || policy_run_timeout(spec) > 0;
}

enum rc policy_check_supported(const struct task_spec *spec, struct error *err)
{
    const struct {
        bool is_asked;
        const char *name;
    } later[] = {
        {spec->calendar_count > 0, "calendars"},
        {spec->window != NULL, "window"},
        {spec->jitter_ms > 0, "jitter_ms"},
        {spec->overlap > OVERLAP_SKIP, "overlap: only ALLOW and SKIP"},
        {spec->retry.max_attempts > 1, "retry.max_attempts above 1"},
        {spec->finish_by_ms > 0, "finish_by_ms"},
        {spec->heartbeat_ms > 0, "heartbeat_ms"},
        {spec->pause_after_failures > 0, "pause_after_failures"},
    };

    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (later[i].is_asked)
            return error_set(err, RC_INVALID, "not supported yet: %s", later[i].name);
    return RC_OK;
}
