/*
 * local_zone.h - the time zone that this machine, or this user, lives in: the clock that `date` shows, never another one.
 */
#ifndef CLI_SHARED_LOCAL_ZONE_H
#define CLI_SHARED_LOCAL_ZONE_H

#include "base/arena.h"
#include "cron/tz_value.h"

struct machine_clock {
    const char *tz;    /* $TZ; NULL: not set */
    const char *link;  /* where /etc/localtime points to; NULL: it is no link */
    struct bytes file; /* what /etc/localtime holds; data NULL: there is no such file */
    const char *named; /* what /etc/timezone says; NULL: nothing */
};

/*
 * Pure. $TZ, else /etc/localtime, else UTC. /etc/timezone does not set a clock; it only names a copy in /etc/localtime that has the
 * same one. RC_INVALID names TZ, or the file, when it cannot be told.
 */
MUST_CHECK enum rc machine_zone(const struct machine_clock *clock, struct zoneset *zones,
                                struct tz_value *ret, struct error *err);

/* The same of this machine. The zone is borrowed from the set. */
MUST_CHECK enum rc local_zone(struct zoneset *zones, struct tz_value *ret, struct error *err);

/* A schedule without a zone is UTC's: says so on standard error where the clock of this machine is another. zone: --zone, or NULL. */
void local_zone_warn(const char *expression, const char *zone);

/* Whoever has an option --zone says so. Returns err's own rc. */
enum rc local_zone_way_out(struct error *err);

#endif
