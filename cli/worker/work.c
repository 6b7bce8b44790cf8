#include "cli/worker/work.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/shared/subcommand.h"
#include "cli/worker/running.h"
#include "cli/worker/signals.h"

enum {
    INSISTED_MS = 5000, /* after the third signal: for what was reported to reach the brokers */
    OTHER_FDS = 64,     /* of the SDK's connections, and of a command that is being started */
    FDS_PER_JOB = 5,
    HEARTBEAT_MS = 10000, /* of commands whose tasks ask for none */
    SIGNALS_TO_TERM = 2,  /* counted from the first, which drains */
    SIGNALS_TO_KILL = 3,
};

enum { WATCH_SDK, WATCH_SIGNALS, WATCH_JOBS };

struct work {
    struct running_setup setup;
    struct cronobs_worker *sdk;
    int signals;      /* a signalfd */
    int signal_count; /* of those that ask us to stop */
    bool is_drained;  /* no job will come any more */
    bool is_reported; /* and the brokers know of all that came */
    struct running **jobs;
    size_t count, capacity;
    struct pollfd *fds;
    size_t fds_capacity;
    enum rc rc; /* why it ends */
    struct error *err;
};

/* --- the process around it --- */

static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    static const enum log_level levels[] = {LOG_INFO, LOG_WARN, LOG_ERROR};

    log_line(levels[kind], "worker", "why=\"%s\"", text);
}

/* Commands inherit the limit, so it is only raised where it would not do. */
static enum rc raise_limit(int concurrency, struct error *err)
{
    rlim_t wanted = (rlim_t)concurrency * FDS_PER_JOB + OTHER_FDS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return RC_OK;
    limit.rlim_cur = wanted;
    if (wanted <= limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return RC_OK;
    return error_set(err, RC_INVALID,
                     "concurrency: %d commands need %llu open files, the limit is %llu (ulimit -n)",
                     concurrency, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
}

/* --- signals --- */

static void obey_stop(struct work *w, usec_t tick)
{
    static const char *const words[] = {"takes no new work", "sends SIGTERM to the commands",
                                        "sends SIGKILL to the commands"};

    w->signal_count = MIN(w->signal_count + 1, SIGNALS_TO_KILL);
    log_info("told to stop", "running=%zu what=\"%s\"", w->count, words[w->signal_count - 1]);
    cronobs_drain(w->sdk);
    for (size_t i = 0; i < w->count; i++)
        if (w->signal_count == SIGNALS_TO_KILL)
            running_kill(w->jobs[i]);
        else if (w->signal_count == SIGNALS_TO_TERM)
            running_stop(w->jobs[i], STOP_SHUTDOWN, tick);
}

static void take_signals(struct work *w, usec_t tick)
{
    int number;

    while ((number = signals_next(w->signals)) != 0) {
        if (number == SIGTERM || number == SIGINT) {
            obey_stop(w, tick);
            continue;
        }
        for (size_t i = 0; i < w->count; i++)
            running_signal(w->jobs[i], number);
    }
}

/* --- jobs --- */

static void start(struct work *w, struct cronobs_job *job, usec_t tick)
{
    struct running *r;

    if (w->signal_count >= SIGNALS_TO_TERM) {
        running_refuse(job, STOP_SHUTDOWN);
        return;
    }
    r = running_start(&w->setup, job, tick, NULL);
    if (r == NULL)
        return;
    w->jobs = array_grow(w->jobs, w->count, &w->capacity, sizeof(struct running *));
    w->jobs[w->count++] = r;
}

static void take_jobs(struct work *w, usec_t tick)
{
    struct cronobs_error why;
    struct cronobs_job *job;
    enum cronobs_rc rc;

    while ((rc = cronobs_next(w->sdk, 0, &job, &why)) == CRONOBS_OK)
        start(w, job, tick);
    w->is_reported = cronobs_unreported(w->sdk) == 0;
    if (rc == CRONOBS_IDLE || w->is_drained)
        return;
    w->is_drained = true;
    if (rc != CRONOBS_DRAINED)
        w->rc = error_set(w->err, RC_FATAL, "%s", why.text);
}

/* Those that were watched; jobs that have come since stand behind them. */
static void step_jobs(struct work *w, size_t watched, bool has_room, usec_t tick)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++)
        if (i < watched &&
            running_step(w->jobs[i], &w->fds[WATCH_JOBS + i * RUNNING_FDS], has_room, tick))
            running_free(w->jobs[i]);
        else
            w->jobs[kept++] = w->jobs[i];
    w->count = kept;
}

/* --- the loop --- */

static int wait_ms(const struct work *w)
{
    usec_t wake = USEC_MAX, tick = clock_monotonic();

    for (size_t i = 0; i < w->count; i++)
        wake = MIN(wake, running_wake(w->jobs[i]));
    if (wake == USEC_MAX)
        return -1;
    return (int)MIN((MAX(wake - tick, 0) + USEC_PER_MS - 1) / USEC_PER_MS, INT_MAX);
}

/* False: poll itself failed, and what is in `fds` means nothing. */
static bool wait_for_something(struct work *w)
{
    size_t count = WATCH_JOBS + w->count * RUNNING_FDS;

    while (w->fds_capacity < count)
        w->fds = array_grow(w->fds, w->fds_capacity, &w->fds_capacity, sizeof *w->fds);
    w->fds[WATCH_SDK] = (struct pollfd){.fd = cronobs_fd(w->sdk), .events = POLLIN};
    w->fds[WATCH_SIGNALS] = (struct pollfd){.fd = w->signals, .events = POLLIN};
    for (size_t i = 0; i < w->count; i++)
        running_watch(w->jobs[i], &w->fds[WATCH_JOBS + i * RUNNING_FDS]);
    return poll(w->fds, count, wait_ms(w)) >= 0;
}

/* The SDK is asked before lines are offered to it again: what it says after a refusal must not get lost. */
static void turn(struct work *w)
{
    size_t watched = w->count;
    bool sdk_calls;
    usec_t tick;

    if (!wait_for_something(w))
        return;
    tick = clock_monotonic();
    sdk_calls = w->fds[WATCH_SDK].revents != 0;
    if (w->fds[WATCH_SIGNALS].revents != 0)
        take_signals(w, tick);
    if (sdk_calls)
        take_jobs(w, tick);
    step_jobs(w, watched, sdk_calls, tick);
}

/* When nothing can come, nothing runs and all is reported; or nothing runs and somebody insists. */
static bool is_over(const struct work *w)
{
    if (w->count > 0)
        return false;
    return (w->is_drained && w->is_reported) || w->signal_count >= SIGNALS_TO_KILL;
}

static enum rc work(struct work *w, const struct cronobs_config *config)
{
    struct cronobs_error why;
    enum cronobs_rc rc = cronobs_open(config, &w->sdk, &why);

    if (rc != CRONOBS_OK)
        return error_set(w->err, rc == CRONOBS_INVALID ? RC_INVALID : RC_FATAL, "%s", why.text);
    while (!is_over(w))
        turn(w);
    rc = cronobs_close(w->sdk, w->is_reported ? 0 : INSISTED_MS, &why);
    if (rc != CRONOBS_OK && w->rc == RC_OK)
        return error_set(w->err, RC_RETRY, "could not report everything: %s", why.text);
    return w->rc;
}

static enum rc check(const struct work_config *config, char *const command[], struct error *err)
{
    bool has_command = command[0] != NULL;

    if (has_command != config->is_shell)
        return RC_OK;
    (void)error_set(err, RC_INVALID,
                    has_command ? "there is a command, and --shell too" : "there is no command");
    return error_hint(err,
                      "cronobs work --queue NAME -- COMMAND ARGUMENT..., or --shell to run the "
                      "commands of payloads");
}

/* The program alone: its arguments may hold secrets. */
static void say_what(const struct work_config *config, char *const command[])
{
    log_info("works", "queue=%s concurrency=%d command=\"%s\"", config->queue, config->concurrency,
             config->is_shell ? "those of payloads (--shell)" : command[0]);
}

enum rc work_run(const struct work_config *config, char *const command[],
                 const char *const *environment, struct error *err)
{
    const struct cronobs_config sdk = {.brokers = config->brokers,
                                       .topic_prefix = config->topic_prefix,
                                       .queue = config->queue,
                                       .group = config->group,
                                       .name = config->commands.name,
                                       .instance = config->instance,
                                       .concurrency = config->concurrency,
                                       .session_timeout_ms = (int)config->session_timeout_ms,
                                       .backlog_ms = config->backlog_ms,
                                       .heartbeat_ms = config->has_heartbeat ? HEARTBEAT_MS : 0,
                                       .on_notice = on_notice};
    struct work w = {.setup = {.command = config->is_shell ? NULL : command,
                               .environment = environment,
                               .kill_after = config->commands.kill_after_ms * USEC_PER_MS,
                               .reads_levels = config->commands.levels == WORK_LEVELS_AUTO,
                               .takes_progress = config->has_heartbeat},
                     .signals = -1,
                     .err = err};
    enum rc rc;

    TRY(check(config, command, err));
    TRY(raise_limit(config->concurrency, err));
    TRY(signals_watch(&w.signals, err));
    say_what(config, command);
    rc = work(&w, &sdk);
    child_close(&w.signals);
    free(w.jobs);
    free(w.fds);
    return rc;
}

/* --- as a command of the program --- */

enum rc run_work(struct call *call, struct error *err)
{
    struct work_config *config = call->values[0];
    const struct texts *given = &call->operands;
    char **command = arena_alloc(call->memory, (given->count + 1) * sizeof *command);

    config->commands = *(const struct command_options *)call->values[1];
    config->brokers = call->common.brokers;
    config->topic_prefix = call->common.topic_prefix;
    config->session_timeout_ms = call->common.session_timeout_ms;
    for (size_t i = 0; i < given->count; i++)
        command[i] = arena_strdup(call->memory, given->items[i]);
    return work_run(config, command, call->environment, err);
}
