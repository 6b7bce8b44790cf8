#include "scheduler/scheduler.h"

#define AT(field) offsetof(struct scheduler_config, field)

const struct setting scheduler_settings[] = {
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
