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

struct next_run {
    usec_t due;        /* USEC_MAX: there is none, or the spec cannot be read */
    usec_t skip_until; /* the task's mark, where something before is to be skipped; else 0 */
};

/* The first instant due after `after` that is not to be skipped, from the cache or worked out; skip_until: the task's mark. */
struct next_run next_run_of(struct next_cache *cache, const struct task_row *row,
                            struct zoneset *zones, usec_t after, usec_t skip_until);

/*
 * Where to begin for what is due after `after`: with jitter that may be scheduled before it. Go on with timeline_next
 * from there. An instant that was scheduled before the task was made is none of its.
 */
usec_t timeline_start(const struct timeline *t, const struct task_row *row, usec_t after);

#endif
