#include "cli/client/options.h"

static const char *const gaps[] = {"none", "last", "all", NULL};

#define AT(type, member) offsetof(struct type, member)

const struct setting view_options[] = {
    {
        .name = "json",
        .type = SETTING_BOOL,
        .offset = AT(view_options, is_json),
        .only_flag = true,
        .help = "Print the API's JSON.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(view_options, zone),
        .max = 64,
        .only_flag = true,
        .argument = "ZONE",
        .help = "The time zone of what is shown; without it the machine's.",
    },
    {.name = NULL},
};

const struct setting task_options[] = {
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(task_options, project),
        .fallback = "default",
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "The project of a task that is named by its key alone.",
    },
    {.name = NULL},
};

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
        .max = 500,
        .only_flag = true,
        .help = "Why, for the history.",
    },
    {
        .name = "timeout",
        .type = SETTING_DURATION,
        .offset = AT(write_options, timeout_ms),
        .fallback = "10s",
        .max = 60000,
        .only_flag = true,
        .help = "How long to wait until it is carried out; 0: not at all.",
    },
    {
        .name = "wait",
        .type = SETTING_BOOL,
        .offset = AT(write_options, waits),
        .only_flag = true,
        .help = "Wait as long as it takes; of a trigger, until the execution has ended.",
    },
    {.name = NULL},
};

const struct setting task_list_options[] = {
    {
        .name = "label",
        .type = SETTING_TEXT,
        .offset = AT(task_list_options, label),
        .max = 200,
        .only_flag = true,
        .argument = "NAME:VALUE",
        .help = "Only tasks with this label.",
    },
    {
        .name = "limit",
        .type = SETTING_INT,
        .offset = AT(task_list_options, limit),
        .fallback = "100",
        .min = 1,
        .max = 500,
        .only_flag = true,
        .help = "At most so many.",
    },
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(task_list_options, project),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "Only tasks of this project.",
    },
    {
        .name = "queue",
        .type = SETTING_TEXT,
        .offset = AT(task_list_options, queue),
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "NAME",
        .help = "Only tasks of this queue.",
    },
    {
        .name = "state",
        .type = SETTING_TEXT,
        .offset = AT(task_list_options, state),
        .min = 1,
        .max = 20,
        .only_flag = true,
        .argument = "STATE",
        .help = "Only tasks in this state: ACTIVE, PAUSED, DELETED.",
    },
    {.name = NULL},
};

const struct setting pause_options[] = {
    {
        .name = "until",
        .type = SETTING_TEXT,
        .offset = AT(action_options, until),
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
        .help = "Another payload than the task's.",
    },
    {.name = NULL},
};

const struct setting execution_list_options[] = {
    {
        .name = "day",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, day),
        .max = 10,
        .only_flag = true,
        .argument = "YYYY-MM-DD",
        .help = "Only those of this local day.",
    },
    {
        .name = "from",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, from),
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Scheduled at or after; also -2h.",
    },
    {
        .name = "limit",
        .type = SETTING_INT,
        .offset = AT(execution_list_options, limit),
        .fallback = "50",
        .min = 1,
        .max = 500,
        .only_flag = true,
        .help = "At most so many, the newest.",
    },
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, project),
        .fallback = "default",
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "The project of --task.",
    },
    {
        .name = "queue",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, queue),
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "NAME",
        .help = "Only those of this queue.",
    },
    {
        .name = "status",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, status),
        .min = 1,
        .max = 100,
        .only_flag = true,
        .argument = "STATUS",
        .help = "Only those in this status: FAILED, RUNNING, ...",
    },
    {
        .name = "task",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, task),
        .min = 1,
        .max = 400,
        .only_flag = true,
        .argument = "KEY",
        .help = "Only those of this task.",
    },
    {
        .name = "to",
        .type = SETTING_TEXT,
        .offset = AT(execution_list_options, to),
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Scheduled before.",
    },
    {.name = NULL},
};

const struct setting logs_options[] = {
    {
        .name = "follow",
        .type = SETTING_BOOL,
        .offset = AT(logs_options, follows),
        .only_flag = true,
        .help = "Go on until the execution has ended.",
    },
    {
        .name = "json",
        .type = SETTING_BOOL,
        .offset = AT(logs_options, is_json),
        .only_flag = true,
        .help = "Print the API's JSON, one page a line.",
    },
    {
        .name = "level",
        .type = SETTING_TEXT,
        .offset = AT(logs_options, level),
        .max = 10,
        .only_flag = true,
        .argument = "LEVEL",
        .help = "Only lines of this level or a worse one: DEBUG, INFO, WARN, ERROR.",
    },
    {
        .name = "times",
        .type = SETTING_BOOL,
        .offset = AT(logs_options, has_times),
        .only_flag = true,
        .help = "Time and stream before each line.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(logs_options, zone),
        .max = 64,
        .only_flag = true,
        .argument = "ZONE",
        .help = "The time zone of what is shown; without it the machine's.",
    },
    {.name = NULL},
};

const struct setting upcoming_options[] = {
    {
        .name = "from",
        .type = SETTING_TEXT,
        .offset = AT(upcoming_options, from),
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "From this instant or local day on; without it now.",
    },
    {
        .name = "limit",
        .type = SETTING_INT,
        .offset = AT(upcoming_options, limit),
        .fallback = "20",
        .min = 1,
        .max = 500,
        .only_flag = true,
        .help = "At most so many.",
    },
    {
        .name = "project",
        .type = SETTING_TEXT,
        .offset = AT(upcoming_options, project),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "KEY",
        .help = "Only tasks of this project.",
    },
    {
        .name = "task",
        .type = SETTING_TEXT,
        .offset = AT(upcoming_options, task),
        .min = 1,
        .max = 400,
        .only_flag = true,
        .argument = "KEY",
        .help = "Only this task.",
    },
    {
        .name = "to",
        .type = SETTING_TEXT,
        .offset = AT(upcoming_options, to),
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Before this instant.",
    },
    {.name = NULL},
};

const struct setting command_show_options[] = {
    {
        .name = "wait",
        .type = SETTING_BOOL,
        .offset = AT(command_show_options, waits),
        .only_flag = true,
        .help = "Wait until it has been carried out.",
    },
    {.name = NULL},
};
