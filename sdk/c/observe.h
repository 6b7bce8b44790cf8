/*
 * observe.h - a run that somebody else starts, inside the library: a worker without a queue, with one job from the beginning.
 *
 * Its thread looks for the brokers, publishes what the job has to say as any other (send.c), and then what earlier runs have left in
 * the spool (spool.h), a record at a time. What this run could not say in its time is put there.
 *
 * The file of a run is there from its beginning, with RUNNING alone: so a run whose process is killed is told of by whoever comes next.
 */
#ifndef SDK_OBSERVE_H
#define SDK_OBSERVE_H

#include "c/spool_folder.h"
#include "c/worker.h"

enum {
    OBSERVE_ASK_MS = 500, /* for the topics, with nothing else to do */
    /* brokers that have taken nothing for so long keep nobody waiting */
    OBSERVE_AWAY_US = 5000 * 1000,
};

struct observer {
    struct cronobs_job *job; /* while it has something to say: w->job_count > 0 */
    struct spool_head head;
    struct buf running; /* the frame of its RUNNING */
    size_t left_out;    /* lines, under the lock */
    usec_t ask_at;
    struct bus_admin *admin;

    /* --- the spool; NULL: none --- */
    struct spool_folder *folder;
    bool is_done; /* nothing of earlier runs is left to be sent; under the lock */
    struct buf file, end;
    const char *file_name;
    struct arena *memory;
    struct spool_record *records;
    size_t count, next;
    struct spool_head of;
    bool is_in_flight;
    usec_t retry_at;
};

void observe_step(struct cronobs_worker *w);
usec_t observe_wake(struct cronobs_worker *w);
/* The thread ends: what is on its way is given up. */
void observe_stop(struct cronobs_worker *w);

/* Under the lock: there is nothing left to be said that can be waited for. */
bool observe_is_through(const struct cronobs_worker *w);
/* Under the lock. There is no room for these lines: are they left out, and counted, so that nobody waits for brokers that are away? */
bool observe_leaves_out(struct cronobs_worker *w, const struct job_line *lines);
/* Under the lock, before the end: a line that says what was left out. NULL: nothing was. */
struct job_line *observe_gap(struct cronobs_worker *w);

/* The thread is gone. What is left is kept in the spool; false: it is lost. Frees. */
bool observe_end(struct cronobs_worker *w);

#endif
