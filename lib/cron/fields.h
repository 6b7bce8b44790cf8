/*
 * fields.h - the fields of a cron expression as bit masks, and the search for wall times that match them.
 *
 * Private to lib/cron. Wall times are seconds as if the wall clock showed UTC. The search takes the next set bit
 * of one field after the other; a month's days are one mask, made in a fixed number of steps. It
 * never walks over minutes or days: at worst it looks at some months, then once at each year from 1970 to 2199.
 */
#ifndef CRON_FIELDS_H
#define CRON_FIELDS_H

#include "base/util.h"

enum field {
    FIELD_SECOND,
    FIELD_MINUTE,
    FIELD_HOUR,
    FIELD_DAY,
    FIELD_MONTH,
    FIELD_WEEKDAY,
    FIELD_YEAR,
    FIELD_COUNT
};

enum { YEAR_FIRST = 1970, YEAR_LAST = 2199 };

#define WALL_FIRST INT64_C(0)          /* 1970-01-01 00:00:00 */
#define WALL_LAST  INT64_C(7258118399) /* 2199-12-31 23:59:59 */
#define WALL_NONE  INT64_MAX           /* no wall time matches (searching on) */
#define WALL_NEVER INT64_MIN           /* no wall time matches (searching back) */

struct fields {
    uint64_t seconds, minutes; /* bits 0-59 */
    uint32_t hours;            /* bits 0-23 */
    uint32_t days;             /* bits 1-31 */
    uint32_t last_days;        /* L-n: bit 31 - n */
    uint32_t near_days;        /* nW: bits 1-31 */
    uint32_t last_near_days;   /* L-nW: bit 31 - n */
    uint16_t months;           /* bits 1-12 */
    uint8_t weekdays;          /* bits 0-6, Sunday first */
    uint8_t nth_weekdays[5];   /* d#1 ... d#5: bits 0-6 */
    uint8_t last_weekdays;     /* dL: bits 0-6 */
    uint8_t stars;             /* bit of each field that has a term `*` or a step from it */
    uint8_t bare;              /* bit of each field that has a term `*` or `?` */
    bool days_ored;            /* a day is right if either day field says so; else both must */
    bool special;              /* any of last_days ... last_weekdays is used */
    uint64_t years[4];         /* bit year - 1970 */
};

/* The first matching wall time >= wall (WALL_NONE), the last one <= wall (WALL_NEVER). */
int64_t fields_first(const struct fields *f, int64_t wall);
int64_t fields_last(const struct fields *f, int64_t wall);

/* The matching dates of a month of these years: bits 1-31. */
uint32_t fields_dates(const struct fields *f, int year, int month);

/* Midnight of every day from 1970 to 2199. */
struct fields fields_every_day(void);

/* Where every day is set, L and # add nothing: one meaning, one set of masks. */
void fields_drop_redundant(struct fields *f);

/* Sets the field to these values: one word, or four of years. */
void fields_set(struct fields *f, enum field field, const uint64_t bits[4]);

/* The set of every value of a field, as its mask holds it. */
uint64_t field_all(enum field field);

#endif
