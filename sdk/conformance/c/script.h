/*
 * script.h - a handler that does what its payload says: the steps of ../README.md.
 */
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include <pthread.h>
#include <stdatomic.h>

#include "c/cronobs.h"

/* A thread's place for one job. Whoever wants the job takes the lock and looks whether it is over: at the end of the program those
   that ignore their cause are reported over their heads. */
struct run {
    pthread_mutex_t lock;
    struct cronobs_job *job;
    bool is_over; /* at first true: there is none */
    char id[64];
    struct cronobs_execution named; /* of the execution what outlives its job: id and attempt */
    int64_t line;                   /* number of the last one */
    bool has_caused;
};

extern atomic_bool script_is_shutdown; /* cause SHUTDOWN, of all */
extern const char *script_gates;       /* the folder */
extern bool script_heeds_lost;         /* stop_when_lost */
/* Holds whatever may be done for the thread's own sake while it blocks; for planted faults. */
extern void (*script_on_block)(bool is_blocking);

/* Runs the script to its end and reports that; true: it ended well. */
bool script_run(struct run *run, struct cronobs_job *job, const char *script, size_t len);

/* Reports it as shut down, whatever it does; nothing where it is over. */
void script_end_over_its_head(struct run *run);

#endif
