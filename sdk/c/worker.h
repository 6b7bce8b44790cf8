/*
 * worker.h - inside a worker: the mailbox between the user's threads and the worker's own, and that thread's state.
 *
 * One lock guards the mailbox: the list of jobs, their lines, finals and states, and the flags. All Kafka
 * handles and the inbox belong to the thread alone; no call that may wait is made under the lock.
 */
#ifndef SDK_WORKER_H
#define SDK_WORKER_H

#include <pthread.h>

#include "c/inbox.h"

enum {
    WORKER_CANCELS_MAX = 512 * 1024,      /* cancellations that are remembered */
    WORKER_INBOX_MAX = 64,                /* executions read ahead, not yet claimed */
    WORKER_UNSENT_MAX = 16 * 1024 * 1024, /* bytes of log lines that may wait */
    WORKER_RETRY_US = 200 * 1000,         /* before a record or a commit is tried again */
    WORKER_START_US = 1000 * 1000,        /* before brokers and topics are looked for again */
    WORKER_COMMIT_MS = 2000, /* that an answer is waited for which the group waits for, too */
    WORKER_ASK_MS = 500,     /* for the group's positions, for ends */
};

enum worker_phase {
    WORKER_STARTING, /* brokers or topics are not there yet */
    WORKER_READING,
    WORKER_DRAINED, /* has left the group; jobs may still be running */
    WORKER_BROKEN,  /* the same, against our will: `failure` says why */
};

struct worker_topics {
    const char *queue, *status, *logs, *heartbeats, *control;
};

struct control {                  /* of control.c */
    struct bus_consumer *reader;  /* NULL: to be made, not before reader_at */
    struct inbox_partition place; /* where it is read; the watchdog's, as one of the queue's */
    bool is_read;                 /* to its end, once: nothing is claimed before */
    bool has_more;                /* to read, at once */
    usec_t reader_at;
    struct seen cancelled; /* attempts that are not to be begun */
    bool is_too_much;      /* they were more than have room, and that was told */
};

struct cronobs_worker {
    /* --- fixed --- */
    struct arena *memory; /* of these texts */
    struct cronobs_config config;
    struct job_writer writer; /* .now belongs to the thread */
    struct worker_topics topics;
    int wake_io, wake_user; /* eventfds */
    atomic_bool is_woken;   /* wake_io has been written to, and the thread has not heard it */
    pthread_t thread;
    pid_t process; /* whose it is: a forked child has none of its threads */

    /* --- the mailbox, under `lock` --- */
    pthread_mutex_t lock;
    pthread_cond_t ready;      /* for those that wait in cronobs_next: worker_wake_one */
    pthread_cond_t changed;    /* for whoever closes the worker */
    struct cronobs_job **jobs; /* from the claim until all is published */
    size_t job_count, job_capacity;
    size_t ready_count;   /* jobs that nobody has taken yet */
    size_t waiting_count; /* threads that wait for one */
    bool is_waking;       /* one of them is on its way */
    int busy;             /* claimed and not finished: what counts against `concurrency` */
    int alone;            /* claims of partitions without a position that are not ours any more */
    size_t unsent_bytes;
    bool was_full; /* somebody was told CRONOBS_FULL */
    bool is_draining, is_stopping;
    enum worker_phase phase;
    struct cronobs_error failure;
    /* the tick at which the brokers took something last, or had nothing to take */
    usec_t heard_at;

    /* --- the thread's own --- */
    struct observer *observer; /* NULL: it reads a queue */
    struct bus *bus;
    struct bus_consumer *consumer; /* NULL unless WORKER_READING */
    struct bus_producer *producer;
    struct inbox inbox;
    usec_t tick;          /* of this turn: a clock that never jumps */
    int partitions;       /* of the installation; 0 = not known yet */
    int queue_partitions; /* of the queue's topic: as many, unless somebody has changed it */
    bool must_locate;     /* there are partitions of which it is not known where to begin */
    bool must_assign;     /* positions have changed by other means than reading */
    bool is_paused;       /* the inbox is full */
    bool has_more;        /* to read, at once */
    bool producer_is_dead;
    usec_t commit_at, start_at, locate_at, assign_at, watch_at; /* ticks: not before */
    struct bus_consumer *scanner; /* of `status`, for partitions without a position; NULL: none */
    int scanning;                 /* partitions that it has not read to their ends */
    struct seen announced;        /* what it has found */
    size_t left_out;              /* executions passed over for it */
    size_t left_unknown;          /* and for want of room in it */
    uint64_t passed_over;         /* messages and batches that nobody can use */
    usec_t tell_at;               /* of them, the next time */
    struct control control;

    /* --- notices, under a lock of their own: they come from any thread --- */
    pthread_mutex_t notice_lock;
    char last_notice[256];
    usec_t last_notice_at;
};

/* Tells config.on_notice; the same words at most every 10 s. */
void worker_notice(struct cronobs_worker *w, enum cronobs_notice kind, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* we are a child of the process that has opened it */
bool worker_is_forked(const struct cronobs_worker *w);
void worker_wake(int fd); /* makes an eventfd readable */
void worker_wake_thread(struct cronobs_worker *w);
/* Under the lock: there may be a job to take. One thread is woken at a time, and that one wakes the next: those that come
   back meanwhile take jobs without anybody being woken, and a thousand that wait do not run for the lock at once. */
void worker_wake_one(struct cronobs_worker *w);
/* Under the lock: there is something that whoever polls cronobs_fd, or closes the worker, waits for. */
void worker_tell_user(struct cronobs_worker *w);

/* worker.c: a worker whose settings were checked, but for its queue; not started yet, and started. */
enum cronobs_rc worker_new(const struct cronobs_config *config, struct cronobs_worker **ret,
                           struct cronobs_error *err);
enum cronobs_rc worker_run(struct cronobs_worker *w, struct cronobs_error *err);
void worker_free(struct cronobs_worker *w); /* its thread has ended, or was never started */

/* loop.c: the thread; returns soon after is_stopping is set. */
void *worker_thread(void *worker);
/* no job will come any more */
void worker_break(struct cronobs_worker *w, const struct error *err);

/* read.c: topics, the group, the queue. */
void read_start(struct cronobs_worker *w); /* looks for brokers and topics, then joins the group */
void read_step(struct cronobs_worker *w);  /* takes in what has come */
void read_stop(struct cronobs_worker *w);  /* forgets what is not claimed, leaves the group */
void read_anew(struct cronobs_worker *w, const char *why); /* with a new consumer */
/* A message that nobody can use. */
void read_pass_over(struct cronobs_worker *w, const struct bus_event *event, const char *why);

/* control.c: what the scheduler has to say to workers. */
void control_step(struct cronobs_worker *w);
void control_stop(struct cronobs_worker *w);
void control_anew(struct cronobs_worker *w, const char *why); /* with a new reader */
bool control_has_cancelled(const struct cronobs_worker *w, const struct cronobs_job *job);

/* locate.c: where to begin. */
void locate_step(struct cronobs_worker *w);
void locate_forget(struct cronobs_worker *w); /* the assignment is gone */
/* Is the execution one that may not be run again, since its partition had no position and `status` knows it? */
bool locate_leaves_out(struct cronobs_worker *w, const struct execution_created *e,
                       const struct bus_event *event);

/* watch.c: starts anew when a partition holds something and nothing of it is read. */
void watch_step(struct cronobs_worker *w);

/* claim.c: from the inbox into the user's hands. */
/* Under the lock. A job that was announced and is in nobody's hands is said to be CANCELLED. */
void claim_cancel(struct cronobs_worker *w, struct cronobs_job *job);
void claim_step(struct cronobs_worker *w);
usec_t claim_wake(const struct cronobs_worker *w); /* the tick at which it has something to do */
void claim_forget(struct cronobs_worker *w);       /* empties the inbox: others will read it */
/* Of a worker whose partitions are to go: waits, for WORKER_COMMIT_MS at most, until what is announced and needs no commit is in
   `status`, where whoever comes next looks for it. */
void claim_settle(void *worker);
bool claim_is_under_way(const struct cronobs_worker *w);

/* heed.c: those who have jobs are to know of causes to stop. */
void heed_step(struct cronobs_worker *w);
usec_t heed_wake(struct cronobs_worker *w);

/* send.c: what jobs have to say. */
void send_step(struct cronobs_worker *w);
usec_t send_wake(struct cronobs_worker *w);

#endif
