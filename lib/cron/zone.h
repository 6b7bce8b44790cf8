/*
 * zone.h - a time zone: when its clocks stand at which offset from UTC, 1970 to 2200.
 *
 * Pure: a zone is made from the bytes of a TZif file (RFC 9636, version 2 or later; its footer rule is
 * expanded to the end of 2200) and never changes afterwards, so it is free to share between threads.
 * zoneset.h finds the bytes by name. Whoever keeps a zone holds a reference.
 *
 * A zone is a row of spans of constant offset, back to back. The span of an instant is found in a few
 * nanoseconds through an index by time, so callers need to remember nothing between two look-ups.
 * Local ("wall") times are seconds or microseconds as if the wall clock showed UTC.
 */
#ifndef CRON_ZONE_H
#define CRON_ZONE_H

#include "base/error.h"

enum {
    ZONE_NAME_MAX = 64,
    ZONE_BYTES_MAX = 1 << 20,
};

struct zone; /* immutable, reference counted */

/* A time of constant offset: seconds, [start, end). The first starts and the last ends far outside 1970-2200. */
struct zone_span {
    int64_t start, end;
    int32_t offset; /* wall = UTC + offset */
    /* how far the clock jumped at `start`: > 0 a gap, < 0 an overlap, 0 in the first span */
    int32_t shift;
};

/* What a wall time means in UTC. */
enum wall_kind {
    WALL_UNIQUE,  /* first = the instant */
    WALL_GAP,     /* skipped by a change: first = the instant after the gap */
    WALL_OVERLAP, /* shown twice: first and second */
};

struct wall {
    enum wall_kind kind;
    usec_t first, second;
};

/*
 * Reads a TZif file. RC_INVALID, with the reason, for anything that is not one as RFC 9636 has it: version 1,
 * truncated, leap seconds, offsets beyond -24:59:59 to +25:59:59, transitions out of order, a footer
 * that contradicts the last transition. The name is taken as it is (see zone_name_is_valid).
 */
MUST_CHECK enum rc zone_parse(const char *name, struct bytes tzif, struct zone **ret,
                              struct error *err);
/* The clock of a rule of POSIX, "EST5EDT,M3.2.0,M11.1.0", at all times. */
MUST_CHECK enum rc zone_parse_rule(const char *name, const char *rule, struct zone **ret,
                                   struct error *err);
struct zone *zone_utc(void);           /* a new reference to a zone "UTC" without changes */
struct zone *zone_ref(struct zone *z); /* one more holder; returns z */
void zone_unref(struct zone *z);       /* one fewer; NULL is fine */
const char *zone_name(const struct zone *z);
bool zone_has_clock_of(const struct zone *a, const struct zone *b); /* at all times */

/* Offset from UTC in seconds at the instant. */
int zone_offset_at(const struct zone *z, usec_t utc);

/* The instant of a wall time (fractions of a second are kept). */
struct wall zone_from_wall(const struct zone *z, usec_t wall);

/* The first change of the clock strictly after the instant; RC_NOT_FOUND when there is none until 2200. */
MUST_CHECK enum rc zone_next_change(const struct zone *z, usec_t after, struct zone_span *ret);

/* The spans, in order; `zone_span_of` answers the index of the one that holds the second. */
const struct zone_span *zone_spans(const struct zone *z, size_t *ret_count);
size_t zone_span_of(const struct zone *z, int64_t second);

/* [A-Za-z0-9_+-]+ in one to three parts joined by '/'; not posix/..., right/..., localtime, Factory. */
bool zone_name_is_valid(const char *name);

DEFINE_SCOPED(zone, struct zone, zone_unref)

#endif
