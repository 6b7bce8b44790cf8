/*
 * The subject of the C library: what the driver starts (../README.md). Around cronobs.h it has what run() has in other languages:
 * settings of the environment, a thread for each place, signals, the wait of a drain, an exit code.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "journal.h"
#include "script.h"

enum {
    PLACES_MAX = 1000,
    PLACES = 16,
    LOOK_MS = 20,
    AFTER_SHUTDOWN_US = 3 * 1000 * 1000,
    LAST_REPORTS_MS = 5000,
    EXIT_LEFT = 1,
    EXIT_USAGE = 64,
    EXIT_BROKEN = 75,
};

static struct cronobs_worker *worker;
static struct run runs[PLACES_MAX];
static atomic_int threads; /* that have not come to their ends */
static atomic_bool is_broken;

/* --- words --- */

static void say(const char *level, const char *text)
{
    char line[1024];
    int len = snprintf(line, sizeof line - 1, "cronobs %s %s", level, text);

    len = MIN(len, (int)sizeof line - 2);
    for (int i = 0; i < len; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        _exit(EXIT_LEFT);
}

static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    static const char *const levels[] = {[CRONOBS_NOTICE_INFO] = "INFO",
                                         [CRONOBS_NOTICE_WARNING] = "WARN",
                                         [CRONOBS_NOTICE_ERROR] = "ERROR"};

    say(levels[kind], text);
}

static _Noreturn void refuse(const char *name, const char *why)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%s: %s", name, why);
    say("ERROR", text);
    exit(EXIT_USAGE);
}

/* --- settings --- */

static const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? fallback : value;
}

static int64_t duration_setting(const char *name, const char *fallback)
{
    struct error why = {0};
    int64_t ms;

    if (duration_parse(setting(name, fallback), &ms, &why) != RC_OK)
        refuse(name, why.text);
    return ms;
}

static int places_setting(void)
{
    const char *text = setting("CRONOBS_WORKER_CONCURRENCY", "16");
    char *end;
    long places = strtol(text, &end, 10);

    if (*end != '\0' || places < 1 || places > PLACES_MAX)
        refuse("CRONOBS_WORKER_CONCURRENCY", "is outside 1-1000");
    return (int)places;
}

static struct cronobs_config config_of_environment(void)
{
    return (struct cronobs_config){
        .brokers = setting("CRONOBS_BROKERS", "127.0.0.1:9092"),
        .topic_prefix = setting("CRONOBS_TOPIC_PREFIX", NULL),
        .queue = setting("CRONOBS_QUEUE", NULL),
        .group = setting("CRONOBS_WORKER_GROUP", NULL),
        .name = setting("CRONOBS_WORKER_NAME", NULL),
        .instance = setting("CRONOBS_WORKER_INSTANCE", NULL),
        .concurrency = places_setting(),
        .session_timeout_ms = (int)duration_setting("CRONOBS_KAFKA_SESSION_TIMEOUT", "10s"),
        .backlog_ms = duration_setting("CRONOBS_WORKER_BACKLOG", "1d"),
        .on_notice = on_notice};
}

/* --- places --- */

static void *work(void *run)
{
    struct cronobs_error err;
    struct cronobs_job *job;
    enum cronobs_rc rc;

    while ((rc = cronobs_next(worker, CRONOBS_FOREVER, &job, &err)) == CRONOBS_OK)
        (void)script_run(run, job, cronobs_execution(job)->payload,
                         cronobs_execution(job)->payload_len);
    if (rc == CRONOBS_BROKEN) {
        is_broken = true;
        say("ERROR", err.text);
    }
    threads--;
    return NULL;
}

static void start_threads(int places)
{
    for (int i = 0; i < places; i++) {
        pthread_t thread;

        pthread_mutex_init(&runs[i].lock, NULL);
        runs[i].is_over = true;
        threads++;
        if (pthread_create(&thread, NULL, work, &runs[i]) != 0)
            abort();
        (void)pthread_detach(thread);
    }
}

/* --- its end --- */

static void block_signals(sigset_t *ret)
{
    (void)sigemptyset(ret);
    (void)sigaddset(ret, SIGTERM);
    (void)sigaddset(ret, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, ret, NULL);
}

/* True: a signal has come. False: the time is over, or no thread runs any more. */
static bool wait_for_signal(const sigset_t *signals, usec_t until)
{
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000};

    while (threads > 0 && clock_monotonic() < until)
        if (sigtimedwait(signals, NULL, &look) > 0)
            return true;
    return false;
}

static void drain(const sigset_t *signals, int64_t drain_ms, int places)
{
    cronobs_drain(worker);
    (void)wait_for_signal(signals, clock_monotonic() + drain_ms * USEC_PER_MS);
    script_is_shutdown = true;
    if (wait_for_signal(signals, clock_monotonic() + AFTER_SHUTDOWN_US))
        _exit(EXIT_LEFT);
    for (int i = 0; i < places; i++)
        script_end_over_its_head(&runs[i]);
}

static int run_worker(void)
{
    const struct cronobs_config config = config_of_environment();
    int64_t drain_ms = duration_setting("CRONOBS_WORKER_DRAIN", "25s");
    struct cronobs_error err;
    sigset_t signals;
    enum cronobs_rc rc;

    block_signals(&signals);
    if (cronobs_open(&config, &worker, &err) != CRONOBS_OK)
        refuse("settings", err.text);
    journal_start();
    start_threads(config.concurrency);
    (void)wait_for_signal(&signals, USEC_MAX);
    drain(&signals, drain_ms, config.concurrency);
    rc = cronobs_close(worker, LAST_REPORTS_MS, &err);
    if (rc != CRONOBS_OK)
        say("ERROR", err.text);
    return is_broken ? EXIT_BROKEN : rc == CRONOBS_OK ? EXIT_SUCCESS : EXIT_LEFT;
}

/* --- a run that somebody else starts --- */

/* What brokers do changes nothing of its exit code. */
static int observe(const char *task, const char *script)
{
    const struct cronobs_config config = config_of_environment();
    struct cronobs_error err;
    struct cronobs_job *job;
    bool is_well;

    if (cronobs_observe(&config, &(struct cronobs_observed){.task = task}, &worker, &job, &err) !=
        CRONOBS_OK)
        refuse("observe", err.text);
    (void)dprintf(STDOUT_FILENO, "{\"execution_id\": \"%s\"}\n",
                  cronobs_execution(job)->execution_id);
    pthread_mutex_init(&runs[0].lock, NULL);
    is_well = script_run(&runs[0], job, script, strlen(script));
    if (cronobs_close(worker, LAST_REPORTS_MS, &err) != CRONOBS_OK)
        say("WARN", err.text);
    return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    bool is_worker = argc == 2 && strcmp(argv[1], "worker") == 0;

    if (!is_worker && (argc != 4 || strcmp(argv[1], "observe") != 0)) {
        say("ERROR", "usage: subject worker | observe KEY SCRIPT");
        return EXIT_USAGE;
    }
    if (!journal_open(setting("CONFORMANCE_JOURNAL", "")))
        refuse("CONFORMANCE_JOURNAL", "cannot be opened");
    script_gates = setting("CONFORMANCE_GATES", ".");
    script_heeds_lost = strcmp(setting("CONFORMANCE_HEARTBEAT_LOST", "0"), "1") == 0;
    /* threads that ignore all may still run */
    _exit(is_worker ? run_worker() : observe(argv[2], argv[3]));
}
