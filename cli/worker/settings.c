#include "cli/worker/work.h"

#define AT(field)   offsetof(struct work_config, field)
#define WITH(field) offsetof(struct command_options, field)

static const char *const level_sources[] = {"auto", "stream", NULL}; /* enum work_levels */

const struct setting work_settings[] = {
    {
        .name = "backlog",
        .type = SETTING_DURATION,
        .offset = AT(backlog_ms),
        .fallback = "1d",
        .min = 1000,
        .max = INT64_C(366) * 86400 * 1000,
        .only_flag = true,
        .help = "Where Kafka knows no position of the group (a first start, expired offsets), "
                "executions older than this are left alone, and those that a worker has reported "
                "on.",
    },
    {
        .name = "concurrency",
        .type = SETTING_INT,
        .offset = AT(concurrency),
        .fallback = "16",
        .min = 1,
        .max = 1000,
        .only_flag = true,
        .help = "How many commands run at a time.",
    },
    {
        .name = "group",
        .type = SETTING_TEXT,
        .offset = AT(group),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "NAME",
        .help = "Kafka's consumer group. Workers of one group share the queue; a second group runs "
                "everything a second time. Default: <topic prefix>work-<queue>.",
    },
    {
        .name = "heartbeat",
        .type = SETTING_BOOL,
        .offset = AT(has_heartbeat),
        .only_flag = true,
        .help = "Say every 10 s of each command that it runs, also where its task asks for no "
                "heartbeat, and let it say how far it is: it writes lines such as `40 loading` to "
                "descriptor 3.",
    },
    {
        .name = "queue",
        .type = SETTING_TEXT,
        .offset = AT(queue),
        .min = 1,
        .max = 40,
        .fallback = "default",
        .only_flag = true,
        .argument = "NAME",
        .help = "The queue to work on.",
    },
    {
        .name = "shell",
        .type = SETTING_BOOL,
        .offset = AT(is_shell),
        .only_flag = true,
        .help = "Run the commands that are in the payloads: whoever may write tasks of this queue "
                "may run anything here.",
    },
    {
        .name = "worker.instance",
        .type = SETTING_TEXT,
        .offset = AT(instance),
        .min = 1,
        .max = 100,
        .argument = "NAME",
        .help = "A name that stays the same over restarts, and is no other worker's: after a crash "
                "it goes on at once, not only when its session has ended.",
    },
    {.name = NULL},
};

/* --- of commands, whoever starts them --- */

const struct setting command_settings[] = {
    {
        .name = "kill.after",
        .type = SETTING_DURATION,
        .offset = WITH(kill_after_ms),
        .fallback = "10s",
        .min = 1,
        .max = 3600 * 1000,
        .only_flag = true,
        .help = "Time between the SIGTERM for a command whose run timeout is over, or that was "
                "cancelled, and the SIGKILL.",
    },
    {
        .name = "levels",
        .type = SETTING_ENUM,
        .offset = WITH(levels),
        .fallback = "auto",
        .choices = level_sources,
        .only_flag = true,
        .help = "Where the level of a printed line comes from. auto: the line itself where it "
                "states one (JSON, logfmt, syslog, ERROR and the like at its front), else the "
                "stream; stream: standard output and error are both INFO.",
    },
    {
        .name = "worker.name",
        .type = SETTING_TEXT,
        .offset = WITH(name),
        .min = 1,
        .max = 100,
        .argument = "NAME",
        .help = "Who it was, as the history shows it. Default: <host>/<process id>.",
    },
    {.name = NULL},
};
