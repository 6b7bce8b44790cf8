#include "c/seen.h"

#include <stdlib.h>

struct uuid seen_key(struct uuid execution_id, struct uuid task_id)
{
    struct uuid key = execution_id;

    for (size_t i = 0; i < sizeof key.b; i++)
        key.b[i] ^= task_id.b[(i + 1) % sizeof task_id.b]; /* the other way round: another key */
    return key;
}

void seen_clear(struct seen *s)
{
    map_clear(&s->places);
    free(s->ring);
    *s = (struct seen){.max = s->max};
}

bool seen_has(const struct seen *s, struct uuid id, int attempt, int64_t offset)
{
    const struct seen_entry *entry = map_find(&s->places, id);

    return entry != NULL && entry->attempt >= MAX(attempt, 1) && entry->offset >= offset;
}

static struct seen_entry *add(struct seen *s, struct uuid id, usec_t at)
{
    struct seen_entry *entry = &s->ring[s->next];

    s->next = (s->next + 1) % s->max;
    if (entry->attempt > 0) {
        (void)map_remove(&s->places, entry->id);
        s->forgotten = MAX(s->forgotten, entry->at);
    }
    *entry = (struct seen_entry){.id = id, .at = at};
    map_put(&s->places, id, entry);
    return entry;
}

void seen_note(struct seen *s, struct uuid id, int attempt, int64_t offset, usec_t at)
{
    struct seen_entry *entry = map_find(&s->places, id);

    if (s->ring == NULL)
        s->ring = xcalloc(s->max, sizeof *s->ring);
    if (entry == NULL)
        entry = add(s, id, at);
    entry->attempt = MAX(entry->attempt, MAX(attempt, 1));
    entry->offset = MAX(entry->offset, offset);
}
