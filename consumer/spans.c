#include "consumer/spans.h"

#include <string.h>

void spans_add(struct spans *s, const char *topic, int part, int64_t low, int64_t high)
{
    if (s->count == s->capacity) {
        struct span *old = s->items;

        s->capacity = s->capacity == 0 ? 64 : 2 * s->capacity;
        s->items = arena_alloc(s->memory, s->capacity * sizeof *s->items);
        if (s->count > 0)
            memcpy(s->items, old, s->count * sizeof *old);
    }
    s->items[s->count++] =
        (struct span){arena_strdup(s->memory, topic), part, low, high, 0, MAX(low, high)};
}

static struct span *find(struct spans *s, const char *topic, int part)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].part == part && text_equal(s->items[i].topic, topic))
            return &s->items[i];
    return NULL;
}

void spans_to_ends(struct spans *s)
{
    for (size_t i = 0; i < s->count; i++)
        s->items[i].end = s->items[i].high;
}

void spans_to_tables(struct spans *s, const struct offset_row *tables, size_t count)
{
    for (size_t i = 0; i < s->count; i++)
        s->items[i].end = s->items[i].low; /* the tables have read nothing of it yet */
    for (size_t i = 0; i < count; i++) {
        int64_t at = tables[i].next_offset;
        struct span *span = find(s, tables[i].topic, tables[i].part);

        if (at == 0)
            continue;
        if (span == NULL) {
            spans_add(s, tables[i].topic, tables[i].part, at, at);
            span = &s->items[s->count - 1];
        }
        span->tables = at;
        span->end = MIN(MAX(at, span->low), span->high);
    }
}

bool span_has_lost(const struct span *s)
{
    return s->low > 0 || s->tables > s->high;
}
