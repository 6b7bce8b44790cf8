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

void gather_known(struct walk *w)
{
    add_options(w);
    for (size_t i = w->known_count; i > 0; i--) /* of equal ones the first counts */
        map_put(&w->known_lines, name_of(w->known[i - 1].content), &w->known[i - 1]);
}

static struct known *meet_known(struct walk *w, const char *content)
{
    struct known *k =
        content == NULL || w->known_count == 0 ? NULL : map_find(&w->known_lines, name_of(content));

    if (k != NULL)
        k->is_met = true;
    return k;
}

bool is_known_line(struct walk *w, const char *line)
{
    return w->known_count > 0 && meet_known(w, line_content(w->memory, line)) != NULL;
}

/* Keeps what nobody knows of in w->refused, and moves the rest. */
static void part(struct walk *w, struct crontab_notes *ignored)
{
    size_t kept = 0;

    ignored->items = arena_alloc(w->memory, MAX(w->refused.count, 1u) * sizeof *ignored->items);
    for (size_t i = 0; i < w->refused.count; i++) {
        const struct crontab_note *note = &w->refused.items[i];

        if (meet_known(w, note->content) == NULL)
            w->refused.items[kept++] = *note;
        else
            ignored->items[ignored->count++] = *note;
    }
    w->refused.count = kept;
}

static void note_idle(struct walk *w, const struct known *k)
{
    struct crontab_note note = {
        .line = k->line, .text = k->text, .why = "ignores nothing: there is no such line"};

    if (k->text == NULL) {
        note.text = k->content;
        note.why = arena_printf(w->memory, "there is no line '%.200s': %s does nothing", k->content,
                                w->options->words.ignore);
    }
    walk_add_note(w, &note);
}

void finish_refused(struct walk *w, struct crontab *ret)
{
    part(w, &ret->ignored);
    for (size_t i = 0; i < w->known_count; i++) {
        const struct known *first = map_find(&w->known_lines, name_of(w->known[i].content));

        if (!first->is_met)
            note_idle(w, &w->known[i]);
    }
}
