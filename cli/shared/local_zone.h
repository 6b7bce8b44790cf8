/*
 * local_zone.h - the name of the time zone that this machine, or this user, lives in.
 */
#ifndef CLI_SHARED_LOCAL_ZONE_H
#define CLI_SHARED_LOCAL_ZONE_H

#include "base/arena.h"

/* $TZ, else where /etc/localtime points to, else what /etc/timezone says; "UTC" when none of them names a zone. In `memory`. */
const char *local_zone(struct arena *memory);

#endif
