#include "base/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

usec_t usec_after(usec_t at, int64_t ms)
{
    usec_t span, sum;

    if (__builtin_mul_overflow(ms, USEC_PER_MS, &span))
        return ms < 0 ? USEC_MIN : USEC_MAX;
    if (__builtin_add_overflow(at, span, &sum))
        return span < 0 ? USEC_MIN : USEC_MAX;
    return sum;
}

usec_t usec_before(usec_t at, int64_t ms)
{
    return usec_after(at, ms == INT64_MIN ? INT64_MAX : -ms);
}

struct bytes bytes_of(const char *text)
{
    return (struct bytes){.data = text, .len = text == NULL ? 0 : strlen(text)};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    return must(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *xrealloc(void *p, size_t count, size_t size)
{
    return must(reallocarray(p, count == 0 ? 1 : count, size));
}

char *xstrdup(const char *text)
{
    return must(strdup(text));
}

char *xstrndup(const char *text, size_t len)
{
    return must(strndup(text, len));
}

void *xmemdup(const void *data, size_t len)
{
    void *copy = xcalloc(1, len);

    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return must(text);
}

void free_text(char *text)
{
    free(text);
}

void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity && items != NULL)
        return items;
    *capacity = MAX(*capacity * 2, MAX(count + 1, 8));
    return xrealloc(items, *capacity, size);
}

bool text_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (words != NULL && *words != '\0') {
        size_t span = strcspn(words, " ");

        if (span == len && memcmp(words, word, len) == 0)
            return true;
        words += span;
        words += strspn(words, " ");
    }
    return false;
}
