/*
 * preview.h - what would come of a task if it were saved: its schedules explained, its next instants, and the instants of the
 * year to come that its calendars and its window leave out.
 *
 * Pure. Written in steps of a few milliseconds, for a task may have 16 schedules, each due each second:
 *
 *     while (preview_step(p))
 *         continue;
 */
#ifndef MODEL_PREVIEW_H
#define MODEL_PREVIEW_H

#include "base/json.h"
#include "cron/zoneset.h"
#include "model/records.h"

enum {
    PREVIEW_NEXT_MAX = 20,        /* instants that are told */
    PREVIEW_LEFT_OUT_MAX = 20,    /* instants left out that are told */
    PREVIEW_LOOKED_AT_MAX = 20000 /* instants of the schedules that are looked at for them */
};

struct preview;

struct preview_config {           /* all borrowed until the preview is freed */
    const struct task_spec *spec; /* a valid one */
    struct uuid task;
    usec_t now;
    struct zoneset *zones;
    uint32_t absent; /* of schedule_notes.h */
    /* The next instants that are to be skipped (skip_next.h), the first ones: "skip" of each, as JSON; PREVIEW_NEXT_MAX at most. */
    const char *const *skips;
    size_t skip_count;
    struct json *json; /* an object that is open: members are added */
};

/* RC_INVALID: the spec is not valid, and why. */
MUST_CHECK enum rc preview_new(const struct preview_config *config, struct preview **ret,
                               struct error *err);
void preview_free(struct preview *p); /* NULL is fine */

/*
 * One step; false: all is written:
 * "schedules": [{"expression", …}], one of schedule_json.h for each, in their order;
 * "next": [{"schedule", "at", "due_at", "local", "zone", "dst", "skip"?}], due after now: as the schedules, calendars, window and
 * jitter together have it; "schedule" is the number of the one that tells it;
 * "left_out": [{"schedule", "at", "local", "zone", "by", "pointer"}], the first ones after now: "by" is the calendar's name, or
 * "window", "pointer" its place in the spec; "left_out_to": up to which instant all was looked at;
 * "clock_changes", "lints": of schedule_notes.h.
 */
bool preview_step(struct preview *p);

DEFINE_SCOPED(preview, struct preview, preview_free)

#endif
