#include "cli/shared/instant.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/rfc3339.h"

static enum rc parse_relative(const char *text, usec_t now, usec_t *ret, struct error *err)
{
    const int64_t farthest = INT64_C(1000) * 366 * 86400 * 1000; /* a thousand years, in ms */
    int64_t ms;

    TRY(duration_parse(text + 1, &ms, err));
    if (ms > farthest)
        return error_set(err, RC_INVALID, "'%.40s' is too far away", text);
    *ret = now + (*text == '-' ? -ms : ms) * USEC_PER_MS;
    return RC_OK;
}

static bool parse_wall(const char *text, usec_t *ret)
{
    static const char rest_of_day[] = "T00:00:00Z";
    char full[RFC3339_TEXT];
    size_t len = strlen(text);

    if (len < 10 || len > 19 || (len - 10) % 3 != 0) /* whole pairs of digits */
        return false;
    (void)snprintf(full, sizeof full, "%s%s", text, rest_of_day + (len - 10));
    return rfc3339_parse(full, ret, NULL) == RC_OK;
}

bool instant_is_wall(const char *text)
{
    usec_t wall;

    return parse_wall(text, &wall);
}

enum rc instant_parse(const char *text, const struct zone *zone, usec_t now, usec_t *ret,
                      struct error *err)
{
    usec_t wall;

    if (*text == '-' || *text == '+')
        return parse_relative(text, now, ret, err);
    if (parse_wall(text, &wall)) {
        *ret = zone_from_wall(zone, wall).first;
        return RC_OK;
    }
    if (rfc3339_parse(text, ret, NULL) == RC_OK)
        return RC_OK;
    return error_set(err, RC_INVALID,
                     "'%.60s' is no instant: write 2026-11-25, 2026-11-25T08:00, "
                     "2026-11-25T08:00:00+01:00, -2h or +90m",
                     text);
}
