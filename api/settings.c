#include "api/api.h"

#define AT(field) offsetof(struct api_config, field)

const struct setting api_settings[] = {
    {
        .name = "api.base_path",
        .type = SETTING_TEXT,
        .offset = AT(base_path),
        .min = 1,
        .max = 200,
        .argument = "PATH",
        .help = "Where a proxy mounts the web page and the API, as /cron; the proxy takes it off "
                "again. Nothing: at the root of their host.",
    },
    {
        .name = "api.connections",
        .type = SETTING_INT,
        .offset = AT(connections),
        .fallback = "4",
        .min = 1,
        .max = 16,
        .help = "Connections to the database that the API keeps open.",
    },
    {
        .name = "api.hosts",
        .type = SETTING_TEXT,
        .offset = AT(hosts),
        .min = 1,
        .max = 1000,
        .argument = "NAME,...",
        .help = "Names, beside those of the loopback, under which the API may be called. Without "
                "any it listens on the loopback only. With a scheme (https://cron.example.org) a "
                "name is also the origin of pages that may write through a proxy.",
    },
    {
        .name = "api.late_after",
        .type = SETTING_DURATION,
        .offset = AT(late_after_ms),
        .fallback = "30s",
        .min = 1000,
        .max = INT64_C(7) * 86400 * 1000,
        .help =
            "How long an execution may wait for a worker, after it was due, before lists and the page call it late.",
    },
    {
        .name = "api.listen",
        .type = SETTING_TEXT,
        .offset = AT(listen),
        .fallback = "127.0.0.1:8080",
        .min = 1,
        .max = 100,
        .argument = "ADDRESS:PORT",
        .help = "Where the API listens.",
    },
    {
        .name = "api.memory",
        .type = SETTING_INT,
        .offset = AT(memory_mib),
        .fallback = "256",
        .min = 16,
        .max = 65536,
        .argument = "MIB",
        .help =
            "Memory for requests and answers together, in MiB. Bodies get half of it; when it is "
            "spent, further requests are answered 503.",
    },
    {
        .name = "queues.auto_create",
        .type = SETTING_BOOL,
        .offset = AT(auto_create),
        .fallback = "true",
        .help = "Make the topic of a queue when a task names one that does not exist yet.",
    },
    {
        .name = "queues.max",
        .type = SETTING_INT,
        .offset = AT(queues_max),
        .fallback = "100",
        .min = 1,
        .max = 10000,
        .help = "How many queues there may be for the API to make one more; `cronobs topics apply` "
                "makes any number.",
    },
    {
        .name = "queues.per_minute",
        .type = SETTING_INT,
        .offset = AT(queues_per_minute),
        .fallback = "10",
        .min = 1,
        .max = 10000,
        .help = "How many queues the API makes a minute: each is a topic, and halts all readers of "
                "queues for a moment.",
    },
    {.name = NULL},
};
