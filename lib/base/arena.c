#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, ALIGNMENT = 16, GROWTH_MAX = 1 << 20, POISON = 0xa5 };

struct block {
    struct block *older;
    size_t size, used;
    _Alignas(ALIGNMENT) char data[];
};

struct arena {
    struct block *newest;
    size_t budget, used;
    size_t *counter; /* of whoever keeps an account of several; or NULL */
};

static struct block *block_new(size_t size, struct block *older)
{
    struct block *b = xcalloc(1, sizeof *b + size);

    b->size = size;
    b->older = older;
    return b;
}

struct arena *arena_new_sized(size_t budget, size_t first)
{
    struct arena *a = xcalloc(1, sizeof *a);

    a->budget = budget;
    a->newest = block_new(first, NULL);
    return a;
}

static void count(const struct arena *a, const struct block *b, bool is_new)
{
    if (a->counter != NULL)
        *a->counter += is_new ? sizeof *b + b->size : -(sizeof *b + b->size);
}

struct arena *arena_new_counted(size_t *counter)
{
    struct arena *a = arena_new(0);

    a->counter = counter;
    count(a, a->newest, true);
    return a;
}

struct arena *arena_new(size_t budget)
{
    return arena_new_sized(budget, FIRST_BLOCK);
}

static void free_newer_blocks(struct arena *a)
{
    while (a->newest->older != NULL) {
        struct block *older = a->newest->older;

        count(a, a->newest, false);
        free(a->newest);
        a->newest = older;
    }
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    free_newer_blocks(a);
    count(a, a->newest, false);
    free(a->newest);
    free(a);
}

void arena_reset(struct arena *a)
{
    free_newer_blocks(a);
    memset(a->newest->data, 0, a->newest->used);
    a->newest->used = 0;
    a->used = 0;
}

void arena_poison(struct arena *a)
{
    for (struct block *b = a->newest; b != NULL; b = b->older)
        memset(b->data, POISON, b->size);
}

bool arena_is_poisoned(const struct arena *a)
{
    for (const struct block *b = a->newest; b != NULL; b = b->older)
        for (size_t i = 0; i < b->size; i++)
            if ((unsigned char)b->data[i] != POISON)
                return false;
    return true;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

void arena_limit(struct arena *a, size_t more)
{
    a->budget = more == 0 ? 0 : a->used + more;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t rounded = (MAX(size, 1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    void *p;

    if (rounded < size || (a->budget > 0 && rounded > a->budget - MIN(a->used, a->budget)))
        return NULL;
    if (a->newest->size - a->newest->used < rounded) {
        a->newest =
            block_new(MAX(rounded, MIN(a->newest->size * 2, (size_t)GROWTH_MAX)), a->newest);
        count(a, a->newest, true);
    }
    p = a->newest->data + a->newest->used;
    a->newest->used += rounded;
    a->used += rounded;
    return p;
}

void *arena_memdup(struct arena *a, const void *data, size_t len)
{
    void *copy = arena_alloc(a, len);

    if (copy != NULL && len > 0)
        memcpy(copy, data, len);
    return copy;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);

    if (copy != NULL && len > 0)
        memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len >= 0)
        text = arena_alloc(a, (size_t)len + 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}
