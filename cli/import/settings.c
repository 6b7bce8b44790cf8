#include "cli/import/import.h"

#define AT(field) offsetof(struct import_config, field)

const struct setting import_settings[] = {
    {
        .name = "dry.run",
        .type = SETTING_BOOL,
        .offset = AT(is_dry),
        .only_flag = true,
        .help = "Show what the crontab means, and change nothing. Needs no server.",
    },
    {
        .name = "json",
        .type = SETTING_BOOL,
        .offset = AT(is_json),
        .only_flag = true,
        .help = "Print JSON, for scripts.",
    },
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(project),
        .fallback = "default",
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "NAME",
        .help = "The project that the tasks belong to.",
    },
    {
        .name = "prune",
        .type = SETTING_BOOL,
        .offset = AT(prunes),
        .only_flag = true,
        .help =
            "Delete the tasks of the same source that the crontab no longer has. Not done while any "
            "line is refused, nor for an empty text.",
    },
    {
        .name = "queue",
        .type = SETTING_TEXT,
        .offset = AT(queue),
        .fallback = "default",
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "NAME",
        .help = "The queue that they are put into: `cronobs work --queue NAME --shell` runs them.",
    },
    {
        .name = "source",
        .type = SETTING_TEXT,
        .offset = AT(source),
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "NAME",
        .help =
            "Which crontab this is, when it is imported again. Default: the file's name, or stdin.",
    },
    {
        .name = "system",
        .type = SETTING_BOOL,
        .offset = AT(is_system),
        .only_flag = true,
        .help =
            "The crontab is one of /etc: a user stands before each command. The user becomes a label.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(zone),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "ZONE",
        .help =
            "Time zone of the lines that no CRON_TZ stands above. Default: the zone of this machine, or "
            "UTC when that cannot be told.",
    },
    {.name = NULL},
};
