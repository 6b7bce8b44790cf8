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
    if (s->type == SETTING_TEXT) {
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

/* Length of the value of a key=value list at `at`: quoted '...' or up to the next blank. */
static size_t value_length(const char *at)
{
    size_t len = 1;

    if (*at != '\'')
        return strcspn(at, " \t");
    while (at[len] != '\0' && at[len] != '\'')
        len += at[len] == '\\' && at[len + 1] != '\0' ? 2 : 1;
    return at[len] == '\0' ? len : len + 1;
}

static void mask_list(struct buf *out, const char *text)
{
    static const char key[] = "password";

    while (*text != '\0') {
        size_t len = strlen(key);

        if (!text_starts(text, key)) {
            buf_add_char(out, *text++);
            continue;
        }
        while (text[len] == ' ' || text[len] == '=')
            len++;
        buf_add(out, text, len);
        text += len;
        len = value_length(text);
        buf_add_text(out, len > 0 ? "***" : "");
        text += len;
    }
}

/* "scheme://user:password@host..." */
static bool mask_url(struct buf *out, const char *text)
{
    const char *start = strstr(text, "://");
    const char *at, *colon;
    size_t authority;

    if (start == NULL)
        return false;
    start += 3;
    authority = strcspn(start, "/?");
    at = memrchr(start, '@', authority);
    if (at == NULL)
        return false;
    colon = memchr(start, ':', (size_t)(at - start));
    if (colon == NULL)
        return false;
    buf_add(out, text, (size_t)(colon + 1 - text));
    buf_add_text(out, "***");
    mask_list(out, at);
    return true;
}

void settings_mask(struct buf *out, const char *text)
{
    if (!mask_url(out, text))
        mask_list(out, text);
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
        .name = "url",
        .type = SETTING_TEXT,
        .offset = AT(url),
        .fallback = "http://127.0.0.1:8080",
        .min = 1,
        .max = 2048,
        .argument = "URL",
        .help = "The API that the commands for people talk to.",
    },
    {.name = NULL},
};
