#include "crontab/words.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

enum { PROGRAM_MAX = 60 };

/* --- words --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

const char *skip_word(const char *at)
{
    while (*at != '\0' && !is_blank(*at))
        at++;
    return at;
}

const char *line_end(const char *text)
{
    const char *end = text + strlen(text);

    while (end > text && is_blank(end[-1]))
        end--;
    return end;
}

bool word_is_listed(const char *const *words, const char *word, size_t len)
{
    for (; words != NULL && *words != NULL; words++)
        if (strlen(*words) == len && memcmp(*words, word, len) == 0)
            return true;
    return false;
}

const char *trimmed(struct arena *memory, const char *from, const char *to)
{
    while (to > from && is_blank(to[-1]))
        to--;
    return arena_strndup(memory, from, (size_t)(to - from));
}

const char *single_blanks(struct arena *memory, const char *from, const char *to)
{
    char *text = arena_strndup(memory, from, (size_t)(to - from)), *out = text;

    for (; from < to; from++)
        if (!is_blank(*from))
            *out++ = *from;
        else if (!is_blank(from[1]))
            *out++ = ' ';
    *out = '\0';
    return text;
}

const char *line_content(struct arena *memory, const char *line)
{
    const char *from = skip_blanks(line);

    return single_blanks(memory, from, line_end(from));
}

/* --- settings --- */

static enum rc bad_setting(const char *line, const char *at, const char *hint, struct error *err,
                           const char *why)
{
    (void)error_set(err, RC_INVALID, "%s", why);
    (void)error_hint(err, "%s", hint);
    if (err != NULL)
        err->column = (int)(at - line) + 1;
    return RC_INVALID;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* The name before '='; moves *at onto that. */
static bool take_name(const char **at, struct arena *memory, const char **ret)
{
    const char *from = *at, *to;

    if (is_quote(*from)) {
        to = strchr(from + 1, *from);
        if (to == NULL || memchr(from, '=', (size_t)(to - from)) != NULL)
            return false;
        *ret = arena_strndup(memory, from + 1, (size_t)(to - from) - 1);
        to++;
    } else {
        to = from + strcspn(from, " \t=");
        *ret = arena_strndup(memory, from, (size_t)(to - from));
    }
    *at = skip_blanks(to);
    return **at == '=';
}

static bool is_name(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static enum rc take_quoted(const char *line, const char *at, struct arena *memory, const char **ret,
                           struct error *err)
{
    const char *to = strchr(at + 1, *at), *rest;

    if (to == NULL)
        return bad_setting(line, at, "crond knows no escapes: a value cannot hold its own quotes",
                           err, "the quote is not closed");
    rest = skip_blanks(to + 1);
    if (*rest != '\0')
        return bad_setting(line, rest,
                           "crond takes no comments here, and joins nothing: quote the whole value",
                           err, "something follows the closing quote");
    *ret = arena_strndup(memory, at + 1, (size_t)(to - at) - 1);
    return RC_OK;
}

enum rc setting_parse(const char *line, struct arena *memory, struct pair *ret, struct error *err)
{
    const char *from = skip_blanks(line), *at = from;
    struct pair made;

    if (!take_name(&at, memory, &made.name))
        return RC_NOT_FOUND;
    if (!is_name(made.name))
        return bad_setting(line, from, "letters, digits and '_', the first no digit", err,
                           "what stands before '=' is no name of a variable");
    at = skip_blanks(at + 1);
    if (is_quote(*at))
        TRY(take_quoted(line, at, memory, &made.value, err));
    else
        made.value = trimmed(memory, at, at + strlen(at));
    *ret = made;
    return RC_OK;
}

/* --- commands --- */

/* A backslash hides the character behind it. */
const char *command_end(const char *at)
{
    for (; *at != '\0' && *at != '%'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return at;
}

/* The backslash goes away before a '%' only. */
static void take_command(const char *at, const char *end, struct buf *command)
{
    for (; at < end; at++) {
        if (*at == '\\' && at[1] == '%')
            at++;
        else if (*at == '\\' && at + 1 < end)
            buf_add_char(command, *at++);
        buf_add_char(command, *at);
    }
}

/* Here a backslash hides a '%' only, whatever stands before it. */
static void take_input(const char *at, struct buf *input)
{
    for (; *at != '\0'; at++) {
        if (*at == '\\' && at[1] == '%')
            at++;
        else if (*at == '%') {
            buf_add_char(input, '\n');
            continue;
        }
        buf_add_char(input, *at);
    }
    if (input->len > 0 && input->data[input->len - 1] != '\n')
        buf_add_char(input, '\n');
}

static const char *end_of_words(const char *text)
{
    const char *end = line_end(text), *at = end;

    while (at > text && at[-1] == '\\')
        at--;
    return (end - at) % 2 == 1 && *end != '\0' ? end + 1 : end;
}

const char *command_split(const char *text, struct arena *memory, const char **ret_input)
{
    SCOPED_BUF command = {0};
    SCOPED_BUF input = {0};
    const char *end = command_end(text);

    if (*end == '\0')
        end = end_of_words(text);
    take_command(text, end, &command);
    if (*end == '%')
        take_input(end + 1, &input);
    *ret_input = input.len == 0 ? NULL : arena_strdup(memory, buf_text(&input));
    return arena_strdup(memory, buf_text(&command));
}

/* Behind NAME=value NAME='some value' ... */
static const char *skip_assignments(const char *at)
{
    for (;;) {
        const char *end = at;
        char quote = '\0';

        while (isalnum((unsigned char)*end) || *end == '_')
            end++;
        if (end == at || *end != '=')
            return at;
        for (; *end != '\0' && (quote != '\0' || !is_blank(*end)); end++) {
            if (quote != '\0')
                quote = *end == quote ? '\0' : quote;
            else if (is_quote(*end))
                quote = *end;
        }
        at = skip_blanks(end);
    }
}

const char *command_program(const char *command, struct arena *memory)
{
    const char *at = skip_assignments(command + strspn(command, " \t({!"));
    const char *end = at + strcspn(at, " \t;|&<>()");
    const char *slash = memrchr(at, '/', (size_t)(end - at));
    char name[PROGRAM_MAX + 1];
    size_t len = 0;

    for (at = slash == NULL ? at : slash + 1; at < end && len < PROGRAM_MAX; at++) {
        char c = (char)tolower((unsigned char)*at);

        if (isalnum((unsigned char)c) || (len > 0 && strchr("._-", c) != NULL))
            name[len++] = c;
    }
    while (len > 0 && !isalnum((unsigned char)name[len - 1]))
        len--;
    return len == 0 ? "job" : arena_strndup(memory, name, len);
}
