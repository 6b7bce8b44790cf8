/*
 * report.h - differences told in one line each, and counted.
 */
#ifndef DIFFERENTIAL_REPORT_H
#define DIFFERENTIAL_REPORT_H

#include "cron/schedule.h"

struct report {
    const char *what; /* of the case at hand: expression, zone, options */
    uint64_t number;  /* of the case: CRONOBS_DIFFERENTIAL_CASE repeats it */
    size_t differences, compared_next, compared_prev;
    size_t changed; /* answers that a clock change moved or repeated */
};

enum { INSTANT_TEXT = 40 };

/* "2026-03-29T01:00:00Z", with microseconds where there are any. */
const char *instant_text(usec_t at, char text[INSTANT_TEXT]);

/* One difference; the first twenty are printed. */
void report_difference(struct report *r, const char *format, ...) PRINTF_LIKE(2, 3);

/* An answer of the engine beside the one of the walk; `expected` NULL: there is none. */
void report_compare(struct report *r, const char *question, usec_t instant, enum rc rc,
                    const struct occurrence *engine, const struct occurrence *expected);

#endif
