/*
 * Each place a value may come from is gone through in order of strength, weakest first; a stronger one
 * overwrites. So one function (settings_values.h) holds all checks, and `where` tells it whom to blame.
 */
#include "base/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/settings_values.h"

/* --- names --- */

static char flag_char(char c)
{
    return (char)(c == '.' || c == '_' ? '-' : c);
}

static char variable_char(char c)
{
    if (c == '.' || c == '-')
        return '_';
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static void add_mapped(struct buf *out, const char *name, char (*map)(char))
{
    for (; *name != '\0'; name++)
        buf_add_char(out, map(*name));
}

void setting_flag(struct buf *out, const struct setting *s)
{
    buf_add_text(out, "--");
    add_mapped(out, s->name, flag_char);
}

void setting_variable(struct buf *out, const struct setting *s)
{
    buf_add_text(out, "CRONOBS_");
    add_mapped(out, s->name, variable_char);
}

/* Is text[0..len) the name as map() writes it? */
static bool is_named(const char *text, size_t len, const char *name, char (*map)(char))
{
    if (strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] != map(name[i]))
            return false;
    return true;
}

static char same_char(char c)
{
    return c;
}

static const struct setting *find_in(const struct setting *table, const char *text, size_t len,
                                     char (*map)(char))
{
    for (; table->name != NULL; table++)
        if (is_named(text, len, table->name, map))
            return table;
    return NULL;
}

static const struct setting *find(const struct setting_set *sets, const char *name)
{
    for (; sets->table != NULL; sets++) {
        const struct setting *s = find_in(sets->table, name, strlen(name), same_char);

        if (s != NULL)
            return s;
    }
    return NULL;
}

static bool may_be_flag(const struct setting_set *set, const struct setting *s)
{
    return set->flags == NULL || text_has_word(set->flags, s->name);
}

static const struct setting *find_flag(const struct setting_set *sets, const char *text, size_t len)
{
    for (; sets->table != NULL; sets++) {
        const struct setting *s = find_in(sets->table, text, len, flag_char);

        if (s != NULL && may_be_flag(sets, s))
            return s;
    }
    return NULL;
}

const struct setting *setting_of_flag(const struct setting_set *sets, const char *argument)
{
    const struct setting *s;

    if (!text_starts(argument, "--"))
        return NULL;
    argument += 2;
    s = find_flag(sets, argument, strcspn(argument, "="));
    if (s != NULL || !text_starts(argument, "no-"))
        return s;
    s = find_flag(sets, argument + 3, strlen(argument + 3));
    return s != NULL && s->type == SETTING_BOOL ? s : NULL;
}

/* --- where values come from --- */

static enum rc load_fallbacks(const struct setting_set *set, struct arena *memory,
                              struct error *err)
{
    for (const struct setting *s = set->table; s->name != NULL; s++)
        if (s->fallback != NULL)
            TRY(setting_set_value(s, set->values, s->fallback, &(struct where){.name = "built in"},
                                  memory, err));
    return RC_OK;
}

static const char *variable_value(const struct setting *s, const char *const *environment)
{
    const char *prefix = "CRONOBS_";

    for (; environment != NULL && *environment != NULL; environment++) {
        const char *name = *environment;
        const char *equals = strchr(name, '=');

        if (equals == NULL || !text_starts(name, prefix))
            continue;
        name += strlen(prefix);
        if (is_named(name, (size_t)(equals - name), s->name, variable_char))
            return equals + 1;
    }
    return NULL;
}

static enum rc load_environment(const struct setting_set *set, const char *const *environment,
                                struct arena *memory, struct error *err)
{
    for (const struct setting *s = set->table; s->name != NULL; s++) {
        const char *value = s->only_flag ? NULL : variable_value(s, environment);
        SCOPED_BUF name = {0};

        if (value == NULL)
            continue;
        setting_variable(&name, s);
        TRY(setting_set_value(s, set->values, value, &(struct where){.name = buf_text(&name)},
                              memory, err));
    }
    return RC_OK;
}

static char *trimmed(struct arena *memory, const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    return arena_strndup(memory, from, (size_t)(to - from));
}

/* Another program's setting in a file that serves all of them. */
static bool is_known(const struct setting *const *known, const char *name)
{
    for (; known != NULL && *known != NULL; known++) {
        const struct setting *s = find_in(*known, name, strlen(name), same_char);

        if (s != NULL && !s->only_flag)
            return true;
    }
    return false;
}

static enum rc no_setting(const struct setting *const *known, const char *name,
                          const struct where *where, struct error *err)
{
    struct nearest near = nearest_to(name);

    for (; known != NULL && *known != NULL; known++)
        for (const struct setting *s = *known; s->name != NULL; s++)
            if (!s->only_flag)
                nearest_try(&near, s->name);
    (void)error_set(err, RC_INVALID, "%s: there is no setting '%s'", where->name,
                    settings_shown(name));
    return near.name == NULL ? RC_INVALID : error_hint(err, "did you mean %s?", near.name);
}

static enum rc fail_public(const char *file, const struct where *where, struct error *err)
{
    (void)error_set(err, RC_INVALID, "%s: a password stands there, and everybody can read the file",
                    where->name);
    return error_hint(err, "chmod o= %s; or keep it in a file of its own: passfile=FILE", file);
}

struct file { /* being read */
    const struct setting_set *sets;
    const struct setting_input *in;
    struct arena *memory;
    struct where where;
    int line;
    struct line_of { /* of the settings so far, newest first */
        const char *name;
        int line;
        const struct line_of *before;
    } * seen;
};

/* Of two lines, which one somebody meant cannot be told. */
static enum rc note_line(struct file *f, const char *name, struct error *err)
{
    struct line_of *here = arena_alloc(f->memory, sizeof *here);

    for (const struct line_of *at = f->seen; at != NULL; at = at->before)
        if (strcmp(at->name, name) == 0) {
            (void)error_set(err, RC_INVALID, "%s: %s stands there twice", f->where.name, name);
            return error_hint(err, "the first is in line %d", at->line);
        }
    *here = (struct line_of){name, f->line, f->seen};
    f->seen = here;
    return RC_OK;
}

static enum rc check_comment(const struct file *f, const struct setting *s, const char *value,
                             struct error *err)
{
    SCOPED_BUF variable = {0};

    if (strstr(value, " #") == NULL && strstr(value, "\t#") == NULL)
        return RC_OK;
    setting_variable(&variable, s);
    (void)error_set(err, RC_INVALID,
                    "%s: %s: a comment has a line of its own, this one would be part of the value",
                    f->where.name, s->name);
    return error_hint(err,
                      "begin the line with #; a value that holds a blank and a # is given as %s",
                      buf_text(&variable));
}

static enum rc take_line(struct file *f, const char *name, const char *value, struct error *err)
{
    const struct setting *s = find(f->sets, name);

    if (s != NULL && s->is_secret && f->in->file_is_public && settings_has_password(value))
        return fail_public(f->in->file_name, &f->where, err);
    if ((s == NULL || s->only_flag) && !is_known(f->in->known, name))
        return no_setting(f->in->known, name, &f->where, err);
    if (s != NULL && s->not_in_file)
        return error_set(err, RC_INVALID, "%s: %s does not stand in a file", f->where.name, name);
    TRY(note_line(f, name, err));
    if (s == NULL || s->only_flag)
        return RC_OK;
    if (!s->is_secret) /* a list of key='value' may hold anything */
        TRY(check_comment(f, s, value, err));
    return setting_set_everywhere(f->sets, s, value, &f->where, f->memory, err);
}

static enum rc load_line(struct file *f, const char *line, struct error *err)
{
    const char *equals = strchr(line, '=');

    if (*line == '\0' || *line == '#')
        return RC_OK;
    if (equals == NULL)
        return error_set(err, RC_INVALID, "%s: '%s' is not of the form key = value", f->where.name,
                         settings_shown(line));
    return take_line(f, trimmed(f->memory, line, equals),
                     trimmed(f->memory, equals + 1, equals + strlen(equals)), err);
}

static enum rc load_file(const struct setting_set *sets, const struct setting_input *in,
                         struct arena *memory, struct error *err)
{
    const char *at = in->file_text;
    struct file f = {.sets = sets, .in = in, .memory = memory};

    while (at != NULL && *at != '\0') {
        const char *end = strchrnul(at, '\n');

        f.where.name = arena_printf(memory, "%s:%d", in->file_name, ++f.line);
        TRY(load_line(&f, trimmed(memory, at, end), err));
        at = *end == '\0' ? end : end + 1;
    }
    return RC_OK;
}

/* --- arguments --- */

static enum rc no_flag(const struct setting_set *sets, const char *shown, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct nearest near = nearest_to(text_starts(shown, "--") ? shown + 2 : shown);

    for (; sets->table != NULL; sets++)
        for (const struct setting *s = sets->table; s->name != NULL; s++) {
            SCOPED_BUF flag = {0};

            setting_flag(&flag, s);
            if (may_be_flag(sets, s))
                nearest_try(&near, arena_strdup(memory, buf_text(&flag) + 2));
        }
    (void)error_set(err, RC_INVALID, "there is no option %s", settings_shown(shown));
    return near.name == NULL ? RC_INVALID : error_hint(err, "did you mean --%s?", near.name);
}

/* A value of its own behind a flag; the next flag is none. Moves *at to it. */
static enum rc take_value(const struct setting_set *sets, const char *const **at, const char **ret,
                          struct error *err)
{
    const char *flag = **at, *value = (*at)[1];

    if (value == NULL || strcmp(value, "--") == 0)
        return error_set(err, RC_INVALID, "%s needs a value", flag);
    if (setting_of_flag(sets, value) != NULL) {
        (void)error_set(err, RC_INVALID, "%s needs a value: the option %.*s follows it", flag,
                        (int)strcspn(value, "="), value);
        return error_hint(err, "a value that looks like an option is written %s=VALUE", flag);
    }
    *ret = value;
    ++*at;
    return RC_OK;
}

/* By its name; of a switch that is off also by "no-x". */
static void note_option(struct setting_words *words, const struct setting *s, const char *value,
                        struct arena *memory)
{
    bool is_on = true;

    texts_add(&words->options, s->name, memory);
    if (s->type == SETTING_BOOL && setting_bool_parse(value, &is_on) && !is_on)
        texts_add(&words->options, arena_printf(memory, "no-%s", s->name), memory);
}

/* "--x=v", "--x v", "--x" and "--no-x" of a switch. Moves *at to the last argument it used. */
static enum rc load_flag(const struct setting_set *sets, const char *const **at,
                         struct arena *memory, struct setting_words *words, struct error *err)
{
    const char *flag = **at, *value = strchr(flag, '=');
    const struct where where = {.name = arena_strndup(memory, flag, strcspn(flag, "="))};
    const struct setting *s = setting_of_flag(sets, flag);
    bool is_no;

    if (s == NULL)
        return no_flag(sets, where.name, err);
    if (s->type != SETTING_TEXTS && texts_have(&words->options, s->name))
        return error_set(err, RC_INVALID, "%s is given twice", where.name);
    is_no = find_flag(sets, where.name + 2, strlen(where.name + 2)) == NULL;
    if (value != NULL)
        value++;
    else if (s->type == SETTING_BOOL)
        value = is_no ? "no" : "yes";
    else
        TRY(take_value(sets, at, &value, err));
    TRY(setting_set_everywhere(sets, s, value, &where, memory, err));
    note_option(words, s, value, memory);
    return RC_OK;
}

static enum rc load_arguments(const struct setting_set *sets, const char *const *arguments,
                              struct arena *memory, struct setting_words *words, struct error *err)
{
    bool is_over = false; /* after "--" everything is an operand */

    for (const char *const *at = arguments; at != NULL && *at != NULL; at++) {
        if (!is_over && strcmp(*at, "--") == 0)
            is_over = true;
        else if (!is_over && text_starts(*at, "--"))
            TRY(load_flag(sets, &at, memory, words, err));
        else if (!is_over && **at == '-' && (*at)[1] != '\0')
            return error_set(err, RC_INVALID, "there is no option %s; options are long: --name",
                             settings_shown(*at));
        else
            texts_add(&words->operands, *at, memory);
    }
    return RC_OK;
}

enum rc settings_load(const struct setting_set *sets, const struct setting_input *in,
                      struct arena *memory, struct setting_words *ret, struct error *err)
{
    struct setting_words words = {{0}, {0}};

    for (const struct setting_set *set = sets; set->table != NULL; set++)
        TRY(load_fallbacks(set, memory, err));
    TRY(load_file(sets, in, memory, err));
    for (const struct setting_set *set = sets; set->table != NULL; set++)
        TRY(load_environment(set, in->environment, memory, err));
    TRY(load_arguments(sets, in->arguments, memory, &words, err));
    *ret = words;
    return RC_OK;
}

const char *settings_peek(const char *name, const struct setting_input *in)
{
    const struct setting wanted = {.name = name};
    const char *value = variable_value(&wanted, in->environment);

    for (const char *const *at = in->arguments; at != NULL && *at != NULL; at++) {
        const char *text = *at;
        size_t len;

        if (strcmp(text, "--") == 0)
            break;
        if (!text_starts(text, "--"))
            continue;
        len = strcspn(text + 2, "=");
        if (!is_named(text + 2, len, name, flag_char))
            continue;
        value = text[2 + len] == '=' ? text + 2 + len + 1 : at[1];
    }
    return value;
}

void settings_hide(char *const *arguments, const struct setting *table)
{
    for (; *arguments != NULL; arguments++) {
        size_t len = strcspn(*arguments, "=");
        const struct setting *s = NULL;
        char *value;

        if (text_starts(*arguments, "--"))
            s = find_in(table, *arguments + 2, len - 2, flag_char);
        if (s == NULL || !s->is_secret)
            continue;
        value = (*arguments)[len] == '=' ? *arguments + len + 1 : arguments[1];
        if (value != NULL && settings_has_password(value))
            memset(value, '*', strlen(value));
    }
}
