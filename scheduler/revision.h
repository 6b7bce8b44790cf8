/*
 * revision.h - a task's next revision: when it takes effect, and what is written with it.
 */
#ifndef SCHEDULER_REVISION_H
#define SCHEDULER_REVISION_H

#include "scheduler/plan.h"

struct change {
    enum task_state state;
    usec_t effective_at;
    usec_t
        floor; /* = effective_at, but for a pause, whose instants are accounted for at its end, and for an edit that
                     takes over an instant scheduled before it and due after it */
    usec_t paused_until;
    struct body *body;        /* taken over; NULL: as before */
    const struct command *by; /* NULL: the scheduler itself ... */
    const char *why;          /* ... and its reason */
};

/*
 * When a command of that broker time takes effect on the task: never before its last revision, nor before what
 * the partition (W) or the task itself (floor) has decided already. A broker's clock ahead of ours
 * counts as now; what was decided bounds it all the same, so that revisions never go back in time.
 */
usec_t revision_effective_at(const struct plan *p, const struct task *t, usec_t at);

/* Moves the task to its next revision and writes it. */
MUST_CHECK enum rc revision_write(struct plan *p, struct task *t, const struct change *change,
                                  struct error *err);

/* The execution is over, by what was said at that time: the failures in a row that its task asks to be paused for pause it. */
MUST_CHECK enum rc revision_count_end(struct plan *p, const struct open *o, usec_t at,
                                      struct error *err);

/* The end of a pause whose `until` has come: what passed is one gap. */
MUST_CHECK enum rc revision_resume_due(struct plan *p, struct task *t, struct error *err);

#endif
