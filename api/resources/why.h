/*
 * why.h - what GET /v1/tasks/:task:why answers: of an instant (why.c), of a range (why_audit.c).
 */
#ifndef API_RESOURCES_WHY_H
#define API_RESOURCES_WHY_H

#include "api/exchange/context.h"
#include "api/resources/skips.h"
#include "cron/zone.h"
#include "store/rows.h"

struct why_ask { /* of a task that is there */
    struct api *api;
    struct http_exchange *x;
    const struct task_row *task;
    struct skips skips;
    char zone[ZONE_NAME_MAX + 1]; /* whose clock is meant and shown */
    usec_t now;
};

/* "task_id", "project", "key", "state", "tz", "now": into an object that is open. */
struct json;
void why_members(struct json *j, const struct why_ask *ask);

/* A reference of the caller's, now: the zones may have been made anew since; UTC where it is gone. */
struct zone *why_zone(const struct why_ask *ask);

/* Was a range asked for? */
bool why_is_audit(const struct http_exchange *x);
void answer_audit(const struct why_ask *ask);

#endif
