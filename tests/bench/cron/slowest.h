/*
 * slowest.h - a search for the schedules that cost most to ask: random ones, of which each is changed for as long as it gets slower.
 *
 * The terms that it combines are those that make rare dates, dates that never come, and times that clock changes
 * skip; the zones are those with the most and the oddest changes.
 */
#ifndef BENCH_CRON_SLOWEST_H
#define BENCH_CRON_SLOWEST_H

#include "cron/schedule.h"

struct slow {
    char text[160];
    const char *zone;
    usec_t from;
    bool back; /* schedule_prev, not schedule_next */
    double ns;
};

/*
 * The `limit` slowest that `seconds` of CPU time find, slowest first; of each expression its worst. Answers how many.
 * `comes`: only those that would be due in a zone whose clock never changes; without it those that never are win all places.
 */
size_t slowest_search(struct zoneset *zones, bool comes, double seconds, struct slow *list,
                      size_t limit);

#endif
