#include "base/settings_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "base/utf8.h"

static enum rc refuse(const struct setting *s, const struct where *where, const char *value,
                      const char *why, struct error *err)
{
    const char *near = s->type == SETTING_ENUM ? nearest_of(value, s->choices) : NULL;
    SCOPED_BUF hint = {0};
    SCOPED_BUF limits = {0};

    setting_limits(&limits, s);
    (void)error_set(err, RC_INVALID, "%s (%s): '%s' %s", s->name, where->name,
                    s->is_secret ? "***" : settings_shown(value), why);
    if (near != NULL)
        buf_printf(&hint, "did you mean %s? ", near);
    if (limits.len > 0)
        buf_printf(&hint, "allowed: %s", buf_text(&limits));
    (void)error_hint(err, "%s", buf_text(&hint));
    return RC_INVALID;
}

static bool within(const struct setting *s, int64_t value)
{
    return (s->min == 0 && s->max == 0) || (value >= s->min && value <= s->max);
}

static enum rc set_int(const struct setting *s, const char *text, const struct where *where,
                       int *ret, struct error *err)
{
    char *end = NULL;
    long long value = strtoll(text, &end, 10);

    if (end == text || *end != '\0')
        return refuse(s, where, text, "is not a whole number", err);
    if (!within(s, value) || value < INT32_MIN || value > INT32_MAX)
        return refuse(s, where, text, "is out of range", err);
    *ret = (int)value;
    return RC_OK;
}

static enum rc set_duration(const struct setting *s, const char *text, const struct where *where,
                            int64_t *ret, struct error *err)
{
    int64_t value;

    if (duration_parse(text, &value, NULL) != RC_OK)
        return refuse(s, where, text, "is not a duration like 90s, 15m or 1h30m", err);
    if (!within(s, value))
        return refuse(s, where, text, "is out of range", err);
    *ret = value;
    return RC_OK;
}

bool setting_bool_parse(const char *text, bool *ret)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0)
            continue;
        *ret = strcmp(text, yes[i]) == 0;
        return true;
    }
    return false;
}

static enum rc set_bool(const struct setting *s, const char *text, const struct where *where,
                        bool *ret, struct error *err)
{
    return setting_bool_parse(text, ret) ? RC_OK
                                         : refuse(s, where, text, "is neither yes nor no", err);
}

static enum rc set_enum(const struct setting *s, const char *text, const struct where *where,
                        int *ret, struct error *err)
{
    for (int i = 0; s->choices[i] != NULL; i++) {
        if (strcmp(text, s->choices[i]) != 0)
            continue;
        *ret = i;
        return RC_OK;
    }
    return refuse(s, where, text, "is not one of its values", err);
}

static enum rc set_text(const struct setting *s, const char *text, const struct where *where,
                        const char **ret, struct error *err)
{
    if (!within(s, (int64_t)strlen(text)))
        return refuse(s, where, text, s->min > 0 && *text == '\0' ? "is empty" : "is too long",
                      err);
    if (!s->takes_bytes && !utf8_is_clean(text, strlen(text)))
        return refuse(s, where, text, "is not UTF-8", err);
    *ret = text;
    return RC_OK;
}

void texts_add(struct texts *t, const char *text, struct arena *memory)
{
    const char **items = arena_alloc(memory, (t->count + 2) * sizeof *items);

    if (t->count > 0)
        memcpy(items, t->items, t->count * sizeof *items);
    items[t->count++] = text;
    t->items = items;
}

bool texts_have(const struct texts *t, const char *text)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->items[i], text) == 0)
            return true;
    return false;
}

enum rc setting_set_value(const struct setting *s, void *values, const char *text,
                          const struct where *where, struct arena *memory, struct error *err)
{
    void *at = (char *)values + s->offset;

    switch (s->type) {
    case SETTING_TEXT:
        return set_text(s, text, where, at, err);
    case SETTING_INT:
        return set_int(s, text, where, at, err);
    case SETTING_BOOL:
        return set_bool(s, text, where, at, err);
    case SETTING_DURATION:
        return set_duration(s, text, where, at, err);
    case SETTING_ENUM:
        return set_enum(s, text, where, at, err);
    case SETTING_TEXTS:
        TRY(set_text(s, text, where, &text, err));
        texts_add(at, text, memory);
        return RC_OK;
    }
    return RC_INVALID;
}

enum rc setting_set_everywhere(const struct setting_set *sets, const struct setting *like,
                               const char *text, const struct where *where, struct arena *memory,
                               struct error *err)
{
    for (; sets->table != NULL; sets++) {
        for (const struct setting *s = sets->table; s->name != NULL; s++)
            if (strcmp(s->name, like->name) == 0)
                TRY(setting_set_value(s, sets->values, text, where, memory, err));
    }
    return RC_OK;
}
