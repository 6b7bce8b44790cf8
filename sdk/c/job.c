#include "c/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "c/text.h"

/* --- what it is --- */

static const char *text_or_empty(struct arena *memory, const char *text)
{
    return arena_strdup(memory, text == NULL ? "" : text);
}

static const char *id_text(struct arena *memory, struct uuid id)
{
    return uuid_to_text(id, arena_alloc(memory, UUID_TEXT));
}

static const struct cronobs_label *copy_labels(struct arena *memory, const struct pairs *labels)
{
    struct cronobs_label *copy = arena_alloc(memory, (labels->count + 1) * sizeof *copy);

    for (size_t i = 0; i < labels->count; i++)
        copy[i] = (struct cronobs_label){.name = text_or_empty(memory, labels->items[i].name),
                                         .value = text_or_empty(memory, labels->items[i].value)};
    return copy;
}

static struct cronobs_execution view_of(struct arena *memory, const struct execution_created *e,
                                        const char *queue)
{
    return (struct cronobs_execution){
        .execution_id = id_text(memory, e->execution_id),
        .task_id = id_text(memory, e->task_id),
        .task_key = text_or_empty(memory, e->task_key),
        .project = text_or_empty(memory, e->project),
        .queue = text_or_empty(memory, queue),
        .trigger = enum_name(&trigger_enum, (int)e->trigger),
        .attempt = e->attempt,
        .max_attempts = e->max_attempts,
        .revision = e->revision,
        .scheduled_at = e->scheduled_at,
        .due_at = e->due_at,
        .nominal_local = e->nominal_local,
        .zone = text_or_empty(memory, e->zone),
        .start_by = e->start_by,
        .finish_by = e->finish_by,
        .run_timeout_ms = MAX(e->run_timeout_ms, 0),
        .payload =
            arena_strndup(memory, e->payload.len == 0 ? "" : e->payload.data, e->payload.len),
        .payload_len = e->payload.len,
        .content_type = text_or_empty(memory, e->content_type),
        .labels = copy_labels(memory, &e->labels),
        .label_count = e->labels.count,
        .traceparent = "",
    };
}

struct cronobs_job *job_new(const struct execution_created *e, const char *queue, int partitions)
{
    struct cronobs_job *job = xcalloc(1, sizeof *job);

    job->memory = arena_new(0);
    job->view = view_of(job->memory, e, queue);
    job->execution_id = e->execution_id;
    job->task_id = e->task_id;
    job->status_partition = e->status_partition;
    job->log_partition = partition_of(e->execution_id, partitions);
    job->heartbeat_ms = e->heartbeat_ms;
    job->lines_end = &job->lines;
    job->next_seq = 1;
    return job;
}

void job_set_trace(struct cronobs_job *job, struct bytes traceparent)
{
    if (traceparent.data != NULL && traceparent.len <= JOB_TRACE_MAX &&
        utf8_is_clean(traceparent.data, traceparent.len))
        job->view.traceparent = arena_strndup(job->memory, traceparent.data, traceparent.len);
}

void job_place(struct cronobs_job *job, int partitions)
{
    job->status_partition = partition_of(job->task_id, partitions);
    job->log_partition = partition_of(job->execution_id, partitions);
}

void job_free_lines(struct job_line *line)
{
    while (line != NULL) {
        struct job_line *next = line->next;

        free(line);
        line = next;
    }
}

void job_free(struct cronobs_job *job)
{
    if (job == NULL)
        return;
    job_free_lines(job->lines);
    free(job->final.message);
    free(job->final.result);
    beat_clear(&job->beat);
    buf_clear(&job->frame);
    arena_free(job->memory);
    free(job);
}

/* --- lines --- */

struct job_line *job_line_new(enum log_line_level level, enum log_stream stream, struct bytes text)
{
    struct job_line *line = malloc(sizeof *line + text.len);

    if (line == NULL)
        return NULL;
    *line = (struct job_line){.level = level, .stream = stream, .len = text.len};
    if (text.len > 0)
        memcpy(line->text, text.data, text.len);
    return line;
}

size_t job_line_weight(const struct job_line *line)
{
    return line->len + 32; /* text, time, level, stream */
}

void job_add_line(struct cronobs_job *job, struct job_line *line, usec_t at, usec_t tick)
{
    line->at = at;
    line->queued = tick;
    *job->lines_end = line;
    job->lines_end = &line->next;
    job->line_count++;
    job->line_bytes += job_line_weight(line);
}

/* How many of the oldest lines make one batch. */
static size_t batch_size(const struct cronobs_job *job)
{
    size_t count = 0, bytes = 0;

    for (const struct job_line *l = job->lines; l != NULL && count < JOB_BATCH_LINES; l = l->next) {
        bytes += job_line_weight(l);
        if (count > 0 && bytes > JOB_BATCH_BYTES)
            break;
        count++;
    }
    return count;
}

static void drop_lines(struct cronobs_job *job, size_t count)
{
    job->frame_lines = count;
    job->frame_bytes = 0;
    for (; count > 0; count--) {
        struct job_line *line = job->lines;

        job->lines = line->next;
        job->line_count--;
        job->line_bytes -= job_line_weight(line);
        job->frame_bytes += job_line_weight(line);
        free(line);
    }
    if (job->lines == NULL)
        job->lines_end = &job->lines;
}

/* A time and a level each, and a mark where it is needed. */
static void fill_batch(const struct job_line *from, struct log_batch *batch)
{
    for (size_t i = 0; i < batch->line_count; i++, from = from->next) {
        batch->lines[i] = (struct log_line){.at = from->at,
                                            .level = from->level,
                                            .stream = from->stream,
                                            .message = from->text,
                                            .message_len = from->len};
        if (from->is_unfinished || from->is_escaped)
            batch->marks[batch->mark_count++] = (struct log_mark){.line = (int32_t)i + 1,
                                                                  .unfinished = from->is_unfinished,
                                                                  .escaped = from->is_escaped};
    }
}

static enum rc make_batch(struct cronobs_job *job, const struct job_writer *writer,
                          struct error *err)
{
    size_t count = batch_size(job);
    struct log_batch batch = {.execution_id = job->execution_id,
                              .task_id = job->task_id,
                              .attempt = job->view.attempt,
                              .writer = writer->incarnation,
                              .first_seq = job->next_seq,
                              .lines = xcalloc(count, sizeof *batch.lines),
                              .line_count = count,
                              .marks = xcalloc(count, sizeof *batch.marks)};
    enum rc rc;

    fill_batch(job->lines, &batch);
    job->frame_kind = RECORD_LOG_BATCH;
    rc = codec_encode(RECORD_LOG_BATCH, &batch, &job->frame, err);
    free(batch.lines);
    free(batch.marks);
    drop_lines(job, count);
    job->next_seq += (int64_t)count;
    return rc;
}

/* --- statuses --- */

static enum rc make_status(struct cronobs_job *job, const struct job_writer *writer,
                           const struct job_final *what, struct error *err)
{
    const struct worker_ref worker = {.name = writer->name, .incarnation = writer->incarnation};
    const struct execution_status status = {
        .event_id = uuid_random(),
        .execution_id = job->execution_id,
        .task_id = job->task_id,
        .attempt = job->view.attempt,
        .status = what->status,
        .reason = what->reason,
        .occurred_at = writer->now,
        .worker = &worker,
        .message = what->message,
        .exit_code = what->exit_code,
        .result = {.data = what->result, .len = what->result_len},
        .trigger = job->is_observed ? TRIGGER_EXTERNAL : TRIGGER_UNKNOWN,
        .scheduled_at = job->is_observed ? job->view.scheduled_at : 0};

    job->frame_kind = RECORD_EXECUTION_STATUS;
    job->frame_lines = job->frame_bytes = 0;
    return codec_encode(RECORD_EXECUTION_STATUS, &status, &job->frame, err);
}

struct heartbeat job_heartbeat(const struct cronobs_job *job, const struct job_writer *writer)
{
    return (struct heartbeat){.execution_id = job->execution_id,
                              .task_id = job->task_id,
                              .attempt = job->view.attempt,
                              .worker = {.name = writer->name, .incarnation = writer->incarnation},
                              .occurred_at = writer->now,
                              .progress = job->beat.progress,
                              .message = job->beat.message};
}

usec_t job_beat_wake(const struct cronobs_job *job)
{
    bool is_ending = job->state == JOB_ENDING && job->final.is_set;

    if (job->state != JOB_READY && job->state != JOB_HANDED && !is_ending)
        return USEC_MAX;
    return beat_wake(&job->beat, is_ending);
}

void job_end(struct cronobs_job *job, const struct job_final *final)
{
    job->final = *final;
    job->state = JOB_ENDING;
}

/* --- the queue --- */

static usec_t batch_due(const struct cronobs_job *job)
{
    if (job->lines == NULL)
        return USEC_MAX;
    if (job->state == JOB_ENDING || job->line_count >= JOB_BATCH_LINES ||
        job->line_bytes >= JOB_BATCH_BYTES)
        return USEC_MIN;
    return job->lines->queued + JOB_BATCH_US;
}

/* The tick at which its run timeout is over. */
static usec_t limit_of(const struct cronobs_job *job)
{
    usec_t limit = MIN(job->view.run_timeout_ms, USEC_PER_DAY * 365000 / USEC_PER_MS) * USEC_PER_MS;

    return job->running_at + limit;
}

static bool is_to_be_announced(const struct cronobs_job *job)
{
    return job->state == JOB_CLAIMING || job->must_announce;
}

/* Where the scheduler is there, its TIMED_OUT comes first. Of an observed run nobody knows whether it has the same limit. */
static usec_t final_due(const struct cronobs_job *job)
{
    if (!job->final.is_set || job->final.reason != REASON_RUN_TIMEOUT || job->is_observed)
        return USEC_MIN;
    return limit_of(job) + JOB_TIMEOUT_US;
}

usec_t job_wake(const struct cronobs_job *job)
{
    if (job->is_in_flight)
        return USEC_MAX; /* the delivery wakes us */
    if (job->frame.len > 0)
        return job->retry_at;
    if (is_to_be_announced(job))
        return USEC_MIN;
    if (job->state == JOB_ENDING && job->lines == NULL)
        return final_due(job);
    return batch_due(job);
}

enum rc job_next_frame(struct cronobs_job *job, const struct job_writer *writer, usec_t tick,
                       struct error *err)
{
    static const struct job_final running = {.status = STATUS_RUNNING};
    enum rc rc = RC_NOT_FOUND;

    if (job->frame.len > 0)
        return RC_OK; /* once more */
    if (is_to_be_announced(job))
        rc = make_status(job, writer, &running, err);
    else if (batch_due(job) <= tick)
        rc = make_batch(job, writer, err);
    else if (job->state == JOB_ENDING && !job->final.is_set)
        job->state = JOB_GONE;
    else if (job->state == JOB_ENDING && final_due(job) <= tick)
        rc = make_status(job, writer, &job->final, err);
    if (rc != RC_OK)
        buf_reset(&job->frame);
    return rc;
}

size_t job_delivered(struct cronobs_job *job, usec_t tick)
{
    size_t bytes = job->frame_bytes;

    buf_reset(&job->frame);
    job->frame_bytes = job->frame_lines = 0;
    if (job->frame_kind != RECORD_EXECUTION_STATUS)
        return bytes;
    if (is_to_be_announced(job)) {
        if (!job->is_observed)
            job->running_at = tick; /* an observed run begins when its command does */
        job->state = job->state == JOB_CLAIMING ? JOB_CLAIMED : job->state;
        job->must_announce = false;
    } else if (job->state == JOB_ENDING) {
        job->state = JOB_GONE;
    }
    return bytes;
}

/* --- causes --- */

static usec_t overdue_at(const struct cronobs_job *job)
{
    return job->view.run_timeout_ms == 0 ? USEC_MAX : limit_of(job) + JOB_OVERDUE_US;
}

usec_t job_heed_wake(const struct cronobs_job *job)
{
    usec_t overdue = job->is_overdue ? USEC_MAX : overdue_at(job);

    if (job->state != JOB_HANDED)
        return USEC_MAX;
    if (job->caused_at == 0)
        return job->is_cancelled ? USEC_MIN : overdue;
    return MIN(overdue, job->is_ignoring ? USEC_MAX : job->caused_at + JOB_IGNORES_US);
}

bool job_heed(struct cronobs_job *job, usec_t tick)
{
    if (job_heed_wake(job) > tick)
        return false;
    if (overdue_at(job) <= tick)
        job->is_overdue = true;
    if (job->caused_at == 0)
        job->caused_at = tick;
    else if (job->caused_at + JOB_IGNORES_US <= tick)
        job->is_ignoring = true;
    return true;
}
