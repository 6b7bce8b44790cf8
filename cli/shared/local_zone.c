#include "cli/shared/local_zone.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/shared/files.h"
#include "cron/zone.h"

/* "/usr/share/zoneinfo/Europe/Berlin", "../usr/share/zoneinfo/UTC" */
static const char *name_in_path(struct arena *memory, const char *path)
{
    static const char folder[] = "zoneinfo/";
    const char *at = strstr(path, folder);

    return at == NULL ? "" : arena_strdup(memory, at + strlen(folder));
}

static const char *zone_of_link(struct arena *memory)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/etc/localtime", path, sizeof path - 1);

    if (len < 0)
        return "";
    path[len] = '\0';
    return name_in_path(memory, path);
}

static const char *zone_of_file(struct arena *memory)
{
    SCOPED_BUF text = {0};

    if (file_read("/etc/timezone", ZONE_NAME_MAX, &text, NULL) != RC_OK)
        return "";
    return arena_strndup(memory, buf_text(&text), strcspn(buf_text(&text), " \t\r\n"));
}

static const char *zone_of_variable(void)
{
    const char *name = getenv("TZ");

    if (name == NULL)
        return "";
    return *name == ':' ? name + 1 : name;
}

const char *local_zone(struct arena *memory)
{
    const char *const names[] = {zone_of_variable(), zone_of_link(memory), zone_of_file(memory)};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (zone_name_is_valid(names[i]))
            return names[i];
    return "UTC";
}
