/*
 * expression.h - the text of a schedule, understood: which form it has, and its numbers. No zone, no clock changes.
 *
 * Private to lib/cron. Reading: expression.c tells the forms apart, term.c reads the terms of one field, every.c durations.
 * Asking: wall.c. The way back to text: canonical.c and describe.c.
 */
#ifndef CRON_EXPRESSION_H
#define CRON_EXPRESSION_H

#include "cron/fields.h"
#include "cron/schedule.h"

enum form {
    FORM_FIELDS,
    FORM_EVERY,   /* elapsed time */
    FORM_DAILY,   /* wall times of the days, a step apart */
    FORM_INSTANT, /* once, at an instant */
    FORM_WALL,    /* once, at a wall time */
};

struct every {
    int64_t period, phase; /* seconds; 0 <= phase < period */
};

struct daily {
    int32_t from, to, period; /* seconds; to may lie on the next day (>= 86400) */
    struct fields days;       /* the midnights of the days on which a run of instants starts */
};

struct expression {
    enum form form;
    union {
        struct fields fields;
        struct every every;
        struct daily daily;
        usec_t instant;
        int64_t wall; /* seconds */
    };
};

/* A stretch of the text. */
struct slice {
    const char *at, *end;
};

/* The zone a text names; at = NULL: none. */
MUST_CHECK enum rc expression_parse(const char *text, const struct schedule_options *options,
                                    struct lints *lints, struct expression *ret,
                                    struct slice *ret_zone, struct error *err);

/* The first wall time >= wall (WALL_NONE), the last one <= wall (WALL_NEVER); none for elapsed time and instants. */
int64_t expression_first(const struct expression *e, int64_t wall);
int64_t expression_last(const struct expression *e, int64_t wall);
bool daily_starts_on(const struct daily *d, int64_t day); /* day: since 1970 */

/* What a schedule is made of (schedule.c). */
const struct expression *schedule_expression(const struct schedule *s);

/* Canonical text and plain English (without the zone), appended. */
void expression_format(const struct expression *e, enum dialect dialect, struct buf *out);
void expression_describe(const struct expression *e, struct buf *out);
bool expression_equal(const struct expression *a, const struct expression *b);

/* Every value of the field is set (and of a time field, by a star term). */
bool field_is_full(const struct fields *f, enum field field);
void duration_format(int64_t seconds, struct buf *out); /* "1h30m" */

#endif
