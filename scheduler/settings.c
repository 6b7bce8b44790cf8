#include "scheduler/scheduler.h"

#define AT(field) offsetof(struct scheduler_config, field)

const struct setting scheduler_settings[] = {
    {
        .name = "kafka.session_timeout",
        .type = SETTING_DURATION,
        .offset = AT(session_timeout_ms),
        .fallback = "10s",
        .min = 6000,
        .max = 300000,
        .help = "How long an instance may be silent before another takes its partitions over.",
    },
    {
        .name = "kafka.transaction_timeout",
        .type = SETTING_DURATION,
        .offset = AT(transaction_timeout_ms),
        .fallback = "40s",
        .min = 10000,
        .max = 900000,
        .help = "When the broker itself ends a transaction that was left open. Usually another "
                "instance ends it after the session time-out.",
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
