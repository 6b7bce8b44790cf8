#include "cli/worker/run.h"

#define AT(field) offsetof(struct run_config, field)

const struct setting run_settings[] = {
    {
        .name = "ensure",
        .type = SETTING_BOOL,
        .offset = AT(is_ensured),
        .only_flag = true,
        .help =
            "Put the task first, as the options say what it is: queue, schedules, --timeout as its "
            "run timeout, twice --heartbeat as its heartbeat. What was changed elsewhere is put "
            "back. While the API is away the command runs all the same.",
    },
    {
        .name = "heartbeat",
        .type = SETTING_DURATION,
        .offset = AT(heartbeat_ms),
        .min = 1000,
        .max = 86400 * 1000,
        .only_flag = true,
        .help =
            "Say so often that it is alive, at least as often as its task asks for heartbeats, and "
            "let it say how far it is: it writes lines such as `40 loading` to descriptor 3.",
    },
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(project),
        .fallback = "default",
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "The project of the task.",
    },
    {
        .name = "queue",
        .type = SETTING_TEXT,
        .offset = AT(queue),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "NAME",
        .help = "With --ensure: the queue of the task, for runs that the scheduler makes.",
    },
    {
        .name = "schedule",
        .type = SETTING_TEXTS,
        .offset = AT(schedules),
        .min = 1,
        .max = 65536,
        .only_flag = true,
        .argument = "EXPRESSION",
        .help =
            "With --ensure: when the scheduler makes runs of the task, into its queue, beside those "
            "that are observed; may be repeated. Without any: never.",
    },
    {
        .name = "send.timeout",
        .type = SETTING_DURATION,
        .offset = AT(send_timeout_ms),
        .fallback = "5s",
        .min = 1,
        .max = 3600 * 1000,
        .help =
            "How long reports are sent after the end of the command; what is left then waits in "
            "the spool.",
    },
    {
        .name = "spool",
        .type = SETTING_TEXT,
        .offset = AT(spool),
        .min = 1,
        .max = 4096,
        .takes_bytes = true,
        .argument = "FOLDER",
        .help =
            "Where reports wait for brokers that are away; the next run with the same folder sends "
            "them. Default: spool in the folder of --state-dir.",
    },
    {
        .name = "task",
        .type = SETTING_TEXT,
        .offset = AT(task),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "Whose run it is.",
    },
    {
        .name = "timeout",
        .type = SETTING_DURATION,
        .offset = AT(timeout_ms),
        .min = 1,
        .max = INT64_C(366) * 86400 * 1000,
        .only_flag = true,
        .help = "End the command with SIGTERM when it has run for so long. Without it: never.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(zone),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "ZONE",
        .help = "With --ensure: the time zone of its schedules; without it UTC.",
    },
    {.name = NULL},
};
