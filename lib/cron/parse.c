#include "cron/parse.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* What comes from outside may hold anything, and may have been cut inside a character. */
static void add_printable(struct buf *out, char *text)
{
    for (char *at = text; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
    utf8_escape(out, text, strlen(text));
}

static void refuse(struct error *err, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void refuse(struct error *err, const char *format, va_list args)
{
    SCOPED_BUF printable = {0};
    char text[256];

    (void)vsnprintf(text, sizeof text, format, args);
    add_printable(&printable, text);
    (void)error_set(err, RC_INVALID, "%s", buf_text(&printable));
}

enum rc parse_refuse(struct error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refuse(err, format, args);
    va_end(args);
    return RC_INVALID;
}

enum rc parse_fail(const struct parse *p, const char *at, const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refuse(p->err, format, args);
    va_end(args);
    if (p->err != NULL) {
        p->err->column = (int)(at - p->text) + 1;
        (void)snprintf(p->err->hint, sizeof p->err->hint, "%s", hint);
    }
    return RC_INVALID;
}

void parse_lint(const struct parse *p, enum lint_code code, const char *at, const char *format, ...)
{
    struct lint *l;
    va_list args;

    if (p->lints == NULL)
        return;
    for (size_t i = 0; i < p->lints->count; i++)
        if (p->lints->list[i].code == code)
            return;
    assert(p->lints->count < ARRAY_LEN(p->lints->list)); /* there are fewer codes */
    l = &p->lints->list[p->lints->count++];
    *l = (struct lint){.code = code, .column = (int)(at - p->text) + 1};
    va_start(args, format);
    (void)vsnprintf(l->text, sizeof l->text, format, args);
    va_end(args);
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void words_split(struct slice text, struct words *ret)
{
    const char *at = text.at;

    *ret = (struct words){.end = text.end};
    for (;;) {
        const char *from;

        while (at < text.end && is_blank(*at))
            at++;
        if (at == text.end)
            return;
        for (from = at; at < text.end && !is_blank(*at);)
            at++;
        if (ret->count < WORDS_MAX)
            ret->list[ret->count] = (struct slice){from, at};
        ret->count++;
    }
}

size_t slice_length(struct slice s)
{
    return (size_t)(s.end - s.at);
}

bool slice_is(struct slice s, const char *word)
{
    return slice_length(s) == strlen(word) && memcmp(s.at, word, slice_length(s)) == 0;
}

bool slice_starts(struct slice s, const char *prefix)
{
    return slice_length(s) >= strlen(prefix) && memcmp(s.at, prefix, strlen(prefix)) == 0;
}

enum rc words_end(const struct parse *p, const struct words *w, int count)
{
    if (w->count <= count)
        return RC_OK;
    return parse_fail(p, w->list[count].at, "", "unexpected '%.*s'",
                      (int)MIN(slice_length(w->list[count]), 40), w->list[count].at);
}

int64_t slice_number(struct slice s)
{
    int64_t number = 0;

    for (const char *at = s.at; at < s.end; at++) {
        if (!isdigit((unsigned char)*at) || slice_length(s) > 12)
            return -1;
        number = number * 10 + (*at - '0');
    }
    return number;
}
