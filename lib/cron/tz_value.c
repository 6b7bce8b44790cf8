#include "cron/tz_value.h"

#include <stdio.h>
#include <string.h>

enum { HOURS_WEST_MAX = 12, HOURS_EAST_MAX = 14, HOUR = 3600 };

static enum rc take_name(const char *name, struct zoneset *zones, struct tz_value *ret,
                         struct error *err)
{
    struct zone *zone;

    TRY(zoneset_get(zones, name, &zone, err));
    *ret = (struct tz_value){.zone = zone, .name = zone_name(zone)};
    return RC_OK;
}

/* "Etc/GMT-9" is nine hours ahead, as in POSIX; false when the clock changes, or no zone has that offset. */
static bool take_fixed(const struct zone *rule, struct zoneset *zones, struct tz_value *ret)
{
    size_t count;
    const struct zone_span *spans = zone_spans(rule, &count);
    int hours = spans[0].offset / HOUR;
    char name[ZONE_NAME_MAX];

    if (count > 1 || hours * HOUR != spans[0].offset || hours < -HOURS_WEST_MAX ||
        hours > HOURS_EAST_MAX)
        return false;
    (void)snprintf(name, sizeof name, hours == 0 ? "UTC" : "Etc/GMT%+d", -hours);
    return take_name(name, zones, ret, NULL) == RC_OK;
}

static enum rc parse_rule(const char *name, const char *value, struct zone **ret)
{
    SCOPED(text) char *with_days = NULL;

    if (zone_parse_rule(name, value, ret, NULL) == RC_OK)
        return RC_OK;
    with_days = xasprintf("%s,M3.2.0,M11.1.0", value);
    return zone_parse_rule(name, with_days, ret, NULL);
}

/* It is kept in the set under "TZ=...", which is no name of a zone. */
static bool take_rule(const char *value, struct zoneset *zones, struct tz_value *ret)
{
    SCOPED(text) char *name = xasprintf("TZ=%s", value);
    SCOPED(zone) struct zone *zone = NULL;

    *ret = (struct tz_value){.name = NULL};
    if (zoneset_get(zones, name, &ret->zone, NULL) == RC_OK)
        return true;
    if (strlen(value) > ZONE_NAME_MAX || parse_rule(name, value, &zone) != RC_OK)
        return false;
    if (take_fixed(zone, zones, ret))
        return true;
    zoneset_add(zones, zone);
    ret->zone = zone;
    return true;
}

static enum rc take_path(const char *path, struct zoneset *zones, struct tz_value *ret,
                         struct error *err)
{
    static const char folder[] = "/zoneinfo/";
    const char *at = strstr(path, folder);

    if (at != NULL)
        return take_name(at + strlen(folder), zones, ret, err);
    (void)error_set(err, RC_INVALID, "'%.200s' is a file, and not one of zoneinfo", path);
    return error_hint(err, "a name of tzdata, such as America/New_York");
}

enum rc tz_value_read(const char *value, struct zoneset *zones, struct tz_value *ret,
                      struct error *err)
{
    struct zone *zone;

    value += *value == ':' ? 1 : 0;
    if (*value == '\0')
        value = "UTC";
    if (*value == '/')
        return take_path(value, zones, ret, err);
    if (zoneset_get(zones, value, &zone, NULL) != RC_OK && take_rule(value, zones, ret))
        return RC_OK;
    return take_name(value, zones, ret, err);
}
