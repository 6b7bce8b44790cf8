#include "cli/client/log_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"

static size_t find_open(const struct log_text *t, const char *name)
{
    size_t i = 0;

    while (i < t->count && !text_equal(t->open[i], name))
        i++;
    return i;
}

/* Returns whether it was open before. */
static bool set_open(struct log_text *t, const char *name, bool is_open)
{
    size_t at = find_open(t, name);
    bool was_open = at < t->count;

    if (was_open && !is_open) {
        free_text(t->open[at]);
        t->open[at] = t->open[--t->count];
    } else if (!was_open && is_open) {
        t->open = array_grow(t->open, t->count, &t->capacity, sizeof *t->open);
        t->open[t->count++] = xstrdup(name);
    }
    return was_open;
}

static void set_last(struct log_text *t, const char *name)
{
    free_text(t->last);
    t->last = name == NULL ? NULL : xstrdup(name);
}

void log_text_end(struct log_text *t, struct buf *out)
{
    if (t->last != NULL)
        buf_add_char(out, '\n');
    set_last(t, NULL);
}

static void add_message(const struct log_text *t, const char *message, struct buf *out)
{
    SCOPED(text) char *shown = t->is_for_people ? table_shown(message) : NULL;

    buf_add_text(out, shown != NULL ? shown : message);
}

void log_text_add(struct log_text *t, const struct log_piece *piece, const char *prefix,
                  struct buf *out)
{
    SCOPED(text) char *name = xasprintf("%d/%s/%s", piece->attempt, piece->writer, piece->stream);
    const char *message = piece->message;
    bool goes_on = set_open(t, name, piece->is_unfinished);
    bool goes_back = t->is_for_people && *message != '\0' && (*message == '\r' || t->goes_back);

    if (!text_equal(t->last, name) || goes_back)
        log_text_end(t, out);
    if (goes_on && t->last == NULL && *message == '\0')
        return; /* the end of a line that was ended already */
    if (t->last == NULL)
        buf_add_text(out, prefix);
    add_message(t, message, out);
    t->goes_back = *message != '\0' && message[strlen(message) - 1] == '\r';
    set_last(t, name);
    if (!piece->is_unfinished)
        log_text_end(t, out);
}

void log_text_clear(struct log_text *t)
{
    for (size_t i = 0; i < t->count; i++)
        free_text(t->open[i]);
    free(t->open);
    free_text(t->last);
    *t = (struct log_text){0};
}
