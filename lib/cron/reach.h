/*
 * reach.h - which dates and times of day an expression can name at all, for searches that skip the others.
 *
 * Private to lib/cron. While the clock stands at a constant offset, an instant lies on one of these dates and at one of these
 * times, but for the one that a gap moves to the start of the span.
 */
#ifndef CRON_REACH_H
#define CRON_REACH_H

#include "cron/expression.h"

/* Whether a time of day >= from and < to can be one of it: seconds, 0 <= from <= to <= 86400. */
bool reach_time(const struct expression *e, int32_t offset, int32_t from, int32_t to);

/* The dates of a month: bits 1-31. */
uint32_t reach_dates(const struct expression *e, int year, int month);

/* True only if that is all of them, always. */
bool reach_all_dates(const struct expression *e);

#endif
