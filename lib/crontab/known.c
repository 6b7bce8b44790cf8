/*
 * A refusal that somebody knows of is told by what the line holds, never by its place: another line that is refused later on, or
 * the same one after a change, is a new matter.
 */
#include <string.h>

#include "base/map.h"
#include "crontab/walk.h"
#include "crontab/words.h"

static void add_options(struct walk *w)
{
    const char *const *lines = w->options->known;

    for (; lines != NULL && *lines != NULL; lines++) {
        w->known = array_grow(w->known, w->known_count, &w->known_capacity, sizeof *w->known);
        w->known[w->known_count++] = (struct known){.content = line_content(w->memory, *lines)};
    }
}

static struct uuid name_of(const char *content)
{
    return uuid_named(UUID_NIL, content);
}

static struct known *find_known(const struct map *known, const struct crontab_note *note)
{
    return note->content == NULL ? NULL : map_find(known, name_of(note->content));
}

/* Keeps what nobody knows of in w->refused, and moves the rest. */
static void part(struct walk *w, const struct map *known, struct crontab_notes *ignored)
{
    size_t kept = 0;

    ignored->items = arena_alloc(w->memory, MAX(w->refused.count, 1u) * sizeof *ignored->items);
    for (size_t i = 0; i < w->refused.count; i++) {
        const struct crontab_note *note = &w->refused.items[i];
        struct known *k = find_known(known, note);

        if (k == NULL) {
            w->refused.items[kept++] = *note;
            continue;
        }
        k->is_met = true;
        ignored->items[ignored->count++] = *note;
    }
    w->refused.count = kept;
}

static void note_idle(struct walk *w, const struct known *k)
{
    struct crontab_note note = {
        .line = k->line, .text = k->text, .why = "ignores nothing: no line like that is refused"};

    if (k->text == NULL) {
        note.text = k->content;
        note.why = arena_printf(w->memory, "no line '%.200s' is refused: %s does nothing",
                                k->content, w->options->words.ignore);
    }
    walk_add_note(w, &note);
}

void finish_refused(struct walk *w, struct crontab *ret)
{
    struct map known = {0};

    add_options(w);
    for (size_t i = w->known_count; i > 0; i--) /* of equal ones the first counts */
        map_put(&known, name_of(w->known[i - 1].content), &w->known[i - 1]);
    part(w, &known, &ret->ignored);
    for (size_t i = 0; i < w->known_count; i++) {
        const struct known *first = map_find(&known, name_of(w->known[i].content));

        if (!first->is_met)
            note_idle(w, &w->known[i]);
    }
    map_clear(&known);
}
