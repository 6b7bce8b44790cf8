/*
 * schedule.h - when one schedule is due: a cron expression in a time zone (all forms: docs/scheduling.md).
 *
 *   [TZ=Zone] minute hour day-of-month month day-of-week     5 fields; 6: second first; 7: year last
 *   [TZ=Zone] @hourly @daily @midnight @weekly @monthly @yearly @annually
 *   [TZ=Zone] @every D[/PHASE]                               elapsed time since the epoch, e.g. 1h30m/10m
 *   [TZ=Zone] @every D from HH:MM to HH:MM [on DAYS]         wall times of the days
 *   [TZ=Zone] @at RFC3339 | YYYY-MM-DDTHH:MM[:SS] [Zone]     once
 *   [TZ=Zone] cron(m h dom mon dow year) | rate(N unit)      as AWS writes them
 *
 * Pure: no clock, no I/O, no globals, and no memory is allocated after parsing. Instants are UTC
 * microseconds; nothing is due outside the years 1970-2199: the local ones, or of elapsed time and
 * instants (`@every D`, rate(...), `@at` with an offset) those of UTC.
 *
 * Clock changes of less than 3 hours: a schedule is interval-like if its second, minute or hour field
 * has a term `*` or a step from it, or it is `@every ... from`: it follows the wall clock, nothing is due in a gap
 * and both passes of an overlap are. Any other (fixed-time) schedule fires once at the first instant after a gap that held
 * wall times of it, and in the first pass of an overlap only; `dst_gap` and `dst_overlap` change that
 * for fixed-time schedules. Larger changes: the wall clock counts. `@every D` never looks at the wall clock.
 */
#ifndef CRON_SCHEDULE_H
#define CRON_SCHEDULE_H

#include "base/buf.h"
#include "base/uuid.h"
#include "cron/policy.h"
#include "cron/zoneset.h"

/*
 * The dialects of policy.h: DIALECT_AUTO takes everything above. DIALECT_QUARTZ: 6-7 fields, day of week 1-7 = SUN-SAT,
 * exactly one day field is `?`. DIALECT_VIXIE is crond: 5 fields, day fields of which one starts with `*` are ANDed,
 * no v/n, wraps, L, W, #, H, `?`. DIALECT_OCPS (Open Source Cron Pattern Specification): no v/n, no wraps.
 */

struct schedule; /* holds its zone; immutable once made, so free to share */

/* All zero is fine. */
struct schedule_options {
    const char *zone; /* IANA name; NULL or "": the one of a TZ= prefix, or else UTC */
    enum dialect dialect;
    enum dst_gap dst_gap;
    enum dst_overlap dst_overlap;
    struct uuid task; /* `H` and `~` hash it, with the field; nil: a lint */
    usec_t now;       /* for the lint that an `@at` is past; 0: not looked at */
};

/* Accepted, but a person should look: */
enum lint_code {
    LINT_STEP_FROM_VALUE, /* v/n: crond has no such form */
    LINT_WRAPPED_RANGE,   /* 22-2 */
    LINT_STEP_TOO_LARGE,  /* step picks the first value only, as in minute 90 */
    LINT_DAYS_ORED, /* a stepped star day field beside a restricted one: crond would AND them */
    LINT_HASH_WITHOUT_TASK, /* H or ~ and no task id yet */
    LINT_NEVER_FIRES,       /* 30 February */
    LINT_PAST,              /* @at before now */
};

struct lint {
    enum lint_code code;
    int column; /* 1-based; 0: the whole expression */
    char text[120];
};

struct lints {
    size_t count;
    struct lint list[8]; /* the first eight; one of each code at most */
};

const char *lint_code_name(enum lint_code code); /* "STEP_FROM_VALUE" */

/*
 * Parses an expression. RC_INVALID sets err's column, text ("minute: 60 is outside 0-59") and where one is
 * known a hint. `lints` may be NULL; it is set whole. A TZ= prefix that differs from options->zone is an error.
 */
MUST_CHECK enum rc schedule_parse(const char *text, const struct schedule_options *options,
                                  struct zoneset *zones, struct lints *lints, struct schedule **ret,
                                  struct error *err);
void schedule_free(struct schedule *s); /* NULL is fine */

struct occurrence {
    usec_t at;      /* the instant */
    usec_t due;     /* when it fires: at, plus the jitter of a timeline */
    usec_t nominal; /* wall time that the schedule names, as if UTC (civil_of() gives its fields) */
    int32_t offset; /* wall clock minus UTC at `at`, seconds */
    uint32_t schedule; /* from a timeline: which of its schedules; else 0 */
    enum dst dst; /* MOVED: the wall time fell into a gap; REPEATED: it was shown a second time */
};

/* First instant strictly after `after`; RC_NOT_FOUND when there is none. */
MUST_CHECK enum rc schedule_next(const struct schedule *s, usec_t after, struct occurrence *ret);
/* Last instant strictly before `before`; RC_NOT_FOUND when there is none. */
MUST_CHECK enum rc schedule_prev(const struct schedule *s, usec_t before, struct occurrence *ret);

/* What a change of the clock does to a schedule. */
enum change_effect {
    CHANGE_SKIPS, /* the wall time does not exist, and nothing is due in its place */
    CHANGE_MOVES, /* it does not exist: due at the first instant after the gap */
    CHANGE_ONCE,  /* it comes twice: due the first time only */
    CHANGE_TWICE, /* it comes twice, and is due twice */
};

struct clock_change {
    usec_t at;      /* when the clock changes */
    usec_t nominal; /* the first wall time of the schedule that is touched, as if UTC */
    bool several;   /* further ones are */
    enum change_effect effect;
    usec_t resumes; /* wall time after the change: where the gap ends, or the second pass starts */
};

/*
 * The first change of the clock after `after` that touches the schedule; RC_NOT_FOUND when there is none at or
 * before `until`. To list a year of them: begin with now, go on with ret->at.
 */
MUST_CHECK enum rc schedule_next_change(const struct schedule *s, usec_t after, usec_t until,
                                        struct clock_change *ret);

/* "2027-03-28: 02:30 does not exist, runs at 03:00", appended. */
void clock_change_describe(const struct clock_change *c, struct buf *out);

const char *schedule_zone(const struct schedule *s); /* IANA name */
const struct zone *schedule_zone_of(const struct schedule *s);
bool schedule_is_interval(const struct schedule *s); /* interval-like, see above */
bool schedule_equal(const struct schedule *a, const struct schedule *b);

/* Canonical text, appended: parsed again with the same options (but for the zone) it gives an equal schedule. */
void schedule_format(const struct schedule *s, struct buf *out);

/* Plain English, appended: "at 02:30 on Monday to Friday, Europe/Berlin". */
void schedule_describe(const struct schedule *s, struct buf *out);

DEFINE_SCOPED(schedule, struct schedule, schedule_free)

#endif
