#include <string.h>

#include "base/utf8.h"
#include "crontab/walk.h"
#include "crontab/words.h"
#include "model/spec.h"

/* The value behind "key:", any case, in "# key: value"; NULL when the comment is another. */
static const char *comment_value(struct walk *w, const char *comment, const char *name)
{
    const char *at = skip_blanks(comment + strspn(comment, "#"));

    if (strncasecmp(at, name, strlen(name)) != 0)
        return NULL;
    at = skip_blanks(at + strlen(name));
    return trimmed(w->memory, at, at + strlen(at));
}

/* --- what names an entry --- */

static void note_stray_key(struct walk *w, const char *why)
{
    if (w->naming.key != NULL)
        walk_add_note(w, &(struct crontab_note){
                             .line = w->naming.line,
                             .text = w->naming.text,
                             .key = w->naming.is_bad ? NULL : w->naming.key,
                             .why = arena_printf(w->memory, "'%.100s' %s", w->naming.key, why)});
}

/* A key that named nothing is likely a mistake. */
void forget_naming(struct walk *w)
{
    note_stray_key(w, "names no task: no entry stands below it");
    w->naming = (struct naming){.key = NULL};
}

/* A title above it belongs to it, unless another key stood between. */
static void name_key(struct walk *w, const char *key)
{
    const char *title = w->naming.key == NULL ? w->naming.title : NULL;

    note_stray_key(
        w, arena_printf(w->memory, "names no task: line %d names the one below it", w->line));
    w->naming = (struct naming){.key = key,
                                .title = title,
                                .text = w->text,
                                .line = w->line,
                                .is_bad = !spec_name_is_valid(key, SPEC_KEY_MAX)};
}

/* --- what is known to be refused --- */

static void take_order(struct walk *w, const char *order, const char *at)
{
    const char *end = skip_word(order), *line = skip_blanks(end);

    if (end - order != 6 || strncasecmp(order, "ignore", 6) != 0)
        walk_note(w, at, "is nothing that is known here: '# cronobs: ignore LINE' is");
    else if (*line == '\0')
        walk_note(w, at,
                  "ignores nothing: the line itself has to follow, '# cronobs: ignore LINE'");
    else {
        w->known = array_grow(w->known, w->known_count, &w->known_capacity, sizeof *w->known);
        w->known[w->known_count++] = (struct known){
            .content = line_content(w->memory, line), .text = w->text, .line = w->line};
    }
}

/* --- all of them --- */

void take_comment(struct walk *w, const char *at)
{
    const char *key, *title, *order;

    if (!utf8_is_clean(w->text, strlen(w->text)))
        return;
    census_take_comment(&w->census, at);
    key = comment_value(w, at, "key:");
    title = comment_value(w, at, "title:");
    order = comment_value(w, at, "cronobs:");
    if (key != NULL && *key != '\0')
        name_key(w, key);
    if (title != NULL && *title != '\0')
        w->naming.title = title;
    if (order != NULL)
        take_order(w, order, at);
}
