#include "cli/shared/local_zone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/shared/files.h"

#define LOCALTIME "/etc/localtime"

/* --- what it means --- */

/* A copy: whose clock is it? */
static bool has_clock_of(struct zoneset *zones, const char *name, const struct zone *zone,
                         struct tz_value *ret)
{
    struct zone *named;

    if (name == NULL || zoneset_get(zones, name, &named, NULL) != RC_OK ||
        !zone_has_clock_of(zone, named))
        return false;
    *ret = (struct tz_value){.zone = named, .name = zone_name(named)};
    return true;
}

static enum rc take_copy(const struct machine_clock *clock, struct zoneset *zones,
                         struct tz_value *ret, struct error *err)
{
    SCOPED(zone) struct zone *zone = NULL;

    TRY(zone_parse(LOCALTIME, clock->file, &zone, err));
    if (has_clock_of(zones, clock->named, zone, ret))
        return RC_OK;
    zoneset_add(zones, zone);
    *ret = (struct tz_value){.zone = zone};
    return RC_OK;
}

static enum rc take_localtime(const struct machine_clock *clock, struct zoneset *zones,
                              struct tz_value *ret, struct error *err)
{
    const char *path = clock->link == NULL ? NULL : strstr(clock->link, "/zoneinfo/");

    if (path != NULL && tz_value_read(path, zones, ret, NULL) == RC_OK)
        return RC_OK;
    if (clock->file.data == NULL)
        return tz_value_read("UTC", zones, ret, err);
    return take_copy(clock, zones, ret, err);
}

enum rc machine_zone(const struct machine_clock *clock, struct zoneset *zones, struct tz_value *ret,
                     struct error *err)
{
    const char *tz = clock->tz;

    if (tz == NULL || strcmp(tz + (*tz == ':'), LOCALTIME) == 0)
        return take_localtime(clock, zones, ret, err);
    if (tz_value_read(tz, zones, ret, err) != RC_OK)
        return error_prefix(err, "TZ");
    return RC_OK;
}

/* --- what the machine says --- */

static const char *read_link(char path[PATH_MAX])
{
    ssize_t len = readlink(LOCALTIME, path, PATH_MAX - 1);

    if (len < 0)
        return NULL;
    path[len] = '\0';
    return path;
}

static const char *first_word(const char *text, char word[ZONE_NAME_MAX + 1])
{
    (void)snprintf(word, ZONE_NAME_MAX + 1, "%.*s", (int)strcspn(text, " \t\r\n"), text);
    return word;
}

enum rc local_zone(struct zoneset *zones, struct tz_value *ret, struct error *err)
{
    SCOPED_BUF file = {0};
    SCOPED_BUF named = {0};
    char link[PATH_MAX], name[ZONE_NAME_MAX + 1];
    struct machine_clock clock = {.tz = getenv("TZ"), .link = read_link(link)};

    if (file_read(LOCALTIME, ZONE_BYTES_MAX, &file, NULL) == RC_OK)
        clock.file = buf_bytes(&file);
    if (file_read("/etc/timezone", ZONE_NAME_MAX, &named, NULL) == RC_OK)
        clock.named = first_word(buf_text(&named), name);
    return machine_zone(&clock, zones, ret, err);
}

static bool has_zone(const char *expression)
{
    expression += strspn(expression, " \t");
    return text_starts(expression, "TZ=") || text_starts(expression, "CRON_TZ=");
}

void local_zone_warn(const char *expression, const char *zone)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(zone) struct zone *utc = zone_utc();
    struct tz_value local;
    struct error err = {0};

    if (zone != NULL || has_zone(expression))
        return;
    if (local_zone(zones, &local, &err) != RC_OK)
        (void)fprintf(stderr, "(in UTC, for there is no --zone; %s)\n", err.text);
    else if (!zone_has_clock_of(local.zone, utc))
        (void)fprintf(stderr,
                      "(in UTC: without --zone neither TZ nor the clock here, %s, counts)\n",
                      zone_name(local.zone));
}

enum rc local_zone_way_out(struct error *err)
{
    char known[sizeof err->hint];

    if (err == NULL || err->rc == RC_OK)
        return RC_OK;
    (void)memcpy(known, err->hint, sizeof known);
    return error_hint(err, "%s%s--zone NAME says which one", known, *known == '\0' ? "" : "; or ");
}
