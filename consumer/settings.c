#include "consumer/consumer.h"

#define AT(field) offsetof(struct consumer_config, field)

const struct setting consumer_settings[] = {
    {
        .name = "consumer.batch",
        .type = SETTING_INT,
        .offset = AT(batch_records),
        .fallback = "20000",
        .min = 1,
        .max = 1000000,
        .help =
            "How many records go into one transaction at most. More are faster when there is much "
            "to catch up with.",
    },
    {
        .name = "consumer.instance",
        .type = SETTING_TEXT,
        .offset = AT(instance),
        .min = 1,
        .max = 100,
        .argument = "NAME",
        .help =
            "Name of this consumer process, the same after every restart and different from all "
            "others. Default: the host's name and \"-1\".",
    },
    {.name = NULL},
};
