/*
 * backfill.h - which instants a Backfill asks for: what the scheduler fires, and what somebody is told beforehand.
 *
 * Pure. A range is (from, to], as in the command.
 */
#ifndef MODEL_BACKFILL_H
#define MODEL_BACKFILL_H

#include "cron/timeline.h"
#include "model/records.h"

/* RC_INVALID unless it lies in the past and in the time that the history has. */
MUST_CHECK enum rc backfill_check_range(const struct backfill_task *range, usec_t now,
                                        struct error *err);

/* How many instants are in it. RC_INVALID: more than one command may ask for. */
MUST_CHECK enum rc backfill_count(const struct timeline *timeline,
                                  const struct backfill_task *range, size_t *ret,
                                  struct error *err);

/* The next instant of the range behind `at`, which begins as {.at = range->from}; false: that was the last. */
bool backfill_next(const struct timeline *timeline, const struct backfill_task *range,
                   struct occurrence *at);

#endif
