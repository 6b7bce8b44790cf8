/*
 * The face of the library: what the user's threads ask and say of a job they have. A short visit to the mailbox each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "c/observe.h"
#include "c/text.h"
#include "model/limits.h"

/* --- asking --- */

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

    if (worker_is_forked(w))
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
        worker_wake_thread(w);
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
    worker_wake_thread(w);
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
    worker_wake_thread(w);
}

enum cronobs_rc cronobs_finish(struct cronobs_job *job, const struct cronobs_outcome *outcome)
{
    struct job_final final;

    if (worker_is_forked(job->worker))
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
