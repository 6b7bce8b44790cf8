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
        .name = "ignore",
        .type = SETTING_TEXTS,
        .offset = AT(ignored),
        .min = 1,
        .max = 16 << 10, /* as long as a line may be */
        .only_flag = true,
        .takes_bytes = true,
        .argument = "LINE",
        .help =
            "That this line is refused is known: it counts for nothing, and --prune goes on. By what it "
            "holds, not by its place; may be repeated. In the crontab: # cronobs: ignore LINE.",
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
            "line is refused that is not ignored, nor for an empty text.",
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
        .name = "user",
        .type = SETTING_TEXTS,
        .offset = AT(users),
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "NAME",
        .help = "This word is a user, though the machine has no such account; may be repeated.",
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
            "Time zone of the lines that no CRON_TZ stands above. Default: the zone of this machine "
            "($TZ, /etc/localtime, UTC where neither is set).",
    },
    {.name = NULL},
};
