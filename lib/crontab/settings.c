#include <string.h>

#include "crontab/walk.h"

/* In order of names; entries above keep the list that they have seen. */
static void set_variable(struct walk *w, struct pair setting)
{
    const struct pairs old = w->environment;
    struct pairs made = {.items = arena_alloc(w->memory, (old.count + 1) * sizeof *made.items)};
    size_t at = 0;

    while (at < old.count && strcmp(old.items[at].name, setting.name) < 0)
        made.items[made.count++] = old.items[at++];
    made.items[made.count++] = setting;
    if (at < old.count && strcmp(old.items[at].name, setting.name) == 0)
        at++;
    while (at < old.count)
        made.items[made.count++] = old.items[at++];
    w->environment = made;
}

static size_t environment_bytes(const struct pairs *environment)
{
    size_t bytes = 0;

    for (size_t i = 0; i < environment->count; i++)
        bytes += strlen(environment->items[i].name) + strlen(environment->items[i].value) + 2;
    return bytes;
}

static bool may_set(struct walk *w, struct pair setting)
{
    struct pairs before = w->environment;

    if (++w->variable_count > CRONTAB_VARIABLES_MAX) {
        walk_refuse(w, NULL, "the crontab has more than 1000 settings", NULL);
        return false;
    }
    set_variable(w, setting);
    if (environment_bytes(&w->environment) <= CRONTAB_ENVIRONMENT_MAX)
        return true;
    w->environment = before;
    walk_refuse(w, NULL, "the settings in force have more than 32 KiB", NULL);
    return false;
}

static void set_zone(struct walk *w, const char *name)
{
    struct error err = {0};
    struct zone *zone;

    name += *name == ':' ? 1 : 0; /* as TZ may begin */
    w->zone = *name == '\0' ? w->options->zone : name;
    w->bad_zone_line = 0;
    if (*name == '\0' || zoneset_get(w->options->zones, name, &zone, &err) == RC_OK)
        return;
    w->bad_zone_line = w->line;
    walk_refuse(w, NULL, err.text, err.hint);
}

static void explain(struct walk *w, struct pair setting)
{
    static const struct pair meanings[] = {
        {"LOGNAME", "LOGNAME is the worker's own account, whatever stands here"},
        {"MAILTO", "no mail is sent: what a command prints is kept with its execution"},
        {"RANDOM_DELAY", "RANDOM_DELAY delays nothing"},
        {"START_HOURS_RANGE", "START_HOURS_RANGE restricts nothing"},
        {"TZ", "TZ is for the commands; when they run is up to CRON_TZ"},
    };
    const char *dollar = strchr(setting.value, '$'), *comment = strstr(setting.value, " #");

    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (strcmp(setting.name, meanings[i].name) == 0)
            walk_note(w, NULL, meanings[i].value);
    if (dollar != NULL && dollar[1] != '\0')
        walk_note(w, NULL, "'$' stays as it is: crond expands nothing in settings");
    if (comment != NULL)
        walk_note(w, NULL,
                  "'#' and what follows belongs to the value: crond takes no comments here");
}

void take_setting(struct walk *w, struct pair setting)
{
    bool is_logname = strcmp(setting.name, "LOGNAME") == 0;

    if (!is_logname && !may_set(w, setting))
        return;
    if (strcmp(setting.name, "CRON_TZ") == 0)
        set_zone(w, setting.value);
    if (strcmp(setting.name, "SHELL") == 0)
        w->shell = *setting.value == '\0' ? NULL : setting.value;
    explain(w, setting);
}
