/*
 * Settings in words: help on a terminal, limits, masked secrets.
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
