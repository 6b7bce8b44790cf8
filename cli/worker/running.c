#include "cli/worker/running.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/log.h"
#include "cli/worker/job_env.h"
#include "cli/worker/printed.h"
#include "cli/worker/progress.h"
#include "cli/worker/tee.h"
#include "payload/shell_command.h"

enum {
    READ_BYTES = 64 * 1024,
    LINGER_US = 2 * 1000 * 1000, /* what a command left running may hold its pipes after its end */
};

enum { WATCH_END, WATCH_INPUT, WATCH_PROGRESS, WATCH_OUTPUT, WATCH_TEE = WATCH_OUTPUT + 2 };

static const enum cronobs_stream output_streams[] = {CRONOBS_STREAM_STDOUT, CRONOBS_STREAM_STDERR};

struct running {
    struct cronobs_job *job;
    struct arena *memory;
    struct child child;
    struct bytes input; /* what of the payload is still to be written */
    struct printed printed[2];
    struct tee tees[2];
    int64_t allowance[2]; /* bytes still read before the pipe is closed; -1: all that come */
    struct lines notes;   /* our own words about it */
    struct progress progress;
    bool is_stalled; /* the SDK refused a line */
    bool has_ended;
    struct child_end end;
    enum stop_cause cause;
    usec_t kill_after;
    usec_t timeout_at, kill_at, close_at; /* ticks; USEC_MAX: not due */
};

/* --- our own words --- */

static void note(struct running *r, const char *format, ...) PRINTF_LIKE(2, 3);

static void note(struct running *r, const char *format, ...)
{
    char text[512];
    size_t len;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text - 1, format, args);
    va_end(args);
    len = strlen(text);
    text[len++] = '\n';
    memcpy(lines_room(&r->notes, len), text, len);
    lines_grow(&r->notes, len, 0);
}

/* --- starting --- */

/* The SDK refuses what is impossible here; that memory runs out ends us, as everywhere. */
static void report(struct cronobs_job *job, const struct cronobs_outcome *outcome)
{
    if (cronobs_finish(job, outcome) != CRONOBS_OK)
        abort();
}

static void report_not_started(struct cronobs_job *job, enum rc rc, const struct error *why)
{
    const struct cronobs_outcome outcome = ending_not_started(rc, why);
    const struct cronobs_execution *e = cronobs_execution(job);

    log_warn("could not start a job", "execution=%s task=%s why=\"%s\"", e->execution_id,
             e->task_key, why->text);
    report(job, &outcome);
}

static int progress_fd(const struct running_setup *setup)
{
    return setup->takes_progress ? CHILD_PROGRESS_FD : -1;
}

static enum rc start_command(struct running *r, const struct running_setup *setup,
                             struct error *err)
{
    static const struct pairs none;
    const struct cronobs_execution *e = cronobs_execution(r->job);
    const struct child_spec spec = {
        .argv = setup->command,
        .env = job_env_make(setup->environment, &none, e, progress_fd(setup), r->memory),
        .folder = -1,
        .has_progress = setup->takes_progress,
        .keeps_input = setup->passes_through};

    r->input = (struct bytes){.data = e->payload, .len = e->payload_len};
    return child_start(&spec, &r->child, err);
}

/* As cron does it; paths in crontabs count on it. -1: stay where we are. */
static int open_home(struct running *r, char *const env[])
{
    const char *home = NULL;
    int fd;

    for (; *env != NULL; env++)
        if (text_starts(*env, "HOME="))
            home = *env + strlen("HOME=");
    if (home == NULL || *home == '\0')
        return -1;
    fd = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        note(r, "not started in the home directory %s: %s", home, strerror(errno));
    return fd;
}

static enum rc start_shell(struct running *r, const struct running_setup *setup, struct error *err)
{
    const struct cronobs_execution *e = cronobs_execution(r->job);
    const struct bytes payload = {.data = e->payload, .len = e->payload_len};
    char minus_c[] = "-c", *argv[4] = {NULL, minus_c};
    struct child_spec spec = {.argv = argv, .has_progress = setup->takes_progress};
    struct shell_command command;
    enum rc rc;

    TRY(shell_command_parse(e->content_type, payload, r->memory, &command, err));
    argv[0] = arena_strdup(r->memory, command.shell);
    argv[2] = arena_strdup(r->memory, command.command);
    r->input = command.input;
    spec.env = job_env_make(setup->environment, &command.env, e, progress_fd(setup), r->memory);
    spec.folder = open_home(r, spec.env);
    rc = child_start(&spec, &r->child, err);
    child_close(&spec.folder);
    return rc;
}

static usec_t timeout_of(const struct cronobs_execution *e, usec_t tick)
{
    bool has_one = e->run_timeout_ms > 0 && e->run_timeout_ms < (USEC_MAX - tick) / USEC_PER_MS;

    return has_one ? tick + e->run_timeout_ms * USEC_PER_MS : USEC_MAX;
}

struct running *running_start(const struct running_setup *setup, struct cronobs_job *job,
                              usec_t tick, enum rc *ret_why)
{
    struct running *r = xcalloc(1, sizeof *r);
    struct error err = {0};
    enum rc rc;

    *r = (struct running){
        .job = job,
        .memory = arena_new(0),
        .child = {.pidfd = -1, .input = -1, .output = {-1, -1}, .progress = -1},
        .printed = {{.reads_levels = setup->reads_levels}, {.reads_levels = setup->reads_levels}},
        .tees = {{.fd = setup->passes_through ? STDOUT_FILENO : -1},
                 {.fd = setup->passes_through ? STDERR_FILENO : -1}},
        .allowance = {-1, -1},
        .kill_after = setup->kill_after,
        .timeout_at = timeout_of(cronobs_execution(job), tick),
        .kill_at = USEC_MAX,
        .close_at = USEC_MAX};
    rc = setup->command == NULL ? start_shell(r, setup, &err) : start_command(r, setup, &err);
    if (rc == RC_OK)
        return r;
    if (ret_why != NULL)
        *ret_why = rc;
    report_not_started(job, rc, &err);
    running_free(r);
    return NULL;
}

void running_refuse(struct cronobs_job *job, enum stop_cause cause)
{
    const struct cronobs_outcome outcome = {.status = CRONOBS_FAILED,
                                            .reason = CRONOBS_REASON_WORKER_SHUTDOWN,
                                            .message = stop_words(cause)};

    report(job, &outcome);
}

void running_free(struct running *r)
{
    if (r == NULL)
        return;
    child_clear(&r->child);
    printed_clear(&r->printed[0]);
    printed_clear(&r->printed[1]);
    tee_clear(&r->tees[0]);
    tee_clear(&r->tees[1]);
    lines_clear(&r->notes);
    arena_free(r->memory);
    free(r);
}

/* --- lines --- */

/* False: there is no room. */
static bool hand_on(struct running *r, const struct line *line, enum cronobs_level level,
                    enum cronobs_stream stream)
{
    const struct bytes text = line->text;
    enum cronobs_rc rc = line->is_unfinished
                             ? cronobs_log_unfinished(r->job, level, stream, text.data, text.len)
                             : cronobs_log(r->job, level, stream, text.data, text.len);

    if (rc == CRONOBS_NO_MEMORY)
        abort();
    r->is_stalled = rc == CRONOBS_FULL;
    return !r->is_stalled;
}

static void publish_notes(struct running *r, usec_t tick)
{
    struct line line;

    while (!r->is_stalled && lines_next(&r->notes, tick, &line))
        if (hand_on(r, &line, CRONOBS_LEVEL_WARN, CRONOBS_STREAM_LOG))
            lines_drop(&r->notes, line.taken);
}

static void publish_printed(struct running *r, int i, usec_t tick)
{
    struct printed *p = &r->printed[i];
    enum cronobs_level level;
    struct line line;

    while (!r->is_stalled && printed_next(p, tick, &line, &level))
        if (hand_on(r, &line, level, output_streams[i]))
            printed_drop(p, &line);
}

/* Hands on lines until there are none, or until there is no room. */
static void publish_all(struct running *r, usec_t tick)
{
    publish_notes(r, tick);
    for (int i = 0; i < 2; i++)
        publish_printed(r, i, tick);
}

/* --- pipes --- */

static void end_output(struct running *r, int i)
{
    child_close(&r->child.output[i]);
    r->printed[i].lines.is_ended = true;
}

static void read_output(struct running *r, int i, usec_t tick)
{
    struct lines *lines = &r->printed[i].lines;
    int64_t *allowance = &r->allowance[i];
    size_t room = *allowance < 0 ? READ_BYTES : MIN((size_t)*allowance, READ_BYTES);
    char *at = lines_room(lines, room);
    ssize_t n = read(r->child.output[i], at, room);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        tee_take(&r->tees[i], at, (size_t)n);
        lines_grow(lines, (size_t)n, tick);
    }
    if (n > 0 && *allowance > 0)
        *allowance -= n;
    if (n <= 0 || *allowance == 0)
        end_output(r, i);
}

static void tell_progress(struct running *r)
{
    const char *message;
    int percent;

    if (progress_next(&r->progress, &percent, &message) &&
        cronobs_heartbeat(r->job, percent, *message == '\0' ? NULL : message) != CRONOBS_OK)
        abort();
}

/* As much as a pipe holds. */
static void read_progress(struct running *r)
{
    char bytes[READ_BYTES];
    ssize_t n = read(r->child.progress, bytes, sizeof bytes);

    if (n > 0)
        progress_take(&r->progress, bytes, (size_t)n);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        progress_end(&r->progress);
        child_close(&r->child.progress);
    }
    tell_progress(r);
}

/* Nobody waits until it is closed: what the command left running may hold it open. */
static void end_progress(struct running *r)
{
    if (r->child.progress < 0)
        return;
    read_progress(r);
    progress_end(&r->progress);
    tell_progress(r);
}

/* A command that does not read, or not all, is none of our business. */
static void write_input(struct running *r)
{
    ssize_t n = 0;

    if (r->input.len > 0)
        n = write(r->child.input, r->input.data, r->input.len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        r->input.data = (const char *)r->input.data + n;
        r->input.len -= (size_t)n;
    }
    if (n < 0 || r->input.len == 0)
        child_close(&r->child.input);
}

/* Something that the command started holds its pipes open. What they hold now is still read. */
static void close_outputs(struct running *r)
{
    char text[DURATION_TEXT_MAX];

    r->close_at = USEC_MAX;
    note(r,
         "output closed %s after the end of the command: a process that it started holds it open",
         duration_text(LINGER_US / USEC_PER_MS, text));
    for (int i = 0; i < 2; i++) {
        int held = 0;

        if (r->child.output[i] < 0)
            continue;
        if (ioctl(r->child.output[i], FIONREAD, &held) != 0 || held <= 0)
            end_output(r, i);
        else
            r->allowance[i] = held;
    }
}

/* --- stopping --- */

void running_signal(struct running *r, int number)
{
    child_signal(&r->child, number);
}

void running_stop(struct running *r, enum stop_cause cause, usec_t tick)
{
    char text[DURATION_TEXT_MAX];

    bool is_harder = r->cause == STOP_SHUTDOWN && cause != STOP_SHUTDOWN;

    if (r->has_ended || (r->cause != STOP_NONE && !is_harder))
        return;
    r->cause = cause;
    if (cause != STOP_SHUTDOWN)
        r->timeout_at = USEC_MAX; /* else the limit still holds */
    child_signal(&r->child, SIGTERM);
    if (cause == STOP_SHUTDOWN) {
        note(r, "sent SIGTERM: %s", stop_words(cause));
        return;
    }
    r->kill_at = tick + r->kill_after;
    note(r, "sent SIGTERM, SIGKILL follows in %s: %s",
         duration_text(r->kill_after / USEC_PER_MS, text), stop_words(cause));
}

void running_kill(struct running *r)
{
    if (r->has_ended)
        return;
    if (r->cause == STOP_NONE)
        r->cause = STOP_SHUTDOWN;
    r->kill_at = USEC_MAX;
    child_signal(&r->child, SIGKILL);
    note(r, "sent SIGKILL: %s", stop_words(r->cause));
}

static void obey_deadlines(struct running *r, usec_t tick)
{
    if (cronobs_is_cancelled(r->job))
        running_stop(r, STOP_CANCEL, tick);
    if (r->timeout_at <= tick)
        running_stop(r, STOP_TIMEOUT, tick);
    if (r->kill_at <= tick)
        running_kill(r);
    if (r->close_at <= tick && !r->is_stalled)
        close_outputs(r);
}

usec_t running_wake(const struct running *r)
{
    usec_t wake = MIN(r->timeout_at, r->kill_at);

    if (r->is_stalled)
        return wake;
    for (int i = 0; i < 2; i++)
        wake = MIN(wake, lines_wake(&r->printed[i].lines));
    return MIN(wake, r->close_at);
}

/* There is room again. The pipes were not read meanwhile: they get their time once more, to end a line and to end. */
static void go_on(struct running *r, usec_t tick)
{
    if (!r->is_stalled)
        return;
    r->is_stalled = false;
    for (int i = 0; i < 2; i++)
        lines_wait_again(&r->printed[i].lines, tick);
    if (r->close_at != USEC_MAX)
        r->close_at = tick + LINGER_US;
}

/* --- on the loop --- */

void running_watch(const struct running *r, struct pollfd fds[RUNNING_FDS])
{
    const struct child *c = &r->child;

    fds[WATCH_END] = (struct pollfd){.fd = c->pidfd, .events = POLLIN};
    fds[WATCH_INPUT] = (struct pollfd){.fd = c->input, .events = POLLOUT};
    fds[WATCH_PROGRESS] = (struct pollfd){.fd = c->progress, .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        bool waits = r->is_stalled || tee_is_busy(&r->tees[i]);

        fds[WATCH_OUTPUT + i] = (struct pollfd){.fd = waits ? -1 : c->output[i], .events = POLLIN};
        fds[WATCH_TEE + i] = tee_watch(&r->tees[i]);
    }
}

static void take_end(struct running *r, usec_t tick)
{
    if (!child_take_end(&r->child, &r->end))
        return;
    r->has_ended = true;
    r->timeout_at = r->kill_at = USEC_MAX;
    r->close_at = tick + LINGER_US;
    child_close(&r->child.input);
}

static bool is_over(const struct running *r)
{
    return r->has_ended && r->child.output[0] < 0 && r->child.output[1] < 0 &&
           !tee_is_busy(&r->tees[0]) && !tee_is_busy(&r->tees[1]) && lines_is_empty(&r->notes) &&
           lines_is_empty(&r->printed[0].lines) && lines_is_empty(&r->printed[1].lines);
}

/* A command that was told to stop leaves nothing behind that could run into its next execution. */
static void finish(struct running *r)
{
    struct cronobs_outcome outcome = ending_outcome(&r->end, r->cause, r->memory);
    const struct cronobs_execution *e = cronobs_execution(r->job);

    end_progress(r);
    if (r->cause != STOP_NONE)
        child_signal(&r->child, SIGKILL);
    log_debug("ended", "execution=%s task=%s how=\"%s\"", e->execution_id, e->task_key,
              outcome.message == NULL ? "exit code 0" : outcome.message);
    report(r->job, &outcome);
}

pid_t running_group(const struct running *r)
{
    return r->child.pid;
}

struct child_end running_end(const struct running *r)
{
    return r->end;
}

bool running_step(struct running *r, const struct pollfd fds[RUNNING_FDS], bool has_room,
                  usec_t tick)
{
    if (fds[WATCH_END].revents != 0)
        take_end(r, tick);
    if (fds[WATCH_INPUT].revents != 0 && r->child.input >= 0)
        write_input(r);
    if (fds[WATCH_PROGRESS].revents != 0)
        read_progress(r);
    for (int i = 0; i < 2; i++) {
        if (fds[WATCH_OUTPUT + i].revents != 0)
            read_output(r, i, tick);
        if (fds[WATCH_TEE + i].revents != 0 && !tee_write(&r->tees[i]))
            end_output(r, i); /* so the command is told, as by whoever has stopped reading us */
    }
    if (has_room)
        go_on(r, tick);
    obey_deadlines(r, tick);
    publish_all(r, tick);
    if (!is_over(r))
        return false;
    finish(r);
    return true;
}
