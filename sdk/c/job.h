/*
 * job.h - one execution in this process: what it is, what is still to be published about it, in order.
 *
 * A job's records form one queue: RUNNING, batches of log lines, the final status. At most one is on its way
 * at a time, and the next one is made only when the brokers have the one before: so whatever is sent again
 * keeps its place. Heartbeats stand outside the queue. No clock, no network: times are arguments.
 */
#ifndef SDK_JOB_H
#define SDK_JOB_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "c/beat.h"
#include "c/cronobs.h"
#include "codec/codec.h"
#include "model/records.h"

enum {
    JOB_BATCH_LINES = 1000,
    JOB_BATCH_BYTES = 256 * 1024,
    JOB_BATCH_US = 200 * 1000, /* a line waits no longer than this for company */
    /* how much later than the run timeout a run is said to have failed by it */
    JOB_TIMEOUT_US = 5 * 1000 * 1000,
    JOB_OVERDUE_US = 1000 * 1000,      /* and when it is told to stop: the scheduler speaks first */
    JOB_IGNORES_US = 30 * 1000 * 1000, /* who goes on so long after a cause is named */
    JOB_TRACE_MAX = 512,
};

enum job_state {
    JOB_WAITING,  /* read, not yet claimed */
    JOB_CLAIMING, /* RUNNING is to be published */
    JOB_CLAIMED,  /* the log has RUNNING; the position in the queue is being committed */
    JOB_READY,    /* may be handed out */
    JOB_HANDED,   /* the user has it */
    JOB_ENDING,   /* finished or abandoned: what is left is being published */
    JOB_GONE,     /* nothing left to do: to be freed when nothing is on its way */
};

struct job_line {
    struct job_line *next;
    usec_t at;     /* shown in the history */
    usec_t queued; /* by a clock that never jumps: when it was accepted */
    enum log_line_level level;
    enum log_stream stream;
    bool is_unfinished, is_escaped; /* as in struct log_mark */
    size_t len;
    char text[];
};

struct job_final {
    bool is_set;
    enum status status;
    enum reason reason;
    struct opt_int exit_code;
    char *message;
    void *result;
    size_t result_len;
};

struct cronobs_worker;

struct cronobs_job {
    struct cronobs_worker *worker;
    struct arena *memory; /* of the view and what it points to */
    struct cronobs_execution view;
    struct uuid execution_id, task_id;
    int status_partition, log_partition;
    int64_t heartbeat_ms; /* as the execution asks for it */
    usec_t running_at;    /* the tick at which the brokers had RUNNING */
    enum job_state state;
    atomic_bool is_cancelled, is_overdue;
    usec_t caused_at; /* the tick at which one of these was seen; 0: none was */
    bool is_ignoring; /* and that it goes on all the same was told */
    bool is_alone;    /* being claimed, in no inbox: to be handed out as soon as it is announced */
    bool is_observed; /* somebody else has started it: its reports make its execution */
    bool must_announce; /* RUNNING is still to be published, whatever has come since */

    struct job_line *lines, **lines_end; /* accepted, not yet in a batch */
    size_t line_count, line_bytes;
    int64_t next_seq; /* of the first of `lines` */
    struct job_final final;

    bool is_in_flight;
    struct buf frame; /* what is on its way, or to be sent again; empty: nothing */
    enum record_kind frame_kind;
    size_t frame_lines, frame_bytes; /* lines in it, what they weigh */
    usec_t retry_at;                 /* not before */
    struct beat beat;
};

/* Who publishes, and when: goes into every record. */
struct job_writer {
    const char *name;
    struct uuid incarnation;
    usec_t now;
};

/* Makes a job of a record; everything is copied. */
struct cronobs_job *job_new(const struct execution_created *e, const char *queue, int partitions);
void job_free(struct cronobs_job *job); /* NULL is fine */
/* The header of its message. One that is no text, or over JOB_TRACE_MAX bytes, is left out. */
void job_set_trace(struct cronobs_job *job, struct bytes traceparent);
/* Where its records belong, where that is known only now. */
void job_place(struct cronobs_job *job, int partitions);

/* A line as it will be published: at most TEXT_PIECE_MAX clean bytes. NULL when memory runs out. */
struct job_line *job_line_new(enum log_line_level level, enum log_stream stream, struct bytes text);
void job_free_lines(struct job_line *line);          /* the whole list; NULL is fine */
size_t job_line_weight(const struct job_line *line); /* what it takes, here and on the wire */
/* takes it over */
void job_add_line(struct cronobs_job *job, struct job_line *line, usec_t at, usec_t tick);

/* It is over: what is left is published, then how it ended, if that is set. Takes over what `final` points to. */
void job_end(struct cronobs_job *job, const struct job_final *final);

/* What to publish next: RC_OK filled job->frame; RC_NOT_FOUND: nothing (yet); RC_INVALID: it cannot be encoded,
   call job_delivered to go on without it. `tick` is a clock that never jumps. */
MUST_CHECK enum rc job_next_frame(struct cronobs_job *job, const struct job_writer *writer,
                                  usec_t tick, struct error *err);

/* The brokers have job->frame. Returns the bytes of log lines that it held. */
size_t job_delivered(struct cronobs_job *job, usec_t tick);

/* The tick at which job_next_frame has something; USEC_MAX: not before something else happens. */
usec_t job_wake(const struct cronobs_job *job);

/*
 * Causes for whoever has it to stop. job_heed looks whether there is one at that tick: true when that is new, or when it has been
 * ignored so long that it is to be told (is_ignoring). job_heed_wake: when to look; USEC_MAX: not before something else happens.
 */
bool job_heed(struct cronobs_job *job, usec_t tick);
usec_t job_heed_wake(const struct cronobs_job *job);

/* The tick at which a sign of life is due; USEC_MAX: none. From the hand-out until the brokers have its end. */
usec_t job_beat_wake(const struct cronobs_job *job);
struct heartbeat job_heartbeat(const struct cronobs_job *job, const struct job_writer *writer);

DEFINE_SCOPED(job, struct cronobs_job, job_free)

#endif
