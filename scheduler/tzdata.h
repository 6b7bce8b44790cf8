/*
 * tzdata.h - a new release of the time zones, taken up while the scheduler runs.
 *
 * Each minute the version on disk is looked at. Another one that is still there 5 s later (an upgrade writes file after file)
 * is taken: between two turns the set of zones becomes a fresh one, and the tasks whose zones have changed get their new
 * timelines by the next plans (rezone.h). A zone that is gone keeps its clocks as long as the process runs.
 */
#ifndef SCHEDULER_TZDATA_H
#define SCHEDULER_TZDATA_H

#include "cron/zoneset.h"
#include "scheduler/ownership.h"

struct tzdata_watch { /* pure: when to take another version */
    usec_t look_at;   /* monotonic */
    /* the other version that was there at the last look; "" = none */
    char seen[TZDATA_VERSION_MAX];
};

/* Is it time to look? */
bool tzdata_is_time(const struct tzdata_watch *w, usec_t mono);
/* A look: the version in use and the one on disk. True: take the new one now. */
bool tzdata_look(struct tzdata_watch *w, usec_t mono, const char *in_use, const char *on_disk);

struct tzdata {
    struct ownership *ownership;
    struct core_env *env;
    struct tzdata_watch watch;
    bool is_changing; /* some tasks wait for their new timelines */
    size_t moved;     /* tasks whose next firing moved by this change, so far */
};

/* To be called in each round, between turns. */
void tzdata_step(struct tzdata *t, usec_t mono);
/* A plan that is in the log: says which tasks moved. */
void tzdata_tell(struct tzdata *t, const struct core_plan *plan);

#endif
