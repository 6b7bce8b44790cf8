/*
 * timeline_of.h - when a task is due, from its spec as the database keeps it. Pure but for the
 * zones it reads.
 */
#ifndef API_TIMELINE_OF_H
#define API_TIMELINE_OF_H

#include "base/arena.h"
#include "cron/timeline.h"
#include "model/records.h"

/* RC_INVALID when the spec or one of its schedules cannot be read (a newer version wrote it). */
MUST_CHECK enum rc timeline_of_spec(const char *spec_json, struct uuid task, struct zoneset *zones,
                                    struct arena *memory, struct timeline **ret, struct error *err);

#endif
