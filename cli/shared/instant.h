/*
 * instant.h - an instant as a person types it. Pure.
 *
 * RFC 3339; "2026-11-25", "2026-11-25 08:00", "2026-11-25T08:00:30" on the wall clock of a zone; "-2h", "+90m" from now.
 */
#ifndef CLI_SHARED_INSTANT_H
#define CLI_SHARED_INSTANT_H

#include "cron/zone.h"

/* RC_INVALID, with examples, for anything else. A wall time that comes twice is the first of the two. */
MUST_CHECK enum rc instant_parse(const char *text, const struct zone *zone, usec_t now, usec_t *ret,
                                 struct error *err);
/* Does it need a zone? "2026-11-25T08:00" does, "-2h" does not. */
bool instant_is_wall(const char *text);

#endif
