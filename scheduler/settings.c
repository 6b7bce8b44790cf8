#include "scheduler/scheduler.h"

#define AT(field) offsetof(struct scheduler_config, field)

const struct setting scheduler_settings[] = {
    {
        .name = "scheduler.cancel_grace",
        .type = SETTING_DURATION,
        .offset = AT(cancel_grace_ms),
        .fallback = "30s",
        .min = 0,
        .max = 86400000,
        .help = "How long a worker has to stop a run that is cancelled; then it is CANCELLED "
                "whatever the worker does.",
    },
    {
        .name = "scheduler.instance",
        .type = SETTING_TEXT,
        .offset = AT(instance),
        .min = 1,
        .max = 100,
        .argument = "NAME",
        .help =
            "Name of this scheduler process, the same after every restart and different from all "
            "others. Default: the host's name and \"-1\".",
    },
    {.name = NULL},
};
