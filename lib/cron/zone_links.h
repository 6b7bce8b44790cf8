/*
 * zone_links.h - old and second names of time zones: "US/Eastern" is America/New_York.
 *
 * Pure. Distributions ship such names in a package of their own (Debian 13: tzdata-legacy), but tasks and crontabs that bear
 * them must mean the same on every host. The table is that of tzdata's own file `backward`; a test holds it to the
 * links that the machine's tzdata knows. It only ever adds names: a file of that name comes first (zoneset.h).
 */
#ifndef CRON_ZONE_LINKS_H
#define CRON_ZONE_LINKS_H

#include <stddef.h>

/* The zone behind the name, which may be a link itself; NULL when the name is no link. */
const char *zone_link_target(const char *name);

/* The names, sorted; NULL past the last one. */
const char *zone_link_name(size_t i);

#endif
