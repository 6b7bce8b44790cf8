/*
 * Line by line, as crond reads: a comment, or a setting, or an entry. What a line turns into depends only on
 * the lines above it, so one walk with a small state (`struct walk`) is all there is; only keys are given out
 * afterwards, those that comments name first (keys.h). A refused entry keeps its key all the
 * same: else its equals would move up and become one another's task.
 */
#include "crontab/crontab.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "crontab/walk.h"
#include "crontab/words.h"
#include "model/spec.h"

enum { SHOWN_MAX = 500 };

/* --- what is said about a line --- */

static const char *shown(struct arena *memory, const char *text)
{
    SCOPED_BUF out = {0};
    size_t len = strnlen(text, SHOWN_MAX);

    while (len < strlen(text) && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    utf8_escape(&out, text, len);
    return arena_strdup(memory, buf_text(&out));
}

static void add_note(struct walk *w, struct crontab_notes *to, size_t *capacity,
                     const struct crontab_note *note)
{
    to->items = array_grow(to->items, to->count, capacity, sizeof *to->items);
    to->items[to->count] = *note;
    to->items[to->count].text = shown(w->memory, note->text == NULL ? w->text : note->text);
    to->items[to->count].why = arena_strdup(w->memory, note->why);
    to->items[to->count++].hint = arena_strdup(w->memory, note->hint == NULL ? "" : note->hint);
}

static int column_of(const struct walk *w, const char *at)
{
    return at == NULL ? 0 : (int)(at - w->text) + 1;
}

bool walk_is_refused(const struct walk *w)
{
    return w->refused.count > 0 && w->refused.items[w->refused.count - 1].line == w->line;
}

void walk_refuse(struct walk *w, const char *at, const char *why, const char *hint)
{
    struct crontab_note note = {
        .line = w->line, .column = column_of(w, at), .why = why, .hint = hint};

    if (!walk_is_refused(w))
        add_note(w, &w->refused, &w->refused_capacity, &note);
}

void walk_note(struct walk *w, const char *at, const char *why)
{
    struct crontab_note note = {.line = w->line, .column = column_of(w, at), .why = why};

    add_note(w, &w->notes, &w->note_capacity, &note);
}

/* --- comments --- */

/* The value behind "key:", any case, in "# key: value"; NULL when the comment is another. */
static const char *comment_value(struct walk *w, const char *comment, const char *name)
{
    const char *at = skip_blanks(comment + strspn(comment, "#"));

    if (strncasecmp(at, name, strlen(name)) != 0)
        return NULL;
    at = skip_blanks(at + strlen(name));
    return trimmed(w->memory, at, at + strlen(at));
}

static void name_key(struct walk *w, const char *key, const char *at)
{
    if (*skip_blanks(skip_word(key)) != '\0') {
        walk_note(w, at, "names no task: a key is a single word");
        return;
    }
    if (w->naming.key != NULL || w->naming.is_refused)
        walk_note(w, at, "names the next entry in place of the comment above");
    w->naming.is_refused = !spec_name_is_valid(key, SPEC_KEY_MAX);
    w->naming.key = w->naming.is_refused ? NULL : key;
    w->naming.line = w->line;
    w->naming.text = w->text;
    if (w->naming.is_refused)
        walk_refuse(w, at, "is no key: the entry below is left out",
                    "a-z, 0-9, '.', '_' and '-', the first a letter or digit; at most 200");
}

static void take_comment(struct walk *w, const char *at)
{
    const char *key, *title;

    if (!utf8_is_clean(w->text, strlen(w->text)))
        return;
    key = comment_value(w, at, "key:");
    title = comment_value(w, at, "title:");
    if (key != NULL)
        name_key(w, key, at);
    if (title != NULL && *title != '\0')
        w->naming.title = title;
}

/* A blank line, the end: a key that named nothing is likely a mistake. */
static void forget_naming(struct walk *w)
{
    if (w->naming.key != NULL)
        add_note(w, &w->notes, &w->note_capacity,
                 &(struct crontab_note){.line = w->naming.line,
                                        .text = w->naming.text,
                                        .why = "names no task: no entry stands below it"});
    w->naming = (struct naming){.key = NULL};
}

/* --- lines --- */

/* The first byte that is no part of UTF-8. */
static const char *first_bad_byte(const char *text)
{
    size_t len = strlen(text), good = 0;

    while (good < len) {
        size_t size = 1;

        while (size < 4 && good + size < len && ((unsigned char)text[good + size] & 0xc0) == 0x80)
            size++;
        if (!utf8_is_clean(text + good, size))
            break;
        good += size;
    }
    return text + good;
}

static void take_text(struct walk *w)
{
    const char *at = skip_blanks(w->text);
    struct pair setting;
    struct error err = {0};
    enum rc rc;

    if (*at == '\0')
        forget_naming(w);
    else if (*at == '#')
        take_comment(w, at);
    else if (!utf8_is_clean(w->text, strlen(w->text)))
        walk_refuse(w, first_bad_byte(w->text), "this byte is not UTF-8",
                    "iconv -t UTF-8 makes it so");
    else {
        rc = setting_parse(w->text, w->memory, &setting, &err);
        if (rc == RC_OK)
            take_setting(w, setting);
        else if (rc == RC_INVALID)
            walk_refuse(w, w->text + err.column - 1, err.text, err.hint);
        else
            take_entry(w, at);
    }
}

static void take_line(struct walk *w, const char *from, const char *to)
{
    const char *nul = memchr(from, '\0', (size_t)(to - from));

    w->line++;
    if (to > from && to[-1] == '\r') {
        to--;
        w->has_cr = true;
    }
    w->text = arena_strndup(w->memory, from, MIN((size_t)(to - from), (size_t)CRONTAB_LINE_MAX));
    if (to - from > CRONTAB_LINE_MAX)
        walk_refuse(w, NULL, "the line has more than 16 KiB", "move the command into a script");
    else if (nul != NULL && *skip_blanks(w->text) != '#')
        walk_refuse(w, w->text + (nul - from), "a NUL stands here", NULL);
    else
        take_text(w);
}

/* --- the end --- */

static void refuse_second_key(struct walk *w, const struct draft *d)
{
    w->line = d->entry.line;
    w->text = d->line_text;
    walk_refuse(
        w, NULL,
        arena_printf(w->memory, "its key '%s' names line %d already", d->given_key, d->taken_by),
        "every task needs a key of its own");
}

static void finish_entries(struct walk *w, struct crontab *ret)
{
    crontab_give_keys(w->drafts, w->draft_count, w->memory);
    ret->entries = arena_alloc(w->memory, MAX(w->draft_count, 1u) * sizeof *ret->entries);
    for (size_t i = 0; i < w->draft_count; i++) {
        const struct draft *d = &w->drafts[i];

        if (d->refusal != SIZE_MAX)
            w->refused.items[d->refusal].key = d->entry.key;
        else if (d->taken_by > 0)
            refuse_second_key(w, d);
        else if (!d->is_refused)
            ret->entries[ret->count++] = d->entry;
    }
}

static int by_line(const void *a, const void *b)
{
    const struct crontab_note *x = a, *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static struct crontab_notes finish_notes(const struct walk *w, const struct crontab_notes *notes)
{
    struct crontab_notes made = {.count = notes->count};

    if (notes->count == 0)
        return made;
    made.items = arena_memdup(w->memory, notes->items, notes->count * sizeof *notes->items);
    qsort(made.items, made.count, sizeof *made.items, by_line);
    return made;
}

static void finish(struct walk *w, struct crontab *ret)
{
    forget_naming(w);
    if (w->has_cr)
        add_note(w, &w->notes, &w->note_capacity,
                 &(struct crontab_note){.why = "lines end in CR LF: the CR is left away"});
    *ret = (struct crontab){.count = 0};
    finish_entries(w, ret);
    ret->refused = finish_notes(w, &w->refused);
    ret->notes = finish_notes(w, &w->notes);
}

static void walk_clear(struct walk *w)
{
    free(w->drafts);
    free(w->refused.items);
    free(w->notes.items);
}

static enum rc check_size(struct bytes text, struct error *err)
{
    const char *at = text.data;
    size_t lines = 1;

    if (text.len > CRONTAB_BYTES_MAX)
        return error_set(err, RC_INVALID, "the crontab has %zu bytes, more than %d", text.len,
                         CRONTAB_BYTES_MAX);
    for (size_t i = 0; i < text.len; i++)
        lines += at[i] == '\n';
    if (lines <= CRONTAB_LINES_MAX)
        return RC_OK;
    return error_set(err, RC_INVALID, "the crontab has %zu lines, more than %d", lines,
                     CRONTAB_LINES_MAX);
}

enum rc crontab_parse(struct bytes text, const struct crontab_options *options,
                      struct arena *memory, struct crontab *ret, struct error *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin files with it */
    struct walk w = {.options = options, .memory = memory, .text = "", .zone = options->zone};
    const char *at = text.len == 0 ? "" : text.data, *end = at + text.len;

    TRY(check_size(text, err));
    if (text.len >= strlen(mark) && memcmp(at, mark, strlen(mark)) == 0)
        at += strlen(mark);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        take_line(&w, at, newline == NULL ? end : newline);
        at = newline == NULL ? end : newline + 1;
    }
    finish(&w, ret);
    walk_clear(&w);
    return RC_OK;
}
