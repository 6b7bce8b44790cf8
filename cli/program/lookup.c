#include "cli/program/lookup.h"

#include <string.h>

#include "base/nearest.h"

static bool is_in_group(const struct subcommand *c, const char *group)
{
    size_t len = strlen(group);

    return strncmp(c->name, group, len) == 0 && c->name[len] == ' ';
}

bool lookup_is_group(const char *word)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (is_in_group(c, word))
            return true;
    return false;
}

/* What may have been typed of a name: all of it, or one word of two that was taken for the whole. */
static void try_name(struct nearest *near, const char *name, const char **meant)
{
    const char *before = near->name, *blank = strchr(name, ' ');

    nearest_try(near, name);
    if (blank != NULL)
        nearest_try(near, blank + 1);
    if (near->name != before)
        *meant = name;
}

/* The nearest command to `typed`; of those of a group alone unless it is NULL. */
static const char *nearest_command(const char *typed, const char *group)
{
    struct nearest near = nearest_to(typed);
    const char *meant = NULL;

    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (group == NULL || is_in_group(c, group))
            try_name(&near, c->name, &meant);
    return meant;
}

static const char *nearest_group(const char *typed, struct arena *memory)
{
    struct nearest near = nearest_to(typed);

    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (strchr(c->name, ' ') != NULL)
            nearest_try(&near, arena_strndup(memory, c->name, strcspn(c->name, " ")));
    return near.name;
}

static enum rc list_group(const char *group, struct error *err)
{
    SCOPED_BUF list = {0};

    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (is_in_group(c, group))
            buf_printf(&list, "%s%s", list.len > 0 ? ", " : "", strchr(c->name, ' ') + 1);
    return error_hint(err, "after '%s' comes one of %s", group, buf_text(&list));
}

static bool is_word(const char *text)
{
    return text != NULL && *text != '-';
}

static bool asks_for_version(const char *word)
{
    return strcmp(word, "version") == 0 || strcmp(word, "-v") == 0 || strcmp(word, "-V") == 0;
}

enum rc lookup_fail(const char *const *words, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    bool in_group = lookup_is_group(words[0]), has_two = is_word(words[1]);
    const char *both = has_two ? arena_printf(memory, "%s %s", words[0], words[1]) : words[0];
    const char *near = NULL;

    if (in_group && !has_two) {
        (void)error_set(err, RC_INVALID, "'%s' is no command by itself", words[0]);
        return list_group(words[0], err);
    }
    (void)error_set(err, RC_INVALID, "there is no command '%s'",
                    settings_shown(in_group ? both : words[0]));
    if (asks_for_version(words[0]))
        return error_hint(err, "cronobs --version prints it");
    if (!is_word(words[0]))
        return error_hint(err, "a command comes first, its options behind it");
    near = in_group ? nearest_command(words[1], words[0]) : nearest_command(both, NULL);
    if (near == NULL && in_group)
        return list_group(words[0], err);
    if (near == NULL)
        near = nearest_command(words[0], NULL);
    if (near == NULL)
        near = nearest_group(words[0], memory);
    return near == NULL ? error_hint(err, "cronobs help lists them")
                        : error_hint(err, "did you mean cronobs %s?", near);
}
