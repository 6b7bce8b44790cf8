/*
 * Faults planted around the library by the linker's --wrap, in a second program of the same subject: the driver must see each. The
 * functions that are called __real_... are the library's own.
 */
#include <stdlib.h>
#include <string.h>

#include "c/worker.h"
#include "script.h"

/* NOLINTBEGIN: the linker's names */
enum rc __real_job_next_frame(struct cronobs_job *job, const struct job_writer *writer, usec_t tick,
                              struct error *err);
enum rc __wrap_job_next_frame(struct cronobs_job *job, const struct job_writer *writer, usec_t tick,
                              struct error *err);
size_t __real_job_delivered(struct cronobs_job *job, usec_t tick);
size_t __wrap_job_delivered(struct cronobs_job *job, usec_t tick);
enum rc __real_bus_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                                struct bus_consumer **ret, struct error *err);
enum rc __wrap_bus_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                                struct bus_consumer **ret, struct error *err);
void __real_inbox_unanswered(struct inbox *b, const struct bus_position *positions, size_t count);
void __wrap_inbox_unanswered(struct inbox *b, const struct bus_position *positions, size_t count);
usec_t __real_job_beat_wake(const struct cronobs_job *job);
usec_t __wrap_job_beat_wake(const struct cronobs_job *job);
enum cronobs_rc __real_cronobs_log(struct cronobs_job *job, enum cronobs_level level,
                                   enum cronobs_stream stream, const char *text, size_t len);
enum cronobs_rc __wrap_cronobs_log(struct cronobs_job *job, enum cronobs_level level,
                                   enum cronobs_stream stream, const char *text, size_t len);
/* NOLINTEND */

static bool is_planted(const char *name)
{
    const char *planted = getenv("CONFORMANCE_PLANT");

    return planted != NULL && strcmp(planted, name) == 0;
}

/* RUNNING is taken for acknowledged when it is made. */
enum rc __wrap_job_next_frame(struct cronobs_job *job, const struct job_writer *writer, usec_t tick,
                              struct error *err)
{
    bool is_claiming = job->state == JOB_CLAIMING;
    enum rc rc = __real_job_next_frame(job, writer, tick, err);

    if (is_claiming && rc == RC_OK && is_planted("commit-first"))
        job->state = JOB_CLAIMED;
    return rc;
}

/* And its acknowledgement comes when the job is further already. */
size_t __wrap_job_delivered(struct cronobs_job *job, usec_t tick)
{
    enum job_state state = job->state;
    bool is_late = state > JOB_CLAIMED && job->running_at == 0;
    size_t bytes;

    if (!is_late || !is_planted("commit-first"))
        return __real_job_delivered(job, tick);
    job->state = JOB_CLAIMED;
    bytes = __real_job_delivered(job, tick);
    job->state = state;
    job->running_at = tick;
    return bytes;
}

enum rc __wrap_bus_consumer_new(struct bus *bus, const struct bus_consumer_config *config,
                                struct bus_consumer **ret, struct error *err)
{
    struct bus_consumer_config changed = *config;

    if (is_planted("uncommitted"))
        changed.isolation = BUS_UNCOMMITTED;
    return __real_bus_consumer_new(bus, &changed, ret, err);
}

void __wrap_inbox_unanswered(struct inbox *b, const struct bus_position *positions, size_t count)
{
    if (!is_planted("claim-dropped"))
        __real_inbox_unanswered(b, positions, count);
}

static atomic_int blocking;

static void on_block(bool is_blocking)
{
    blocking += is_blocking ? 1 : -1;
}

static __attribute__((constructor)) void watch_blocks(void)
{
    script_on_block = on_block;
}

usec_t __wrap_job_beat_wake(const struct cronobs_job *job)
{
    return blocking > 0 && is_planted("beats-in-handler") ? USEC_MAX : __real_job_beat_wake(job);
}

/* The job that was handed out last stands last in the list. */
enum cronobs_rc __wrap_cronobs_log(struct cronobs_job *job, enum cronobs_level level,
                                   enum cronobs_stream stream, const char *text, size_t len)
{
    struct cronobs_worker *w = job->worker;

    if (is_planted("line-astray")) {
        pthread_mutex_lock(&w->lock);
        for (size_t i = 0; i < w->job_count; i++)
            if (w->jobs[i]->state == JOB_HANDED)
                job = w->jobs[i];
        pthread_mutex_unlock(&w->lock);
    }
    return __real_cronobs_log(job, level, stream, text, len);
}
