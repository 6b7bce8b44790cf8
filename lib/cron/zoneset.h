/*
 * zoneset.h - the zones of a zoneinfo directory by name, each read once and shared.
 *
 * The only file of lib/cron that touches the disk. Not thread safe: one set a thread. When tzdata changes
 * under a running process, zoneset_renewed() makes a fresh set; zones already handed out stay what they were.
 */
#ifndef CRON_ZONESET_H
#define CRON_ZONESET_H

#include "cron/zone.h"

enum { TZDATA_VERSION_MAX = 32 };

struct zoneset;

/* NULL: $TZDIR, or else /usr/share/zoneinfo. "": no directory, only UTC and what zoneset_add puts in. */
struct zoneset *zoneset_new(const char *directory);
/* One reference more, for whoever reads by it later. */
struct zoneset *zoneset_ref(struct zoneset *set);
void zoneset_free(struct zoneset *set); /* one less; NULL is fine */

/*
 * The zone of that name, borrowed from the set (zone_ref to keep it longer). RC_INVALID when there is none: the
 * hint names the nearest ones. "UTC" is always there. A name that tzdata keeps for old times' sake ("US/Eastern") is found
 * wherever its zone is, file of its own or not, and keeps its spelling (zone_links.h).
 */
MUST_CHECK enum rc zoneset_get(struct zoneset *set, const char *name, struct zone **ret,
                               struct error *err);

/* Puts a zone into the set under its own name, in the place of one already there. Takes its own reference. */
void zoneset_add(struct zoneset *set, struct zone *z);

/* The names of all zones there are, sorted; borrowed from the set. "UTC" is always one of them. */
const char *const *zoneset_names(struct zoneset *set, size_t *ret_count);

/* Release of tzdata as it was when the set was made, e.g. "2025b"; "unknown" where the directory does not say. */
const char *zoneset_version(const struct zoneset *set);

/* The same, read anew: differs from zoneset_version() once tzdata was swapped. Returns text. */
const char *zoneset_version_now(const struct zoneset *set, char text[TZDATA_VERSION_MAX]);

/* What became of a zone of an older set. */
enum zone_fate {
    ZONE_KEPT,    /* its clocks are what they were */
    ZONE_CHANGED, /* they are not */
    ZONE_GONE,    /* it is not there any more, or cannot be read */
};
typedef void (*zone_fate_fn)(void *ctx, const char *name, enum zone_fate fate);

/*
 * A fresh set of the same directory that has all zones of the old one: those that are kept or gone are shared with it, so
 * nobody loses a zone by an upgrade. Tells the fate of each.
 */
struct zoneset *zoneset_renewed(const struct zoneset *old, zone_fate_fn tell, void *ctx);

DEFINE_SCOPED(zoneset, struct zoneset, zoneset_free)

#endif
