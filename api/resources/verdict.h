/*
 * verdict.h - what explains one instant of a task: did it run, and if not, which rule, revision and record say so. Pure.
 *
 * The order of questions is the scheduler's (docs/scheduling.md, section 4): whose revision was it, does that name the instant,
 * was it fired, and what became of it. Every status and every reason of the wire has its answer here, also those that are added later:
 * an execution answers by whether it began and whether it has ended, a gap by its reason.
 */
#ifndef API_RESOURCES_VERDICT_H
#define API_RESOURCES_VERDICT_H

#include "base/arena.h"
#include "cron/timeline.h"
#include "store/rows.h"

enum verdict_answer {
    VERDICT_RAN,           /* a worker began it, and it has ended */
    VERDICT_RUNS,          /* a worker has it now */
    VERDICT_WAITS,         /* it was made, and nobody has begun it yet, or not again */
    VERDICT_DID_NOT_RUN,   /* it has ended, and nobody ever began it */
    VERDICT_NOT_FIRED,     /* a schedule names it, and it was passed over */
    VERDICT_NOT_SCHEDULED, /* no schedule named it then: see the cause */
    VERDICT_TO_COME,       /* it is due later */
    VERDICT_UNDECIDED,     /* due, and the scheduler has not come to it yet */
    VERDICT_UNSTORED,      /* due, and the tables are behind the log */
    VERDICT_NOT_KEPT,      /* older than what is kept */
    VERDICT_UNEXPLAINED,   /* due and decided, and there is no record of it: something is wrong */
    VERDICT_ANSWERS
};

enum verdict_cause { /* of VERDICT_NOT_SCHEDULED */
                     CAUSE_NONE,
                     CAUSE_NO_TASK,    /* there was none yet */
                     CAUSE_DELETED,    /* there was none any more */
                     CAUSE_BY_HAND,    /* it has no schedules */
                     CAUSE_UNREADABLE, /* a part of it is of a newer version */
                     CAUSE_BEFORE,     /* scheduled before the task was made, or resumed */
                     CAUSE_CALENDAR,   /* left out by a calendar */
                     CAUSE_WINDOW,     /* or by the window */
                     CAUSE_SECOND_PASS, /* the clock shows it a second time, and it was due the first time */
                     CAUSE_REVISION, /* another revision names it */
                     CAUSE_BETWEEN,  /* nothing names it */
};

struct verdict_revision { /* of the task; texts and timelines are borrowed */
    const struct task_row *row;
    const struct task_spec *spec; /* NULL: it cannot be read */
    struct timeline *timeline;    /* NULL: it cannot be read, or it has no schedules */
    struct timeline *schedules;   /* of these alone, without calendars, window and jitter */
    bool begins; /* made, made again, or resumed: what is scheduled up to then is not its */
};

struct verdict_facts {
    struct uuid task;
    /* [at, at + span) is meant: the second or the minute that somebody has written */
    usec_t at, span;
    usec_t now;
    /* In order: the one before the one in force at `at`, if any, that one, and some that follow. */
    const struct verdict_revision *revisions;
    size_t revision_count;
    const struct execution_row *executions; /* scheduled in it, whatever made them */
    size_t execution_count;
    const struct gap_row *gaps; /* that reach over some of it */
    size_t gap_count;
    usec_t decided;    /* up to there the scheduler has decided; 0: not known */
    int64_t behind;    /* offsets that the tables are behind; -1: not known */
    usec_t kept_from;  /* the history begins there; 0: there is none */
    usec_t skip_until; /* of the task (model/skip_next.h) */
};

struct verdict {
    enum verdict_answer answer;
    enum verdict_cause cause;
    enum reason rule; /* that says so; REASON_NONE: none is needed */
    usec_t at, due;   /* due: 0 where nothing is */
    bool is_scheduled;
    struct occurrence
        occurrence; /* if it is scheduled; else that of the schedules alone (CALENDAR, WINDOW), or of the
                                                first pass (SECOND_PASS) */
    const struct verdict_revision *revision; /* in force; NULL: none was */
    const struct task_row *revision_row;     /* its row, which outlives it */
    const struct verdict_revision *other;    /* CAUSE_REVISION: the one that names it */
    const struct execution_row *execution;
    const struct gap_row *gap;
    const struct calendar_spec *calendar; /* CAUSE_CALENDAR: that leaves it out */
    /* NOT_SCHEDULED: the nearest that the revision names; USEC_MIN, USEC_MAX: none */
    usec_t before, after;
};

/* The instant as the schedules have it; the first one of the span. */
void verdict_of_schedule(const struct verdict_facts *f, struct verdict *ret);

/* An execution, whatever made it. */
void verdict_of_execution(const struct verdict_facts *f, const struct execution_row *e,
                          struct verdict *ret);

/* The one that answers for an instant: the latest whose effective_at lies before it is due. NULL: none. */
const struct verdict_revision *verdict_in_force(const struct verdict_revision *revisions,
                                                size_t count, usec_t at);

/*
 * The pause that passes an instant over which was due under a revision before it: what is due when a pause is heard of, and not decided yet,
 * is not fired any more, and goes into the pause's gap when it ends. NULL: no such pause.
 */
const struct verdict_revision *verdict_pause_over(const struct verdict_facts *f,
                                                  const struct verdict_revision *r, usec_t due);

/* Whether an execution is the one that a schedule makes at its instant. */
bool verdict_is_of_schedule(struct uuid task, const struct execution_row *e);

/* Has failed, and is not over: another attempt follows. */
bool verdict_is_followed(const struct execution_row *e);

const char *verdict_answer_name(enum verdict_answer answer); /* "NOT_FIRED" */

#endif
