/*
 * schedule_json.h - one schedule explained, as JSON: the API's answer and the command line's are the same text.
 *
 * Pure. Instants are RFC 3339 in UTC; members called `local` are on the schedule's own clock.
 */
#ifndef MODEL_SCHEDULE_JSON_H
#define MODEL_SCHEDULE_JSON_H

#include "base/json.h"
#include "cron/schedule.h"

struct schedule_view {      /* all borrowed */
    const char *expression; /* as it was written */
    const struct schedule *schedule;
    const struct lints *lints;
    usec_t from; /* what is asked for is strictly later */
    int count;   /* of instants */
};

/*
 * {"expression", "canonical", "description", "zone", "class": "FIXED_TIME" | "INTERVAL", "lints", "clock_changes",
 *  "frequency", "next"}
 */
void schedule_json(struct json *j, const struct schedule_view *v);

/* [{"at", "local", "dst"}]: the next instants. `local` has its offset; `nominal` is there when `dst` is MOVED: the wall time that does not exist. */
void schedule_json_next(struct json *j, const struct schedule *s, usec_t from, int count);

/* [{"code", "column", "text"}]; no column: the whole expression. */
void schedule_json_lints(struct json *j, const struct lints *lints);

/*
 * [{"at", "local", "several", "effect", "text"}]: the clock changes of the twelve months after `from` that touch the
 * schedule. at: when the clock changes; local: the first wall time of the schedule that is touched.
 */
void schedule_json_changes(struct json *j, const struct schedule *s, usec_t from);

usec_t schedule_year_after(usec_t from); /* where the list of clock changes ends */

#endif
