/*
 * cronobs.h - run the executions of a Cron Observer queue in your own program.
 *
 * A worker reads one queue. A thread of its own talks to Kafka: it claims executions, hands them to you, and
 * publishes what you report; your code runs in your threads, as long as it likes. The rules behind it, for
 * workers in other languages: docs/workers.md.
 *
 *     struct cronobs_config config = {.brokers = "127.0.0.1:9092", .queue = "reports", .concurrency = 4};
 *     struct cronobs_worker *worker;
 *     struct cronobs_error err;
 *     struct cronobs_job *job;
 *
 *     if (cronobs_open(&config, &worker, &err) != CRONOBS_OK)
 *         ...err.text...
 *     while (cronobs_next(worker, CRONOBS_FOREVER, &job, &err) == CRONOBS_OK) {
 *         const struct cronobs_execution *e = cronobs_execution(job);
 *
 *         cronobs_log(job, CRONOBS_LEVEL_INFO, CRONOBS_STREAM_LOG, "hello", 5);
 *         cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_SUCCEEDED});
 *     }
 *     cronobs_close(worker, 30000, &err);
 *
 * What you may rely on:
 * - A job that you get has been announced (RUNNING), and its place in the queue is given up at once: a long job
 *   holds nobody back. The same (execution, attempt) is handed out once in the life of a worker.
 * - A log line that was accepted is published exactly once and in order, before the job's final status; both
 *   are sent again for as long as the brokers are away.
 * - What nobody can promise: that your program ran once in its own world. It may be killed after it did its work
 *   and before it said so. Use the execution id and the attempt to make the work repeatable.
 *
 * Every function may be called from any thread, a job's functions from one thread at a time but where it says otherwise. A child
 * that was forked has no worker: there cronobs_next, cronobs_log, cronobs_finish and cronobs_close do nothing and say CRONOBS_BROKEN;
 * it may open one of its own. Texts are UTF-8;
 * what is not is published escaped ("\xff"). Instants are UTC microseconds since 1970; 0 = none.
 * This header needs nothing else. Link with cobs_sdk and what it brings along (CMakeLists.txt).
 */
#ifndef CRONOBS_H
#define CRONOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cronobs_rc {
    CRONOBS_OK = 0,
    CRONOBS_IDLE,    /* nothing to do within the time given */
    CRONOBS_DRAINED, /* no job will come any more: cronobs_drain was called and all are handed out */
    CRONOBS_INVALID,     /* an argument is wrong */
    CRONOBS_FULL,        /* too much is waiting to be sent: nothing was accepted, try again later */
    CRONOBS_NO_MEMORY,   /* nothing was accepted */
    CRONOBS_UNDELIVERED, /* cronobs_close: the time was over before the brokers had everything */
    CRONOBS_BROKEN, /* the worker cannot go on: another process has its instance name, this one was forked, ... */
};

struct cronobs_error {
    char text[512]; /* "could not <verb> <thing>: <reason>" */
};

#define CRONOBS_FOREVER (-1)

/* --- a worker --- */

enum cronobs_notice { CRONOBS_NOTICE_INFO, CRONOBS_NOTICE_WARNING, CRONOBS_NOTICE_ERROR };

struct cronobs_execution;

struct cronobs_config {       /* zero or NULL: the default */
    const char *brokers;      /* "host:port,..." */
    const char *topic_prefix; /* "cronobs." */
    const char *queue;        /* required; its topic is <prefix>executions.<queue> */
    const char
        *group; /* consumer group; default "<prefix without its dot>-work-<queue>". Workers of one
                                 queue share it; a second group would run everything a second time. */
    const char *name; /* who you are, shown in the history; default "<host>/<process id>" */
    const char *
        instance; /* a name that stays the same over restarts makes the worker a static member of its
                                 group: it comes back at once after a crash. No two processes may share it. */
    int concurrency;        /* jobs handed out at a time; default 1, at most 1,000 */
    int session_timeout_ms; /* how long a silent worker keeps its partitions; 10,000 */
    int64_t
        backlog_ms; /* where Kafka knows no position of the group (a first start, or a pause longer than
                                 offsets.retention.minutes), executions older than this are left alone; 1 day */
    int64_t
        heartbeat_ms; /* also jobs that do not ask for it give a sign of life this often; at least 1,000; 0: only those
                                 that ask, twice as often as they ask */
    /* What the worker has to tell an operator; called from its own thread, must neither block nor call this library. */
    void (*on_notice)(void *ctx, enum cronobs_notice kind, const char *text);
    /* A job that you have was cancelled. Beside cronobs_fd and cronobs_is_cancelled, for who can interrupt it from
       elsewhere; called once, from the same thread and on the same terms; `e` lives until it returns. */
    void (*on_cancel)(void *ctx, const struct cronobs_execution *e);
    void *ctx;
};

struct cronobs_worker;
struct cronobs_job;

/* Starts the thread; does not wait for the brokers, which may be away. `config` is copied. */
enum cronobs_rc cronobs_open(const struct cronobs_config *config, struct cronobs_worker **ret,
                             struct cronobs_error *err);

/* The next job, waiting at most timeout_ms (CRONOBS_FOREVER: as long as it takes). */
enum cronobs_rc cronobs_next(struct cronobs_worker *w, int timeout_ms, struct cronobs_job **ret,
                             struct cronobs_error *err);

/* For programs with a poll loop: readable when cronobs_next has something to say, when a job was cancelled or has run too long, when
   there is room again after CRONOBS_FULL, or when everything has been reported. cronobs_next makes it unreadable. */
int cronobs_fd(const struct cronobs_worker *w);

/* How many jobs are not reported to the end: claimed, running, or with records that the brokers do not have yet. */
size_t cronobs_unreported(struct cronobs_worker *w);

/* Claims nothing more. What was claimed already is still handed out, then cronobs_next says CRONOBS_DRAINED. */
void cronobs_drain(struct cronobs_worker *w);

/* Drains, waits at most timeout_ms until everything accepted is published, stops the thread and frees the worker
   and all its jobs, whatever the result. No job may be used afterwards; unfinished ones stay RUNNING in the
   history until their run timeout. */
enum cronobs_rc cronobs_close(struct cronobs_worker *w, int timeout_ms, struct cronobs_error *err);

/* --- a job --- */

struct cronobs_label {
    const char *name, *value;
};

struct cronobs_execution {              /* lives as long as its job */
    const char *execution_id, *task_id; /* UUIDs as text */
    const char *task_key, *project, *queue;
    const char *trigger; /* "SCHEDULED", "CATCH_UP", "MANUAL", ... */
    int attempt, max_attempts, revision;
    int64_t scheduled_at, due_at;
    /* the wall clock of the schedule's zone, as if it were UTC; 0: started by hand */
    int64_t nominal_local;
    const char *zone; /* "" when started by hand */
    int64_t start_by, finish_by;
    int64_t
        run_timeout_ms; /* 0: none. Stop by yourself when it is over (cronobs_cause), and then report CRONOBS_FAILED with
                               CRONOBS_REASON_RUN_TIMEOUT, whatever comes out: it is published a few seconds later,
                               so that the scheduler's TIMED_OUT comes first where there is one. */
    const void *payload; /* a NUL follows it */
    size_t payload_len;
    const char *content_type; /* "" when none was given */
    const char *traceparent;  /* of the message, for tracing (W3C); "" when none was given */
    const struct cronobs_label *labels;
    size_t label_count;
};

const struct cronobs_execution *cronobs_execution(const struct cronobs_job *job);

/* Somebody asked to cancel it: stop, then report CRONOBS_CANCELLED, also where what you stopped says that it went well.
   What had ended by itself before you stopped it is reported as it ended. A job that is cancelled before you have it is not
   handed out. Any thread may ask, as long as the job is not finished. */
bool cronobs_is_cancelled(const struct cronobs_job *job);

/* Why a job is to stop before its end; the caller's own reasons, such as the end of its program, are its own to know. A job that
   goes on for 30 s all the same keeps its place, and a notice names it. */
enum cronobs_cause {
    CRONOBS_CAUSE_NONE,
    CRONOBS_CAUSE_CANCEL, /* cronobs_is_cancelled: report CRONOBS_CANCELLED */
    CRONOBS_CAUSE_TIMEOUT, /* its run timeout was over a second ago: report CRONOBS_REASON_RUN_TIMEOUT */
};

/* Any thread may ask, as long as the job is not finished; cronobs_fd is readable when there is one. */
enum cronobs_cause cronobs_cause(const struct cronobs_job *job);

/* The brokers have had no sign of life of it for three times as long as the execution asks for. After four times the scheduler takes this
   worker for dead, and may have the job run by another one: stop what must not be done twice. Never where no signs are asked for. It
   may end again. Any thread may ask, as long as the job is not finished. */
bool cronobs_contact_lost(const struct cronobs_job *job);

#define CRONOBS_NO_PERCENT (-1)

/* How far it is: percent 0-100 (CRONOBS_NO_PERCENT: as it was said last) and what it is doing (NULL: nothing to be said),
   cut at 4 KiB. Never waits; the newest is told at most once a second, and before the end. Any thread may say it, as
   long as the job is not finished. That the job is alive the library says by itself, as long as you have it. */
enum cronobs_rc cronobs_heartbeat(struct cronobs_job *job, int percent, const char *message);

enum cronobs_level {
    CRONOBS_LEVEL_INFO,
    CRONOBS_LEVEL_DEBUG,
    CRONOBS_LEVEL_WARN,
    CRONOBS_LEVEL_ERROR
};
enum cronobs_stream { CRONOBS_STREAM_LOG, CRONOBS_STREAM_STDOUT, CRONOBS_STREAM_STDERR };

/* One line, without its line end. Longer than 16 KiB: published in pieces, all but the last as unfinished. Never waits. */
enum cronobs_rc cronobs_log(struct cronobs_job *job, enum cronobs_level level,
                            enum cronobs_stream stream, const char *text, size_t len);

enum cronobs_status { CRONOBS_SUCCEEDED, CRONOBS_FAILED, CRONOBS_CANCELLED };
enum cronobs_reason { /* of a failure */
                      CRONOBS_REASON_NONE,
                      CRONOBS_REASON_EXIT_CODE,
                      CRONOBS_REASON_SIGNAL,
                      CRONOBS_REASON_WORKER_SHUTDOWN,
                      CRONOBS_REASON_WORKER_ERROR,
                      CRONOBS_REASON_RUN_TIMEOUT /* you stopped it since its run timeout is over */
};

struct cronobs_outcome {
    enum cronobs_status status;
    enum cronobs_reason reason;
    bool has_exit_code;
    int exit_code;
    const char *message; /* a line for people; NULL: none; cut at 4 KiB */
    const void *result;  /* what the work produced, at most 64 KiB */
    size_t result_len;
};

/* A line that is not at its end: a prompt, a bar that grows. What comes next on its stream goes on with it; an empty
   cronobs_log ends it. Cut it between characters. */
enum cronobs_rc cronobs_log_unfinished(struct cronobs_job *job, enum cronobs_level level,
                                       enum cronobs_stream stream, const char *text, size_t len);

/* Reports how it ended. Never waits; the job is gone, its place is free for another. CRONOBS_INVALID, and the job stays:
   a result that is too long, or CRONOBS_CANCELLED for what nobody has cancelled. */
enum cronobs_rc cronobs_finish(struct cronobs_job *job, const struct cronobs_outcome *outcome);

/* Gives the job up without a final status: it stays RUNNING until the scheduler ends it. */
void cronobs_abandon(struct cronobs_job *job);

/* --- a run that somebody else starts --- */

struct cronobs_observed { /* zero or NULL: the default */
    const char *task;     /* required: its key */
    const char *project;  /* its key; "default" */
    int64_t started_at;   /* now */
    /* of cronobs_execution, and for cronobs_cause; 0: none */
    int64_t run_timeout_ms;
    /* a folder, made where it is missing: what the brokers do not have at the end waits there; NULL: it is lost */
    const char *spool;
};

/*
 * Observes a run that your cron, your program or your hand has started: its execution (trigger EXTERNAL) is made by this report, at
 * once or as soon as the brokers can be reached; nothing waits for them. You have its one job from the beginning: log,
 * give signs of life, finish it, and close the worker, which reads no queue (of `config` nothing counts that is about one).
 *
 *     cronobs_observe(&config, &(struct cronobs_observed){.task = "nightly-backup"}, &worker, &job, &err);
 *     cronobs_log(job, CRONOBS_LEVEL_INFO, CRONOBS_STREAM_LOG, "hello", 5);
 *     cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_SUCCEEDED});
 *     cronobs_close(worker, 5000, &err);
 *
 * Its task ends it as any other where it has a run timeout or a heartbeat (heartbeat_ms of `config` says how often signs of life go out: the
 * task is not asked). While the brokers are away, 16 MiB of lines wait; further ones are left out, and a line says how many.
 *
 * With a spool CRONOBS_OK of cronobs_close means that all of it is with the brokers, or on the disk. Whoever observes a run with the same folder later
 * sends it, with the same ids, so that nothing comes twice; and says FAILED of a run whose process was killed. Up to 1,000 runs and 64 MiB wait; a
 * file that cannot be read is set aside as *.broken, and an error notice tells of it.
 */
enum cronobs_rc cronobs_observe(const struct cronobs_config *config,
                                const struct cronobs_observed *run, struct cronobs_worker **ret,
                                struct cronobs_job **ret_job, struct cronobs_error *err);

#ifdef __cplusplus
}
#endif

#endif
