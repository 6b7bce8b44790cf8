/*
 * audit.h - what the schedules of a task named in a range, against what became of it. Pure.
 *
 * Expected are the instants of each revision that were due while it was in force; each must have an execution or lie in one gap. A
 * difference is an instant, or a row of them, that did not run, with its explanation, or what has none: nothing where something
 * should be, something where nothing should, two where one should. How an execution that ran has ended is no difference.
 *
 *     while (audit_step(&a))
 *         continue;
 */
#ifndef API_RESOURCES_AUDIT_H
#define API_RESOURCES_AUDIT_H

#include "api/resources/verdict.h"

enum { AUDIT_INSTANTS_MAX = 10000 }; /* that one audit looks at */

enum audit_kind {
    AUDIT_DID_NOT_RUN, /* an execution that ended and that nobody began */
    AUDIT_NOT_FIRED,   /* passed over: a gap, or a pause that goes on */
    AUDIT_MISSING,     /* named and decided, and nothing is there */
    AUDIT_EXTRA,       /* an execution that no revision names */
    AUDIT_TWICE,       /* fired and passed over, or passed over twice */
    AUDIT_MISCOUNTED, /* a gap that counts another number of instants than the revision has there */
    AUDIT_KINDS
};

struct audit_line {
    enum audit_kind kind;
    usec_t at, to;          /* (at, to] of a gap, else the same */
    int64_t count, counted; /* instants; MISCOUNTED: that there are, that the gap says */
    bool more;              /* of a gap: counting stopped there */
    enum reason rule;
    const struct execution_row *execution;
    const struct gap_row *gap;
    const struct verdict_revision *revision;
};

struct audit_totals { /* of instants, but for extra and others */
    int64_t expected, ran, open, did_not_run, not_fired, undecided, not_kept, missing, extra, twice,
        others;
};

struct audit {                  /* set up the first part */
    struct verdict_facts facts; /* at, span: the range; executions, gaps: by their instants */
    size_t limit;               /* of lines, more or less: those of one instant stay together */
    bool is_first; /* no part of the range came before: gaps that began earlier count here */
    struct arena *memory;
    /* what has come of it */
    struct audit_line *lines;
    size_t line_count;
    struct audit_totals totals;
    usec_t done_to; /* all before it was looked at */
    /* where it is */
    size_t revision, execution, gap, looked_at;
    usec_t last; /* the last instant that was looked at */
    bool has_begun;
};

bool audit_step(struct audit *a); /* a few instants; false: it is done */

bool audit_is_explained(enum audit_kind kind);
const char *audit_kind_name(enum audit_kind kind); /* "NOT_FIRED" */

#endif
