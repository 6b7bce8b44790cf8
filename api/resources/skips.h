/*
 * skips.h - which of the instants to come are to be skipped, and on whose wish.
 *
 * A task's mark (model/skip_next.h) says which. Each wish has moved it on by one instant, and an edit keeps their number: so the last instant
 * that is to be skipped is the newest wish's, the one before it that of the wish before, whatever was edited since.
 */
#ifndef API_RESOURCES_SKIPS_H
#define API_RESOURCES_SKIPS_H

#include "api/exchange/context.h"
#include "base/json.h"
#include "cron/timeline.h"
#include "store/read_skips.h"

struct skips { /* borrowed rows of read_skips; all zero: nothing is to be skipped */
    const struct skip_wish *rows;
    size_t count;
};

struct skips skips_of(const struct read_page *page);

/* What may concern instants that are due after `now`, of these tasks (NULL: of all). */
void skips_read(struct api *api, const struct uuid *tasks, size_t count, usec_t now,
                struct read_reply reply);

/* The task's mark; 0: nothing of it is to be skipped. */
usec_t skips_until(const struct skips *s, struct uuid task);

/* The wish for the instant behind which `later` more are to be skipped; NULL: not known. */
const struct skip_wish *skips_wish(const struct skips *s, struct uuid task, size_t later);

/* {"command_id", "at", "by", "reason"?}; nothing is in it of a wish that is not known (NULL). */
void skip_object(struct json *j, const struct skip_wish *wish);
/* The same as "skip" of an object that is open. */
void skip_member(struct json *j, const struct skip_wish *wish);

#endif
