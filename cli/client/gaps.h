/*
 * gaps.h - instants of a task that were not fired, and why: `cronobs task gaps`, and between executions in their list.
 */
#ifndef CLI_CLIENT_GAPS_H
#define CLI_CLIENT_GAPS_H

#include "cli/client/rest.h"

struct gap {
    usec_t to; /* its last instant */
    const char *to_text, *key;
    const char *what; /* "NOT FIRED (PAUSED)" */
    const char *span; /* "12 instants, the first after 2026-11-24 10:00:00" */
};

struct gap_range { /* gaps that reach into [from, to) */
    usec_t from, to;
};

/* Of a local day, or of two instants in RFC 3339; NULL where one is not given. */
MUST_CHECK enum rc gap_range_of(struct rest *r, const char *day, const char *from, const char *to,
                                struct gap_range *ret, struct error *err);

/* The newest first. What a gap points to lives as long as the call. */
typedef void (*gap_fn)(void *ctx, const struct gap *gap);
MUST_CHECK enum rc gaps_visit(struct rest *r, const struct rest_task *task,
                              const struct gap_range *range, gap_fn visit, void *ctx,
                              struct error *err);

#endif
