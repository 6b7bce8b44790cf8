/*
 * What every part of the program can be told.
 */
#include <stddef.h>

#include "base/settings.h"

#define AT(member) offsetof(struct common_settings, member)

static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};

const struct setting common_settings[] = {
    {
        .name = "brokers",
        .type = SETTING_TEXT,
        .offset = AT(brokers),
        .fallback = "127.0.0.1:9092",
        .min = 1,
        .max = 4096,
        .argument = "HOST:PORT,...",
        .help = "Kafka brokers to ask first.",
    },
    {
        .name = "config",
        .type = SETTING_TEXT,
        .offset = AT(config),
        .min = 1,
        .max = 4096,
        .not_in_file = true,
        .takes_bytes = true,
        .argument = "FILE",
        .help = "File of settings, one `key = value` a line, `#` for comments.",
    },
    {
        .name = "database",
        .type = SETTING_TEXT,
        .offset = AT(database),
        .fallback = "dbname=cronobs",
        .min = 1,
        .max = 4096,
        .is_secret = true,
        .takes_bytes = true,
        .argument = "CONNECTION",
        .help = "PostgreSQL connection string: a URL or a list of key=value.",
    },
    {
        .name = "database.schema",
        .type = SETTING_TEXT,
        .offset = AT(database_schema),
        .fallback = "cronobs",
        .min = 1,
        .max = 63,
        .argument = "NAME",
        .help = "Where the tables are that are read: another one than cronobs holds what "
                "`cronobs db rebuild --until` made.",
    },
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
        .help =
            "When the broker itself ends a transaction that a scheduler left open; usually another "
            "scheduler ends it after the session time-out. The API reports a partition as stalled "
            "in which nothing was committed for twice as long, though there is something.",
    },
    {
        .name = "log.level",
        .type = SETTING_ENUM,
        .offset = AT(log_level),
        .fallback = "info",
        .choices = log_levels,
        .help = "Least important kind of line that is written to standard error.",
    },
    {
        .name = "partitions",
        .type = SETTING_INT,
        .offset = AT(partitions),
        .fallback = "12",
        .min = 1,
        .max = 1024,
        .help = "Partitions of every topic, fixed when the topics are made, never changed.",
    },
    {
        .name = "state.dir",
        .type = SETTING_TEXT,
        .offset = AT(state_dir),
        .max = 4096,
        .takes_bytes = true,
        .argument = "FOLDER",
        .help =
            "Where lock files live, and the spool of `cronobs run`; default: /var/lib/cronobs for root, else "
            "$XDG_STATE_HOME/cronobs or ~/.local/state/cronobs.",
    },
    {
        .name = "topic.prefix",
        .type = SETTING_TEXT,
        .offset = AT(topic_prefix),
        .fallback = "cronobs.",
        .max = 100,
        .argument = "PREFIX",
        .help = "What every topic's name starts with.",
    },
    {
        .name = "topic.replication",
        .type = SETTING_INT,
        .offset = AT(replication),
        .fallback = "0",
        .max = 9,
        .help =
            "Replicas of topics that are made; 0: as the brokers' default says. `cronobs topics "
            "plan` tells of a topic with fewer.",
    },
    {
        .name = "url",
        .type = SETTING_TEXT,
        .offset = AT(url),
        .fallback = "http://127.0.0.1:8080",
        .min = 1,
        .max = 2048,
        .is_secret = true,
        .argument = "URL",
        .help = "The API that the commands for people talk to.",
    },
    {.name = NULL},
};
