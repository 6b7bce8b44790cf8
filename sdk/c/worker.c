/*
 * The face of the library: what the user's threads call of a worker (report.c: of a job). Everything here is a short visit to the mailbox.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "bus/topics.h"
#include "c/observe.h"
#include "model/limits.h"

enum {
    CONCURRENCY_MAX = 1000,
    NOTICE_US = 10 * 1000 * 1000,
    BACKLOG_MS = 86400 * 1000,
};

static enum cronobs_rc fail(struct cronobs_error *err, enum cronobs_rc rc, const char *format, ...)
    PRINTF_LIKE(3, 4);

static enum cronobs_rc fail(struct cronobs_error *err, enum cronobs_rc rc, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return rc;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return rc;
}

/* --- words and wake-ups --- */

void worker_notice(struct cronobs_worker *w, enum cronobs_notice kind, const char *format, ...)
{
    char text[sizeof w->last_notice];
    usec_t tick = clock_monotonic();
    bool is_news;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&w->notice_lock);
    is_news = strcmp(text, w->last_notice) != 0 || tick > w->last_notice_at + NOTICE_US;
    if (is_news) {
        memcpy(w->last_notice, text, sizeof text);
        w->last_notice_at = tick;
    }
    pthread_mutex_unlock(&w->notice_lock);
    if (is_news && w->config.on_notice != NULL)
        w->config.on_notice(w->config.ctx, kind, text);
}

static void on_bus_notice(void *ctx, bool fatal, const char *text)
{
    worker_notice(ctx, fatal ? CRONOBS_NOTICE_ERROR : CRONOBS_NOTICE_WARNING, "%s", text);
}

void worker_wake(int fd)
{
    const uint64_t one = 1;

    if (write(fd, &one, sizeof one) < 0)
        return; /* the counter is full: it is readable already */
}

void worker_wake_thread(struct cronobs_worker *w)
{
    if (!atomic_exchange(&w->is_woken, true))
        worker_wake(w->wake_io);
}

void worker_wake_one(struct cronobs_worker *w)
{
    if (w->ready_count == 0 || w->waiting_count == 0 || w->is_waking)
        return;
    w->is_waking = true;
    pthread_cond_signal(&w->ready);
}

void worker_tell_user(struct cronobs_worker *w)
{
    worker_wake(w->wake_user);
    pthread_cond_broadcast(&w->changed);
}

bool worker_is_forked(const struct cronobs_worker *w)
{
    return w->process != getpid();
}

/* --- opening and closing --- */

static enum cronobs_rc check_queue(const char *queue, struct cronobs_error *err)
{
    struct error why = {0};

    if (queue == NULL)
        return fail(err, CRONOBS_INVALID, "queue: no name given");
    if (queue_check_name(queue, &why) != RC_OK)
        return fail(err, CRONOBS_INVALID, "queue: %s", why.text);
    return CRONOBS_OK;
}

static enum cronobs_rc check(const struct cronobs_config *c, struct cronobs_error *err)
{
    if (c->brokers == NULL || *c->brokers == '\0')
        return fail(err, CRONOBS_INVALID, "brokers: no address given");
    if (c->name != NULL && !utf8_is_clean(c->name, strlen(c->name)))
        return fail(err, CRONOBS_INVALID, "name: is not UTF-8"); /* it is in every status */
    if (c->name != NULL && strlen(c->name) > NAME_MAX_BYTES)
        return fail(err, CRONOBS_INVALID, "name: is longer than 200 bytes");
    if (c->heartbeat_ms < 0)
        return fail(err, CRONOBS_INVALID, "heartbeat_ms: %lld is below 0",
                    (long long)c->heartbeat_ms);
    if (c->concurrency < 0 || c->concurrency > CONCURRENCY_MAX)
        return fail(err, CRONOBS_INVALID, "concurrency: %d is outside 1-%d", c->concurrency,
                    CONCURRENCY_MAX);
    return CRONOBS_OK;
}

static const char *default_group(struct arena *memory, const char *prefix, const char *queue)
{
    size_t len = strlen(prefix);

    if (len > 0 && prefix[len - 1] == '.')
        len--;
    return arena_printf(memory, "%.*s-work-%s", (int)len, prefix, queue);
}

static const char *default_name(struct arena *memory)
{
    char host[65] = "localhost";

    (void)gethostname(host, sizeof host - 1);
    return arena_printf(memory, "%s/%d", host, (int)getpid());
}

static const char *copy(struct arena *memory, const char *text)
{
    return text == NULL ? NULL : arena_strdup(memory, text);
}

static struct cronobs_config complete(struct arena *memory, const struct cronobs_config *given)
{
    struct cronobs_config c = *given;

    c.brokers = copy(memory, c.brokers);
    c.queue = copy(memory, c.queue == NULL ? "" : c.queue);
    c.topic_prefix = copy(memory, c.topic_prefix == NULL ? "cronobs." : c.topic_prefix);
    c.group =
        c.group == NULL ? default_group(memory, c.topic_prefix, c.queue) : copy(memory, c.group);
    c.name = c.name == NULL ? default_name(memory) : copy(memory, c.name);
    c.instance = copy(memory, c.instance);
    c.concurrency = MAX(c.concurrency, 1);
    c.backlog_ms = c.backlog_ms == 0 ? BACKLOG_MS : c.backlog_ms;
    return c;
}

static struct worker_topics topics_of(struct arena *memory, const struct cronobs_config *c)
{
    const char *prefix = c->topic_prefix;

    return (struct worker_topics){
        .queue = arena_printf(memory, "%sexecutions.%s", prefix, c->queue),
        .status = arena_printf(memory, "%sstatus", prefix),
        .logs = arena_printf(memory, "%slogs", prefix),
        .heartbeats = arena_printf(memory, "%sheartbeats", prefix),
        .control = arena_printf(memory, "%scontrol", prefix),
    };
}

void worker_free(struct cronobs_worker *w)
{
    for (size_t i = 0; i < w->job_count; i++)
        job_free(w->jobs[i]);
    free(w->jobs);
    inbox_clear(&w->inbox);
    seen_clear(&w->control.cancelled);
    if (w->bus != NULL)
        bus_free(w->bus);
    (void)close(w->wake_io);
    (void)close(w->wake_user);
    pthread_cond_destroy(&w->ready);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->notice_lock);
    arena_free(w->memory);
    free(w);
}

static void init_locks(struct cronobs_worker *w)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&w->lock, NULL);
    pthread_mutex_init(&w->notice_lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w->ready, &attributes);
    pthread_cond_init(&w->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum cronobs_rc worker_run(struct cronobs_worker *w, struct cronobs_error *err)
{
    const struct bus_config config = {.brokers = w->config.brokers,
                                      .instance = w->config.instance == NULL ? w->config.name
                                                                             : w->config.instance,
                                      .session_timeout_ms = w->config.session_timeout_ms,
                                      .on_notice = on_bus_notice,
                                      .ctx = w};
    struct error why = {0};
    int code;

    if (w->wake_io < 0 || w->wake_user < 0)
        return fail(err, CRONOBS_BROKEN, "could not make an eventfd: %s", strerror(errno));
    if (bus_kafka_new(&config, &w->bus, &why) != RC_OK)
        return fail(err, CRONOBS_INVALID, "%s", why.text);
    code = pthread_create(&w->thread, NULL, worker_thread, w);
    if (code != 0)
        return fail(err, CRONOBS_BROKEN, "could not start a thread: %s", strerror(code));
    return CRONOBS_OK;
}

enum cronobs_rc worker_new(const struct cronobs_config *config, struct cronobs_worker **ret,
                           struct cronobs_error *err)
{
    struct cronobs_worker *w;
    enum cronobs_rc rc = check(config, err);

    if (rc != CRONOBS_OK)
        return rc;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return fail(err, CRONOBS_NO_MEMORY, "could not open a worker: out of memory");
    w->memory = arena_new(0);
    w->config = complete(w->memory, config);
    w->topics = topics_of(w->memory, &w->config);
    w->writer = (struct job_writer){.name = w->config.name, .incarnation = uuid_random()};
    w->process = getpid();
    w->control.place.next = BUS_BEGINNING;
    w->control.cancelled.max = WORKER_CANCELS_MAX;
    w->wake_io = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    w->wake_user = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    init_locks(w);
    *ret = w;
    return CRONOBS_OK;
}

enum cronobs_rc cronobs_open(const struct cronobs_config *config, struct cronobs_worker **ret,
                             struct cronobs_error *err)
{
    struct cronobs_worker *w = NULL;
    enum cronobs_rc rc = check_queue(config->queue, err);

    if (rc == CRONOBS_OK)
        rc = worker_new(config, &w, err);
    if (rc == CRONOBS_OK)
        rc = worker_run(w, err);
    if (rc == CRONOBS_OK)
        *ret = w;
    else if (w != NULL)
        worker_free(w);
    return rc;
}

static struct timespec deadline_in(int timeout_ms)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Under the lock. False when the time is over. */
static bool wait_for(struct cronobs_worker *w, pthread_cond_t *what, int timeout_ms,
                     const struct timespec *until)
{
    if (timeout_ms < 0)
        return pthread_cond_wait(what, &w->lock) == 0;
    return pthread_cond_timedwait(what, &w->lock, until) != ETIMEDOUT;
}

size_t cronobs_unreported(struct cronobs_worker *w)
{
    size_t count;

    pthread_mutex_lock(&w->lock);
    count = w->job_count;
    pthread_mutex_unlock(&w->lock);
    return count;
}

void cronobs_drain(struct cronobs_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_draining = true;
    pthread_mutex_unlock(&w->lock);
    worker_wake_thread(w);
}

/* Under the lock. */
static bool is_through(const struct cronobs_worker *w)
{
    if (w->observer != NULL)
        return observe_is_through(w);
    return w->phase >= WORKER_DRAINED && w->job_count == 0;
}

enum cronobs_rc cronobs_close(struct cronobs_worker *w, int timeout_ms, struct cronobs_error *err)
{
    const struct timespec until = deadline_in(MAX(timeout_ms, 0));
    enum cronobs_rc rc = CRONOBS_OK;
    size_t left;

    if (worker_is_forked(w))
        return fail(err, CRONOBS_BROKEN, "could not close the worker: it is another process's");
    cronobs_drain(w);
    pthread_mutex_lock(&w->lock);
    while (!is_through(w))
        if (!wait_for(w, &w->changed, timeout_ms, &until))
            break;
    left = w->job_count;
    w->is_stopping = true;
    pthread_mutex_unlock(&w->lock);
    worker_wake_thread(w);
    (void)pthread_join(w->thread, NULL);
    if (w->observer != NULL && observe_end(w))
        left = 0;
    if (left > 0)
        rc = fail(err, CRONOBS_UNDELIVERED, "%zu executions were not reported to the end", left);
    worker_free(w);
    return rc;
}

/* --- taking jobs --- */

static struct cronobs_job *take_ready(struct cronobs_worker *w)
{
    for (size_t i = 0; i < w->job_count && w->ready_count > 0; i++) {
        if (w->jobs[i]->state != JOB_READY)
            continue;
        w->jobs[i]->state = JOB_HANDED;
        w->ready_count--;
        worker_wake_one(w);
        return w->jobs[i];
    }
    return NULL;
}

/* Under the lock. */
static enum cronobs_rc next(struct cronobs_worker *w, struct cronobs_job **ret,
                            struct cronobs_error *err)
{
    struct cronobs_job *job = take_ready(w);

    if (job != NULL) {
        *ret = job;
        return CRONOBS_OK;
    }
    if (w->phase == WORKER_BROKEN)
        return fail(err, CRONOBS_BROKEN, "%s", w->failure.text);
    if (w->phase == WORKER_DRAINED)
        return fail(err, CRONOBS_DRAINED, "the worker was drained");
    return fail(err, CRONOBS_IDLE, "nothing to do");
}

enum cronobs_rc cronobs_next(struct cronobs_worker *w, int timeout_ms, struct cronobs_job **ret,
                             struct cronobs_error *err)
{
    const struct timespec until = deadline_in(MAX(timeout_ms, 0));
    bool has_time = timeout_ms != 0;
    enum cronobs_rc rc;
    uint64_t count;

    if (worker_is_forked(w))
        return fail(err, CRONOBS_BROKEN, "could not take a job: the worker is another process's");
    if (read(w->wake_user, &count, sizeof count) < 0 && errno != EAGAIN)
        return fail(err, CRONOBS_BROKEN, "could not read an eventfd: %s", strerror(errno));
    pthread_mutex_lock(&w->lock);
    rc = next(w, ret, err);
    while (rc == CRONOBS_IDLE && has_time) {
        w->waiting_count++;
        has_time = wait_for(w, &w->ready, timeout_ms, &until);
        w->waiting_count--;
        w->is_waking = false; /* it was this one, also when its time is over */
        rc = next(w, ret, err);
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}

int cronobs_fd(const struct cronobs_worker *w)
{
    return w->wake_user;
}

const struct cronobs_execution *cronobs_execution(const struct cronobs_job *job)
{
    return &job->view;
}
