#include "c/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "model/limits.h"
#include "model/spec.h"

/* --- the brokers --- */

/* How many partitions the installation has: each of these topics says the same. */
static enum rc count_partitions(struct cronobs_worker *w, int *ret, struct error *err)
{
    const char *const topics[] = {w->topics.status, w->topics.logs, w->topics.heartbeats};
    int first = 0;

    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        int partitions = 0;
        enum rc rc =
            bus_topic_partitions(w->observer->admin, topics[i], OBSERVE_ASK_MS, &partitions, err);

        if (rc == RC_NOT_FOUND)
            return error_set(err, rc, "there is no topic %s: run `cronobs topics apply`",
                             topics[i]);
        TRY(rc);
        if (i == 0)
            first = partitions;
        if (partitions != first)
            return error_set(err, RC_RETRY, "topic %s has %d partitions, and %s has %d", topics[0],
                             first, topics[i], partitions);
    }
    *ret = first;
    return RC_OK;
}

static enum rc connect_to_brokers(struct cronobs_worker *w, struct error *err)
{
    struct observer *o = w->observer;
    int partitions = 0;

    if (o->admin == NULL)
        TRY(bus_admin_new(w->bus, &o->admin, err));
    TRY(count_partitions(w, &partitions, err));
    TRY(bus_producer_new(w->bus, &w->producer, err));
    bus_admin_free(TAKE(o->admin));
    pthread_mutex_lock(&w->lock);
    w->partitions = partitions;
    for (size_t i = 0; i < w->job_count; i++)
        job_place(w->jobs[i], partitions);
    pthread_mutex_unlock(&w->lock);
    return RC_OK;
}

/* --- what earlier runs have left --- */

static void all_is_sent(struct cronobs_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->observer->is_done = true;
    worker_tell_user(w);
    pthread_mutex_unlock(&w->lock);
}

static void set_aside(struct cronobs_worker *w, const struct error *why)
{
    struct error err = {0};

    worker_notice(w, CRONOBS_NOTICE_ERROR, "set %s of the spool aside as %s.broken: %s",
                  w->observer->file_name, w->observer->file_name, why->text);
    if (spool_folder_set_aside(w->observer->folder, &err) != RC_OK)
        worker_notice(w, CRONOBS_NOTICE_ERROR, "%s", err.text);
}

/* A run that was killed gets its end. */
static void complete(struct observer *o)
{
    struct spool_record *more;

    buf_reset(&o->end);
    if (!spool_end(o->records, o->count, o->memory, &o->end))
        return;
    more = arena_alloc(o->memory, (o->count + 1) * sizeof *more);
    memcpy(more, o->records, o->count * sizeof *more);
    more[o->count++] = (struct spool_record){RECORD_EXECUTION_STATUS, buf_bytes(&o->end)};
    o->records = more;
}

/* False: there is none, or it is not for these brokers. */
static bool load_next(struct cronobs_worker *w)
{
    struct observer *o = w->observer;
    struct error err = {0};

    o->next = o->count = 0;
    while (spool_folder_next(o->folder, &o->file, &o->file_name)) {
        arena_reset(o->memory);
        if (spool_parse(buf_bytes(&o->file), o->memory, &o->of, &o->records, &o->count, &err) !=
            RC_OK) {
            o->count = 0;
            set_aside(w, &err);
        } else if (strcmp(o->of.prefix, o->head.prefix) == 0) {
            complete(o);
            return true;
        }
        o->count = 0;
    }
    return false;
}

static void on_sent(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                    const char *why)
{
    struct cronobs_worker *w = ctx;
    struct observer *o = w->observer;

    o->is_in_flight = false;
    o->retry_at = clock_monotonic() + WORKER_RETRY_US;
    if (rc == RC_FATAL || rc == RC_FENCED)
        w->producer_is_dead = true;
    if (rc == RC_INVALID)
        worker_notice(w, CRONOBS_NOTICE_ERROR, "dropped a record of %s of the spool: %s",
                      o->file_name, why);
    if (rc != RC_OK && rc != RC_INVALID)
        return;
    o->retry_at = 0;
    if (++o->next == o->count)
        spool_folder_sent(o->folder);
}

static void send_record(struct cronobs_worker *w)
{
    struct observer *o = w->observer;
    const struct spool_record *r = &o->records[o->next];
    bool is_log = r->kind == RECORD_LOG_BATCH;
    struct uuid key = is_log ? o->of.execution_id : o->of.task_id;
    char text[UUID_TEXT];
    const struct bus_record record = {.topic = is_log ? w->topics.logs : w->topics.status,
                                      .partition = partition_of(key, w->partitions),
                                      .key = bytes_of(uuid_to_text(key, text)),
                                      .value = r->frame};
    struct error err = {0};
    enum rc rc = bus_producer_send(w->producer, &record, on_sent, w, &err);

    o->is_in_flight = true;
    if (rc != RC_OK)
        on_sent(w, rc, 0, 0, err.text);
}

static void send_others(struct cronobs_worker *w)
{
    struct observer *o = w->observer;

    if (o->is_done || o->is_in_flight || w->tick < o->retry_at)
        return;
    if (o->next == o->count && !load_next(w))
        all_is_sent(w);
    else
        send_record(w);
}

/* --- in the thread --- */

/* Whoever was told that there is no room may go on: from now on lines are left out. */
static void wait_no_longer(struct cronobs_worker *w)
{
    pthread_mutex_lock(&w->lock);
    if (w->was_full && w->tick >= w->heard_at + OBSERVE_AWAY_US) {
        w->was_full = false;
        worker_tell_user(w);
    }
    pthread_mutex_unlock(&w->lock);
}

void observe_step(struct cronobs_worker *w)
{
    struct error err = {0};

    wait_no_longer(w);
    if (w->producer != NULL) {
        send_others(w);
        return;
    }
    if (w->tick < w->observer->ask_at || connect_to_brokers(w, &err) == RC_OK)
        return;
    w->observer->ask_at = clock_monotonic() + WORKER_RETRY_US;
    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", err.text);
}

usec_t observe_wake(struct cronobs_worker *w)
{
    const struct observer *o = w->observer;

    if (w->producer == NULL)
        return o->ask_at;
    return o->is_done || o->is_in_flight ? USEC_MAX : o->retry_at;
}

void observe_stop(struct cronobs_worker *w)
{
    if (w->producer != NULL)
        bus_producer_give_up(w->producer);
    if (w->observer->admin != NULL)
        bus_admin_free(TAKE(w->observer->admin));
}

/* --- for the user's threads --- */

bool observe_is_through(const struct cronobs_worker *w)
{
    return w->job_count == 0 && w->observer->is_done;
}

bool observe_leaves_out(struct cronobs_worker *w, const struct job_line *lines)
{
    if (clock_monotonic() < w->heard_at + OBSERVE_AWAY_US)
        return false;
    for (; lines != NULL; lines = lines->next)
        w->observer->left_out += !lines->is_unfinished;
    return true;
}

struct job_line *observe_gap(struct cronobs_worker *w)
{
    char text[120];
    int len = snprintf(text, sizeof text,
                       "%zu lines were left out: so much waited already for brokers that were away",
                       w->observer->left_out);

    if (w->observer->left_out == 0)
        return NULL;
    w->observer->left_out = 0;
    return job_line_new(LINE_WARN, STREAM_LOG, (struct bytes){text, (size_t)len});
}

/* --- the end --- */

/* What is left to be said, but for RUNNING. */
static void collect(struct cronobs_worker *w, struct buf *body)
{
    struct cronobs_job *job = w->observer->job;

    if (job->must_announce)
        (void)job_delivered(job, w->tick);
    while (job->state != JOB_GONE && job_next_frame(job, &w->writer, USEC_MAX - 1, NULL) == RC_OK) {
        spool_add(body, job->frame_kind, buf_bytes(&job->frame));
        (void)job_delivered(job, w->tick);
    }
}

/* They are what takes the room. True: there were some. */
static bool leave_lines_out(const struct observer *o, struct buf *body)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF whole = {0}, less = {0};
    struct spool_record *records = NULL;
    struct spool_head head;
    size_t count = 0;

    spool_finish(&whole, &o->head, buf_bytes(body));
    if (spool_parse(buf_bytes(&whole), memory, &head, &records, &count, NULL) != RC_OK)
        abort(); /* it is our own */
    for (size_t i = 0; i < count; i++)
        if (records[i].kind == RECORD_EXECUTION_STATUS)
            spool_add(&less, records[i].kind, records[i].frame);
    if (less.len == body->len)
        return false;
    buf_reset(body);
    buf_add(body, less.data, less.len);
    return true;
}

static enum rc keep(struct cronobs_worker *w, struct buf *body, struct error *err)
{
    const struct observer *o = w->observer;
    SCOPED_BUF file = {0};
    size_t runs, bytes;
    enum spool_room room;

    spool_folder_count(o->folder, &runs, &bytes);
    room = spool_room(runs, bytes, body->len);
    if (room == SPOOL_NOTHING)
        return error_set(err, RC_INVALID, "%zu runs wait in the spool already", runs);
    if (room == SPOOL_REPORTS && leave_lines_out(o, body))
        worker_notice(w, CRONOBS_NOTICE_ERROR,
                      "the lines of the run are lost: %zu bytes wait in the spool already", bytes);
    spool_finish(&file, &o->head, buf_bytes(body));
    return spool_folder_keep(o->folder, o->head.execution_id, buf_bytes(&file), err);
}

static bool keep_the_rest(struct cronobs_worker *w)
{
    const struct observer *o = w->observer;
    struct error err = {.text = "there is no spool"};
    SCOPED_BUF body = {0};

    spool_add(&body, RECORD_EXECUTION_STATUS, buf_bytes(&o->running));
    collect(w, &body);
    if (o->folder == NULL || keep(w, &body, &err) != RC_OK) {
        worker_notice(w, CRONOBS_NOTICE_ERROR, "could not report the run: %s", err.text);
        return false;
    }
    worker_notice(w, CRONOBS_NOTICE_INFO, "the run waits in the spool for the brokers");
    return true;
}

static void observer_free(struct observer *o)
{
    spool_folder_free(o->folder);
    buf_clear(&o->running);
    buf_clear(&o->file);
    buf_clear(&o->end);
    arena_free(o->memory);
    free(o);
}

bool observe_end(struct cronobs_worker *w)
{
    bool is_kept = true;

    if (w->job_count > 0)
        is_kept = keep_the_rest(w);
    else if (w->observer->folder != NULL)
        spool_folder_drop(w->observer->folder);
    observer_free(TAKE(w->observer));
    return is_kept;
}

/* --- the beginning --- */

static enum cronobs_rc refuse(struct cronobs_error *err, const char *what, const char *why)
{
    if (err != NULL)
        (void)snprintf(err->text, sizeof err->text, "%s: %s", what, why);
    return CRONOBS_INVALID;
}

static enum cronobs_rc check_key(const char *what, const char *key, struct cronobs_error *err)
{
    if (spec_name_is_valid(key, SPEC_KEY_MAX))
        return CRONOBS_OK;
    return refuse(
        err, what,
        "a key is a-z, 0-9, '.', '_' and '-', begins with a letter or a digit and has at most 200 bytes");
}

static enum cronobs_rc check(const struct cronobs_observed *run, struct cronobs_error *err)
{
    enum cronobs_rc rc;

    if (run->task == NULL)
        return refuse(err, "task", "no key given");
    rc = check_key("task", run->task, err);
    if (rc == CRONOBS_OK && run->project != NULL)
        rc = check_key("project", run->project, err);
    if (rc == CRONOBS_OK && run->started_at != 0 && run->started_at < HISTORY_START)
        return refuse(err, "started_at", "is before the year 2000");
    return rc;
}

static struct cronobs_job *job_of(struct cronobs_worker *w, const struct cronobs_observed *run)
{
    const char *project = run->project == NULL ? "default" : run->project;
    usec_t at = run->started_at == 0 ? clock_realtime() : run->started_at;
    struct uuid task = task_id_of(project, run->task);
    char nonce[UUID_TEXT];
    const struct execution_created e = {
        .execution_id = execution_id_of(task, at, "external", uuid_to_text(uuid_random(), nonce)),
        .task_id = task,
        .task_key = run->task,
        .project = project,
        .attempt = 1,
        .max_attempts = 1,
        .trigger = TRIGGER_EXTERNAL,
        .scheduled_at = at,
        .due_at = at,
        .run_timeout_ms = run->run_timeout_ms,
    };
    struct cronobs_job *job = job_new(&e, "", 1);

    job->worker = w;
    job->is_observed = job->must_announce = true;
    job->state = JOB_HANDED;
    beat_init(&job->beat, 0, w->config.heartbeat_ms);
    job->running_at = clock_monotonic(); /* its command does not wait for the brokers */
    beat_start(&job->beat, job->running_at);
    return job;
}

/* A spool that cannot be used is told of, and keeps no run from beginning. */
static void begin_spool(struct cronobs_worker *w, const char *folder)
{
    struct observer *o = w->observer;
    struct error err = {0};
    SCOPED_BUF body = {0};

    o->is_done = true;
    if (folder == NULL)
        return;
    spool_add(&body, RECORD_EXECUTION_STATUS, buf_bytes(&o->running));
    if (spool_folder_open(folder, &o->folder, &err) == RC_OK && keep(w, &body, &err) == RC_OK)
        o->is_done = false;
    if (!o->is_done)
        return;
    worker_notice(w, CRONOBS_NOTICE_ERROR, "goes on without a spool: %s", err.text);
    spool_folder_free(TAKE(o->folder));
}

static bool begin(struct cronobs_worker *w, const struct cronobs_observed *run)
{
    struct observer *o = xcalloc(1, sizeof *o);
    struct cronobs_job *job = job_of(w, run);

    w->observer = o;
    w->jobs = array_grow(w->jobs, w->job_count, &w->job_capacity, sizeof(struct cronobs_job *));
    w->jobs[w->job_count++] = o->job = job;
    w->busy = 1;
    w->phase = WORKER_DRAINED; /* there is nothing to be read */
    w->heard_at = clock_monotonic();
    w->writer.now = clock_realtime();
    o->memory = arena_new(0);
    o->head = (struct spool_head){job->execution_id, job->task_id,
                                  arena_strdup(w->memory, w->config.topic_prefix)};
    if (job_next_frame(job, &w->writer, clock_monotonic(), NULL) != RC_OK)
        return false;
    buf_add(&o->running, job->frame.data, job->frame.len);
    begin_spool(w, run->spool);
    return true;
}

enum cronobs_rc cronobs_observe(const struct cronobs_config *config,
                                const struct cronobs_observed *run, struct cronobs_worker **ret,
                                struct cronobs_job **ret_job, struct cronobs_error *err)
{
    struct cronobs_worker *w;
    enum cronobs_rc rc = check(run, err);

    if (rc == CRONOBS_OK)
        rc = worker_new(config, &w, err);
    if (rc != CRONOBS_OK)
        return rc;
    rc = begin(w, run) ? worker_run(w, err)
                       : refuse(err, "could not begin", "its report breaks the rules");
    if (rc != CRONOBS_OK) {
        w->job_count = 0; /* no file of a run that nobody observes */
        job_free(w->observer->job);
        (void)observe_end(w);
        worker_free(w);
        return rc;
    }
    *ret_job = w->observer->job;
    *ret = w;
    return CRONOBS_OK;
}
