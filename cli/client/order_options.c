/*
 * The options of what changes a task or an execution, but for `task put`.
 */
#include "cli/client/options.h"

static const char *const gaps[] = {"none", "last", "all", NULL};

#define AT(type, member) offsetof(struct type, member)

const struct setting write_options[] = {
    {
        .name = "json",
        .type = SETTING_BOOL,
        .offset = AT(write_options, is_json),
        .only_flag = true,
        .help = "Print the API's JSON.",
    },
    {
        .name = "reason",
        .type = SETTING_TEXT,
        .offset = AT(write_options, reason),
        .min = 1,
        .max = 500,
        .only_flag = true,
        .help = "Why, for the history.",
    },
    {
        .name = "timeout",
        .type = SETTING_DURATION,
        .offset = AT(write_options, timeout_ms),
        .fallback = "10s",
        .max = INT64_C(31622400000),
        .only_flag = true,
        .help =
            "How long to wait until it is carried out; 0: not at all. With --wait: when to give up, "
            "without it never.",
    },
    {
        .name = "wait",
        .type = SETTING_BOOL,
        .offset = AT(write_options, waits),
        .only_flag = true,
        .help =
            "Wait as long as it takes; of a trigger, a cancel and a retry until the execution has ended, of a backfill for room.",
    },
    {.name = NULL},
};

const struct setting pause_options[] = {
    {
        .name = "until",
        .type = SETTING_TEXT,
        .offset = AT(action_options, until),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Resume by itself then.",
    },
    {.name = NULL},
};

const struct setting resume_options[] = {
    {
        .name = "gap",
        .type = SETTING_ENUM,
        .offset = AT(action_options, gap),
        .fallback = "none",
        .choices = gaps,
        .only_flag = true,
        .help = "What of the instants that passed is made up for.",
    },
    {.name = NULL},
};

const struct setting trigger_options[] = {
    {
        .name = "ignore.overlap",
        .type = SETTING_BOOL,
        .offset = AT(action_options, ignores_overlap),
        .only_flag = true,
        .help = "Even if another execution of the task runs.",
    },
    {
        .name = "payload",
        .type = SETTING_TEXT,
        .offset = AT(action_options, payload),
        .max = 65536,
        .only_flag = true,
        .takes_bytes = true,
        .help = "Another payload than the task's.",
    },
    {.name = NULL},
};

const struct setting retry_options[] = {
    {
        .name = "payload",
        .type = SETTING_TEXT,
        .offset = AT(action_options, payload),
        .max = 65536,
        .only_flag = true,
        .takes_bytes = true,
        .help = "Another payload than it had.",
    },
    {.name = NULL},
};

const struct setting backfill_options[] = {
    {
        .name = "dry.run",
        .type = SETTING_BOOL,
        .offset = AT(backfill_options, is_dry_run),
        .only_flag = true,
        .help = "Send nothing: list the instants.",
    },
    {
        .name = "from",
        .type = SETTING_TEXT,
        .offset = AT(backfill_options, from),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Scheduled at or after; also -2d.",
    },
    {
        .name = "to",
        .type = SETTING_TEXT,
        .offset = AT(backfill_options, to),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Scheduled before.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(backfill_options, zone),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "ZONE",
        .help = "The time zone of --from and --to, and of what is shown; without it the machine's.",
    },
    {.name = NULL},
};
