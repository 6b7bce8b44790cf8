#include "cli/worker/run.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/shared/ensure.h"
#include "cli/shared/subcommand.h"
#include "cli/worker/running.h"
#include "cli/worker/signals.h"
#include "cli/worker/work.h"

enum { WATCH_SDK, WATCH_SIGNALS, WATCH_RUNNING, WATCH_COUNT = WATCH_RUNNING + RUNNING_FDS };

enum { EXIT_CANNOT_START = 125, EXIT_SIGNAL = 128 }; /* as of env, and of shells */

struct observed {
    struct cronobs_worker *sdk;
    struct running *running;
    int signals; /* a signalfd */
};

/* What is printed beside the command's own words is mailed by cron: only what is lost is worth that. */
static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    log_line(kind == CRONOBS_NOTICE_ERROR ? LOG_WARN : LOG_DEBUG, "run", "why=\"%s\"", text);
}

/* --- the loop --- */

static int wait_ms(const struct observed *o)
{
    usec_t wake = running_wake(o->running), tick = clock_monotonic();

    if (wake == USEC_MAX)
        return -1;
    return (int)MIN((MAX(wake - tick, 0) + USEC_PER_MS - 1) / USEC_PER_MS, INT_MAX);
}

static void pass_signals_on(const struct observed *o)
{
    int number;

    while ((number = signals_next(o->signals)) != 0)
        running_signal(o->running, number);
}

/* False: it is over. */
static bool turn(struct observed *o)
{
    struct pollfd fds[WATCH_COUNT] = {{.fd = cronobs_fd(o->sdk), .events = POLLIN},
                                      {.fd = o->signals, .events = POLLIN}};
    struct cronobs_job *none;
    bool sdk_calls;

    running_watch(o->running, &fds[WATCH_RUNNING]);
    if (poll(fds, WATCH_COUNT, wait_ms(o)) < 0)
        return true;
    sdk_calls = fds[WATCH_SDK].revents != 0;
    if (sdk_calls) /* there is room again: it is asked before lines are offered to it */
        (void)cronobs_next(o->sdk, 0, &none, NULL);
    if (fds[WATCH_SIGNALS].revents != 0)
        pass_signals_on(o);
    return !running_step(o->running, &fds[WATCH_RUNNING], sdk_calls, clock_monotonic());
}

/* --- to whoever has started it, it is the command --- */

/* A terminal is read by one group alone. What the command has tried before it was its own has stopped it. */
static bool give_terminal(struct running *r)
{
    if (tcgetpgrp(STDIN_FILENO) != getpgrp() || tcsetpgrp(STDIN_FILENO, running_group(r)) != 0)
        return false;
    running_signal(r, SIGCONT);
    return true;
}

static void take_terminal_back(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGTTOU, &ignore, NULL); /* it is not ours now */
    (void)tcsetpgrp(STDIN_FILENO, getpgrp());
}

static struct child_end run_to_the_end(struct observed *o)
{
    bool has_terminal = give_terminal(o->running);

    while (turn(o))
        continue;
    if (has_terminal)
        take_terminal_back();
    return running_end(o->running);
}

/* Dies as the command did, but for the core: that is the command's. */
static int end_by(int number)
{
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    const struct rlimit none = {0, 0};
    sigset_t set;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)sigaction(number, &plain, NULL);
    (void)kill(getpid(), number);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return EXIT_SIGNAL + number; /* one that ends nobody */
}

static int exit_code_of(enum rc started, const struct child_end *end)
{
    if (started != RC_OK)
        return started == RC_RETRY ? EXIT_CANNOT_START : ending_exit_code(started);
    return end->by_signal ? end_by(end->code) : end->code;
}

static int run(struct observed *o, const struct running_setup *setup, struct cronobs_job *job,
               int64_t send_timeout_ms)
{
    struct child_end end = {0};
    struct cronobs_error why;
    enum rc started = RC_OK;

    o->running = running_start(setup, job, clock_monotonic(), &started);
    if (o->running != NULL)
        end = run_to_the_end(o);
    running_free(o->running);
    if (cronobs_close(o->sdk, (int)send_timeout_ms, &why) != CRONOBS_OK)
        log_debug("not reported", "why=\"%s\"", why.text); /* a notice has said what is lost */
    return exit_code_of(started, &end);
}

/* --- as a command of the program --- */

static void ensure(struct call *call, const struct run_config *config)
{
    const struct ensured_task task = {.key = config->task,
                                      .project = config->project,
                                      .queue = config->queue,
                                      .zone = config->zone,
                                      .schedules = &config->schedules,
                                      .run_timeout_ms = config->timeout_ms,
                                      /* it is given twice as often as it is asked for */
                                      .heartbeat_ms = 2 * config->heartbeat_ms,
                                      .timeout_ms = config->send_timeout_ms};
    struct error err = {0};

    if (ensure_task(call->common.url, &task, &err) != RC_OK)
        log_warn("could not put the task, runs all the same", "task=%s why=\"%s\"", config->task,
                 err.text);
}

static enum rc check(const struct run_config *config, size_t words, struct error *err)
{
    if (words == 0) {
        (void)error_set(err, RC_INVALID, "there is no command");
        return error_hint(err, "cronobs run --task KEY -- COMMAND ARGUMENT...");
    }
    if (config->task == NULL)
        return error_set(err, RC_INVALID, "--task: whose run it is has to be said");
    return RC_OK;
}

static enum rc begin(struct call *call, const struct run_config *config, struct observed *o,
                     struct cronobs_job **ret, struct error *err)
{
    const struct command_options *commands = call->values[1];
    const char *spool = config->spool != NULL
                            ? config->spool
                            : arena_printf(call->memory, "%s/spool", call->common.state_dir);
    const struct cronobs_config sdk = {.brokers = call->common.brokers,
                                       .topic_prefix = call->common.topic_prefix,
                                       .name = commands->name,
                                       .heartbeat_ms = config->heartbeat_ms,
                                       .on_notice = on_notice};
    const struct cronobs_observed run = {.task = config->task,
                                         .project = config->project,
                                         .run_timeout_ms = config->timeout_ms,
                                         .spool = spool};
    struct cronobs_error why;

    if (cronobs_observe(&sdk, &run, &o->sdk, ret, &why) != CRONOBS_OK)
        return error_set(err, RC_INVALID, "%s", why.text);
    return RC_OK;
}

enum rc run_run(struct call *call, struct error *err)
{
    const struct run_config *config = call->values[0];
    const struct command_options *commands = call->values[1];
    const struct texts *given = &call->operands;
    char **command = arena_alloc(call->memory, (given->count + 1) * sizeof *command);
    const struct running_setup setup = {.command = command,
                                        .environment = call->environment,
                                        .kill_after = commands->kill_after_ms * USEC_PER_MS,
                                        .reads_levels = commands->levels == WORK_LEVELS_AUTO,
                                        .takes_progress = config->heartbeat_ms > 0,
                                        .passes_through = true};
    struct observed o = {.signals = -1};
    struct cronobs_job *job;

    TRY(check(config, given->count, err));
    for (size_t i = 0; i < given->count; i++)
        command[i] = arena_strdup(call->memory, given->items[i]);
    TRY(signals_watch(&o.signals, err));
    if (config->is_ensured)
        ensure(call, config);
    TRY(begin(call, config, &o, &job, err));
    call->exit_code = run(&o, &setup, job, config->send_timeout_ms);
    return RC_OK;
}
