#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "journal.h"

enum { LOOK_US = 20 * 1000, RESULT_MAX = 65536 };

atomic_bool script_is_shutdown;
const char *script_gates = ".";
bool script_heeds_lost;
void (*script_on_block)(bool is_blocking);

/* How a step leaves the script. */
enum step_end { STEP_NEXT, STEP_CAUSE, STEP_ENDS };

struct ending {
    const char *how;
    struct cronobs_outcome outcome;
    char *text; /* owned: the result or the message is in it */
};

/* --- causes --- */

static const struct cause {
    const char *name;
    struct cronobs_outcome outcome;
} causes[] = {
    [CRONOBS_CAUSE_CANCEL] = {"\"CANCEL\"", {.status = CRONOBS_CANCELLED}},
    [CRONOBS_CAUSE_TIMEOUT] = {"\"TIMEOUT\"",
                               {.status = CRONOBS_FAILED,
                                .reason = CRONOBS_REASON_RUN_TIMEOUT,
                                .message = "run timeout"}},
    {"\"SHUTDOWN\"",
     {.status = CRONOBS_FAILED,
      .reason = CRONOBS_REASON_WORKER_SHUTDOWN,
      .message = "the worker was shut down"}},
    {"\"LOST\"",
     {.status = CRONOBS_FAILED,
      .reason = CRONOBS_REASON_WORKER_ERROR,
      .message = "contact was lost"}},
};

enum { CAUSE_SHUTDOWN = CRONOBS_CAUSE_TIMEOUT + 1, CAUSE_LOST };

static int cause_of(const struct run *run)
{
    enum cronobs_cause cause = cronobs_cause(run->job);

    if (cause != CRONOBS_CAUSE_NONE)
        return (int)cause;
    if (script_is_shutdown)
        return CAUSE_SHUTDOWN;
    return script_heeds_lost && cronobs_contact_lost(run->job) ? CAUSE_LOST : CRONOBS_CAUSE_NONE;
}

/* NULL: none, or somebody has reported the job meanwhile. The first time it is journaled. */
static const struct cause *look_for_cause(struct run *run)
{
    int cause;

    pthread_mutex_lock(&run->lock);
    cause = run->is_over ? CRONOBS_CAUSE_NONE : cause_of(run);
    pthread_mutex_unlock(&run->lock);
    if (cause == CRONOBS_CAUSE_NONE)
        return NULL;
    if (!run->has_caused)
        journal_note(&run->named, "cause", "cause", causes[cause].name);
    run->has_caused = true;
    return &causes[cause];
}

/* --- waiting --- */

static void pause_for(int64_t us)
{
    const struct timespec time = {.tv_sec = us / USEC_PER_SEC, .tv_nsec = us % USEC_PER_SEC * 1000};

    (void)nanosleep(&time, NULL);
}

static enum step_end wait_ms(struct run *run, int64_t ms, struct ending *end)
{
    usec_t until = clock_monotonic() + ms * USEC_PER_MS;

    while (clock_monotonic() < until) {
        const struct cause *cause = look_for_cause(run);

        if (cause != NULL) {
            end->outcome = cause->outcome;
            return STEP_CAUSE;
        }
        pause_for(MIN(until - clock_monotonic(), LOOK_US));
    }
    return STEP_NEXT;
}

static enum step_end step_sleep(struct run *run, const json_t *step, struct ending *end)
{
    return wait_ms(run, json_integer_value(json_array_get(step, 1)), end);
}

static enum step_end step_stubborn(struct run *run, const json_t *step, struct ending *end UNUSED)
{
    while (look_for_cause(run) == NULL)
        pause_for(LOOK_US);
    pause_for(json_integer_value(json_array_get(step, 1)) * USEC_PER_MS);
    return STEP_NEXT;
}

static enum step_end step_gate(struct run *run, const json_t *step, struct ending *end)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", script_gates,
                   json_string_value(json_array_get(step, 1)));
    while (access(path, F_OK) != 0)
        if (wait_ms(run, 1, end) == STEP_CAUSE)
            return STEP_CAUSE;
    return STEP_NEXT;
}

static enum step_end step_block(struct run *run UNUSED, const json_t *step,
                                struct ending *end UNUSED)
{
    if (script_on_block != NULL)
        script_on_block(true);
    pause_for(json_integer_value(json_array_get(step, 1)) * USEC_PER_MS);
    if (script_on_block != NULL)
        script_on_block(false);
    return STEP_NEXT;
}

static bool is_lost(struct run *run)
{
    bool lost;

    pthread_mutex_lock(&run->lock);
    lost = !run->is_over && cronobs_contact_lost(run->job);
    pthread_mutex_unlock(&run->lock);
    return lost;
}

static enum step_end step_watch_contact(struct run *run, const json_t *step,
                                        struct ending *end UNUSED)
{
    usec_t until = clock_monotonic() + json_integer_value(json_array_get(step, 1)) * USEC_PER_MS;
    bool was_lost = false;

    for (; clock_monotonic() < until; pause_for(LOOK_US)) {
        bool lost = is_lost(run);

        if (lost != was_lost)
            journal_note(&run->named, "contact", "lost", lost ? "true" : "false");
        was_lost = lost;
    }
    return STEP_NEXT;
}

/* --- lines --- */

static enum cronobs_level level_of(const char *name)
{
    static const char *const names[] = {[CRONOBS_LEVEL_INFO] = "INFO",
                                        [CRONOBS_LEVEL_DEBUG] = "DEBUG",
                                        [CRONOBS_LEVEL_WARN] = "WARN",
                                        [CRONOBS_LEVEL_ERROR] = "ERROR"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (name != NULL && strcmp(name, names[i]) == 0)
            return (enum cronobs_level)i;
    return CRONOBS_LEVEL_INFO;
}

static enum cronobs_rc say(struct run *run, enum cronobs_level level, const char *text, size_t len)
{
    enum cronobs_rc rc = CRONOBS_OK;

    pthread_mutex_lock(&run->lock);
    if (!run->is_over)
        rc = cronobs_log(run->job, level, CRONOBS_STREAM_LOG, text, len);
    pthread_mutex_unlock(&run->lock);
    return rc;
}

/* Waits for room. *was_full: it had to. */
static enum step_end log_line(struct run *run, enum cronobs_level level, const char *text,
                              size_t len, bool *was_full, struct ending *end)
{
    while (say(run, level, text, len) == CRONOBS_FULL) {
        if (was_full != NULL && !*was_full)
            journal_note(&run->named, "full", NULL, NULL);
        if (was_full != NULL)
            *was_full = true;
        if (wait_ms(run, 1, end) == STEP_CAUSE)
            return STEP_CAUSE;
    }
    return STEP_NEXT;
}

static enum step_end step_log(struct run *run, const json_t *step, struct ending *end)
{
    int64_t count = json_integer_value(json_array_get(step, 1));
    enum step_end at = STEP_NEXT;
    char text[64];

    for (int64_t i = 0; i < count && at == STEP_NEXT; i++) {
        int len = snprintf(text, sizeof text, "line %lld", (long long)++run->line);

        at = log_line(run, CRONOBS_LEVEL_INFO, text, (size_t)len, NULL, end);
    }
    return at;
}

static enum step_end step_line(struct run *run, const json_t *step, struct ending *end)
{
    const json_t *text = json_array_get(step, 2);

    return log_line(run, level_of(json_string_value(json_array_get(step, 1))),
                    json_string_value(text), json_string_length(text), NULL, end);
}

static enum step_end step_raw(struct run *run, const json_t *step, struct ending *end)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *text = json_string_value(json_array_get(step, 2));
    struct bytes bytes = {0};

    if (base64_decode(text == NULL ? "" : text, memory, &bytes, NULL) != RC_OK)
        return STEP_NEXT;
    return log_line(run, level_of(json_string_value(json_array_get(step, 1))), bytes.data,
                    bytes.len, NULL, end);
}

static enum step_end step_fill(struct run *run, const json_t *step, struct ending *end)
{
    enum { LEN = 1024 };
    int64_t count = json_integer_value(json_array_get(step, 1));
    enum step_end at = STEP_NEXT;
    bool was_full = false, has_told = false;
    char text[LEN + 1];

    memset(text, '.', sizeof text);
    for (int64_t i = 0; i < count && at == STEP_NEXT; i++) {
        char number[16];

        (void)snprintf(number, sizeof number, "%08lld", (long long)i);
        memcpy(text, number, 8);
        at = log_line(run, CRONOBS_LEVEL_INFO, text, LEN, &was_full, end);
        if (was_full && !has_told && at == STEP_NEXT) {
            journal_note(&run->named, "room", NULL, NULL);
            has_told = true;
        }
    }
    return at;
}

static enum step_end step_progress(struct run *run, const json_t *step, struct ending *end UNUSED)
{
    const json_t *percent = json_array_get(step, 1);

    pthread_mutex_lock(&run->lock);
    if (!run->is_over)
        (void)cronobs_heartbeat(run->job,
                                json_is_integer(percent) ? (int)json_integer_value(percent)
                                                         : CRONOBS_NO_PERCENT,
                                json_string_value(json_array_get(step, 2)));
    pthread_mutex_unlock(&run->lock);
    return STEP_NEXT;
}

/* --- ends --- */

static enum step_end step_fail(struct run *run UNUSED, const json_t *step, struct ending *end)
{
    const json_t *code = json_array_get(step, 2), *result = json_array_get(step, 3);

    end->how = "\"failed\"";
    end->outcome = (struct cronobs_outcome){
        .status = CRONOBS_FAILED,
        .reason = json_is_integer(code) ? CRONOBS_REASON_EXIT_CODE : CRONOBS_REASON_WORKER_ERROR,
        .has_exit_code = json_is_integer(code),
        .exit_code = (int)json_integer_value(code),
        .message = json_string_value(json_array_get(step, 1)),
        .result = json_string_value(result),
        .result_len = json_string_length(result)};
    return STEP_ENDS;
}

/* A result that is too long is left out: what was done is done. */
static void set_result(struct ending *end, char *text, size_t len)
{
    end->text = text;
    if (len > RESULT_MAX)
        end->outcome.message = "the result has more than 65,536 bytes: it was left out";
    else
        end->outcome = (struct cronobs_outcome){.result = text, .result_len = len};
}

static enum step_end step_return(struct run *run UNUSED, const json_t *step, struct ending *end)
{
    const json_t *value = json_array_get(step, 1);
    char *text = json_is_string(value) ? strdup(json_string_value(value))
                                       : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    if (text == NULL)
        abort();
    set_result(end, text, strlen(text));
    return STEP_ENDS;
}

static enum step_end step_return_bytes(struct run *run UNUSED, const json_t *step,
                                       struct ending *end)
{
    size_t len = (size_t)json_integer_value(json_array_get(step, 1));
    char *text = xcalloc(len + 1, 1);

    memset(text, 'x', len);
    set_result(end, text, len);
    return STEP_ENDS;
}

/* --- the script --- */

static const struct step {
    const char *name;
    enum step_end (*run)(struct run *run, const json_t *step, struct ending *end);
} steps[] = {
    {"log", step_log},
    {"line", step_line},
    {"raw", step_raw},
    {"fill", step_fill},
    {"sleep", step_sleep},
    {"gate", step_gate},
    {"stubborn", step_stubborn},
    {"block", step_block},
    {"progress", step_progress},
    {"watch_contact", step_watch_contact},
    {"fail", step_fail},
    {"return", step_return},
    {"return_bytes", step_return_bytes},
};

static enum step_end run_step(struct run *run, const json_t *step, struct ending *end)
{
    const char *name = json_string_value(json_array_get(step, 0));

    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (name != NULL && strcmp(name, steps[i].name) == 0)
            return steps[i].run(run, step, end);
    end->how = "\"failed\"";
    end->outcome = (struct cronobs_outcome){.status = CRONOBS_FAILED,
                                            .reason = CRONOBS_REASON_WORKER_ERROR,
                                            .message = "a step that nobody knows"};
    return STEP_ENDS;
}

static void report(struct run *run, const struct cronobs_outcome *outcome)
{
    pthread_mutex_lock(&run->lock);
    if (!run->is_over && cronobs_finish(run->job, outcome) != CRONOBS_OK)
        abort();
    run->is_over = true;
    pthread_mutex_unlock(&run->lock);
}

static void take(struct run *run, struct cronobs_job *job)
{
    const struct cronobs_execution *e = cronobs_execution(job);

    pthread_mutex_lock(&run->lock);
    (void)snprintf(run->id, sizeof run->id, "%s", e->execution_id);
    run->named = (struct cronobs_execution){.execution_id = run->id, .attempt = e->attempt};
    run->job = job;
    run->line = 0;
    run->is_over = run->has_caused = false;
    pthread_mutex_unlock(&run->lock);
}

static const char *run_script(struct run *run, const json_t *script, struct ending *end)
{
    enum step_end at = json_is_array(script) ? STEP_NEXT : run_step(run, script, end);

    for (size_t i = 0; i < json_array_size(script) && at == STEP_NEXT; i++)
        at = run_step(run, json_array_get(script, i), end);
    return at == STEP_CAUSE ? "\"cause\"" : end->how;
}

bool script_run(struct run *run, struct cronobs_job *job, const char *text, size_t len)
{
    json_t *script = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
    struct ending end = {.how = "\"returned\""};

    journal_begin(cronobs_execution(job));
    take(run, job);
    journal_note(&run->named, "end", "how", run_script(run, script, &end));
    report(run, &end.outcome);
    free(end.text);
    json_decref(script);
    return end.outcome.status == CRONOBS_SUCCEEDED;
}

void script_end_over_its_head(struct run *run)
{
    report(run, &causes[CAUSE_SHUTDOWN].outcome);
}
