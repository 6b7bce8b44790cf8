/*
 * The tables of settings in words: help on a terminal, limits, masked secrets.
 */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/settings.h"

static void add_limit(struct buf *out, const struct setting *s, int64_t value)
{
    char text[DURATION_TEXT_MAX];

    if (s->type == SETTING_DURATION)
        buf_add_text(out, duration_text(value, text));
    else
        buf_printf(out, "%lld", (long long)value);
}

void setting_limits(struct buf *out, const struct setting *s)
{
    if (s->type == SETTING_BOOL)
        buf_add_text(out, "yes or no");
    for (int i = 0; s->type == SETTING_ENUM && s->choices[i] != NULL; i++)
        buf_printf(out, "%s%s", i == 0 ? "one of " : ", ", s->choices[i]);
    if (s->min == 0 && s->max == 0)
        return;
    if (s->type == SETTING_TEXT || s->type == SETTING_TEXTS) {
        buf_printf(out, "at most %lld bytes", (long long)s->max);
        return;
    }
    add_limit(out, s, s->min);
    buf_add_text(out, " to ");
    add_limit(out, s, s->max);
}

static const char *argument_name(const struct setting *s)
{
    static const char *const by_type[] = {
        [SETTING_TEXT] = "TEXT",     [SETTING_INT] = "N",     [SETTING_BOOL] = NULL,
        [SETTING_DURATION] = "TIME", [SETTING_ENUM] = "WORD", [SETTING_TEXTS] = "TEXT",
    };

    return s->argument != NULL ? s->argument : by_type[s->type];
}

static void add_option(struct buf *out, const struct setting *s)
{
    const char *argument = argument_name(s);

    setting_flag(out, s);
    if (argument != NULL)
        buf_printf(out, " %s", argument);
}

static size_t option_width(const struct setting *table)
{
    size_t width = 0;

    for (; table->name != NULL; table++) {
        SCOPED_BUF option = {0};

        add_option(&option, table);
        width = MAX(width, option.len);
    }
    return MIN(width, 32);
}

void settings_help(struct buf *out, const struct setting *table)
{
    size_t width = option_width(table);

    for (const struct setting *s = table; s->name != NULL; s++) {
        SCOPED_BUF option = {0};
        SCOPED_BUF limits = {0};

        add_option(&option, s);
        setting_limits(&limits, s);
        buf_printf(out, "  %-*s  %s", (int)width, buf_text(&option), s->help);
        if (s->type == SETTING_ENUM)
            buf_printf(out, " (%s)", buf_text(&limits));
        if (s->fallback != NULL && s->type != SETTING_BOOL)
            buf_printf(out, " [%s]", s->fallback);
        buf_add_char(out, '\n');
    }
}

/* "scheme://user:password@host"; a password may hold all that ends one elsewhere. */
static bool names_password(const char *text)
{
    const char *start = strstr(text, "://");
    const char *at, *colon;

    start = start != NULL ? start + strlen("://") : text;
    at = strrchr(start, '@');
    colon = strchr(start, ':');
    return at != NULL && colon != NULL && colon < at;
}

bool settings_has_password(const char *text)
{
    return strcasestr(text, "passw") != NULL || names_password(text);
}

const char *settings_shown(const char *word)
{
    bool is_name = strpbrk(word, " =:@") == NULL; /* "--password" is no secret */

    return !is_name && (settings_has_password(word) || strstr(word, "://") != NULL) ? "***" : word;
}

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
        .argument = "FOLDER",
        .help = "Where lock files live; default: /var/lib/cronobs for root, else "
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
