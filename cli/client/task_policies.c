#include "cli/client/task_policies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/enums.h"

/* --- out of options --- */

static enum rc read_multiplier(const char *text, double *ret, struct error *err)
{
    char *end;

    if (text == NULL)
        return RC_OK;
    *ret = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*ret))
        return RC_OK;
    return error_set(err, RC_INVALID, "--retry-multiplier: '%.40s' is no number", text);
}

enum rc policies_of_options(const struct put_options *o, struct task_spec *spec, struct error *err)
{
    spec->overlap = (enum overlap_policy)o->overlap;
    spec->max_concurrency = o->max_concurrency;
    spec->misfire = (struct misfire_spec){.policy = (enum misfire_policy)o->misfire,
                                          .after_ms = o->misfire_after_ms,
                                          .window_ms = o->misfire_window_ms,
                                          .limit = o->misfire_limit};
    spec->retry = (struct retry_spec){.max_attempts = o->attempts,
                                      .first_delay_ms = o->retry_delay_ms,
                                      .max_delay_ms = o->retry_max_delay_ms,
                                      .jitter_ms = o->retry_jitter_ms,
                                      .on = o->retry_on};
    spec->jitter_ms = o->jitter_ms;
    spec->start_deadline_ms = o->start_deadline_ms;
    spec->run_timeout_ms = o->run_timeout_ms;
    spec->finish_by_ms = o->finish_by_ms;
    spec->heartbeat_ms = o->heartbeat_ms;
    spec->pause_after_failures = o->pause_after_failures;
    return read_multiplier(o->retry_multiplier, &spec->retry.multiplier, err);
}

/* --- a patch --- */

struct number { /* of an option that was given */
    const char *option, *member;
    int64_t value;
};

static bool any_given(const struct call *call, const struct number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (call_has(call, numbers[i].option))
            return true;
    return false;
}

static void put_numbers(const struct call *call, const struct number *numbers, size_t count,
                        struct json *j)
{
    for (size_t i = 0; i < count; i++)
        if (call_has(call, numbers[i].option))
            json_add_int(j, numbers[i].member, numbers[i].value);
}

static void patch_misfire(const struct call *call, const struct misfire_spec *m, struct json *j)
{
    const struct number numbers[] = {{"misfire.after", "after_ms", m->after_ms},
                                     {"misfire.limit", "limit", m->limit},
                                     {"misfire.window", "window_ms", m->window_ms}};

    if (!call_has(call, "misfire") && !any_given(call, numbers, ARRAY_LEN(numbers)))
        return;
    json_key(j, "misfire");
    json_open_object(j);
    if (call_has(call, "misfire"))
        json_add_text(j, "policy", enum_name(&misfire_enum, (int)m->policy));
    put_numbers(call, numbers, ARRAY_LEN(numbers), j);
    json_close_object(j);
}

/* One attempt has nothing to wait for: what is said of waits goes with the others. */
static void patch_retry(const struct call *call, const struct retry_spec *r, struct json *j)
{
    const struct number numbers[] = {{"retry.attempts", "max_attempts", r->max_attempts},
                                     {"retry.delay", "first_delay_ms", r->first_delay_ms},
                                     {"retry.jitter", "jitter_ms", r->jitter_ms},
                                     {"retry.max.delay", "max_delay_ms", r->max_delay_ms}};
    bool has_numbers = any_given(call, numbers, ARRAY_LEN(numbers));
    bool has_others = call_has(call, "retry.multiplier") || call_has(call, "retry.on");
    bool has_waits = any_given(call, numbers + 1, ARRAY_LEN(numbers) - 1) || has_others;

    if (!has_numbers && !has_others)
        return;
    json_key(j, "retry");
    if (r->max_attempts == 1 && !has_waits) {
        json_put_null(j);
        return;
    }
    json_open_object(j);
    put_numbers(call, numbers, ARRAY_LEN(numbers), j);
    if (call_has(call, "retry.multiplier")) {
        json_key(j, "multiplier");
        json_double(j, r->multiplier);
    }
    if (call_has(call, "retry.on"))
        json_add_text(j, "on", r->on);
    json_close_object(j);
}

void policies_patch(const struct call *call, const struct task_spec *given, struct json *j)
{
    const struct number numbers[] = {
        {"finish.by", "finish_by_ms", given->finish_by_ms},
        {"heartbeat", "heartbeat_ms", given->heartbeat_ms},
        {"jitter", "jitter_ms", given->jitter_ms},
        {"max.concurrency", "max_concurrency", given->max_concurrency},
        {"pause.after.failures", "pause_after_failures", given->pause_after_failures},
        {"run.timeout", "run_timeout_ms", given->run_timeout_ms},
        {"start.deadline", "start_deadline_ms", given->start_deadline_ms}};

    if (call_has(call, "overlap"))
        json_add_text(j, "overlap", enum_name(&overlap_enum, (int)given->overlap));
    put_numbers(call, numbers, ARRAY_LEN(numbers), j);
    patch_misfire(call, &given->misfire, j);
    patch_retry(call, &given->retry, j);
}

/* --- in words --- */

/* What becomes of an instant while so many run as may. */
static const char *const overlap_words[OVERLAP_COUNT] = {
    [OVERLAP_ALLOW] = "runs at the same time",
    [OVERLAP_SKIP] = "is left out",
    [OVERLAP_QUEUE_ONE] = "waits, one at most",
    [OVERLAP_QUEUE_ALL] = "waits",
    [OVERLAP_CANCEL_OTHER] = "waits until the oldest is cancelled for it",
};

static void print_overlap(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct arena *memory = rest_call(r)->memory;
    const char *name = rest_text(spec, "overlap"), *words = "";
    int64_t most = rest_int(spec, "max_concurrency", 1);
    int policy;

    if (enum_find(&overlap_enum, name, false, &policy, NULL) == RC_OK)
        words = overlap_words[policy];
    if (*words == '\0' || strcmp(name, "ALLOW") == 0)
        table_add(t, "overlap", *words == '\0' ? name : "ALLOW: what is due runs at the same time");
    else
        table_add(t, "overlap",
                  arena_printf(memory, "%s: what is due while %lld run%s %s", name, (long long)most,
                               most == 1 ? "s" : "", words));
    if (strcmp(name, "ALLOW") == 0 && most > 1)
        table_add(t, "backfills", arena_printf(memory, "%lld at once", (long long)most));
}

static void print_misfire(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct json_node m;
    const char *policy, *which = "the newest is";
    struct arena *memory = rest_call(r)->memory;

    if (!json_node_member(spec, "misfire", &m))
        return;
    policy = rest_text(&m, "policy");
    if (strcmp(policy, "ALL") == 0)
        which = arena_printf(memory, "the newest %s are", rest_number(r, &m, "limit"));
    if (strcmp(policy, "NONE") == 0)
        table_add(t, "misfire",
                  arena_printf(memory, "NONE: what is decided %s late is not made up for",
                               rest_duration(r, &m, "after_ms")));
    else
        table_add(t, "misfire",
                  arena_printf(memory,
                               "%s: of what is decided %s late %s made up for, %s back at most",
                               policy, rest_duration(r, &m, "after_ms"), which,
                               rest_duration(r, &m, "window_ms")));
}

static void print_retry(struct rest *r, struct table *t, const struct json_node *spec)
{
    struct json_node retry, factor;
    double multiplier = 1;
    SCOPED_BUF text = {0};
    const char *on;

    if (!json_node_member(spec, "retry", &retry) || rest_int(&retry, "max_attempts", 1) <= 1)
        return;
    on = rest_text(&retry, "on");
    if (json_node_member(&retry, "multiplier", &factor) &&
        json_node_double(&factor, &multiplier, NULL) != RC_OK)
        multiplier = 1; /* not covered: it is a number */
    buf_printf(&text, "%s attempts, after %s; the next after %s, ",
               rest_number(r, &retry, "max_attempts"), *on == '\0' ? "FAILED, TIMED_OUT, LOST" : on,
               rest_duration(r, &retry, "first_delay_ms"));
    if (multiplier > 1)
        buf_printf(&text, "then %g times that and so on, %s at most", multiplier,
                   rest_duration(r, &retry, "max_delay_ms"));
    else
        buf_add_text(&text, "each");
    if (rest_int(&retry, "jitter_ms", 0) > 0)
        buf_printf(&text, ", and up to %s more", rest_duration(r, &retry, "jitter_ms"));
    table_add(t, "retry", buf_text(&text));
}

void policies_print(struct rest *r, struct table *t, const struct json_node *spec)
{
    static const struct {
        const char *row, *member;
    } times[] = {{"start deadline", "start_deadline_ms"},
                 {"run timeout", "run_timeout_ms"},
                 {"finish by", "finish_by_ms"},
                 {"heartbeat", "heartbeat_ms"}};
    int64_t failures = rest_int(spec, "pause_after_failures", 0);

    print_misfire(r, t, spec);
    print_overlap(r, t, spec);
    print_retry(r, t, spec);
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        if (rest_int(spec, times[i].member, 0) > 0)
            table_add(t, times[i].row, rest_duration(r, spec, times[i].member));
    if (failures > 0)
        table_add(t, "pause after",
                  arena_printf(rest_call(r)->memory, "%lld failure%s in a row", (long long)failures,
                               failures == 1 ? "" : "s"));
}
