/*
 * why_load.h - reads what a verdict or an audit of one task rests on: revisions, executions and gaps of a range, and how far
 * scheduler, tables and history go.
 */
#ifndef API_RESOURCES_WHY_LOAD_H
#define API_RESOURCES_WHY_LOAD_H

#include "api/exchange/context.h"
#include "api/resources/revision_set.h"

struct why_load {
    /* what is asked for */
    struct api *api;
    struct http_exchange *x;
    struct uuid task;
    usec_t from, to; /* [from, to) */
    /* at most so many of each; of revisions, that begin in the range */
    size_t revisions, executions, gaps;
    bool reads_on;           /* revisions that begin after the range, too */
    void (*done)(void *ctx); /* not called when a read failed: x is answered then */
    void *ctx;
    /* what was read */
    struct revision_set *set; /* the caller's to free */
    struct task_row *revision_rows;
    struct execution_row *execution_rows;
    struct gap_row *gap_rows;
    size_t execution_count, gap_count;
    bool more_revisions, more_executions, more_gaps;
    usec_t decided, kept_from; /* as in struct verdict_facts */
    int64_t behind;
};

void why_load(struct why_load *l);

/* The facts of [at, at + span) out of what was loaded. */
struct verdict_facts why_facts(const struct why_load *l, usec_t at, usec_t span, usec_t now);

#endif
