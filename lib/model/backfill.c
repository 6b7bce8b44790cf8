#include "model/backfill.h"

#include "base/rfc3339.h"
#include "model/limits.h"
#include "model/spec.h"
#include "model/spec_refuse.h"

static enum rc check_there(const struct backfill_task *range, struct error *err)
{
    const char *pointer = range->from == 0 ? "/from" : "/to";

    if (range->from != 0 && range->to != 0)
        return RC_OK;
    return spec_refuse(err, pointer, "instants after from are asked for, up to to", "%s is missing",
                       pointer + 1);
}

enum rc backfill_check_range(const struct backfill_task *range, usec_t now, struct error *err)
{
    char from[RFC3339_TEXT], to[RFC3339_TEXT], now_text[RFC3339_TEXT];

    TRY(check_there(range, err));
    (void)rfc3339_format(range->from, from);
    (void)rfc3339_format(range->to, to);
    if (range->from < HISTORY_START)
        return spec_refuse(err, "/from", "", "from: %s is before the year 2000", from);
    if (range->to <= range->from)
        return spec_refuse(err, "/to", "", "to: %s is not later than from, %s", to, from);
    if (range->to > now)
        return spec_refuse(err, "/to", "what is to come fires by itself",
                           "to: %s has not passed, it is %s", to, rfc3339_format(now, now_text));
    return RC_OK;
}

enum rc backfill_count(const struct timeline *timeline, const struct backfill_task *range,
                       size_t *ret, struct error *err)
{
    struct occurrence at = {.at = range->from};
    char text[RFC3339_TEXT];
    size_t count = 0;
    bool more;

    while (count < SPEC_BACKFILL_MAX && backfill_next(timeline, range, &at))
        count++;
    (void)rfc3339_format(at.at, text);
    more = count == SPEC_BACKFILL_MAX && backfill_next(timeline, range, &at);
    if (!more) {
        *ret = count;
        return RC_OK;
    }
    (void)spec_refuse(err, "/to", "", "to: there are more than %d instants", SPEC_BACKFILL_MAX);
    return error_hint(err, "ask for them in parts: the first %d end at %s", SPEC_BACKFILL_MAX,
                      text);
}

bool backfill_next(const struct timeline *timeline, const struct backfill_task *range,
                   struct occurrence *at)
{
    return timeline_next(timeline, at->at, at) == RC_OK && at->at <= range->to;
}
