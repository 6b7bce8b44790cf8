/*
 * The face of the library: what the user's threads call. Everything here is a short visit to the mailbox.
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
#include "c/text.h"
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

void worker_tell_user(struct cronobs_worker *w)
{
    worker_wake(w->wake_user);
    pthread_cond_broadcast(&w->changed);
}

static bool is_forked(const struct cronobs_worker *w)
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
static bool wait_for_change(struct cronobs_worker *w, int timeout_ms, const struct timespec *until)
{
    if (timeout_ms < 0)
        return pthread_cond_wait(&w->changed, &w->lock) == 0;
    return pthread_cond_timedwait(&w->changed, &w->lock, until) != ETIMEDOUT;
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
    worker_wake(w->wake_io);
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

    if (is_forked(w))
        return fail(err, CRONOBS_BROKEN, "could not close the worker: it is another process's");
    cronobs_drain(w);
    pthread_mutex_lock(&w->lock);
    while (!is_through(w))
        if (!wait_for_change(w, timeout_ms, &until))
            break;
    left = w->job_count;
    w->is_stopping = true;
    pthread_mutex_unlock(&w->lock);
    worker_wake(w->wake_io);
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
    for (size_t i = 0; i < w->job_count; i++) {
        if (w->jobs[i]->state != JOB_READY)
            continue;
        w->jobs[i]->state = JOB_HANDED;
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
    enum cronobs_rc rc;
    uint64_t count;

    if (is_forked(w))
        return fail(err, CRONOBS_BROKEN, "could not take a job: the worker is another process's");
    if (read(w->wake_user, &count, sizeof count) < 0 && errno != EAGAIN)
        return fail(err, CRONOBS_BROKEN, "could not read an eventfd: %s", strerror(errno));
    pthread_mutex_lock(&w->lock);
    rc = next(w, ret, err);
    while (rc == CRONOBS_IDLE && timeout_ms != 0 && wait_for_change(w, timeout_ms, &until))
        rc = next(w, ret, err);
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

bool cronobs_is_cancelled(const struct cronobs_job *job)
{
    return job->is_cancelled;
}

enum cronobs_cause cronobs_cause(const struct cronobs_job *job)
{
    if (job->is_cancelled)
        return CRONOBS_CAUSE_CANCEL;
    return job->is_overdue ? CRONOBS_CAUSE_TIMEOUT : CRONOBS_CAUSE_NONE;
}

bool cronobs_contact_lost(const struct cronobs_job *job)
{
    bool is_lost;

    pthread_mutex_lock(&job->worker->lock);
    is_lost = beat_is_lost(&job->beat, clock_monotonic());
    pthread_mutex_unlock(&job->worker->lock);
    return is_lost;
}

/* --- reporting --- */

/* One piece of a line; NULL when memory runs out. */
static struct job_line *make_piece(const struct job_line *like, struct bytes text, bool is_last)
{
    SCOPED_BUF clean = {0};
    bool is_escaped = text_clean(&clean, text.data, text.len);
    struct job_line *line = job_line_new(like->level, like->stream, buf_bytes(&clean));

    if (line == NULL)
        return NULL;
    line->is_escaped = is_escaped;
    line->is_unfinished = like->is_unfinished || !is_last;
    return line;
}

/* The pieces of one line, linked; *ret_bytes what they weigh. */
static bool make_lines(const struct job_line *like, struct bytes text, struct job_line **ret,
                       size_t *ret_bytes)
{
    struct job_line *first = NULL, **end = &first;
    const char *at = text.data;

    do {
        size_t len = text_piece(at, text.len, TEXT_PIECE_MAX);
        struct job_line *line =
            make_piece(like, (struct bytes){.data = at, .len = len}, len == text.len);

        if (line == NULL) {
            job_free_lines(first);
            return false;
        }
        *end = line;
        end = &line->next;
        *ret_bytes += job_line_weight(line);
        at += len;
        text.len -= len;
    } while (text.len > 0);
    *ret = first;
    return true;
}

/* Under the lock. Must the thread be woken, to start a batch's clock or to send one that is full? */
static bool add_lines(struct cronobs_job *job, struct job_line *line)
{
    bool was_empty = job->lines == NULL;
    usec_t at = clock_realtime(), tick = clock_monotonic();

    while (line != NULL) {
        struct job_line *rest = line->next;

        line->next = NULL;
        job_add_line(job, line, at, tick);
        line = rest;
    }
    return was_empty || job_wake(job) <= tick;
}

static enum cronobs_rc add_text(struct cronobs_job *job, const struct job_line *like,
                                struct bytes text)
{
    struct cronobs_worker *w = job->worker;
    struct job_line *lines;
    size_t bytes = 0;
    bool must_wake;

    if (is_forked(w))
        return CRONOBS_BROKEN;
    if (!make_lines(like, text, &lines, &bytes))
        return CRONOBS_NO_MEMORY;
    pthread_mutex_lock(&w->lock);
    if (w->unsent_bytes > 0 && w->unsent_bytes + bytes > WORKER_UNSENT_MAX) {
        bool is_left_out = w->observer != NULL && observe_leaves_out(w, lines);

        w->was_full = !is_left_out;
        pthread_mutex_unlock(&w->lock);
        job_free_lines(lines);
        return is_left_out ? CRONOBS_OK : CRONOBS_FULL;
    }
    if (w->unsent_bytes == 0)
        w->heard_at = clock_monotonic(); /* nobody had anything to tell until now */
    w->unsent_bytes += bytes;
    must_wake = add_lines(job, lines);
    pthread_mutex_unlock(&w->lock);
    if (must_wake)
        worker_wake(w->wake_io);
    return CRONOBS_OK;
}

enum cronobs_rc cronobs_log(struct cronobs_job *job, enum cronobs_level level,
                            enum cronobs_stream stream, const char *text, size_t len)
{
    const struct job_line like = {.level = (enum log_line_level)level,
                                  .stream = (enum log_stream)stream};

    return add_text(job, &like, (struct bytes){.data = text, .len = len});
}

enum cronobs_rc cronobs_log_unfinished(struct cronobs_job *job, enum cronobs_level level,
                                       enum cronobs_stream stream, const char *text, size_t len)
{
    const struct job_line like = {.level = (enum log_line_level)level,
                                  .stream = (enum log_stream)stream,
                                  .is_unfinished = true};

    return add_text(job, &like, (struct bytes){.data = text, .len = len});
}

enum cronobs_rc cronobs_heartbeat(struct cronobs_job *job, int percent, const char *message)
{
    struct cronobs_worker *w = job->worker;
    SCOPED_BUF clean = {0};

    if (percent < CRONOBS_NO_PERCENT || percent > 100)
        return CRONOBS_INVALID;
    if (message != NULL)
        text_clean_cut(&clean, message, MESSAGE_MAX_BYTES);
    pthread_mutex_lock(&w->lock);
    beat_note(&job->beat,
              (struct opt_int){.is_set = percent != CRONOBS_NO_PERCENT, .value = percent},
              message == NULL ? NULL : buf_take(&clean));
    pthread_mutex_unlock(&w->lock);
    worker_wake(w->wake_io);
    return CRONOBS_OK;
}

static bool make_final(const struct cronobs_outcome *o, struct job_final *ret)
{
    static const enum status statuses[] = {STATUS_SUCCEEDED, STATUS_FAILED, STATUS_CANCELLED};
    static const enum reason reasons[] = {REASON_NONE,         REASON_EXIT_CODE,
                                          REASON_SIGNAL,       REASON_WORKER_SHUTDOWN,
                                          REASON_WORKER_ERROR, REASON_RUN_TIMEOUT};
    SCOPED_BUF message = {0};
    void *result = NULL;

    if (o->message != NULL)
        text_clean_cut(&message, o->message, MESSAGE_MAX_BYTES);
    if (o->result_len > 0 && (result = malloc(o->result_len)) == NULL)
        return false;
    if (result != NULL)
        memcpy(result, o->result, o->result_len);
    *ret = (struct job_final){.is_set = true,
                              .status = statuses[o->status],
                              .reason = reasons[o->reason],
                              .exit_code = {.is_set = o->has_exit_code, .value = o->exit_code},
                              .message = o->message == NULL ? NULL : buf_take(&message),
                              .result = result,
                              .result_len = o->result_len};
    return true;
}

/* Under the lock. */
static void tell_gap(struct cronobs_job *job)
{
    struct cronobs_worker *w = job->worker;
    struct job_line *gap = w->observer == NULL ? NULL : observe_gap(w);

    if (gap == NULL)
        return;
    w->unsent_bytes += job_line_weight(gap);
    (void)add_lines(job, gap);
}

static void end_job(struct cronobs_job *job, const struct job_final *final)
{
    struct cronobs_worker *w = job->worker;

    pthread_mutex_lock(&w->lock);
    tell_gap(job);
    job_end(job, final);
    w->busy--;
    pthread_mutex_unlock(&w->lock);
    worker_wake(w->wake_io);
}

enum cronobs_rc cronobs_finish(struct cronobs_job *job, const struct cronobs_outcome *outcome)
{
    struct job_final final;

    if (is_forked(job->worker))
        return CRONOBS_BROKEN;
    if (outcome->result_len > RESULT_MAX_BYTES || outcome->status > CRONOBS_CANCELLED ||
        outcome->reason > CRONOBS_REASON_RUN_TIMEOUT)
        return CRONOBS_INVALID;
    if (outcome->status == CRONOBS_CANCELLED && !job->is_cancelled)
        return CRONOBS_INVALID; /* nobody would take it in: it would be RUNNING for ever */
    if (!make_final(outcome, &final))
        return CRONOBS_NO_MEMORY;
    end_job(job, &final);
    return CRONOBS_OK;
}

void cronobs_abandon(struct cronobs_job *job)
{
    end_job(job, &(struct job_final){0});
}
