/*
 * timeline_of.h - when a task is due, from its spec as the database keeps it. Pure but for the
 * zones it reads.
 */
#ifndef API_RESOURCES_TIMELINE_OF_H
#define API_RESOURCES_TIMELINE_OF_H

#include "api/resources/next_cache.h"
#include "base/arena.h"
#include "cron/timeline.h"
#include "model/records.h"
#include "store/rows.h"

/* RC_INVALID when the spec or one of its schedules cannot be read (a newer version wrote it). */
MUST_CHECK enum rc timeline_of_spec(const char *spec_json, struct uuid task, struct zoneset *zones,
                                    struct arena *memory, struct timeline **ret, struct error *err);

/* The first instant due after `after`, from the cache or worked out; USEC_MAX: none, or the spec cannot be read. */
usec_t next_due(struct next_cache *cache, const struct task_row *row, struct zoneset *zones,
                usec_t after);

/*
 * Where to begin for what is due after `after`: with jitter that may be scheduled before it. Go on with timeline_next
 * from there. An instant that was scheduled before the task was made is none of its.
 */
usec_t timeline_start(const struct timeline *t, const struct task_row *row, usec_t after);

#endif
