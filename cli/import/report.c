#include "cli/import/report.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/table.h"

enum { COMMAND_MAX = 80, MARK_MAX = 100 };

/* --- the table --- */

/* "2026-11-25 02:30 +01:00" */
static const char *next_text(const struct import_line *line, char text[40])
{
    struct civil c = civil_of(line->next_at + line->next_offset * USEC_PER_SEC);
    int minutes = line->next_offset / 60, size = minutes < 0 ? -minutes : minutes;

    if (line->next_at == 0)
        return "never";
    (void)snprintf(text, 40, "%04d-%02d-%02d %02d:%02d %c%02d:%02d", c.year, c.month, c.day, c.hour,
                   c.minute, minutes < 0 ? '-' : '+', size / 60, size % 60);
    return text;
}

/* At most COMMAND_MAX bytes, cut between characters. */
static const char *cut_command(const char *command, char text[COMMAND_MAX + 4])
{
    size_t len = COMMAND_MAX;

    if (strlen(command) <= COMMAND_MAX)
        return command;
    while (len > 0 && ((unsigned char)command[len] & 0xc0) == 0x80)
        len--;
    (void)snprintf(text, COMMAND_MAX + 4, "%.*s…", (int)len, command);
    return text;
}

static void add_row(struct table *t, const struct import_line *line)
{
    const struct crontab_entry *e = line->entry;
    char number[16], next[40], command[COMMAND_MAX + 4];

    (void)snprintf(number, sizeof number, "%d", e->line);
    table_add(t, number, e->key, e->schedule, e->zone, next_text(line, next),
              import_ignores(line) ? "ignored" : import_state_name(line->state),
              cut_command(e->command, command));
}

static void add_table(const struct import *i, size_t width, struct buf *out)
{
    SCOPED(table)
    struct table *t = table_new(">LINE", "KEY", "SCHEDULE", "ZONE", "NEXT", "RESULT", "COMMAND");

    for (size_t n = 0; n < i->line_count; n++)
        add_row(t, &i->lines[n]);
    if (i->line_count > 0)
        table_write(t, width, out);
}

/* --- what was refused --- */

static void add_shown(const char *text, struct buf *out)
{
    SCOPED(text) char *shown = table_shown(text);

    buf_printf(out, "%s\n", shown);
}

static void add_place(int line, int column, struct buf *out)
{
    if (line > 0)
        buf_printf(out, "  line %d", line);
    if (column > 0)
        buf_printf(out, ", column %d", column);
    buf_add_text(out, line > 0 ? ": " : "  ");
}

/* The line, and a mark under the column; not under one that is far to the right. */
static void add_line(const struct crontab_note *note, struct buf *out)
{
    SCOPED(text) char *before = xstrndup(note->text, (size_t)MAX(note->column - 1, 0));
    size_t width = table_width(before);

    buf_add_text(out, "      ");
    add_shown(note->text, out);
    if (note->column > 0 && width <= MARK_MAX)
        buf_printf(out, "      %*s^\n", (int)width, "");
}

static void add_note(const struct crontab_note *note, bool with_text, struct buf *out)
{
    add_place(note->line, note->column, out);
    add_shown(note->why, out);
    if (with_text)
        add_line(note, out);
    if (with_text && *note->hint != '\0') {
        buf_add_text(out, "    ");
        add_shown(note->hint, out);
    }
}

static void add_line_refused(const struct import_line *line, bool with_text, struct buf *out)
{
    add_note(&(struct crontab_note){.line = line->entry->line,
                                    .text = line->entry->text,
                                    .why = line->err.text,
                                    .hint = line->err.hint},
             with_text, out);
}

static void add_refused(const struct import *i, struct buf *out)
{
    if (import_refused(i) == 0)
        return;
    buf_add_text(out, "\nrefused:\n");
    for (size_t n = 0; n < i->crontab.refused.count; n++)
        add_note(&i->crontab.refused.items[n], true, out);
    for (size_t n = 0; n < i->line_count; n++)
        if (i->lines[n].state == IMPORT_REFUSED && !import_ignores(&i->lines[n]))
            add_line_refused(&i->lines[n], true, out);
}

static void add_ignored(const struct import *i, struct buf *out)
{
    if (import_ignored(i) == 0)
        return;
    buf_add_text(out, "\nrefused, and ignored as told:\n");
    for (size_t n = 0; n < i->crontab.ignored.count; n++)
        add_note(&i->crontab.ignored.items[n], false, out);
    for (size_t n = 0; n < i->line_count; n++)
        if (import_ignores(&i->lines[n]))
            add_line_refused(&i->lines[n], false, out);
}

/* Which line's value the commands get: the last one above them. */
static void add_settings(const struct import *i, struct buf *out)
{
    if (i->crontab.setting_count == 0)
        return;
    buf_add_text(out, "\nsettings:\n");
    for (size_t n = 0; n < i->crontab.setting_count; n++) {
        const struct crontab_setting *s = &i->crontab.settings[n];

        buf_printf(out, "  line %d: %s, in ", s->line, s->name);
        if (s->entries == 0)
            buf_add_text(out, "no entry\n");
        else
            buf_printf(out, "%zu %s\n", s->entries, s->entries == 1 ? "entry" : "entries");
    }
}

static void add_notes(const struct import *i, struct buf *out)
{
    if (i->crontab.notes.count == 0)
        return;
    buf_add_text(out, "\nnotes:\n");
    for (size_t n = 0; n < i->crontab.notes.count; n++)
        add_note(&i->crontab.notes.items[n], false, out);
}

/* --- what vanished --- */

static const char *what_to_do(const struct import *i)
{
    if (!i->request.prunes)
        return " (--prune deletes them)";
    if (i->crontab.is_blank)
        return " (not deleted, since the crontab is empty)";
    if (import_refused(i) > 0)
        return " (not deleted, since lines were refused; --ignore LINE when that is known)";
    return i->request.is_dry ? " (would be deleted)" : "";
}

static void add_vanished(const struct import *i, struct buf *out)
{
    if (i->vanished_count == 0)
        return;
    buf_printf(out, "\ntasks of the source %s that the crontab does not have%s:\n",
               i->request.source, what_to_do(i));
    for (size_t n = 0; n < i->vanished_count; n++) {
        const struct import_vanished *v = &i->vanished[n];

        buf_printf(out, "  %s%s", v->key,
                   v->is_deleted        ? ": deleted"
                   : v->err.rc != RC_OK ? ": "
                                        : "");
        add_shown(v->err.text, out);
    }
}

/* --- all of it --- */

static void add_counts(const struct import *i, struct buf *out)
{
    const char *comma = "";

    for (int s = 0; s < IMPORT_STATE_COUNT; s++) {
        size_t count =
            s == IMPORT_REFUSED ? import_refused(i) : import_count(i, (enum import_state)s);

        if (count == 0)
            continue;
        buf_printf(out, "%s%zu %s", comma, count, import_state_name((enum import_state)s));
        comma = ", ";
    }
    if (import_ignored(i) > 0)
        buf_printf(out, "%s%zu ignored", comma, import_ignored(i));
    if (import_ignored(i) > 0)
        comma = ", ";
    buf_printf(out, "%s (source %s, project %s, queue %s)\n", *comma == '\0' ? "no entries" : "",
               i->request.source, i->request.project, i->request.queue);
}

void import_report(const struct import *i, size_t width, struct buf *out)
{
    add_table(i, width, out);
    add_refused(i, out);
    add_ignored(i, out);
    add_settings(i, out);
    add_notes(i, out);
    add_vanished(i, out);
    buf_add_text(out, out->len > 0 ? "\n" : "");
    if (i->request.is_dry)
        buf_printf(out, "dry run, nothing was changed%s%s\n", i->why_not == NULL ? "" : "; ",
                   i->why_not == NULL ? "" : i->why_not);
    add_counts(i, out);
    if (import_count(i, IMPORT_PENDING) > 0)
        buf_add_text(out, "pending: in the log, and carried out as soon as a scheduler runs\n");
    if (import_count(i, IMPORT_UNKNOWN) > 0)
        buf_add_text(out, "unknown: sent, but not answered; import again to know\n");
}
