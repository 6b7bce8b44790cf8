/*
 * Line by line, as crond reads: a comment, or a setting, or an entry. What a line turns into depends on the lines above it, and,
 * where a user may stand before a command, on all others: so entries are drafts until the walk is over (walk.h).
 */
#include "crontab/crontab.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "crontab/foreign.h"
#include "crontab/keys.h"
#include "crontab/walk.h"
#include "crontab/words.h"

/* --- lines --- */

/* The first byte that is no part of UTF-8; the end when all are. */
static const char *first_bad_byte(const char *at)
{
    size_t left = strlen(at), len;

    while ((len = utf8_char(at, left)) > 0) {
        at += len;
        left -= len;
    }
    return at;
}

/* It may have been an entry: what the comment above it names is not the next one. */
static void refuse_text(struct walk *w, const char *at, const char *why, const char *hint)
{
    walk_refuse(w, at, why, hint);
    forget_naming(w);
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
        refuse_text(w, first_bad_byte(w->text), "this byte is not UTF-8",
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

/* The line without the CRs of a CR LF, and without those at the very end. */
static void set_line(struct walk *w, const char *from, const char **to, bool is_ended)
{
    const char *above = line_end(w->text);

    w->line++;
    w->turn = NULL;
    w->is_continued = above > w->text && above[-1] == '\\';
    w->is_ended = is_ended;
    while (*to > from && (*to)[-1] == '\r') {
        (*to)--;
        w->has_cr = w->has_cr || is_ended;
    }
    w->text = arena_strndup(w->memory, from, MIN((size_t)(*to - from), (size_t)CRONTAB_LINE_MAX));
    w->is_whole =
        *to - from <= CRONTAB_LINE_MAX && memchr(from, '\0', (size_t)(*to - from)) == NULL;
}

static void take_line(struct walk *w, const char *from, const char *to, bool is_ended)
{
    const char *nul, *cr;

    set_line(w, from, &to, is_ended);
    w->has_text = w->has_text || skip_blanks(w->text) < w->text + (to - from);
    nul = memchr(from, '\0', (size_t)(to - from));
    cr = strchr(w->text, '\r');
    if (cr != NULL)
        refuse_text(w, cr, "a CR stands here, and no line ends: old Macs wrote such files",
                    "tr '\\r' '\\n' turns them into line ends");
    else if (to - from > CRONTAB_LINE_MAX)
        refuse_text(w, NULL, "the line has more than 16 KiB", "move the command into a script");
    else if (nul != NULL && *skip_blanks(w->text) != '#')
        refuse_text(w, w->text + (nul - from), "a NUL stands here",
                    "UTF-16 has them: iconv -f UTF-16 -t UTF-8");
    else
        take_text(w);
}

/* --- the end --- */

static void refuse_second_key(struct walk *w, struct draft *d)
{
    walk_turn_to(w, d);
    walk_refuse(
        w, NULL,
        arena_printf(w->memory, "its key '%s' names line %d already", d->given_key, d->taken_by),
        "every task needs a key of its own");
}

static void take_census(struct walk *w)
{
    struct foreign foreign;

    for (size_t i = 0; i < w->draft_count; i++)
        if (!foreign_word(w->drafts[i].command, &foreign))
            census_take_command(&w->census, w->drafts[i].command);
}

static void finish_entries(struct walk *w, struct crontab *ret)
{
    take_census(w);
    for (size_t i = 0; i < w->draft_count; i++)
        finish_entry(w, &w->drafts[i]);
    crontab_give_keys(w->drafts, w->draft_count, w->memory);
    ret->entries = arena_alloc(w->memory, MAX(w->draft_count, 1u) * sizeof *ret->entries);
    for (size_t i = 0; i < w->draft_count; i++) {
        struct draft *d = &w->drafts[i];

        if (d->is_refused)
            w->refused.items[d->refusal].key = *d->entry.command == '\0' ? NULL : d->entry.key;
        else if (d->taken_by > 0)
            refuse_second_key(w, d);
        else {
            d->entry.is_known = is_known_line(w, d->line_text);
            ret->entries[ret->count++] = d->entry;
        }
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

/* Debian's `crontab FILE` takes no such file, and crond leaves such a line of /etc/cron.d out. */
static void note_open_end(struct walk *w, int last)
{
    const struct draft *d = w->draft_count == 0 ? NULL : &w->drafts[w->draft_count - 1];

    if (w->is_ended || d == NULL || d->entry.line != last || d->is_refused)
        return;
    walk_add_note(w, &(struct crontab_note){.line = last,
                                            .text = d->line_text,
                                            .why = "no line end stands behind it: crond would not "
                                                   "run it, here it runs"});
}

static void finish(struct walk *w, struct crontab *ret)
{
    int last = w->line;

    forget_naming(w);
    if (w->has_cr)
        walk_add_note(w, &(struct crontab_note){.why = "lines end in CR LF: the CR is left away"});
    *ret = (struct crontab){.is_blank = !w->has_text};
    gather_known(w);
    finish_entries(w, ret);
    note_open_end(w, last);
    finish_settings(w, ret);
    finish_refused(w, ret);
    ret->refused = finish_notes(w, &w->refused);
    ret->notes = finish_notes(w, &w->notes);
    ret->ignored = finish_notes(w, &ret->ignored);
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
    struct walk w = {.options = options,
                     .memory = memory,
                     .text = "",
                     .zone = options->zone,
                     .census = {.options = options}};
    const char *at = text.len == 0 ? "" : text.data, *end = at + text.len;

    TRY(check_size(text, err));
    if (text.len >= strlen(mark) && memcmp(at, mark, strlen(mark)) == 0)
        at += strlen(mark);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        take_line(&w, at, newline == NULL ? end : newline, newline != NULL);
        at = newline == NULL ? end : newline + 1;
    }
    finish(&w, ret);
    walk_clear(&w);
    return RC_OK;
}
