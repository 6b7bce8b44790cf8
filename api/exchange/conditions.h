/*
 * conditions.h - If-Match and If-None-Match of a request that changes something (RFC 9110, 13.1).
 *
 * The ETag of a task is its revision in quotes, a strong one. Pure.
 */
#ifndef API_EXCHANGE_CONDITIONS_H
#define API_EXCHANGE_CONDITIONS_H

#include "base/arena.h"
#include "base/error.h"
#include "model/records.h"

struct conditions {
    bool is_set;        /* there is an If-Match */
    bool wants_some;    /* If-Match: *: whatever revision the task has, but there has to be one */
    bool wants_none;    /* If-None-Match: * */
    bool has_weak;      /* of If-Match: such a tag matches nothing */
    int32_t *revisions; /* that match, without order */
    size_t count;
};

/* The fields as they came, several of one name joined with commas; NULL: none. RC_INVALID: they are malformed, exclude each
   other, or ask for what is not known here. */
MUST_CHECK enum rc conditions_parse(const char *match, const char *none, struct arena *memory,
                                    struct conditions *ret, struct error *err);

/* No revision whatever can match. */
bool conditions_match_nothing(const struct conditions *c);

/* May a task be changed that is at this revision? 0: there is none. */
bool conditions_allow(const struct conditions *c, int32_t revision);

/* What a command expects; of several revisions that would do, the one that the task is known to be at, else (0: nothing is known)
   the highest. */
struct opt_int conditions_expect(const struct conditions *c, int32_t current);

#endif
