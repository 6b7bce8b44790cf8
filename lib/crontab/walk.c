#include "crontab/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "crontab/words.h"

enum { SHOWN_MAX = 500 };

/* Cut between characters; what is no character is escaped, also where a longer word was cut before. */
static const char *shown(struct arena *memory, const char *text)
{
    SCOPED_BUF out = {0};
    size_t len = strnlen(text, SHOWN_MAX);

    utf8_escape(&out, text, len < SHOWN_MAX ? len : utf8_whole(text, len));
    return arena_strdup(memory, buf_text(&out));
}

static void add_note(struct walk *w, struct crontab_notes *to, size_t *capacity,
                     const struct crontab_note *note)
{
    struct crontab_note *made;

    to->items = array_grow(to->items, to->count, capacity, sizeof *to->items);
    made = &to->items[to->count++];
    *made = *note;
    made->text = shown(w->memory, note->text == NULL ? w->text : note->text);
    made->why = shown(w->memory, note->why);
    made->hint = shown(w->memory, note->hint == NULL ? "" : note->hint);
}

static int column_of(const struct walk *w, const char *at)
{
    return at == NULL ? 0 : (int)(at - w->text) + 1;
}

static bool is_refused(const struct walk *w)
{
    if (w->turn != NULL)
        return w->turn->is_refused;
    return w->refused.count > 0 && w->refused.items[w->refused.count - 1].line == w->line;
}

static void mark(struct draft *d, size_t refusal)
{
    d->is_refused = true;
    d->refusal = refusal;
}

void walk_refuse(struct walk *w, const char *at, const char *why, const char *hint)
{
    struct crontab_note note = {
        .line = w->line, .column = column_of(w, at), .why = why, .hint = hint};

    if (is_refused(w))
        return;
    if (w->is_whole)
        note.content = line_content(w->memory, w->text);
    if (w->turn != NULL)
        mark(w->turn, w->refused.count);
    add_note(w, &w->refused, &w->refused_capacity, &note);
}

void walk_note(struct walk *w, const char *at, const char *why)
{
    walk_add_note(w,
                  &(struct crontab_note){.line = w->line, .column = column_of(w, at), .why = why});
}

void walk_add_note(struct walk *w, const struct crontab_note *note)
{
    add_note(w, &w->notes, &w->note_capacity, note);
}

void walk_add_draft(struct walk *w, struct draft draft)
{
    if (is_refused(w))
        mark(&draft, w->refused.count - 1);
    w->drafts = array_grow(w->drafts, w->draft_count, &w->draft_capacity, sizeof *w->drafts);
    w->drafts[w->draft_count++] = draft;
}

void walk_turn_to(struct walk *w, struct draft *draft)
{
    w->turn = draft;
    w->line = draft->entry.line;
    w->text = draft->line_text;
    w->is_whole = true;
}

void walk_clear(struct walk *w)
{
    census_clear(&w->census);
    map_clear(&w->known_lines);
    free(w->drafts);
    free(w->refused.items);
    free(w->notes.items);
    free(w->known);
    free(w->spans);
}
